"""Makes a supported sentence untrue: a value, a literal, a denial, a word of opinion or a condition is changed. Each maker gives none where it does not apply."""

from __future__ import annotations

import random
import re
from collections import defaultdict

from claims import is_said_by, negates, support_of
from literals import MONTHS, _PATTERN, allowed_by, claims_in
from wording import entries, swapped

OPPOSITES = """clean/dirty|quiet/noisy|quiet/loud|is free/costs extra|are free/cost extra|free of charge/for a fee|free WiFi/paid WiFi|free wifi/paid wifi|free parking/paid parking|free off/paid off|travel free/pay the full fare|
before/after|open/closed|included/not included|allowed/forbidden|allowed/not allowed|minimum/maximum|cheap/expensive|large/small|big/small|always/never|spacious/cramped
available/unavailable|friendly/rude|fast/slow|comfortable/uncomfortable|good/bad|great/terrible|excellent/awful|delicious/bland|affordable/overpriced|reasonable/excessive|helpful/unhelpful|nice/unpleasant|beautiful/ugly|convenient/inconvenient
more/less|most/few|over/under|above/below|first/last|early/late|earlier/later|longer/shorter|online/only in person|with/without|enabled/disabled|refundable/non-refundable|required/optional|must/need not|can/cannot|must/may never
accepts/refuses|increases/decreases|higher/lower|inside/outside|indoor/outdoor|full/partial|weekdays/weekends|day/month|days/weeks|hours/days|minutes/hours|months/years|business days/weeks|everyone/nobody
warm/cold|hot/cold|modern/outdated|strong/weak|safe/dangerous|loved/hated|enjoyed/disliked|satisfied/disappointed|tasty/tasteless|fresh/stale|easy/difficult|happy/unhappy|amazing/disappointing|wonderful/dreadful|pleasant/unpleasant|decent/poor
credit card/cash|in store/by mail|two/three|one/two|approved/rejected|sent/kept|received/lost|added/removed|buyer/seller|customers/staff|members/non-members|adults/children|breakfast/dinner|morning/evening|monthly/yearly"""
CONDITIONS = """only =|only=also|up to=at least|at least=at most|no more than=more than|members=everyone|members only=everyone|on weekdays=every day|with an adult=|unopened=any|unused=any|unworn=any|usually=always|sometimes=always|may=must|some=all|most=all
within=regardless of|once=as often as you like|twice=as often as you like|each=the first|every=the first|or more=or less|or less=or more|except=including|excluding=including|not including=including|if you=whether or not you|for members=for everyone
at checkout=at any time|before=long after|until=even after|more than=less than|less than=more than|unless=even if|as long as=even if|with the original=without the original|both=either|the same day=the next week|full=partial|partial=full"""
_SKIPPED = r"(?:I can see(?: that)?|I see(?: that)?|It looks like|I can confirm that|I have \S+|You can see)"
_AUXILIARY = re.compile(r"\b(is|are|was|were|can|will|does|do|must|should|has been|may)\b(?! not\b|n't)(?! only\b)", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:(is|are|was|were|does|do|can|will|must|should|may|has|have) not|(is|are|was|were|does|do|has|have|did)n't|(can)(?:not|'t)|(wo)n't)\b", re.IGNORECASE)
_VERB = re.compile(
    r"\b(offer|provide|accept|allow|include|require|serve|support|cover|cost|ship|take|contain|expire|renew|arrive|travel|earn|need|collect|charge|come|go|work|appear|expire|like|enjoy|love|mention|find|say|think|describe|report|agree)(s?)\b"
)
_IMPERATIVE = re.compile(
    r"^(Please )?(ask|measure|change|write|send|call|report|choose|open|use|wash|dry|pack|bring|keep|check|enter|store|place|select|add|click|remove|wait|tell|show|return|include|attach|contact|order|take|put|let|give|hang|wear|reply|sign|pay|read|fill|print|log|go)\b",
    re.IGNORECASE,
)
_FACT = re.compile(r"^(?:The (?P<name>.+) of (?P<subject>(?:the |[a-z]).*?)|Its (?P<its>.+?)|Your (?P<your>.+?)|(?P<thing>[^,]*?\d[^,]*?)) (?:is due on|is currently|is|are) (?P<value>(?!not )[^.].*)\.$")


