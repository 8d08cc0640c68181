"""Pairs of a sentence and evidence sentences, each supported, contradicted or absent, made from the generator's examples.

    python3 training/support/pairs.py --examples EXAMPLES.jsonl --out PAIRS.jsonl --seed 1
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from falsify import Falsifier
from maker import KINDS, Pairs

# Pairs of each label, and the sources' shares of them.
SPLITS = {"train": 6000, "validation": 500, "test": 1000}
# So many examples of each source are drawn from: encoding their texts is what takes long.
EXAMPLES = {"train": 1200, "validation": 250, "test": 300}
SHARES = {"own": 0.27, "article": 0.18, "policy": 0.15, "retail": 0.12, "faq": 0.16, "dialogue": 0.12}
MOST_TRIES = 60


def source_of(example: dict) -> str:
    source = example["source"]
    return "own" if source in ("own+complaint", "side/reword") else source


def split_of(example: dict) -> str:
    """The example's own; of the few dialogues some places of the training half are for validation."""
    if example["source"] == "dialogue" and example["split"] == "train" and zlib.crc32(example["entity"].encode()) % 8 == 0:
        return "validation"
    return example["split"]


def drawn(make: Callable[[], dict | None], count: int, seen: set[str]) -> list[dict]:
    """Up to `count` different pairs; gives up where too few can be made."""
    found: list[dict] = []
    for _ in range(count * MOST_TRIES):
        if len(found) == count:
            break
        pair = make()
        if pair and (key := pair["sentence"] + "\n".join(pair["evidence"])) not in seen:
            seen.add(key)
            found.append(pair)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    settings = parser.parse_args()
    by_place: dict[tuple[str, str], list[dict]] = defaultdict(list)
    with settings.examples.open() as file:
        for line in file:
            example = json.loads(line)
            source = source_of(example)
            is_answer = source in ("dialogue", "faq", "article", "policy") or source in SHARES and example["required"]
            if is_answer and source in SHARES and "Dr. " not in example["reply"]:
                by_place[source, split_of(example)].append(example)
    pairs: list[dict] = []
    for (source, split), examples in sorted(by_place.items()):
        chance = random.Random(f"{settings.seed} {source} {split}")
        examples = chance.sample(examples, min(len(examples), EXAMPLES[split]))
        falsifier = Falsifier(chance, [fact for example in examples for fact in example["facts"]])
        maker, seen = Pairs(examples, source, split, falsifier, chance), set()
        for label in KINDS:
            pairs += drawn(lambda: maker.pair(label), round(SPLITS[split] * SHARES[source]), seen)
    random.Random(settings.seed).shuffle(pairs)
    settings.out.write_text("".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs))
    for (split, source), count in sorted(Counter((pair["split"], pair["source"]) for pair in pairs).items()):
        print(split, source, count, dict(Counter(pair["label"] for pair in pairs if (pair["split"], pair["source"]) == (split, source))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
