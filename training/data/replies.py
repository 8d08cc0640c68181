"""Replies: the asked facts in one to three short sentences, the answer first, every literal as it stands.

A reply is put together from a lead, a form for each fact and a plan that joins them. Only a reply whose every sentence Steward's check
passes, and which leaves nothing unsaid, is kept; an apology to an angry customer is the one sentence that needs no evidence.
"""

from __future__ import annotations

import random

from check import fault_of, sentences_of, unsaid
from facts import Fact, capitalized
from questions import Pool

STATE = """{Your} is {v}|{Your} is currently {v}|{The} is {v}|{The} is currently {v}|{Your} is now {v}|{The} is {v} at the moment|{Your} is {v} at the moment|{Your} is {v} right now
I can see that {your} is {v}|I see that {your} is {v}|{Your} shows as {v}|{The} shows as {v}|{Your} is {v} as of now|It looks like {your} is {v}|I have {your} here, and it is {v}"""
ATTRIBUTE = """The {x} of {your} {is} {v}|The {x} for {your} {is} {v}|For {your}, the {x} {is} {v}|{V} {is} the {x} of {your}|The {x} on {your} {is} {v}|The {x} of {the} {is} {v}|The {x} for {the} {is} {v}
I can see that the {x} of {your} {is} {v}|I have {v} as the {x} of {your}|The {x} you asked about for {your} {is} {v}|I see {v} as the {x} for {your}|For {the}, the {x} {is} {v}|I show the {x} of {your} as {v}
{Your} has {v} as its {x}|On {your}, the {x} {is} {v}|I see that the {x} on {your} {is} {v}|It looks like the {x} of {your} {is} {v}|The {x} we have for {your} {is} {v}|With {your}, the {x} {is} {v}|The {x} I have here for {your} {is} {v}"""
NUMBER = """{Your} has a {x} of {v}|{The} has a {x} of {v}|It's {v}: that is the {x} of {your}|It is {v}, the {x} of {your}|That would be {v}, the {x} for {your}|{Your} comes with a {x} of {v}"""
MONEY = """The {x} of {your} comes to {v}|The {x} for {your} comes to {v}|It comes to {v}, the {x} of {your}|That's {v} for the {x} of {your}|{Your} has a {x} of {v}|The {x} on {your} is {v} in all|The {x} of {the} comes to {v}"""
DATE = """The {x} of {your} is on {v}|The {x} for {your} is on {v}|The {x} of {your} falls on {v}|The {x} for {your} is set for {v}|{Your} has its {x} on {v}|It's {v}: that is the {x} of {your}|You can expect the {x} of {your} on {v}|The {x} for {the} is set for {v}"""
EVENT = """{Your} {verb} {v}|{The} {verb} {v}|I can see that {your} {verb} {v}|I see that {the} {verb} {v}|As for {your}, it {verb} {v}|It looks like {your} {verb} {v}|{Your} {verb} {v}|I have {your} here: it {verb} {v}"""
CUSTOMER = """Your {x} {is} {v}|Your {x} {is} {v}|{V} {is} your {x}|I have {v} as your {x}|I see that your {x} {is} {v}|I can see your {x} {is} {v}|Your {x} {is} currently {v}|The {x} on your account {is} {v}"""
SHORT_STATE = "it is {v}|it's {v}|it is currently {v}|it's currently {v}"
SHORT_ATTRIBUTE = "its {x} {is} {v}|the {x} {is} {v}|the {x} {is} {v}"
SHORT_EVENT = "it {verb} {v}|it {verb} {v}"
LEAD = """Sure, |Sure thing, |Of course, |Certainly: |Happy to help: |Here you go: |Here it is: |Thanks for asking: |Thank you for asking, |Absolutely: |Gladly: |Thanks for checking in: |Here's what I see: 
Thank you for your message: |Thanks for reaching out: |Glad to help: """
GOOD_NEWS = """Good news: |Good news, |Great news: |I'm glad to say that |Happy to say that """
# Leads by the customer's tone: the same tone always has one, so that greedy decoding writes it too.
TONES = {
    "happy": "Thanks for the kind words: |Thank you, and glad to help: |Glad to hear it: |That's lovely to hear: |Thank you: ",
    "worried": "Of course, right away: |Happy to help right away: |Here it is right away: |Right away: |Of course: ",
    "polite": "Happy to help: |Of course: |Thanks for asking: |Gladly: |Glad to help: |Thank you for asking: ",
}
APOLOGY = """I'm sorry about that.|I'm sorry for the trouble.|I'm sorry for the wait.|Sorry about the trouble.|I'm sorry this has been so frustrating.|I apologize for the trouble.|I'm sorry you've had to ask again.
I'm sorry about the wait.|I understand the frustration, and I'm sorry.|I'm really sorry about this.|My apologies for the trouble.|I'm sorry for the inconvenience."""
_GOOD = {"delivered", "shipped", "confirmed", "approved", "ready", "completed", "refunded", "active", "paid", "resolved", "out for delivery"}
_NUMERIC = {"how much", "how many"}
TRIES = 14
DIRECT, LED, TONED = 0.8, 0.1, 0.9


