"""Trains the support head on the pairs of `pairs.py`, over the frozen encoder, and measures it on the test split.

    python3 training/support/train.py --encoder WEIGHTS_DIR TOKENIZER_DIR --pairs PAIRS.jsonl --also training/support/own_sentences.jsonl --out OUT

Writes OUT/head.safetensors, OUT/report.json and OUT/reference.json (pairs with their probabilities, for `tests/reference/support.json`).
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import math
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from encoder import Encoder
from head import CLASSES, Dataset, Head, States
from report import balanced, printed, report_of

# Texts of these sources may not be copied into the repository.
UNCOPIED = ("dialogue", "faq", "retail")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, nargs="+", required=True, help="the folders of the weights and of the tokenizer")
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--also", type=Path, help="sentences of a generator that were labelled by hand, each trained on --times times")
    parser.add_argument("--times", type=int, default=12)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="folder of the files of token states, OUT if not given")
    parser.add_argument("--bf16", action="store_true", help="encode what is trained on in bf16; what is tested is always in f32")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--d", type=int, default=128)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.01)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--smoothing", type=float, default=0.0)
    return parser.parse_args()


@torch.no_grad()
def logits_of(head: Head, data: Dataset) -> Tensor:
    head.eval()
    logits = torch.empty(len(data.pairs), len(CLASSES))
    for chosen, batch in data.batches(64):
        logits[chosen] = head(batch)
    return logits


def trained(head: Head, data: Dataset, validation: Dataset, settings: argparse.Namespace) -> tuple[Head, list[dict]]:
    """The head at the end of the epoch with the least validation loss."""
    generator = torch.Generator().manual_seed(settings.seed)
    optimiser = torch.optim.AdamW(head.parameters(), lr=settings.rate, weight_decay=settings.decay)
    steps, step = settings.epochs * math.ceil(len(data.pairs) / settings.batch), 0
    best, least, history = copy.deepcopy(head.state_dict()), math.inf, []
    for epoch in range(settings.epochs):
        head.train()
        began, total = time.monotonic(), 0.0
        for chosen, batch in data.batches(settings.batch, generator):
            rate = settings.rate * min(1.0, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
            for group in optimiser.param_groups:
                group["lr"] = rate
            loss = F.cross_entropy(head(batch), batch.labels, label_smoothing=settings.smoothing)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimiser.step()
            total, step = total + loss.item() * len(chosen), step + 1
        logits = logits_of(head, validation)
        held = F.cross_entropy(logits, validation.labels).item()
        point = {"epoch": epoch, "loss": round(total / len(data.pairs), 4), "validation": round(held, 4),
                 "balanced_accuracy": balanced(logits.argmax(-1), validation.labels), "seconds": round(time.monotonic() - began, 1)}
        history.append(point)
        print(json.dumps(point), flush=True)
        if held < least:
            best, least = copy.deepcopy(head.state_dict()), held
        if epoch - min(history, key=lambda entry: entry["validation"])["epoch"] >= 3:
            break
    head.load_state_dict(best)
    return head, history


def temperature_of(logits: Tensor, labels: Tensor) -> float:
    """The temperature with the least loss."""
    grid = [0.5 * 1.02**step for step in range(120)]
    return round(min(grid, key=lambda value: F.cross_entropy(logits / value, labels).item()), 4)


def references(head: Head, encoder: Encoder, temperature: float, pairs: list[dict], count: int = 12) -> list[dict]:
    """Test pairs of different labels and ways of making, from texts that may be copied; states in f32."""
    chosen: dict[str, dict[str, dict]] = {label: {} for label in CLASSES}
    for pair in pairs:
        if pair["source"] not in UNCOPIED and len(pair["evidence"]) < 6:
            chosen[pair["label"]].setdefault(pair["kind"] if pair["label"] != "supported" else f"{pair['kind']} {pair['source']}", pair)
    picked = [pair for label in CLASSES for pair in list(chosen[label].values())[: count // len(CLASSES)]]
    found = []
    for pair in picked:
        states = States(encoder, dtype=torch.float32)
        states.add([pair], size=1)
        data = Dataset([pair], states)
        logits = logits_of(head, data)[0]
        found.append({"sentence": pair["sentence"], "evidence": pair["evidence"], "probabilities": (logits / temperature).softmax(-1).tolist()})
    return found


def main() -> int:
    settings = arguments()
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    settings.out.mkdir(parents=True, exist_ok=True)
    pairs = [json.loads(line) for line in settings.pairs.read_text().splitlines()]
    parts = {split: [pair for pair in pairs if pair["split"] == split] for split in ("train", "validation", "test")}
    if settings.also:
        own = [json.loads(line) for line in settings.also.read_text().splitlines()]
        parts["train"] += [{**pair, "source": "generator", "kind": "own", "split": "train"} for pair in own] * settings.times
    encoder, cache = Encoder(settings.encoder), settings.cache or settings.out
    cache.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    exact = States(encoder, cache / "states_f32.pt")
    learnt = States(Encoder(settings.encoder, torch.bfloat16), cache / "states_bf16.pt") if settings.bf16 else exact
    learnt.add(parts["train"] + parts["validation"])
    exact.add(parts["test"])
    print(f"{len(learnt.places)} and {len(exact.places)} texts encoded in {time.monotonic() - began:.0f} s", flush=True)
    train, validation, test = Dataset(parts["train"], learnt), Dataset(parts["validation"], learnt), Dataset(parts["test"], exact)
    head, history = trained(Head(settings.d, dropout=settings.dropout), train, validation, settings)
    temperature = temperature_of(logits_of(head, validation), validation.labels)
    report = report_of(test.pairs, test.labels, (logits_of(head, test) / temperature).softmax(-1))
    report |= {"temperature": temperature, "history": history, "settings": {name: str(value) for name, value in vars(settings).items()}}
    print(printed(report))
    metadata = {
        "kind": "support", "version": 1, "encoder": encoder.sha256[:16],
        "data": {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in (settings.pairs, settings.also) if path},
        "settings": {"temperature": temperature, "classes": list(CLASSES)},
    }
    tensors = {name: tensor.detach().float().contiguous() for name, tensor in head.state_dict().items()}
    save_file(tensors, settings.out / "head.part", metadata={"steward_head": json.dumps(metadata)})
    os.replace(settings.out / "head.part", settings.out / "head.safetensors")
    (settings.out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (settings.out / "reference.json").write_text(json.dumps(references(head, encoder, temperature, test.pairs), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
