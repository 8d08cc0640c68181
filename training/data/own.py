"""Our own examples: random records of many businesses, asked about in many ways. The bulk of the data."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator

import prompts
from catalogue import customer_fields, kinds
from example import Example, drawn
from facts import Fact, FactMaker, as_given
from questions import Pool, Questioner
from replies import Replier

MOODS = {"plain": 62, "angry": 14, "worried": 12, "happy": 12}
# How many facts are asked for.
COUNTS = {1: 42, 2: 34, 3: 16, 4: 8}
# Shares with more facts of the same record, which Steward found fit to be said as well; with facts of another record, which are not said;
# without the fact that is asked for; with two that disagree.
MORE, DISTRACTED, MISSING, CONFLICT = 0.3, 0.06, 0.03, 0.015
MISSING_REPLY = """I don't see the {x} of {your} here.|I'm afraid I don't have the {x} of {your}.|I can't see the {x} for {your} in what I have.|The {x} of {your} isn't in the details that I have.
I don't have the {x} for {your} on record.|There is no {x} for {your} in what I can see.|I don't have that on record for {your}.|Sorry, I don't have the {x} of {your} in front of me.
I'm afraid the {x} for {your} isn't something I can see.|I don't have the {x}; could you tell me a bit more about what you need?"""
CONFLICT_REPLY = """I see both {a} and {b} as the {x} of {your}.|{Your} has two entries for the {x}: {a} and {b}.|For {your}, the {x} is given both as {a} and as {b}.|The {x} of {your} shows up twice, once as {a} and once as {b}."""


def is_held_out(noun: str) -> bool:
    """One kind of record in six is kept for the test split: such a business was never seen. Orders are too common to leave out."""
    return zlib.crc32(noun.encode()) % 6 == 0 and noun != "order"


def is_polite(question: str) -> bool:
    """It greets, thanks or says please."""
    return re.search(r"\b(?:hi|hello|hey|good (?:morning|evening)|dear|please|thanks?|thx|ty|cheers|appreciate)\b", question, re.IGNORECASE) is not None


class OwnExamples:
    """Draws examples for one split."""

    def __init__(self, chance: random.Random, split: str) -> None:
        self.chance = chance
        self.split = split
        is_test = split == "test"
        pool = Pool(is_test)
        self.kinds = [kind for kind in kinds() if is_held_out(kind.noun) == is_test]
        self.customer_fields = customer_fields()
        self.maker = FactMaker(chance)
        self.questioner = Questioner(chance, pool)
        self.replier = Replier(chance, pool)
        self.missing = pool.lines(MISSING_REPLY)
        self.conflict = pool.lines(CONFLICT_REPLY)

    def examples(self, count: int) -> Iterator[Example]:
        return drawn(self._example, count)

    def _example(self) -> Example | None:
        chance = self.chance
        mood = chance.choices(list(MOODS), list(MOODS.values()))[0]
        count = chance.choices(list(COUNTS), list(COUNTS.values()))[0]
        facts, entity = self._facts(count + 3)
        asked, spare = facts[:count], facts[count:]
        if not asked:
            return None
        what = chance.random()
        if what < MISSING and spare and asked[0].is_owned:
            return self._missing(asked[0], spare, mood, entity)
        if what < MISSING + CONFLICT and asked[0].form == "attribute" and asked[0].is_owned:
            return self._conflict(asked[0], mood, entity)
        said, shown = list(asked), list(asked)
        if what > 1 - DISTRACTED:
            shown += self._others(asked)
            chance.shuffle(shown)
        elif what > 1 - DISTRACTED - MORE and asked[0].is_owned:
            said += spare[: min(4 - count, chance.choice([1, 1, 2]))]
            shown = said if chance.random() < 0.6 else chance.sample(said, len(said))
        given = as_given(shown)
        required = [given[shown.index(fact)] for fact in said]
        question, asking = self.questioner.ask(asked, mood)
        if len(shown) > len(said) and asking.startswith("OVERVIEW"):
            return None
        spoken = chance.sample(said, len(said)) if chance.random() < 0.1 else said
        tone = "polite" if mood == "plain" and is_polite(question) else mood
        phrased = self.replier.phrase(spoken, given, tone, required)
        if phrased is None:
            return None
        reply, phrasing = phrased
        return self._made(given, question, reply, required, entity, f"{asking} => {phrasing}")

    def _facts(self, count: int) -> tuple[list[Fact], str]:
        drawn = self.chance.random()
        if drawn < 0.1:
            return self.maker.of_customer(self.customer_fields, min(count, 4)), "customer"
        if drawn < 0.18:
            return self.maker.of_product(min(count, 3)), "product"
        kind = self.chance.choice(self.kinds)
        return self.maker.of_kind(kind, count), kind.noun

    def _others(self, asked: list[Fact]) -> list[Fact]:
        """Facts of another record."""
        other = self.maker.of_kind(self.chance.choice(self.kinds), self.chance.choice([1, 1, 2]))
        return [fact for fact in other if fact.subject != asked[0].subject]

    def _missing(self, wanted: Fact, spare: list[Fact], mood: str, entity: str) -> Example:
        question, asking = self.questioner.ask([wanted], mood)
        line = self.chance.choice(self.missing)
        name = "status" if wanted.form == "state" else wanted.name
        reply = line.format(x=name, your=f"your {wanted.noun}")
        return self._made(as_given(spare[:2]), question, reply, [], entity, f"{asking} => MISSING:{line}")

    def _conflict(self, fact: Fact, mood: str, entity: str) -> Example | None:
        head = fact.sentence[: -len(fact.value) - 1]
        other = self.maker.values.of("date" if fact.asked == "when" else "money") if fact.asked in ("when", "how much") else None
        if other is None:
            return None
        given = [fact.sentence, f"{head}{other}."]
        question, asking = self.questioner.ask([fact], mood)
        line = self.chance.choice(self.conflict)
        your = f"your {fact.subject}"
        reply = line.format(a=fact.value, b=other, x=fact.name, your=your, Your=your.capitalize() if your.islower() else "Y" + your[1:])
        return self._made(given, question, reply, given, entity, f"{asking} => CONFLICT:{line}")

    def _made(self, given: list[str], question: str, reply: str, required: list[str], entity: str, template: str) -> Example:
        return Example(prompts.answer_messages(given, question), reply, given, required, "own", entity, template, self.split)