def parsed(fact: str) -> tuple[str, str, str] | None:
    """Attribute, subject and value of a fact of a record."""
    match = _FACT.match(fact)
    if match is None:
        return None
    subject = match["subject"] or match["thing"] or ""
    name = match["name"] or match["its"] or match["your"] or f"status of {re.sub(r'[^ ]*[0-9][^ ]*', '#', subject).lower()}"
    return name, subject, match["value"]


def sort_of(written: str, kind: str) -> str:
    if kind != "token":
        return kind
    if written[0] in "$€£¥":
        return "money"
    plain = re.sub(r"[-.,:%]", "", written)
    return ("percent" if written.endswith("%") else "number") if plain.isdigit() and len(plain) < 6 else "id"


def literals_of(text: str) -> list[tuple[int, int, str, str]]:
    """Start, end, sort and text of each literal."""
    return [(m.start(), m.end(), sort_of(m.group(), m.lastgroup or "token"), m.group()) for m in _PATTERN.finditer(text)]


def changed_literal(written: str, sort: str, chance: random.Random) -> str:
    """Another literal of the same form."""
    if sort == "date" and chance.random() < 0.5:
        months = [month.capitalize() for month in MONTHS]
        found = next((month for month in months if month[:3].lower() in written.lower()), None)
        if found:
            return re.sub(rf"(?i)\b{found[:3]}\w*", chance.choice([month for month in months if month != found]), written, count=1)
    numbers = list(re.finditer(r"\d+", written))
    if not numbers:
        return written
    picked = numbers[0] if sort in ("date", "time", "money", "number", "percent") else chance.choice(numbers)
    digits = picked.group()
    if sort == "time":
        new = str(chance.choice([hour for hour in range(1, 12) if str(hour) != digits]))
    elif sort == "date" and len(digits) < 3:
        new = str(chance.choice([day for day in range(1, 28) if str(day) != digits]))
    elif sort in ("number", "percent") and chance.random() < 0.5:
        new = str(max(1, int(digits) + chance.choice([-3, -2, -1, 1, 2, 5, 7, 10])))
    else:
        place = chance.randrange(len(digits))
        new = digits[:place] + chance.choice([d for d in "123456789" if d != digits[place]]) + digits[place + 1 :]
    return written[: picked.start()] + new + written[picked.end() :]


