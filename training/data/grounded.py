"""Examples of real questions about 140 hotels and restaurants (DSTC11 track 5): FAQ entries, and replies that people wrote.

Half of the places are for training; the others are the test split.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import prompts
from check import fault_of, promises, sentences_of, support_of
from example import Example
from literals import ungrounded

LEADS = "Sure: |Of course: |Happy to help: |Thanks for asking: |Certainly: |Glad to help: |Here you go: |Here's what I have: |Thank you for asking: "
# A sentence that people wrote is kept if so much of it stands in its knowledge or question; the rest is small talk.
LEAST_SUPPORT = 0.34
# There are few such replies: each comes so often, with its facts in another order.
DIALOGUE_FORMS = 20


def split_of(entity: str) -> str:
    """By place; a few of the training half are for validation."""
    number = zlib.crc32(entity.lower().encode()) % 100
    return "test" if number < 50 else "validation" if number < 53 else "train"


def faq_examples(path: Path, chance: random.Random) -> Iterator[Example]:
    """The answer said again, alone or with another after it, which may not have been asked for: what is given was decided to be said."""
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    by_entity: dict[str, list[dict]] = {}
    for entry in entries:
        by_entity.setdefault(entry["entity"], []).append(entry)
    for entity, own in by_entity.items():
        for entry in own:
            for form in range(4):
                shown, asked = [entry], [entry]
                if form and len(own) > 1:
                    other = chance.choice([candidate for candidate in own if candidate is not entry])
                    shown, asked = [entry, other], [entry, other] if chance.random() < 0.55 else [entry]
                facts = [as_sentence(item["answer"]) for item in shown]
                reply = " ".join(facts)
                if chance.random() < 0.3 and not reply.startswith(("Yes", "No", "I ")):
                    first = reply if reply.split(" ")[0].isupper() or reply.split(" ")[0] in entity.title() else reply[0].lower() + reply[1:]
                    reply = f"{chance.choice(LEADS.split('|')).strip()} {first}"
                if any(fault_of(sentence, facts) for sentence in sentences_of(reply)):
                    continue
                question = " ".join(item["question"] for item in asked)
                yield Example(prompts.answer_messages(facts, question), reply, facts, facts, "faq", entity, f"FAQ:{form}", split_of(entity))


def dialogue_examples(path: Path, chance: random.Random) -> Iterator[Example]:
    """What people replied, where every literal and enough words stand in the knowledge; what they offered or promised is left out."""
    for line in path.read_text().splitlines():
        dialogue = json.loads(line)
        if not dialogue["needs_knowledge"]:
            continue
        facts = [named_fact(item) for item in dialogue["knowledge"]][:6]
        question = dialogue["turns"][-1]["text"]
        known = [*facts, question, "guests reviews customers say"]
        reply = " ".join(
            sentence
            for sentence in sentences_of(" ".join(dialogue["response"].split()))
            if not sentence.endswith("?") and not promises(sentence) and support_of(sentence, known) >= LEAST_SUPPORT
        )
        if not reply or ungrounded(reply, facts) or len(reply.split()) > 45:
            continue
        entities = sorted({item["entity"] for item in dialogue["knowledge"]})
        splits = {split_of(entity) for entity in entities}
        if len(splits) != 1:
            continue
        split = splits.pop()
        for form in range(DIALOGUE_FORMS if split == "train" else 1):
            shown = chance.sample(facts, len(facts)) if form else facts
            yield Example(prompts.answer_messages(shown, question), reply, shown, [], "dialogue", entities[0], "DIALOGUE", split)


def named_fact(item: dict) -> str:
    """A piece of knowledge under the name of its place; of an FAQ entry the answer."""
    text = re.sub(r"^.*?\?\s+", "", item["text"]) if "/faq/" in item["id"] else item["text"]
    return f"{item['entity'].title()}: {as_sentence(text)}"


def as_sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", ":", ";")) else f"{text}."
