"""What a literal is: the parts of a reply that must stand in its facts, to the letter.

A rough port of `src/model/literal.rs`: any token with a digit, an e-mail address, a web address. Dates and amounts of one value in two
spellings count as the same; a part of a literal is no literal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MONTHS = "january february march april may june july august september october november december".split()
_OTHER_MONTHS = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_PATTERN = re.compile(
    rf"""(?xi)
    (?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?:/[^\s<>()]*)?)
    |(?P<web>(?:https?://|www\.)[^\s<>()]+|\b(?:[\w-]+\.)+(?:com|org|net|edu|gov|io|shop|store|app|dev|example|co\.uk)\b(?:/[^\s<>()]*)?)
    |(?P<date>\b(?:{_OTHER_MONTHS}|may)\b\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}}\b)?
        |\b(?:{_OTHER_MONTHS}|may)\b\.?\s+\d{{4}}\b
        |\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_OTHER_MONTHS}|(?-i:May|MAY))\b\.?(?:,?\s+\d{{4}}\b)?)
    |(?P<time>\b\d{{1,2}}(?::\d{{2}})?\s?[ap]\.?m\b\.?)
    |(?P<grouped>\+\d{{1,4}}(?:[ .-]?\(\d{{1,5}}\))?(?:[ .-]\d{{2,}}){{1,4}}\b
        |\(\d{{2,5}}\)[ .-]?\d{{2,}}(?:[ .-]\d{{2,}}){{0,3}}\b
        |\b(?:0\d{{1,2}}[ ])?\d{{3,}}(?:[ ]\d{{3,}}){{1,3}}\b)
    |(?P<token>(?:[^\W\d]+(?:[-./][^\W\d]+)*[-./])?[\#$€£¥]?\w*\d\w*(?:[-./]\w+|[,:']\d\w*)*%?)
    """
)
_UNITS = re.compile(
    r"-?(?:day|week|month|year|hour|minute|second|night|person|people|piece|pack|point|star|step|inch|foot|feet|mile|degree"
    r"|ml|cl|cm|mm|km|kg|lb|oz|gb|mb|tb|mah|watt|volt)s?$"
)


def claims_in(text: str) -> list[str]:
    """The normal forms of the literals of `text`, in its order."""
    found = []
    for match in _PATTERN.finditer(text):
        kind, written = match.lastgroup or "token", match.group()
        if kind == "web":
            written = written.rstrip(".,;:!?'\"")
        found.append(_normal(kind, written))
    return found


def allowed_by(texts: Iterable[str]) -> set[str]:
    """The normal forms that `texts` ground."""
    allowed: set[str] = set()
    for text in texts:
        for claim in claims_in(text):
            allowed.add(claim)
            if claim.startswith("date ") and len(claim) == 15:
                allowed.update({"date " + claim[10:], "month " + claim[5:12]})
            elif claim[0] in "$€£¥":
                allowed.add(claim[1:])
            elif claim.replace(".", "").isdigit():
                allowed.update(mark + claim for mark in "$€£¥")
    return allowed


def ungrounded(text: str, evidence: Iterable[str]) -> list[str]:
    """The literals of `text` that stand in none of the `evidence`."""
    allowed = allowed_by(evidence)
    return [claim for claim in claims_in(text) if claim not in allowed]


def _normal(kind: str, written: str) -> str:
    lower = written.lower()
    if kind == "email":
        return lower
    if kind == "web":
        return "web " + re.sub(r"^(?:https?://)?(?:www\.)?", "", lower).rstrip("/")
    if kind == "date":
        month = next(index for index, name in enumerate(MONTHS, 1) if re.search(rf"\b{name[:3]}", lower))
        numbers = [int(digits) for digits in re.findall(r"\d+", lower)]
        if len(numbers) == 2:
            return f"date {numbers[1]}-{month:02}-{numbers[0]:02}"
        return f"month {numbers[0]}-{month:02}" if numbers[0] > 31 else f"date {month:02}-{numbers[0]:02}"
    if kind == "time":
        clock = re.sub(r"[\s.]", "", lower)
        hour, _, minute = clock[:-2].partition(":")
        return f"time {int(hour) % 12 + (12 if clock[-2] == 'p' else 0)}:{minute or '00'}"
    if kind == "grouped":
        return "digits " + re.sub(r"\D", "", lower)
    lower = lower.lstrip("#")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", lower):
        return f"date {lower}"
    plain = _UNITS.sub("", lower)
    if re.fullmatch(r"[$€£¥]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?", plain) and not re.match(r"0\d", plain):
        plain = plain.replace(",", "")
        return re.sub(r"\.?0+(?=%?$)", "", plain) if "." in plain else plain
    return re.sub(r"(?<=[^\W\d])-|-(?=[^\W\d])", "", lower)
