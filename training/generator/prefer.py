"""Preference tuning of an adapter against the project's own checks: grounded, complete, brief, polite (`preferences.py`).

`sample` writes replies to training prompts, the greedy one and several drawn ones, and keeps a pair where the best and the worst differ
clearly. No literal is constrained here, as it is when Steward serves. What is there already stays; another seed adds other prompts.
`tune` moves the adapter towards the preferred replies (`dpo.py`). The same on a CPU and with CUDA.

    python3 training/generator/prefer.py sample --base MODEL.gguf --data OUT/examples.jsonl --adapter ADAPTER.safetensors --out OUT/pairs.jsonl
    python3 training/generator/prefer.py tune --base MODEL.gguf --pairs OUT/pairs.jsonl --adapter ADAPTER.safetensors --out OUT/preferred
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch

from batches import encode, read_examples
from decode import Decoder
from dpo import Tuning
from preferences import is_judgeable, judged, pair_of
from sample import load
from tokenizer import read_chat_template, read_tokenizer

SOURCES = ("own", "own+complaint", "policy", "article", "retail", "faq", "dialogue")
MOST_TOKENS = 72


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    sample = commands.add_parser("sample", help="write pairs of replies")
    sample.add_argument("--data", type=Path, default=Path("target/training/examples.jsonl"))
    sample.add_argument("--out", type=Path, default=Path("target/training/pairs.jsonl"))
    sample.add_argument("--sources", nargs="+", default=list(SOURCES), help="in equal shares")
    sample.add_argument("--count", type=int, default=1000, help="prompts")
    sample.add_argument("--tries", type=int, default=4, help="replies drawn beside the greedy one")
    sample.add_argument("--temperature", type=float, default=0.8)
    sample.add_argument("--minutes", type=float, default=math.inf)
    tune = commands.add_parser("tune", help="tune the adapter on pairs")
    tune.add_argument("--pairs", type=Path, default=Path("target/training/pairs.jsonl"))
    tune.add_argument("--out", type=Path, default=Path("target/training/preferred"))
    tune.add_argument("--minutes", type=float, default=math.inf, help="of tuning; the reference's likelihoods come before")
    tune.add_argument("--epochs", type=float, default=2.0)
    tune.add_argument("--beta", type=float, default=0.1)
    tune.add_argument("--supervised", type=float, default=0.2, help="weight of the supervised term on the preferred replies")
    tune.add_argument("--learning-rate", type=float, default=5e-5)
    tune.add_argument("--warm-up", type=int, default=5, help="steps")
    tune.add_argument("--step-pairs", type=int, default=8, help="pairs of a step")
    for command in (sample, tune):
        command.add_argument("--base", type=Path, required=True, help="the GGUF file that Steward serves")
        command.add_argument("--adapter", type=Path, required=True, help="the adapter to begin with (safetensors)")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--threads", type=int, default=1)
        command.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def prompts(settings: argparse.Namespace) -> Iterator[dict]:
    """Training examples, a source after the other, but none whose prompt is in the pairs already."""
    before = settings.out.read_text().splitlines() if settings.out.exists() else []
    seen = {json.dumps(json.loads(line)["messages"]) for line in before}
    by_source: dict[str, list[dict]] = defaultdict(list)
    for example in read_examples(settings.data, "train"):
        if example["source"] in settings.sources and is_judgeable(example):
            by_source[example["source"]].append(example)
    chance = random.Random(settings.seed)
    for source in settings.sources:
        chance.shuffle(by_source[source])
    while any(by_source.values()):
        for source in settings.sources:
            example = by_source[source].pop() if by_source[source] else None
            if example and (prompt := json.dumps(example["messages"])) not in seen:
                seen.add(prompt)
                yield example


def write_pairs(settings: argparse.Namespace) -> None:
    tokenizer, template = read_tokenizer(settings.base), read_chat_template(settings.base)
    end = tokenizer.token_to_id("<|im_end|>")
    decoder = Decoder(load(settings.base, settings.adapter).to(settings.device))
    chance = torch.Generator(settings.device).manual_seed(settings.seed)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    settings.out.parent.mkdir(parents=True, exist_ok=True)
    began, done = time.monotonic(), 0
    with settings.out.open("a") as file:
        for example in prompts(settings):
            if done == settings.count or time.monotonic() - began > settings.minutes * 60:
                break
            prompt = encode([example], tokenizer, template)[0].prompt
            written = decoder.replies(prompt, end, MOST_TOKENS, settings.tries, settings.temperature, chance)
            replies = [tokenizer.decode(ids).strip() for ids in written]
            cut = {reply for reply, ids in zip(replies, written) if len(ids) == MOST_TOKENS}
            greedy, *tries = [judged(example, reply) for reply in replies]
            pair = pair_of(example, greedy, tries)
            if pair:
                chosen, rejected = pair
                line = {
                    "messages": example["messages"], "chosen": chosen.reply, "rejected": rejected.reply, "source": example["source"],
                    "scores": [judgement.score for judgement in (greedy, *tries)], "faults": rejected.faults,
                    "rejected_is_cut": rejected.reply in cut,
                    "chosen_is": "reference" if chosen not in (greedy, *tries) else "greedy" if chosen is greedy else "drawn",
                }
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
            done += 1
            counts[example["source"]].update(prompts=1, greedy_passes=greedy.passes, any_try_passes=any(t.passes for t in tries), pairs=bool(pair))
            counts[example["source"]].update(f"greedy_{fault}" for fault in set(greedy.faults))
    for source, found in counts.items():
        print(source, json.dumps(found))
    total = sum(counts.values(), Counter())
    print("all", json.dumps(total), f"{(time.monotonic() - began) / max(1, done):.2f} seconds a prompt")


def main() -> int:
    settings = arguments()
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    if settings.command == "sample":
        write_pairs(settings)
    else:
        Tuning(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
