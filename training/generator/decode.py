"""Decoding with the adapter merged into the weights, as Steward runs it: W + scale * B A, keys and values kept. Greedy, or several replies
to one prompt at once."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from model import GROUPS, Generator, Projection, attention, causal, rotated


def merged(projection: Projection) -> Tensor:
    """The weights of a group of projections with their adapters added."""
    weight = projection.weight.float().clone()
    start = 0
    for name, size in zip(projection.names, projection.sizes):
        if name in projection.a:
            weight[start : start + size] += projection.scale * projection.b[name].detach().float() @ projection.a[name].detach().float()
        start += size
    return weight.to(projection.weight.dtype)


class Decoder:
    """A copy of a model's weights with the adapter merged."""

    def __init__(self, model: Generator) -> None:
        self.model = model
        self.weights = [{group: merged(getattr(block, group)) for group in GROUPS} for block in model.blocks]

    def reply(self, prompt: list[int], end: int, most: int = 96) -> list[int]:
        """The likeliest tokens after `prompt`, up to `end` (not included) or `most` tokens."""
        return self.replies(prompt, end, most)[0]

    @torch.no_grad()
    def replies(
        self, prompt: list[int], end: int, most: int = 96, tries: int = 0, temperature: float = 1.0, chance: torch.Generator | None = None
    ) -> list[list[int]]:
        """The greedy reply, then `tries` drawn ones. They share the prompt's keys and values and are written side by side."""
        device = self.model.embedding.device
        cache: list[tuple[Tensor, Tensor]] = []
        logits = self._forward(torch.tensor([prompt], device=device), cache)
        rows = 1 + tries
        if rows > 1:
            logits = logits.expand(rows, -1)
            cache = [(k.expand(rows, -1, -1, -1), v.expand(rows, -1, -1, -1)) for k, v in cache]
        written: list[list[int]] = [[] for _ in range(rows)]
        open_rows = set(range(rows))
        for _ in range(most):
            tokens = logits.argmax(dim=-1)
            if rows > 1:
                likely = (logits[1:].float() / temperature).softmax(dim=-1)
                tokens = torch.cat([tokens[:1], torch.multinomial(likely, 1, generator=chance)[:, 0]])
            chosen = tokens.tolist()
            open_rows -= {row for row in open_rows if chosen[row] == end}
            if not open_rows:
                break
            for row in open_rows:
                written[row].append(chosen[row])
            logits = self._forward(tokens[:, None], cache)
        return written

    def _forward(self, tokens: Tensor, cache: list[tuple[Tensor, Tensor]]) -> Tensor:
        """Logits [rows, vocabulary] after the last of `tokens` [rows, length]; `cache` holds each layer's keys and values
        [rows, heads, tokens, head width]."""
        model, shape = self.model, self.model.shape
        rows, length = tokens.shape
        before = cache[0][0].shape[2] if cache else 0
        places = torch.arange(before, before + length, device=tokens.device).repeat(rows)
        angles = places[:, None].double() * model.frequencies[None, :]
        rotation = torch.polar(torch.ones_like(angles), angles).to(torch.complex64)[:, None, :]
        mask = causal(before, length, model.dtype, tokens.device)
        x = F.embedding(tokens.reshape(-1), model.embedding)
        for index, (block, weights) in enumerate(zip(model.blocks, self.weights)):
            normed = F.rms_norm(x, (shape.width,), block.attention_norm, shape.epsilon)
            qkv = F.linear(normed, weights["qkv"]).view(rows * length, -1, shape.head_width)
            q, k, v = qkv.split([shape.heads, shape.kv_heads, shape.kv_heads], dim=1)
            q, k, v = (
                part.view(rows, length, -1, shape.head_width).transpose(1, 2) for part in (rotated(q, rotation), rotated(k, rotation), v)
            )
            if before:
                k, v = torch.cat([cache[index][0], k], dim=2), torch.cat([cache[index][1], v], dim=2)
                cache[index] = (k, v)
            else:
                cache.append((k, v))
            x = x + F.linear(attention(q, k, v, mask), weights["output"])
            normed = F.rms_norm(x, (shape.width,), block.ffn_norm, shape.epsilon)
            gate, up = F.linear(normed, weights["gate_up"]).chunk(2, dim=-1)
            x = x + F.linear(F.silu(gate) * up, weights["down"])
        return model.logits(F.rms_norm(x.view(rows, length, -1)[:, -1], (shape.width,), model.norm, shape.epsilon))