class Falsifier:
    """Changes sentences of one split. `values` are those seen with each attribute."""

    def __init__(self, chance: random.Random, facts: list[str]) -> None:
        self.chance = chance
        self.values: dict[str, set[str]] = defaultdict(set)
        for fact in facts:
            if found := parsed(fact):
                self.values[found[0]].add(found[2])
        self.ordered = {name: sorted(values) for name, values in self.values.items()}
        self.opposites = [pair.split("/") for pair in entries(OPPOSITES)]
        self.opposites += [pair[::-1] for pair in self.opposites if " " not in pair[1] or pair[1].startswith("not")]
        self.conditions = [entry.split("=") for entry in entries(CONDITIONS)]

    def untrue(self, sentence: str, evidence: list[str], kind: str) -> str | None:
        said = getattr(self, f"_{kind}")(sentence, evidence)
        return None if said is None or said == sentence else said

    def _literal_random(self, sentence: str, evidence: list[str]) -> str | None:
        found = [item for item in literals_of(sentence) if item[2] not in ("email", "web")]
        if not found:
            return None
        start, end, sort, written = self.chance.choice(found)
        new = changed_literal(written, sort, self.chance)
        said = sentence[:start] + new + sentence[end:]
        return said if set(claims_in(said)) - allowed_by(evidence) else None

    def _literal_other(self, sentence: str, evidence: list[str]) -> str | None:
        """Another literal of the same sort that stands in the evidence."""
        mine = set(claims_in(sentence))
        other = [item for text in evidence for item in literals_of(text) if not set(claims_in(item[3])) & mine]
        pairs = [(own, item) for own in literals_of(sentence) for item in other if own[2] == item[2]]
        if not pairs:
            return None
        (start, end, _, _), (_, _, _, new) = self.chance.choice(pairs)
        said = sentence[:start] + new + sentence[end:]
        return None if any(is_said_by(said, text) for text in evidence) else said

    def _value(self, sentence: str, evidence: list[str]) -> str | None:
        """Another value of the same attribute: of the evidence (two records crossed) or seen elsewhere."""
        options = []
        for fact in evidence:
            found = parsed(fact)
            if not found or found[2] not in sentence or found[1] and found[1] not in sentence and not fact.startswith("Its"):
                continue
            shown = [other[2] for text in evidence if (other := parsed(text)) and other[0] == found[0] and other[2] != found[2]]
            seen = self.ordered.get(found[0], [])
            new = self.chance.choice(shown) if shown and self.chance.random() < 0.8 else self.chance.choice(seen) if seen else None
            if new and new != found[2] and new not in found[2] and found[2] not in new:
                options.append((found[2], new))
        if not options:
            return None
        old, new = self.chance.choice(options)
        found = list(re.finditer(rf"(?<![\w.$€£#-]){re.escape(old)}(?![\w-])", sentence))
        if not found:
            return None
        said = sentence[: found[-1].start()] + new + sentence[found[-1].end() :]
        return None if any(is_said_by(said, text) for text in evidence) else said

    def _negation(self, sentence: str, evidence: list[str]) -> str | None:
        said = self._turned(sentence)
        if said is None or any(negates(text) == negates(said) and support_of(said, [text]) > 0.8 for text in evidence):
            return None
        return said if negates(said) != negates(sentence) else None

    def _turned(self, sentence: str) -> str | None:
        lead = re.match(rf"^(?:[^,:]{{2,40}}: |{_SKIPPED} |If .*?, |When .*?, |Once .*?, |After .*?, )", sentence)
        head, body = (lead.group(), sentence[lead.end() :]) if lead else ("", sentence)
        if match := re.match(r"No (?=\w)", body):
            return head + ("There is a " if not head else "there is a ") + body[match.end() :] if self.chance.random() < 0.2 else None
        yes = re.match(r"(Yes|No), ", body)
        if yes:
            turned = self._turned(body[yes.end() :])
            return turned and head + ("No, " if yes[1] == "Yes" else "Yes, ") + turned
        if match := re.search(r"\b(has|have|had|with|offers|is|are) no\b", body):
            return head + body[: match.start()] + match[1] + (" a" if match[1] in ("has", "with") else " any" if match[1] != "is" else " a") + body[match.end() :]
        if match := _DENIED.search(body):
            kept = match[1] or match[2] or match[3] or "will"
            return head + body[: match.start()] + kept + body[match.end() :]
        if match := _IMPERATIVE.match(body):
            return head + (match[1] or "") + ("do not " if match[1] or head else "Do not ") + body[len(match[1] or "") :][:1].lower() + body[len(match[1] or "") + 1 :]
        if match := _AUXILIARY.search(body):
            new = "cannot" if match[1].lower() == "can" else f"{match[1]} not"
            if match[1].lower() in ("is", "are", "does", "do") and self.chance.random() < 0.3:
                new = match[1] + "n't"
            return head + body[: match.start()] + new + body[match.end() :]
        if match := _VERB.search(body):
            return f"{head}{body[: match.start()]}{'does' if match[2] else 'do'} not {match[1]}{body[match.end() :]}"
        return None

    def _opposite(self, sentence: str, evidence: list[str]) -> str | None:
        return self._exchanged(sentence, evidence, self.opposites)

    def _condition(self, sentence: str, evidence: list[str]) -> str | None:
        return None if negates(sentence) else self._exchanged(sentence, evidence, self.conditions)

    def _exchanged(self, sentence: str, evidence: list[str], pairs: list[list[str]]) -> str | None:
        """A word for its opposite, which the evidence does not say either."""
        known = " ".join(evidence).lower()
        lead = re.match(r"^[^,:\d]{2,40}: ", sentence)
        head, body = (lead.group(), sentence[lead.end() :]) if lead else ("", sentence)
        for old, new in self.chance.sample(pairs, len(pairs)):
            if new and re.search(rf"\b{re.escape(new)}\b", known):
                continue
            said = swapped(body, old, new)
            if said is not None and not re.search(rf"(?:\bnot|n't|\bno) {re.escape(old)}\b", body):
                return head + said
        return None
