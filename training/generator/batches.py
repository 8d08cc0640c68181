"""Examples as token ids, in batches of like length whose examples share their first tokens (the system prompt)."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
import torch
from tokenizers import Tokenizer
from torch import Tensor


@dataclass(frozen=True)
class Encoded:
    """Token ids of a prompt and of its reply, the end mark included."""

    prompt: list[int]
    reply: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.reply)


@dataclass(frozen=True)
class Batch:
    """`shared` [tokens], `own` [rows, tokens] padded with 0 at the end, `targets` alike: -1 where nothing is learnt."""

    shared: Tensor
    own: Tensor
    targets: Tensor
    tokens: int


def read_examples(path: Path, split: str, limit: int | None = None) -> list[dict]:
    """The examples of a split, in the file's order."""
    found = []
    with path.open() as file:
        for line in file:
            example = json.loads(line)
            if example["split"] == split:
                found.append(example)
                if limit is not None and len(found) == limit:
                    break
    return found


def encode(examples: list[dict], tokenizer: Tokenizer, template: jinja2.Template, end: str = "<|im_end|>") -> list[Encoded]:
    prompts = [template.render(messages=example["messages"], add_generation_prompt=True) for example in examples]
    ids = lambda texts: [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]  # noqa: E731
    replies = ids([example["reply"] + end for example in examples])
    return [Encoded(prompt, reply) for prompt, reply in zip(ids(prompts), replies)]


class Batches:
    """Cuts examples into batches of at most `batch_tokens` padded tokens. Each epoch has its own order, given by seed and number."""

    def __init__(self, examples: list[Encoded], batch_tokens: int, seed: int) -> None:
        self.batch_tokens = batch_tokens
        self.seed = seed
        by_start: dict[tuple[int, ...], list[Encoded]] = defaultdict(list)
        for example in examples:
            # Prompts with the same system text agree at least so far.
            by_start[tuple(example.prompt[:24])].append(example)
        self.groups = [(shared_length(group), group) for group in by_start.values()]

    def epoch(self, number: int) -> Iterator[Batch]:
        chance = random.Random(f"{self.seed} {number}")
        cut: list[tuple[int, list[Encoded]]] = []
        for shared, group in self.groups:
            order = chance.sample(group, len(group))
            for start in range(0, len(order), 512):
                window = sorted(order[start : start + 512], key=len)
                rows: list[Encoded] = []
                for example in window:
                    if rows and (len(rows) + 1) * (len(example) - shared) > self.batch_tokens:
                        cut.append((shared, rows))
                        rows = []
                    rows.append(example)
                cut.append((shared, rows))
        chance.shuffle(cut)
        for shared, rows in cut:
            yield made(rows, shared)


def made(rows: list[Encoded], shared: int) -> Batch:
    length = max(len(example) for example in rows) - shared
    own = torch.zeros(len(rows), length, dtype=torch.long)
    targets = torch.full((len(rows), length), -1)
    for row, example in enumerate(rows):
        ids = torch.tensor(example.prompt[shared:] + example.reply)
        own[row, : len(ids)] = ids
        first = len(example.prompt) - shared - 1
        targets[row, first : first + len(example.reply)] = torch.tensor(example.reply)
    return Batch(torch.tensor(rows[0].prompt[:shared]), own, targets, sum(len(example) - shared for example in rows))


def shared_length(group: list[Encoded]) -> int:
    """How many first tokens all prompts have in common; at least one of each stays its own."""
    first, last = min(example.prompt for example in group), max(example.prompt for example in group)
    same = next((index for index, (a, b) in enumerate(zip(first, last)) if a != b), min(len(first), len(last)))
    return min(same, min(len(example.prompt) for example in group) - 1)
