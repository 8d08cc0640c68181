"""How much the splits share: prompts and replies that are the same, and near duplicates by their five-word runs.

Literals are replaced by a mark first, or two copies of one sentence with other numbers would pass for different ones.
"""

from __future__ import annotations

import re

from example import Example

NEAR = 0.8


def normal(text: str) -> str:
    """Lower case, every token with a digit as `0`."""
    return re.sub(r"\S*\d\S*", "0", text.lower())


def runs(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[at : at + 5]) for at in range(max(1, len(words) - 4))}


def report(examples: list[Example]) -> dict[str, object]:
    """Of the test and validation examples: the share whose question and facts, or reply, stand in the training split, and the share whose
    whole text has `NEAR` of its five-word runs there."""
    train = [example for example in examples if example.split == "train"]
    prompts = {example.messages[-1]["content"] for example in train}
    replies = {example.reply for example in train}
    templates = {part for example in train for part in example.template.split(" => ")}
    known: set[str] = set()
    for example in train:
        known |= runs(normal(text_of(example)))
    found: dict[str, object] = {}
    for split in ("validation", "test"):
        own = [example for example in examples if example.split == split]
        near = [len(mine & known) / len(mine) >= NEAR for mine in (runs(normal(text_of(example))) for example in own)]
        found[split] = {
            "examples": len(own),
            "same_prompt": sum(example.messages[-1]["content"] in prompts for example in own),
            "same_reply": sum(example.reply in replies for example in own),
            "same_template": sum(any(part in templates for part in example.template.split(" => ")) for example in own if example.source in ("own", "retail")),
            "near_duplicate_share": round(sum(near) / max(1, len(own)), 4),
        }
    return found


def text_of(example: Example) -> str:
    question = example.messages[-1]["content"].rsplit("\nQuestion: ", 1)[-1]
    return f"{question} {example.reply}"