class Replier:
    """Phrases facts."""

    def __init__(self, chance: random.Random, pool: Pool) -> None:
        self.chance = chance
        every = {name: value for name, value in globals().items() if name.isupper() and isinstance(value, str)}
        self.tones = {tone: pool.lines(leads) for tone, leads in TONES.items()}
        # The few short forms are shared by all splits.
        self.lines = {name: value.split("|") if name.startswith("SHORT") else pool.lines(value) for name, value in every.items()}

    def phrase(self, facts: list[Fact], given: list[str], mood: str, required: list[str]) -> tuple[str, str] | None:
        """The reply and its template; none if no reply passes the check."""
        for _ in range(TRIES):
            templates: list[str] = []
            body = self._plan(facts, templates)
            lead = self._lead(facts, mood, templates)
            body = f"{lead}{_joinable(body, facts[0]) if lead else body}"
            evidence = [*given, *(fact.sentence for fact in facts)]
            if any(fault_of(sentence, evidence) for sentence in sentences_of(body)):
                continue
            if unsaid(required, body):
                continue
            if mood == "angry":
                line = self.chance.choice(self.lines["APOLOGY"])
                templates.append(line)
                body = f"{line} {body}"
            return body, " + ".join(templates)
        return None

    def _lead(self, facts: list[Fact], mood: str, templates: list[str]) -> str:
        if mood == "angry":
            return ""
        if facts[0].form == "truth" and len(facts) == 1 and self.chance.random() < 0.6:
            return "Yes, " if facts[0].holds else "No, "
        good = facts[0].form == "state" and facts[0].value in _GOOD
        if mood in TONES and self.chance.random() < TONED:
            lead = self.chance.choice(self.tones[mood])
        elif good and self.chance.random() < 0.5:
            lead = self.chance.choice(self.lines["GOOD_NEWS"])
        elif self.chance.random() < LED:
            lead = self.chance.choice(self.lines["LEAD"])
        else:
            return ""
        templates.append(f"LEAD:{lead}")
        return lead.rstrip() + " "

    def _plan(self, facts: list[Fact], templates: list[str]) -> str:
        """The facts in sentences: which stand together, and how."""
        full = lambda fact: self._full(fact, templates)  # noqa: E731
        short = lambda fact: self._short(fact, templates)  # noqa: E731
        if len({fact.subject for fact in facts}) > 1:
            return " ".join(f"{full(fact)}." for fact in facts)
        first, *rest = facts
        plan = self.chance.random()
        if not rest:
            return f"{full(first)}."
        together = [fact for fact in facts if fact.form == "attribute"]
        if len(together) == len(facts) <= 3 and first.is_owned and plan < 0.3:
            parts = _joined([f"the {fact.name} {fact.verb} {fact.value}" for fact in facts])
            templates.append("FOR")
            lead = self.chance.choice([f"For your {first.subject}, ", f"On your {first.subject}, ", f"For {first.subject}, "])
            return f"{lead}{parts}."
        if len(rest) == 1:
            second = rest[0]
            if second.form == "attribute" and second.asked in _NUMERIC and second.verb == "is" and second.is_owned and plan < 0.45:
                article = "an" if second.name[0] in "aeiou" else "a"
                templates.append("WITH")
                return f"{full(first)}, with {article} {second.name} of {second.value}."
            templates.append("AND" if plan < 0.75 else "THEN")
            return f"{full(first)}, and {short(second)}." if plan < 0.75 else f"{full(first)}. {capitalized(short(second))}."
        templates.append(f"PLAN{len(facts)}{plan < 0.5}")
        if len(rest) == 2:
            if plan < 0.5:
                return f"{full(first)}, and {short(rest[0])}. {capitalized(short(rest[1]))}."
            return f"{full(first)}. {capitalized(short(rest[0]))}, and {short(rest[1])}."
        if plan < 0.5:
            return f"{full(first)}, and {short(rest[0])}. {capitalized(short(rest[1]))}, and {short(rest[2])}."
        return f"{full(first)}. {capitalized(_joined([short(fact) for fact in rest]))}."

    def _full(self, fact: Fact, templates: list[str]) -> str:
        if fact.form == "truth":
            return self._of_truth(fact)
        if fact.form == "attribute" and not fact.subject:
            name = "CUSTOMER"
        else:
            name = {"state": "STATE", "event": "EVENT"}.get(fact.form, "ATTRIBUTE")
        if name == "ATTRIBUTE" and fact.verb == "is" and self.chance.random() < 0.4:
            name = {"how much": self.chance.choice(["NUMBER", "MONEY"]), "how many": "NUMBER", "when": "DATE"}.get(fact.asked, name)
        line = self._form(name)
        templates.append(f"{name}:{line}")
        your = f"your {fact.subject}" if fact.is_owned else fact.subject
        text = line.format(
            your=your, Your=capitalized(your), the=fact.subject, The=capitalized(fact.subject), v=fact.value, V=capitalized(fact.value),
            x=fact.name, verb=fact.verb, **{"is": fact.verb},
        )
        return text.replace(" has a ", " has an ").replace(" with a ", " with an ") if name in ("NUMBER", "MONEY") and fact.name[0] in "aeiou" else text

    def _form(self, name: str) -> str:
        """A form of that name; mostly one that begins with what was asked about, or a model would begin every reply with "I can see"."""
        lines = self.lines[name]
        direct = [line for line in lines if line.startswith(("{Your}", "{The}", "The {x}", "Your {x}"))]
        return self.chance.choice(direct if direct and self.chance.random() < DIRECT else lines)

    def _of_truth(self, fact: Fact) -> str:
        text = fact.sentence.rstrip(".")
        if self.chance.random() < 0.7:
            text = text.replace(capitalized(fact.subject), f"Your {fact.subject}", 1) if text.startswith(capitalized(fact.subject)) else text.replace(fact.subject, f"your {fact.subject}")
        return text

    def _short(self, fact: Fact, templates: list[str]) -> str:
        if fact.form == "truth":
            text = fact.sentence.rstrip(".")
            if text.startswith(capitalized(fact.subject)):
                return "it" + text[len(fact.subject) :]
            return text[0].lower() + text[1:].removesuffix(f" for {fact.subject}")
        if not fact.subject:
            return f"your {fact.name} {fact.verb} {fact.value}"
        name = {"state": "SHORT_STATE", "event": "SHORT_EVENT"}.get(fact.form, "SHORT_ATTRIBUTE")
        line = self.chance.choice(self.lines[name])
        return line.format(v=fact.value, x=fact.name, verb=fact.verb, **{"is": fact.verb})


def _joinable(body: str, first: Fact) -> str:
    """Lower-cases a beginning that a lead has made the middle of a sentence."""
    begins_with_subject = bool(first.subject) and body.startswith(capitalized(first.subject))
    is_plain = body.split(" ")[0] in ("Your", "The", "It", "It's", "For", "On", "With", "That", "That's", "As", "Its")
    return body[0].lower() + body[1:] if is_plain or begins_with_subject or first.form == "truth" else body


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
