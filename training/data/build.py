"""Builds the supervised examples for Steward's generator: prompt as served, reply, and what it has to say.

    python3 training/data/build.py --data SHARED_DATA --out target/training --seed 1 [--base MODEL.gguf]

Writes `examples.jsonl` (one example a line, see `example.py`) and `report.json`: counts by source and split, leakage between splits, and
with `--base` lengths in tokens. The same data and seed give the same files.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import sys
from collections import Counter
from pathlib import Path

import leakage
from articles import ArticleExamples
from check import fault_of, sentences_of, unsaid
from cucom import chats, complaints, with_complaint
from example import Example
from grounded import dialogue_examples, faq_examples
from literals import ungrounded
from own import OwnExamples
from policies import PolicyExamples
from questions import Pool
from replies import APOLOGY
from retail import retail_examples
from side import SideExamples

# Examples of our own to draw for each split, and of the side tasks.
OWN = {"train": 36000, "validation": 900, "test": 2000}
POLICY = {"train": 5000, "validation": 120, "test": 300}
ARTICLES = {"train": 6000, "validation": 150, "test": 600}
SIDE = {"train": 1500, "validation": 40, "test": 150}
COMPLAINED = 0.06


def gathered(data: Path, seed: int, scale: float) -> list[Example]:
    """All examples. Each source has its own source of chance, so that one can change without the others."""
    chance = lambda name: random.Random(f"{seed} {name}")  # noqa: E731
    examples: list[Example] = []
    moaned = complaints(chats(data / "dialogues/cucom.jsonl.zip"))
    for split, count in OWN.items():
        picker = chance(f"complaints {split}")
        apologies = Pool(split == "test").lines(APOLOGY)
        for example in OwnExamples(chance(f"own {split}"), split).examples(int(count * scale)):
            complained = picker.random() < COMPLAINED and moaned[split] and "LEAD:" not in example.template
            examples.append(with_complaint(example, picker.choice(moaned[split]), picker.choice(apologies)) if complained else example)
    for split, count in POLICY.items():
        examples += PolicyExamples(chance(f"policy {split}"), split).examples(int(count * scale))
    for split, count in ARTICLES.items():
        examples += ArticleExamples(chance(f"articles {split}"), split).examples(int(count * scale))
    for split, count in SIDE.items():
        examples += SideExamples(chance(f"side {split}"), split).examples(int(count * scale))
    examples += faq_examples(data / "grounded/faq.jsonl", chance("faq"))
    examples += dialogue_examples(data / "grounded/dialogues.jsonl", chance("dialogues"))
    examples += retail_examples(data / "retail", chance("retail"), rounds=4)
    return distinct(examples)


def distinct(examples: list[Example]) -> list[Example]:
    """Without repeated pairs of prompt and reply; where splits share one, the test split keeps it, then validation."""
    order = {"test": 0, "validation": 1, "train": 2}
    kept: dict[tuple[str, str], Example] = {}
    for example in sorted(examples, key=lambda example: order[example.split]):
        kept.setdefault((example.messages[-1]["content"], example.reply), example)
    return list(kept.values())


def assert_literals(examples: list[Example]) -> None:
    """Every literal of a reply is in its facts, and every required literal is in the reply."""
    for example in examples:
        invented = ungrounded(example.reply, example.facts)
        assert not invented, (invented, example)
        missing = unsaid(example.required, example.reply)
        assert not missing, (missing, example)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with grounded/, retail/ and dialogues/")
    parser.add_argument("--out", type=Path, default=Path("target/training"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="of our own examples, for a quick look")
    parser.add_argument("--base", type=Path, help="a GGUF file whose tokenizer counts the tokens")
    settings = parser.parse_args()
    examples = gathered(settings.data, settings.seed, settings.scale)
    assert_literals(examples)
    random.Random(f"{settings.seed} order").shuffle(examples)
    settings.out.mkdir(parents=True, exist_ok=True)
    with (settings.out / "examples.jsonl").open("w") as file:
        file.writelines(example.line() + "\n" for example in examples)
    report = {"seed": settings.seed, "examples": len(examples), "counts": counts(examples), "passes_check": passing(examples), "leakage": leakage.report(examples)}
    if settings.base:
        report["tokens"] = lengths(examples, settings.base)
    (settings.out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))
    return 0


def counts(examples: list[Example]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for example in examples:
        found.setdefault(example.split, Counter())[example.source] += 1
    return {split: dict(sorted(counter.items()), total=counter.total()) for split, counter in found.items()}


def passing(examples: list[Example]) -> dict[str, float]:
    """By source: the share of replies of which Steward's check drops no sentence."""
    passed: dict[str, list[bool]] = {}
    for example in examples:
        passed.setdefault(example.source, []).append(not any(fault_of(sentence, example.facts) for sentence in sentences_of(example.reply)))
    return {source: round(sum(results) / len(results), 3) for source, results in sorted(passed.items())}


def lengths(examples: list[Example], base: Path) -> dict[str, dict[str, float]]:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "generator"))
    from batches import encode
    from tokenizer import read_chat_template, read_tokenizer

    encoded = encode([dataclasses.asdict(example) for example in examples], read_tokenizer(base), read_chat_template(base))
    found = {}
    for name, values in (("prompt", sorted(len(e.prompt) for e in encoded)), ("reply", sorted(len(e.reply) for e in encoded))):
        found[name] = {"mean": round(sum(values) / len(values), 1), "median": values[len(values) // 2], "p95": values[len(values) * 95 // 100], "max": values[-1]}
    return found


if __name__ == "__main__":
    sys.exit(main())
