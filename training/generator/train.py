"""Trains a low-rank adapter of SmolLM2-135M-Instruct on the examples of `training/data/build.py`.

The loss is on replies only. Budgets (`--minutes`, `--max-tokens`, `--epochs`) end the run, and the learning rate falls along a cosine
towards the nearest of them. `--resume` goes on from the last checkpoint of the output folder. The same on a CPU and with CUDA.

    python3 training/generator/train.py --base MODEL.gguf --data OUT/examples.jsonl --out OUT/run --minutes 60
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from batches import Batch, Batches, encode, read_examples
from curve import draw
from export import export
from model import ALL_TARGETS, AdapterSettings, Generator, sha256_of
from tokenizer import read_chat_template, read_tokenizer


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="the GGUF file that Steward serves")
    parser.add_argument("--data", type=Path, default=Path("target/training/examples.jsonl"))
    parser.add_argument("--out", type=Path, default=Path("target/training/run"))
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--alpha", type=float, default=32.0)
    parser.add_argument("--targets", nargs="+", default=list(ALL_TARGETS), choices=ALL_TARGETS)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--warm-up", type=int, default=20, help="steps")
    parser.add_argument("--batch-tokens", type=int, default=1000, help="padded tokens of a step, the shared ones aside")
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--max-tokens", type=float, default=math.inf)
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", choices=("bfloat16", "float32"), default="bfloat16")
    parser.add_argument("--checkpoint-minutes", type=float, default=10.0)
    parser.add_argument("--validate", type=int, default=96, help="examples of the validation split")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint of --out, if there is one")
    parser.add_argument("--start", type=Path, help="begin with this adapter (safetensors) instead of none")
    return parser.parse_args()


class Run:
    """A training run: the model, its optimiser and how far it is."""

    def __init__(self, settings: argparse.Namespace) -> None:
        self.settings = settings
        torch.manual_seed(settings.seed)
        torch.set_num_threads(settings.threads)
        tokenizer, template = read_tokenizer(settings.base), read_chat_template(settings.base)
        examples = encode(read_examples(settings.data, "train"), tokenizer, template)
        held_out = encode(read_examples(settings.data, "validation", settings.validate), tokenizer, template)
        self.batches = Batches(examples, settings.batch_tokens, settings.seed)
        self.validation = list(Batches(held_out, settings.batch_tokens, settings.seed).epoch(0))
        self.epoch_tokens = sum(len(example) - shared for shared, group in self.batches.groups for example in group)
        adapter = AdapterSettings(settings.rank, settings.alpha, tuple(settings.targets))
        self.model = Generator(settings.base, adapter, getattr(torch, settings.dtype)).to(settings.device)
        self.optimiser = torch.optim.AdamW(
            self.model.adapter_state().values(), lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=settings.weight_decay
        )
        self.metadata = {
            "rank": str(adapter.rank), "alpha": str(adapter.alpha), "scale": str(adapter.scale), "targets": ",".join(adapter.targets),
            "base_sha256": sha256_of(settings.base), "data_sha256": sha256_of(settings.data), "seed": str(settings.seed),
        }
        report = settings.data.with_name("report.json")
        if report.exists():
            self.metadata["data_seed"] = str(json.loads(report.read_text())["seed"])
        if settings.start:
            self.model.load_adapter({name: tensor.float() for name, tensor in load_file(settings.start).items()})
            self.metadata["start_sha256"] = sha256_of(settings.start)
        self.epoch, self.step_in_epoch, self.steps, self.tokens, self.seconds = 0, 0, 0, 0, 0.0
        self.history: list[dict] = []

    @property
    def checkpoint_path(self) -> Path:
        return self.settings.out / "checkpoint.pt"

    def progress(self) -> float:
        """How much of the nearest budget is used: 0 at the beginning, 1 at the end."""
        settings = self.settings
        return max(
            self.seconds / 60 / settings.minutes, self.tokens / settings.max_tokens, self.tokens / (settings.epochs * self.epoch_tokens)
        )

    def learning_rate(self) -> float:
        """Linear warm-up, then a cosine down to a twentieth."""
        warm = min(1.0, (self.steps + 1) / self.settings.warm_up)
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress())))
        return self.settings.learning_rate * warm * (0.05 + 0.95 * fall)

    def loss(self, batch: Batch) -> torch.Tensor:
        device = self.settings.device
        targets = batch.targets.to(device)
        hidden = self.model.hidden(batch.shared.to(device), batch.own.to(device))
        learnt = targets >= 0
        return F.cross_entropy(self.model.logits(hidden[learnt]).float(), targets[learnt])

    def step(self, batch: Batch) -> float:
        rate = self.learning_rate()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.loss(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.adapter_state().values(), 1.0)
        self.optimiser.step()
        return loss.item()

    @torch.no_grad()
    def validation_loss(self) -> float:
        weights = [int((batch.targets >= 0).sum()) for batch in self.validation]
        losses = [self.loss(batch).item() for batch in self.validation]
        return sum(loss * weight for loss, weight in zip(losses, weights)) / sum(weights)

    def note(self, loss: float | None) -> None:
        """A line of the log and a point of the curves."""
        point = {"step": self.steps, "tokens": self.tokens, "seconds": round(self.seconds, 1), "loss": loss, "rate": self.learning_rate()}
        if loss is None:
            del point["loss"]
            point["validation"] = self.validation_loss()
        self.history.append(point)
        print(json.dumps(point), flush=True)

    def save(self) -> None:
        """The checkpoint, the adapter as `latest.safetensors`, and the curves."""
        out = self.settings.out
        self.metadata |= {"steps": str(self.steps), "tokens": str(self.tokens)}
        state = {
            "adapter": {name: tensor.detach().cpu() for name, tensor in self.model.adapter_state().items()},
            "optimiser": self.optimiser.state_dict(), "metadata": self.metadata, "history": self.history,
            "place": [self.epoch, self.step_in_epoch, self.steps, self.tokens, self.seconds],
        }
        temporary = self.checkpoint_path.with_suffix(".part")
        torch.save(state, temporary)
        os.replace(temporary, self.checkpoint_path)
        export(state["adapter"], self.metadata, out / "latest.safetensors")
        lines = {name: [(p["tokens"], p[name]) for p in self.history if name in p] for name in ("loss", "validation")}
        draw(out / "curves.svg", lines, "tokens")

    def resume(self) -> None:
        state = torch.load(self.checkpoint_path, map_location=self.settings.device, weights_only=True)
        for key in ("base_sha256", "data_sha256", "rank", "targets"):
            if state["metadata"][key] != self.metadata[key]:
                raise SystemExit(f"the checkpoint has another {key}: {state['metadata'][key]}, now {self.metadata[key]}")
        self.model.load_adapter(state["adapter"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.history = state["history"]
        self.epoch, self.step_in_epoch, self.steps, self.tokens, self.seconds = state["place"]

    def train(self) -> None:
        began, saved = time.monotonic() - self.seconds, time.monotonic()
        if not self.history:
            self.note(None)
        recent: list[float] = []
        while self.progress() < 1:
            for index, batch in enumerate(self.batches.epoch(self.epoch)):
                if index < self.step_in_epoch:
                    continue
                recent.append(self.step(batch))
                self.steps += 1
                self.step_in_epoch = index + 1
                self.tokens += batch.tokens
                self.seconds = time.monotonic() - began
                if self.steps % 10 == 0:
                    self.note(sum(recent) / len(recent))
                    recent.clear()
                if time.monotonic() - saved > self.settings.checkpoint_minutes * 60:
                    self.note(None)
                    self.save()
                    saved = time.monotonic()
                if self.progress() >= 1:
                    break
            else:
                self.epoch, self.step_in_epoch = self.epoch + 1, 0
        self.note(None)
        self.save()


def main() -> int:
    settings = arguments()
    settings.out.mkdir(parents=True, exist_ok=True)
    run = Run(settings)
    if settings.resume and run.checkpoint_path.exists():
        run.resume()
    run.train()
    return 0


if __name__ == "__main__":
    sys.exit(main())
