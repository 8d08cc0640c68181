"""Customers' wordings: what is asked, put together from small parts, in several moods and manners of typing.

Every template is a line of a list; `Pool` gives the lines that a split may use, so that the test split asks in words never seen.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from aliases import ALIASES
from facts import Fact

STATE = """what's the status of {ref}?|what is the status of {ref}|where is {ref}?|where's {ref} right now?|any news on {ref}?|how is {ref} coming along?
is there an update on {ref}?|can you check {ref} for me?|what's happening with {ref}?|I'd like to know the status of {ref}|status of {ref} please|could you look up {ref}?
hi, how far along is {ref}|I want to know where {ref} stands|what stage is {ref} at?|{ref} - what's going on with it?|has anything happened with {ref}?
tell me how {ref} is doing|what does your system say about {ref}?|do you have any update about {ref} for me?|can I get a status update on {ref}|did {ref} go through?
{ref}|{ref} please|I still haven't heard anything about {ref}|nothing has happened with {ref} yet|I'm waiting for {ref}|I have a question about {ref}|{ref} seems stuck|is {ref} ok?|what about {ref}?"""
ATTRIBUTE = """what's the {x} of {ref}?|what is the {x} for {ref}?|can you tell me the {x} of {ref}?|I need the {x} for {ref}|could you give me the {x} of {ref} please?
{x} for {ref}?|do you know the {x} of {ref}?|please tell me the {x} on {ref}|what {x} does {ref} have?|I'm looking for the {x} of {ref}|I can't find the {x} for {ref}
what's my {x}?|which {x} is it?|give me the {x}|could you look up the {x} of {ref}|I forgot the {x} of {ref}, what is it?|would you mind telling me the {x} for {ref}?
remind me what the {x} of {ref} is|need {x} of {ref} asap|may I have the {x} of {ref}|{ref}: what's the {x}?|what do you have down as the {x} for {ref}?|help me find the {x} of {ref}"""
WHEN = """when is the {x} of {ref}?|what date is the {x} for {ref}|when's the {x}?|what day is the {x} of {ref}?|can you tell me when the {x} of {ref} is?|by when is the {x} of {ref}?
I'd like to know the {x} of {ref}|when should I expect the {x} for {ref}?|what {x} do you show for {ref}?"""
WHO = """who is the {x} of {ref}?|who's the {x} for {ref}?|can you tell me who the {x} is?|what's the name of the {x} of {ref}?|which {x} do I have for {ref}?|name of the {x} on {ref} please"""
HOW_MUCH = """how much is the {x} of {ref}?|how much is the {x}?|what's the {x} on {ref}?|what {x} was charged for {ref}?|can you tell me how much the {x} for {ref} is?
how big is the {x} of {ref}|I want to know how much the {x} is for {ref}|what did the {x} of {ref} come to?|so what is the {x} on {ref} then?|what amount is the {x} for {ref}?"""
WHERE = """where is the {x} of {ref}?|what's the {x} for {ref}?|which {x} is it for {ref}?|can you tell me where the {x} is?|where do I find the {x} of {ref}"""
HOW_MANY = """what's the {x} of {ref}?|can you tell me the {x} for {ref}?|{x} on {ref}?|how many is the {x} of {ref}?|what {x} do I have?"""
EVENT = """when {was} {ref} {done}?|what day {was} {ref} {done}?|can you tell me when {ref} {verb}?|do you know when {ref} {verb}|on which date {was} {ref} {done}?|I'd like to know when {ref} {verb}
what's the date {ref} {verb}?|when exactly {was} {ref} {done}|please look up when {ref} {verb}|{ref} - when {was} it {done}?"""
CONTENT = """what's in {ref}?|what did I order in {ref}?|which items are in {ref}?|what does {ref} contain?|can you list what is in {ref}?|remind me what {ref} had in it|what things are part of {ref}"""
PRICE = """how much is {ref}?|what does {ref} cost?|price of {ref}?|how much do you charge for {ref}|can you tell me what {ref} costs?|what would {ref} cost me?|what's the price for {ref}"""
TRUTH = """can you confirm whether {claim}?|I'd like to know if {claim}|{claim}, right?|do you know if {claim}?|is it true that {claim}?|could you tell me whether {claim}?
just checking: {claim}?|what about {x} for {ref}?|so is it {x} or not, {ref}?"""
SEVERAL = """what's the {list} of {ref}?|can you tell me the {list} for {ref}?|I need the {list} of {ref}|{list} for {ref} please|could you give me the {list} on {ref}?|please send the {list} of {ref}
I'd like to know the {list} of {ref}|for {ref}, what's the {list}?|what do you have for {ref}: {list}?|two things about {ref}: the {list}?|I'm trying to find the {list} for {ref}|{ref}: {list}?
do you know the {list} of {ref}?|would you tell me the {list} of {ref}|looking for {list} on {ref}"""
OVERVIEW = """tell me about {ref}|what can you tell me about {ref}?|give me the details of {ref}|what do you have on {ref}?|can I get the details for {ref}?|details of {ref} please|I want to know more about {ref}
what information is there on {ref}?|could you summarise {ref} for me?|what do I need to know about {ref}?|pull up {ref} for me|{ref}|it's about {ref}|show me {ref}|I'm writing about {ref}"""
FOLLOW_UP = """and the {x}?|what about the {x}?|and what's the {x}?|ok and the {x}|thanks, and the {x}?|great. {x}?|how about the {x}?|also the {x} please|cool, what is the {x} then?|and do you have the {x} too?"""
GREETING = """hi,|hello,|hey,|hi there,|good morning,|hello!|hi team,|dear support,|good evening,|hey there|hi. quick question:|sorry to bother you,"""
COURTEOUS_END = """thanks!|thank you.|thanks in advance|please|thx|many thanks!|cheers|I'd appreciate it.|thank you so much|ty"""
ANGRY = """this is ridiculous.|I've been waiting forever!|nobody answers my calls.|I'm really fed up.|this is the third time I ask!|unbelievable service.|I am so frustrated with you.|what a mess.
why is this so hard?|I'm losing my patience.|your company is a joke.|I'm very disappointed.|this is not acceptable!|seriously?!|I've asked this again and again.|I am NOT happy.|worst experience ever."""
WORRIED = """I'm a bit worried.|I'm getting nervous here.|I hope nothing went wrong.|it's quite urgent.|I leave tomorrow and|my boss is asking,|I have an appointment soon, so|I'm in a hurry,"""
HAPPY = """great service so far!|love the product!|you've been very helpful.|thanks for last time!|happy customer here,|so far so good!"""


