"""Sentences said otherwise with the same meaning: what makes supported pairs of facts. Test wordings are apart from those of training."""

from __future__ import annotations

import random
import re

LEADS = """Sure: |Of course: |Happy to help: |Thanks for asking: |Certainly: |Glad to help: |Here you go: |Here's what I have: |Good news: |Great question! |Absolutely: |As far as I can see, |Just so you know, 
Thank you for asking: |Thanks for reaching out: |According to our policy, |From what I can see, |I can confirm that |Yes, |To answer your question, |Good to know: |I can see that |In short, |Happy to confirm that |Please note that |According to our records, 
As per our records, |Based on the information I have, |Our records show that |The system shows that |Looking at your account, |I checked, and |It says here that |What I can tell you is that |As stated in our terms, |Per our guidelines, 
Regarding your question, |As for your question, |Let me confirm: |Quick answer: |Thanks for your patience: |I'm glad to say that |I understand; |No problem: |According to the details I have, |As our website says, |Good question: |For your information, """
SAME = """offers=provides|offer=provide|provides=offers|provide=offer|accepts=takes|accept=take|parcel=package|order arrives=order gets there|receive=get|receives=gets
requires=needs|require=need|costs=is|costs=comes to|free of charge=free|within=in|starts=begins|is allowed=is permitted|are allowed=are permitted|not allowed=not permitted|cannot=can't
is not=isn't|are not=aren't|does not=doesn't|do not=don't|doesn't=does not|isn't=is not|don't=do not|can't=cannot|will not=won't|must=has to|must=have to|can be=may be|customers=people|e-mail=email|also=
there is=we have|there are=we have|is available=is on offer|are available=are on offer|is included=comes with it|guests=visitors|wifi=wireless internet|onsite=on the premises|minutes=mins|approximately=about
up to=no more than|at least=no fewer than|every=each|each=every|until=up to|ship=go out|ships=goes out|sent=mailed|send=mail|refunded=paid back|exchange=swap|is valid for=lasts
is open=opens|delivered=brought|large=big|big=large|quiet=calm|great=very good|clean=spotless|dirty=unclean|cheap=inexpensive|expensive=pricey|friendly=kind|slow=not fast|nice=good|noisy=loud|small=little|delicious=tasty"""


def of_split(items: list[str], split: str) -> list[str]:
    """A fifth of the items is for the test split alone, a tenth for validation, the rest for training."""
    place = lambda index: "test" if index % 5 == 0 else "validation" if index % 10 == 1 else "train"  # noqa: E731
    return [item for index, item in enumerate(items) if place(index) == split]


def entries(lines: str) -> list[str]:
    return [item for item in lines.replace("\n", "|").split("|") if item]


def swapped(sentence: str, old: str, new: str) -> str | None:
    """The sentence with the first `old`, as whole words, put as `new`; its capital is kept."""
    match = re.search(rf"(?<![\w-]){re.escape(old)}(?![\w-])|^{re.escape(old[:1].upper() + old[1:])}(?![\w-])", sentence)
    if match is None:
        return None
    new = new[:1].upper() + new[1:] if match.start() == 0 else new
    return re.sub(r"\s+", " ", sentence[: match.start()] + new + sentence[match.end() :]).replace(" .", ".").strip()


def lowered(sentence: str) -> str:
    """To stand after a lead: names, literals and "I" keep their capitals."""
    first, _, rest = sentence.partition(" ")
    is_name = first[1:] != first[1:].lower() or first in ("I", "I'm") or (rest[:1].isupper() and first not in ("The", "Your", "A", "An", "Our", "No", "For", "Order"))
    return sentence if is_name or not first.isalpha() else sentence[0].lower() + sentence[1:]


class Wording:
    """Rewords sentences for one split."""

    def __init__(self, chance: random.Random, split: str) -> None:
        self.chance = chance
        self.leads = of_split(entries(LEADS), split)
        self.same = [entry.split("=") for entry in of_split(entries(SAME), split)]

    def led(self, sentence: str) -> str:
        lead = self.chance.choice(self.leads)
        if sentence.startswith(("Yes", "No,")) or lead == "Yes, " and re.match(r"No\b|.*\bnot\b", sentence):
            return sentence
        return lead + (sentence if lead[-2] in ".!" else lowered(sentence))

    def reworded(self, sentence: str, most: int = 2) -> str:
        """Up to so many words for others of the same meaning, "Yes," or the name of the place left out, one of two clauses."""
        chance = self.chance
        said = sentence
        if chance.random() < 0.5:
            said = re.sub(r"^(?:Yes|No), (\w)", lambda match: match.group(1).upper(), said)
        done = 0
        for old, new in chance.sample(self.same, len(self.same)):
            changed = swapped(said, old, new)
            if changed is not None and done < most:
                said, done = changed, done + 1
        clauses = re.split(r", and (?=the |a |an |it |they |its |you |we |your )|; ", said)
        if len(clauses) == 2 and min(len(clause.split()) for clause in clauses) >= 4 and chance.random() < 0.5 and not said.startswith(("If", "When")):
            clause = clauses[chance.random() < 0.4].rstrip(".") + "."
            said = clause[0].upper() + clause[1:]
        return self.led(said) if chance.random() < 0.3 else said
