"""Sentences that a small model invents: chatter, promises and added claims that no evidence speaks of. {x} is a word of the evidence."""

from __future__ import annotations

import random
import re

from claims import claims_in, content_of, is_said_by, stems
from wording import entries, of_split

CHATTER = """We have a wide range of {x} to choose from.|Please note that {x} times vary by location.|You can find more information about {x} on our website.|Our {x} is among the best in the area.|Many of our customers are very happy with {x}.
The {x} may vary depending on availability.|We take great pride in our {x}.|For {x}, you should contact the manufacturer.|We offer a variety of options for {x}.|The {x} is subject to change without notice.
Our team is available around the clock to help you with {x}.|The {x} is included in every plan.|You will find the {x} in your account settings.|There is a small additional fee for {x}.|Most customers see the {x} within a few days.
We recommend that you book {x} in advance.|Your {x} is very important to us.|The {x} depends on the region where you live.|We have been working with {x} for many years.|Our {x} comes with a satisfaction guarantee.
It is best to check the {x} with your local branch.|The {x} can be changed at any time free of charge.|Discounts are available for {x}.|You may need to provide proof of {x}.|Our experts have selected the {x} with care.
The {x} is located near the city centre.|All {x} are covered by insurance.|The {x} is popular with families.|You can pay for the {x} in monthly instalments.|A member of staff handles each {x} by hand.
We are known for our excellent {x}.|The {x} usually takes a little longer at weekends.|Please keep your {x} in a safe place.|The {x} is made from high quality materials.|If you have any issues with the {x}, our support team can resolve them.
The {x} will be visible on your next statement.|We only work with trusted partners for {x}.|You can view the {x} at any time in the app.|The {x} is one of our best sellers.|New {x} are added to our range every week.
The {x} is handled according to our terms and conditions.|You do not need to do anything else about the {x}.|The {x} is processed automatically by our system.|Our {x} is friendly, fast and reliable.|There are several ways to change the {x}.
To see the {x}, log in and open the menu.|It is normal for the {x} to take some time.|The {x} was updated recently.|Each {x} is checked twice for quality.|The {x} can be collected at the front desk.
Delivery times vary by location.|We are committed to giving you the best experience.|Our prices are very competitive.|You will receive a confirmation by email shortly.|All items are in stock and ready to go.
Everything looks good on your account.|There are no extra charges.|We value every customer.|Our staff speak several languages.|This is our most popular choice.
It should not take long.|You are eligible for a discount.|Your information is safe with us.|Our opening hours are longer in summer.|We have several locations across the country.
We ship worldwide.|Returns are always free.|The offer is valid this week only.|The item is made to order.|You have been a loyal customer for years."""
PROMISES = """I've sent you an email with the details.|We will refund the full amount today.|I will check this with our team and get back to you.|I've updated the {x} for you.|We will contact you within 24 hours.|Our team will call you tomorrow.
I have cancelled it for you.|A colleague will look into the {x} right away.|We'll send a replacement as soon as possible.|I've applied a discount to your account.|I'll make sure that the {x} is sorted out.|We will let you know when the {x} is ready.
I have forwarded your request to the right department.|You will get a full refund.|We will waive the fee this time.|I've added a note about the {x} to your file.|Someone will be in touch with you soon.|I am going to escalate the {x} for you.
We will reserve one for you.|I have confirmed the {x} with the store.|We'll keep you posted about the {x}.|Your request has been processed.|I've scheduled a call for you.|We will upgrade you at no cost."""
ADDED = """and it ships for free|and it arrives tomorrow|and there is no extra charge|which is our most popular option|and you can change it at any time|and it comes with a full warranty|so you will receive it soon|and it is available in all our stores
and it has been confirmed by email|because of high demand|and the staff are very friendly|as long as you have the receipt|and you get a discount on your next order|which was updated yesterday|and it is located close to the station|and children are welcome too
and it can be paid in instalments|so there is nothing else to do|and it is free for members|and it will be processed within the week|thanks to our new system|and it can be picked up in store|and a manager has approved it|and you can reach us by chat too
and it cannot be changed afterwards|and we have notified the carrier|and parking is nearby|and breakfast is included|which is the fastest way|and our team will call you|and it is the best in the area|and it needs no signature"""
_NOUN = re.compile(r"\b(?:[Tt]he|of|[Aa]n?|[Yy]our|[Oo]ur|[Tt]his|[Ff]ree|[Nn]o|any|new|for) ([a-z]{4,})\b|^([A-Z][a-z]{3,})(?= \S*\d)")
_DULL = frozenset("same more most last first next only other each such example does within without least case most great good little nice very".split())


def topics_of(evidence: list[str]) -> list[str]:
    """Words that the evidence is about: what stands after an article and the like, and the kinds of records."""
    words = [(match[1] or match[2]).lower() for text in evidence for match in _NOUN.finditer(text)]
    return [word for word in words if word not in _DULL and content_of(word)]


class Inventor:
    """Invents sentences for one split."""

    def __init__(self, chance: random.Random, split: str) -> None:
        self.chance = chance
        self.lines = {kind: of_split(entries(lines), split) for kind, lines in (("chatter", CHATTER), ("promise", PROMISES), ("added", ADDED))}

    def line(self, kind: str, evidence: list[str]) -> str | None:
        """`chatter` or `promise`, about a word of the evidence where there is a place for it."""
        line = self.chance.choice(self.lines[kind])
        topics = topics_of(evidence)
        if "{x}" in line and not topics:
            return None
        said = line.format(x=self.chance.choice(topics)) if "{x}" in line else line
        return None if any(is_said_by(said, text) for text in evidence) else said

    def added(self, sentence: str, others: list[str], evidence: list[str]) -> str | None:
        """The sentence with a claim added: an invented one, or a clause of another reply."""
        if self.chance.random() < 0.6 or not others:
            more = self.chance.choice(self.lines["added"])
        else:
            found = re.search(r", and (it(?:'s| is| \w+s) .+|its .+|the .+?)\.$", self.chance.choice(others))
            if found is None:
                return None
            more = f"and {found[1]}"
        known = {stem for text in evidence for stem in stems(text)}
        if all(stem in known for stem in content_of(more)) and all(claim in " ".join(evidence) for claim in claims_in(more)):
            return None
        return f"{sentence.rstrip('.!')}{'' if more.startswith(('so', 'because', 'as', 'thanks')) else ','} {more}."