@dataclass(frozen=True)
class Pool:
    """The templates that one split may use: about one in eight is kept for the test split."""

    test: bool

    def lines(self, source: str) -> Sequence[str]:
        every = [line.strip() for line in source.replace("\n", "|").split("|") if line.strip()]
        held_out = [line for line in every if zlib.crc32(line.encode()) % 8 == 0] or every[-1:]
        return held_out if self.test else [line for line in every if line not in held_out]


class Questioner:
    """Asks for facts."""

    def __init__(self, chance: random.Random, pool: Pool) -> None:
        self.chance = chance
        self.pool = pool
        self.aliases = {name: pool.lines(value) for name, value in ALIASES.items()}
        self.lines = {name: pool.lines(value) for name, value in globals().items() if name.isupper() and isinstance(value, str)}

    def ask(self, facts: list[Fact], mood: str) -> tuple[str, str]:
        """The question, and the template that it was made by."""
        if len(facts) == 1:
            template, question = self._single(facts[0])
        else:
            template, question = self._several(facts)
        return self._in_manner(question, mood), template

    def _pick(self, name: str) -> tuple[str, str]:
        line = self.chance.choice(self.lines[name])
        return f"{name}:{line}", line

    def _reference(self, fact: Fact) -> str:
        if not fact.subject:
            return self.chance.choice(["my account", "my profile", "me"])
        if not fact.is_owned:
            return fact.subject
        return self.chance.choice([f"my {fact.noun}", f"my {fact.noun}", fact.subject, f"my {fact.subject}", f"the {fact.noun}", f"{fact.subject.split(' ')[-1]}", f"this {fact.noun}"])

    def _single(self, fact: Fact) -> tuple[str, str]:
        reference = self._reference(fact)
        if fact.form == "state":
            template, line = self._pick("STATE")
            return template, line.format(ref=reference)
        if fact.form == "truth":
            template, line = self._pick("TRUTH")
            claim = fact.sentence.rstrip(".").replace(" not ", " ").replace(" has no ", " has ")
            claim = claim[0].lower() + claim[1:]
            return template, line.format(ref=reference, x=fact.name, claim=claim.replace(fact.subject, reference))
        if fact.form == "event":
            if fact.verb == "contains":
                template, line = self._pick("CONTENT")
                return template, line.format(ref=reference)
            if fact.verb == "costs":
                template, line = self._pick("PRICE")
                return template, line.format(ref=reference)
            template, line = self._pick("EVENT")
            first, *rest = fact.verb.removesuffix(" on").removesuffix(" until").split(" ")
            was, done = (first, " ".join(rest)) if rest else ("does", first.removesuffix("s").removesuffix("e") + "e" if first.endswith("es") else first.removesuffix("s"))
            return template, line.format(ref=reference, was=was, done=done, verb=" ".join([first, *rest]))
        if self.chance.random() < 0.12:
            template, line = self._pick("FOLLOW_UP")
            return template, line.format(x=fact.name)
        if fact.name in self.aliases and self.aliases[fact.name] and self.chance.random() < 0.5:
            line = self.chance.choice(self.aliases[fact.name])
            return f"ALIAS:{line}", line.format(ref=reference)
        special = {"when": "WHEN", "who": "WHO", "how much": "HOW_MUCH", "where": "WHERE", "how many": "HOW_MANY"}.get(fact.asked, "ATTRIBUTE")
        template, line = self._pick(special if self.chance.random() < 0.5 else "ATTRIBUTE")
        return template, line.format(ref=reference, x=fact.name)

    def _several(self, facts: list[Fact]) -> tuple[str, str]:
        reference = self._reference(facts[0])
        if self.chance.random() < (0.2 if len(facts) == 2 else 0.45):
            template, line = self._pick("OVERVIEW")
            return template, line.format(ref=reference)
        if self.chance.random() < 0.35:
            template, first = self._single(facts[0])
            return template, f"{first.rstrip('?.')} {self.chance.choice(['and', 'and also', '? also'])} {self._topics(facts[1:])}?".replace(" ?", "?")
        template, line = self._pick("SEVERAL")
        return template, line.format(ref=reference, list=self._topics(facts).removeprefix("the "))

    def _topics(self, facts: list[Fact]) -> str:
        names = [self._topic(fact) for fact in facts]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

    def _topic(self, fact: Fact) -> str:
        if fact.form == "state":
            return "the status"
        if fact.form == "event":
            return {"contains": "the items", "costs": "the price"}.get(fact.verb, f"the {fact.verb.split(' ')[-2]} date" if " " in fact.verb else "the date")
        return f"the {fact.name}"

    def _in_manner(self, question: str, mood: str) -> str:
        """Greetings, moods, and the ways in which people type."""
        chance = self.chance
        if mood == "angry":
            outburst = chance.choice(self.lines["ANGRY"])
            question = f"{outburst} {question}" if chance.random() < 0.7 else f"{question} {outburst}"
        elif mood == "worried":
            question = f"{chance.choice(self.lines['WORRIED'])} {question}"
        elif mood == "happy":
            question = f"{chance.choice(self.lines['HAPPY'])} {question}"
        elif chance.random() < 0.25:
            question = f"{chance.choice(self.lines['GREETING'])} {question}"
        if mood != "angry" and chance.random() < 0.2:
            question = f"{question} {chance.choice(self.lines['COURTEOUS_END'])}"
        style = chance.random()
        if style < 0.4:
            question = question[0].upper() + question[1:]
        elif style < 0.55:
            question = question.lower().rstrip("?.!")
        elif style < 0.6 and mood == "angry":
            question = question.upper()
        elif style < 0.7:
            question = _mistyped(question, chance)
        return question


def _mistyped(text: str, chance: random.Random) -> str:
    """One slip of the finger in a word of letters."""
    words = text.split(" ")
    long = [index for index, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if long:
        index = chance.choice(long)
        at = chance.randrange(1, len(words[index]) - 1)
        word = words[index]
        words[index] = chance.choice([word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at + 1 :]])
    return " ".join(words)
