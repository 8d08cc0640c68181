"""Direct preference optimisation (Rafailov et al., 2023) of an adapter; the one that it begins with is the reference.

The loss of a pair is -log sigmoid(beta * margin), where the margin is how much more likely the preferred reply has become than the
rejected one, against the reference. A small supervised term on the preferred reply, by token, keeps it from becoming less likely along
with the rejected one (as in iterative RPO; Pang et al., 2024).
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import defaultdict
from dataclasses import dataclass

import torch
from safetensors import safe_open
from torch import Tensor
from torch.nn import functional as F

from batches import encode, made
from export import export
from model import sha256_of
from preferences import question_of
from sample import load
from tokenizer import read_chat_template, read_tokenizer

HELD_BACK = 0.1


@dataclass
class Pair:
    """The prompt once, both replies after it, and how likely the reference has them (preferred, rejected)."""

    shared: Tensor
    own: Tensor
    targets: Tensor
    reference: Tensor | None = None


class Tuning:
    """The adapter, its pairs and its optimiser."""

    def __init__(self, settings: argparse.Namespace) -> None:
        self.settings = settings
        with safe_open(settings.adapter, "pt") as file:
            self.metadata: dict[str, str] = file.metadata()
        if self.metadata["base_sha256"] != sha256_of(settings.base):
            raise SystemExit("the adapter was trained on another base")
        self.model = load(settings.base, settings.adapter).to(settings.device)
        self.weights = list(self.model.adapter_state().values())
        self.optimiser = torch.optim.AdamW(self.weights, lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=0.0)
        self.training, self.held_back = self._pairs()

    def _pairs(self) -> tuple[list[Pair], list[Pair]]:
        """The pairs in two parts; all pairs of a question are in the same part."""
        settings = self.settings
        tokenizer, template = read_tokenizer(settings.base), read_chat_template(settings.base)
        by_question: dict[str, list[Pair]] = defaultdict(list)
        for line in settings.pairs.read_text().splitlines():
            pair = json.loads(line)
            # A reply that was cut off had no end: with one, ending would be unlearnt.
            ends = {"chosen": "<|im_end|>", "rejected": "" if pair["rejected_is_cut"] else "<|im_end|>"}
            both = [encode([{"messages": pair["messages"], "reply": pair[which]}], tokenizer, template, end)[0] for which, end in ends.items()]
            batch = made(both, len(both[0].prompt) - 1)
            tensors = (part.to(settings.device) for part in (batch.shared, batch.own, batch.targets))
            by_question[question_of(pair)].append(Pair(*tensors))
        groups = [by_question[question] for question in sorted(by_question)]
        random.Random(settings.seed).shuffle(groups)
        total = sum(len(group) for group in groups)
        held_back: list[Pair] = []
        while len(held_back) < HELD_BACK * total:
            held_back += groups.pop()
        training = [pair for group in groups for pair in group]
        if not training:
            raise SystemExit(f"{settings.pairs} has too few pairs")
        return training, held_back

    def likelihoods(self, pair: Pair) -> Tensor:
        """The log-probabilities of the two replies [2]."""
        hidden = self.model.hidden(pair.shared, pair.own)
        learnt = pair.targets >= 0
        losses = F.cross_entropy(self.model.logits(hidden[learnt]).float(), pair.targets[learnt], reduction="none")
        first = int(learnt[0].sum())
        return -torch.stack([losses[:first].sum(), losses[first:].sum()])

    def loss(self, pair: Pair) -> tuple[Tensor, float]:
        """The loss and the margin."""
        likely = self.likelihoods(pair)
        gain = likely - pair.reference
        margin = self.settings.beta * (gain[0] - gain[1])
        supervised = -likely[0] / (pair.targets[0] >= 0).sum()
        return -F.logsigmoid(margin) + self.settings.supervised * supervised, margin.item()

    def step(self, pairs: list[Pair], rate: float) -> tuple[float, list[float]]:
        """A step on some pairs: their mean loss and their margins."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        total, margins = 0.0, []
        for pair in pairs:
            loss, margin = self.loss(pair)
            (loss / len(pairs)).backward()
            total += loss.item() / len(pairs)
            margins.append(margin)
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimiser.step()
        return total, margins

    @torch.no_grad()
    def held_back_figures(self) -> dict[str, float]:
        """`margin_accuracy`: the preferred reply has gained on the rejected one since the reference (0 before). `likelier`: it is the
        likelier one by token. `preferred`, `rejected`: mean log-probability of a token."""
        gained, likelier, margins, by_token = [], [], [], []
        for pair in self.held_back:
            likely = self.likelihoods(pair)
            gain = likely - pair.reference
            margins.append(self.settings.beta * (gain[0] - gain[1]).item())
            gained.append(margins[-1] > 0)
            by_token.append((likely / (pair.targets >= 0).sum(dim=1)).tolist())
            likelier.append(by_token[-1][0] > by_token[-1][1])
        mean = lambda values: round(sum(values) / len(values), 3)  # noqa: E731
        return {
            "pairs": len(self.held_back), "margin_accuracy": mean(gained), "margin": mean(margins), "likelier": mean(likelier),
            "preferred": mean([first for first, _ in by_token]), "rejected": mean([second for _, second in by_token]),
        }

    def run(self) -> None:
        settings = self.settings
        began = time.monotonic()
        with torch.no_grad():
            for pair in self.training + self.held_back:
                pair.reference = self.likelihoods(pair)
        print(json.dumps({"pairs": len(self.training), "reference_seconds": round(time.monotonic() - began, 1)}), flush=True)
        print("held back, before", json.dumps(self.held_back_figures()), flush=True)
        began, steps, seen, progress = time.monotonic(), 0, 0, 0.0
        chance, waiting = random.Random(settings.seed), []
        losses: list[float] = []
        margins: list[float] = []
        while progress < 1:
            if len(waiting) < settings.step_pairs:
                waiting += chance.sample(self.training, len(self.training))
            pairs, waiting = waiting[: settings.step_pairs], waiting[settings.step_pairs :]
            rate = settings.learning_rate * min(1.0, (steps + 1) / settings.warm_up) * (0.525 + 0.475 * math.cos(math.pi * progress))
            loss, found = self.step(pairs, rate)
            losses.append(loss)
            margins += found
            steps += 1
            seen += len(pairs)
            seconds = time.monotonic() - began
            progress = max(seconds / 60 / settings.minutes, seen / (settings.epochs * len(self.training)))
            if steps % 10 == 0 or progress >= 1:
                point = {
                    "step": steps, "seconds": round(seconds, 1), "loss": round(sum(losses) / len(losses), 4),
                    "margin": round(sum(margins) / len(margins), 4), "accuracy": round(sum(m > 0 for m in margins) / len(margins), 3), "rate": rate,
                }
                print(json.dumps(point), flush=True)
                losses.clear()
                margins.clear()
        print("held back, after", json.dumps(self.held_back_figures()), flush=True)
        self._save(steps)

    def _save(self, steps: int) -> None:
        settings = self.settings
        settings.out.mkdir(parents=True, exist_ok=True)
        added = {"start_sha256": sha256_of(settings.adapter), "pairs_sha256": sha256_of(settings.pairs), "preference_steps": str(steps)}
        export(self.model.adapter_state(), self.metadata | added, settings.out / "latest.safetensors")
