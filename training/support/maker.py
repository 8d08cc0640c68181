"""Draws the pairs of one source and split: supported sentences as they are said, contradicted and absent ones made from them."""

from __future__ import annotations

import random
import re
from collections import defaultdict

from absent import Inventor
from claims import best_overlap, content_of, is_claim, is_said_by, stems, support_of
from check import sentences_of
from falsify import Falsifier, literals_of, parsed
from literals import ungrounded
from wording import Wording

# How a pair of each label is made, and how often.
KINDS = {
    "supported": {"reply": 5, "reworded": 4, "led": 2},
    "contradicted": {"literal_random": 2.5, "literal_other": 8, "value": 8, "negation": 4, "opposite": 3.5, "condition": 4},
    "absent": {"removed": 4, "other_hard": 4, "other_easy": 1, "added": 3, "chatter": 3, "promise": 1.5, "moved": 2},
}


class Pairs:
    """Draws pairs of one source and split."""

    def __init__(self, examples: list[dict], source: str, split: str, falsifier: Falsifier, chance: random.Random) -> None:
        self.source, self.split, self.chance, self.falsifier = source, split, chance, falsifier
        self.examples = examples
        self.wording, self.inventor = Wording(chance, split), Inventor(chance, split)
        self.by_entity: dict[str, list[dict]] = defaultdict(list)
        self.by_shape: dict[str, list[str]] = defaultdict(list)
        self.places = {stem for example in examples for stem in stems(example["entity"])}
        for example in examples:
            self.by_entity[example["entity"]].append(example)
            for fact in example["facts"]:
                if (found := parsed(fact)) and not fact.startswith("Its"):
                    self.by_shape[found[0]].append(fact)

    def pair(self, label: str) -> dict | None:
        weights = KINDS[label]
        kind = self.chance.choices(list(weights), list(weights.values()))[0]
        example = self.chance.choice(self.examples)
        made = getattr(self, f"_{label}")(example, kind)
        if made is None:
            return None
        sentence, evidence = made
        if not sentence or not evidence or not is_claim(sentence) and kind not in ("chatter", "promise"):
            return None
        return {"sentence": sentence, "evidence": evidence, "label": label, "source": self.source, "kind": kind, "split": self.split}

    def _said(self, example: dict) -> str | None:
        """A claim of the reply, or one of its facts."""
        chosen = [sentence for sentence in sentences_of(example["reply"]) if is_claim(sentence)]
        return self.chance.choice(chosen) if chosen else None

    def _distractors(self, example: dict, most: int) -> list[str]:
        """Facts of other examples: of the same entity or kind, of the same attribute, or any."""
        found: list[str] = []
        for _ in range(self.chance.randint(0, most)):
            near = self.by_entity[example["entity"]] if self.chance.random() < 0.6 else self.examples
            fact = self.chance.choice(self.chance.choice(near)["facts"])
            key = parsed(self.chance.choice(example["facts"]))
            if key and self.source in ("own", "retail") and self.chance.random() < 0.5:
                fact = self.chance.choice(self.by_shape.get(key[0]) or [fact])
            if not fact.startswith("Its ") and not self._rivals(fact, [*example["facts"], *found]):
                found.append(fact)
        return found

    def _rivals(self, fact: str, facts: list[str]) -> bool:
        """It says another value of the same thing (or the same) as one of the facts, so that both cannot be shown together."""

        def masked(text: str) -> str:
            for start, end, _, _ in reversed(literals_of(text)):
                text = text[:start] + "#" + text[end:]
            return re.sub(r"^(Your [a-z ]+ (?:is|are)) .*", r"\1", text)

        is_of_record = not fact.startswith("Your ") and any(item[2] == "id" for item in literals_of(fact))
        return any(fact == other or not is_of_record and masked(fact) == masked(other) for other in facts)

    def _shown(self, example: dict, distractors: list[str]) -> list[str]:
        """The facts of the example in their order ("Its ..." follows its record), the others around them."""
        place = self.chance.randint(0, len(distractors))
        facts = example["facts"]
        if not any(fact.startswith("Its ") for fact in facts):
            facts = self.chance.sample(facts, len(facts))
        return [*distractors[:place], *facts, *distractors[place:]]

    def _true(self, example: dict) -> tuple[str, list[str]] | None:
        """A supported sentence with what is shown."""
        sentence = self._said(example)
        if sentence is None:
            return None
        return sentence, self._shown(example, self._distractors(example, 3))

    def _supported(self, example: dict, kind: str) -> tuple[str, list[str]] | None:
        made = self._true(example)
        if made is None:
            return None
        sentence, shown = made
        if kind == "reply":
            return sentence, shown
        if kind == "led":
            return (self.wording.led(sentence), shown) if ":" not in sentence[:30] else None
        whole = sentence if self.source == "dialogue" else self.chance.choice(example["facts"])
        said = self.wording.reworded(re.sub(r"^[\w'& ]{3,40}: ", "", whole))
        return None if said == whole or ungrounded(said, shown) else (said, shown)

    def _contradicted(self, example: dict, kind: str) -> tuple[str, list[str]] | None:
        made = self._true(example)
        if made is None:
            return None
        sentence, shown = made
        if self.source != "dialogue" and self.chance.random() < 0.25:
            sentence = self.wording.reworded(sentence, 1)
        if kind == "value" and self.chance.random() < 0.7 and (found := [key for fact in example["facts"] if (key := parsed(fact))]):
            other = self.chance.choice(self.by_shape.get(self.chance.choice(found)[0]) or [""])
            shown = shown if not other or self._rivals(other, shown) else self.chance.choice([[*shown, other], [other, *shown]])
        said = self.falsifier.untrue(sentence, shown, kind)
        return None if said is None or said in shown else (said, shown)

    def _absent(self, example: dict, kind: str) -> tuple[str, list[str]] | None:
        shown = self._shown(example, self._distractors(example, 3))
        if kind in ("chatter", "promise"):
            said = self.inventor.line(kind, shown)
            return said and (said, shown)
        if kind == "added":
            sentence = self._said(example)
            others = [self.chance.choice(self.by_entity[example["entity"]])["reply"] for _ in range(4)]
            said = sentence and self.inventor.added(sentence, others, shown)
            return said and (said, shown)
        if kind == "removed":
            sentence = self._said(example)
            if sentence is None or self.source == "dialogue":
                return None
            shown = [fact for fact in [*shown, *self._distractors(example, 2)] if not self._bears_on(fact, sentence)]
            shown = [fact for fact in shown if not fact.startswith("Its ") or fact in example["facts"]]
        else:
            near = self.by_entity[example["entity"]] if kind != "other_easy" else self.examples
            other = self.chance.choice(near)
            sentence = self._said(other)
            if sentence is None or not set(other["facts"]).isdisjoint(shown):
                return None
            if kind == "moved":
                sentence = self._moved(sentence, other, example)
        if not sentence or not shown or not self._is_absent(sentence, shown):
            return None
        return sentence, shown

    def _bears_on(self, fact: str, sentence: str) -> bool:
        """The fact may be what the sentence says: its value or most of its words stand in it."""
        found = parsed(fact)
        if found and found[2].lower() in sentence.lower():
            return True
        return support_of(fact, [sentence]) >= 0.5 or support_of(sentence, [fact]) >= 0.55

    def _moved(self, sentence: str, other: dict, example: dict) -> str | None:
        """What is true of another record, said of this one."""
        mine = [item for fact in example["facts"] for item in literals_of(fact) if item[2] == "id"]
        theirs = [item for item in literals_of(sentence) if item[2] == "id"]
        if not mine or len(theirs) != 1:
            return None
        start, end, _, _ = theirs[0]
        return sentence[:start] + mine[0][3] + sentence[end:]

    def _is_absent(self, sentence: str, shown: list[str]) -> bool:
        """Nothing shown says it, nor speaks of the same thing in most of its words."""
        limit = 0.75 if self.source in ("own", "retail", "policy") else 0.6
        if any(is_said_by(sentence, text) for text in shown) or best_overlap(sentence, shown)[1] >= limit:
            return False
        if self.source == "dialogue":
            told = [stem for stem in content_of(sentence) if stem not in self.places]
            known = {stem for text in shown for stem in stems(text)}
            return sum(stem in known for stem in told) <= 0.2 * len(told)
        names = {found[0] for fact in shown if (found := parsed(fact))}
        return not any(re.search(rf"(?i)\b{re.escape(name)}\b", sentence) for name in names if not name.startswith("status"))
