"""Examples of other tasks that the same adapter may serve later: a question rewritten to stand alone, a summary for the person who takes
over, and a reply made shorter, warmer or put another way. Their system prompts are proposals, in `proposals/`; Steward does not use them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from catalogue import kinds
from check import fault_of, sentences_of, unsaid
from example import Example
from facts import FactMaker, as_given, capitalized
from own import MOODS, is_held_out
from questions import Pool, Questioner
from replies import Replier

PROPOSALS = Path(__file__).resolve().parent / "proposals"
FOLLOW_UPS = "and the {x}?|what about the {x}?|and its {x}?|ok, and the {x}|how about the {x}?|thanks. and the {x}?|can you also tell me the {x}?|{x}?"
REWRITTEN = "What is the {x} of {s}?"
SUMMARIES = """The customer asks for the {x} of {s}. {known} {mood}|A question about the {x} of {s}. {known} {mood}|The customer wants to know the {x} of {s}. {known} {mood}"""
FEELINGS = {"plain": "The customer is calm.", "angry": "The customer is upset.", "worried": "The customer is worried.", "happy": "The customer is friendly."}
WARM = "Thank you for your patience. |Thanks so much for asking! |I'm happy to help with this. |It's a pleasure to help. |Thank you for reaching out! "
WISHES = ("Make it shorter.", "Make it warmer.", "Say it another way.")


class SideExamples:
    """Draws examples for one split."""

    def __init__(self, chance: random.Random, split: str) -> None:
        self.chance = chance
        self.split = split
        pool = Pool(split == "test")
        self.kinds = [kind for kind in kinds() if is_held_out(kind.noun) == (split == "test")]
        self.maker = FactMaker(chance)
        self.questioner = Questioner(chance, pool)
        self.replier = Replier(chance, pool)
        self.follow_ups = pool.lines(FOLLOW_UPS)
        self.summaries = pool.lines(SUMMARIES)
        self.warm = WARM.split("|")
        self.prompts = {path.stem: path.read_text().strip() for path in sorted(PROPOSALS.glob("*.txt"))}

    def examples(self, count: int) -> Iterator[Example]:
        makers = (self._rewrite, self._summary, self._reword, self._reword)
        made = 0
        while made < count:
            example = makers[made % len(makers)]()
            if example is not None:
                made += 1
                yield example

    def _made(self, task: str, user: str, reply: str, facts: list[str], required: list[str], entity: str, template: str) -> Example:
        messages = [{"role": "system", "content": self.prompts[task]}, {"role": "user", "content": user}]
        return Example(messages, reply, facts, required, f"side/{task}", entity, template, self.split)

    def _rewrite(self) -> Example | None:
        kind = self.chance.choice(self.kinds)
        facts = [fact for fact in self.maker.of_kind(kind, 6) if fact.form == "attribute"][:2]
        if len(facts) < 2:
            return None
        first, second = facts
        question, _ = self.questioner.ask([first], "plain")
        phrased = self.replier.phrase([first], [first.sentence], "plain", [first.sentence])
        if phrased is None:
            return None
        line = self.chance.choice(self.follow_ups)
        user = f"Customer: {question}\nAgent: {phrased[0]}\nCustomer: {line.format(x=second.name)}"
        return self._made("rewrite", user, REWRITTEN.format(x=second.name, s=second.subject), [user], [], kind.noun, f"REWRITE:{line}")

    def _summary(self) -> Example | None:
        kind = self.chance.choice(self.kinds)
        facts = [fact for fact in self.maker.of_kind(kind, 6) if fact.form == "attribute"][:2]
        if len(facts) < 2:
            return None
        mood = self.chance.choice(list(MOODS))
        question, _ = self.questioner.ask([facts[0]], mood)
        line = self.chance.choice(self.summaries)
        facts_said = as_given(facts)
        user = f"Customer: {question}\nAgent: {' '.join(facts_said)}\nCustomer: I'd like to talk to a person."
        reply = line.format(x=facts[0].name, s=facts[0].subject, known=f"The agent said that the {facts[0].name} {facts[0].verb} {facts[0].value}.", mood=FEELINGS[mood])
        return self._made("summary", user, reply, [user], [], kind.noun, f"SUMMARY:{line}")

    def _reword(self) -> Example | None:
        kind = self.chance.choice(self.kinds)
        facts = self.maker.of_kind(kind, self.chance.choice([1, 2]))
        given = as_given(facts)
        one = self.replier.phrase(facts, given, "plain", given)
        other = self.replier.phrase(facts, given, "plain", given)
        if one is None or other is None or one[0] == other[0]:
            return None
        wish = self.chance.choice(WISHES)
        before, after = (one[0], other[0]) if len(one[0]) > len(other[0]) else (other[0], one[0])
        if wish == WISHES[1]:
            before, after = after, self.chance.choice(self.warm) + capitalized(after)
        user = "Facts:\n" + "".join(f"- {fact}\n" for fact in given) + f"\nReply: {before}\n{wish}"
        if wish != WISHES[1] and any(fault_of(sentence, given) for sentence in sentences_of(after)) or unsaid(given, after):
            return None
        return self._made("reword", user, after, given, given, kind.noun, f"REWORD:{wish}")
