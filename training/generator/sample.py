"""Greedy replies of the base and of an adapter to held-out prompts, with simple figures. No literal is constrained here, as it is when
Steward serves: what the model itself would write is measured.

    python3 training/generator/sample.py --base MODEL.gguf --adapter OUT/run/latest.safetensors --data OUT/examples.jsonl --count 50
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "data"))

import torch
from safetensors import safe_open

from batches import encode, read_examples
from check import fault_of, sentences_of, unsaid
from decode import Decoder
from literals import ungrounded
from model import AdapterSettings, Generator
from tokenizer import read_chat_template, read_tokenizer


def load(base: Path, adapter: Path | None) -> Generator:
    if adapter is None:
        return Generator(base, AdapterSettings(targets=()), torch.bfloat16)
    with safe_open(adapter, "pt") as file:
        about = file.metadata()
        settings = AdapterSettings(int(about["rank"]), float(about["alpha"]), tuple(about["targets"].split(",")))
        model = Generator(base, settings, torch.bfloat16)
        model.load_adapter({name: file.get_tensor(name).float() for name in file.keys()})
    return model


def figures(examples: list[dict], replies: list[str], seconds: float) -> dict[str, float]:
    """Shares over the replies. `says_all`: every required literal is said. `invents`: a literal that is not in the facts.
    `passes`: Steward's check drops no sentence. `same`: word for word the reply of the data."""
    share = lambda results: round(sum(results) / len(replies), 3)  # noqa: E731
    pairs = list(zip(examples, replies))
    return {
        "says_all": share([not unsaid(example["required"], reply) and bool(reply) for example, reply in pairs]),
        "invents": share([bool(ungrounded(reply, example["facts"])) for example, reply in pairs]),
        "passes": share([bool(reply) and not any(fault_of(s, example["facts"]) for s in sentences_of(reply)) for example, reply in pairs]),
        "same": share([reply == example["reply"] for example, reply in pairs]),
        "empty": share([not reply for reply in replies]),
        "words": round(sum(len(reply.split()) for reply in replies) / len(replies), 1),
        "seconds_each": round(seconds / len(replies), 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--data", type=Path, default=Path("target/training/examples.jsonl"))
    parser.add_argument("--split", default="test")
    parser.add_argument("--sources", nargs="*", help="only examples of these sources")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--without-base", action="store_true")
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    examples = [e for e in read_examples(settings.data, settings.split) if not settings.sources or e["source"] in settings.sources]
    examples = random.Random(settings.seed).sample(examples, min(settings.count, len(examples)))
    tokenizer, template = read_tokenizer(settings.base), read_chat_template(settings.base)
    end = tokenizer.token_to_id("<|im_end|>")
    models = ([] if settings.without_base else [("base", None)]) + ([("adapter", settings.adapter)] if settings.adapter else [])
    for name, adapter in models:
        decoder = Decoder(load(settings.base, adapter))
        began = time.monotonic()
        replies = [tokenizer.decode(decoder.reply(encoded.prompt, end)).strip() for encoded in encode(examples, tokenizer, template)]
        print(name, json.dumps(figures(examples, replies, time.monotonic() - began)))
        for example, reply in list(zip(examples, replies))[: settings.show]:
            facts, question = example["facts"], example["messages"][-1]["content"].rsplit("Question: ", 1)[-1]
            print(f"  facts: {' | '.join(facts)}\n  asked: {question}\n  reply: {reply}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
