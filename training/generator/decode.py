"""Greedy decoding with the adapter merged into the weights, as Steward runs it: W + scale * B A, keys and values kept."""

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

    @torch.no_grad()
    def reply(self, prompt: list[int], end: int, most: int = 96) -> list[int]:
        """The likeliest tokens after `prompt`, up to `end` (not included) or `most` tokens."""
        cache: list[tuple[Tensor, Tensor]] = []
        written: list[int] = []
        logits = self._forward(torch.tensor(prompt), cache)
        while len(written) < most:
            token = int(logits.argmax())
            if token == end:
                break
            written.append(token)
            logits = self._forward(torch.tensor([token]), cache)
        return written

    def _forward(self, tokens: Tensor, cache: list[tuple[Tensor, Tensor]]) -> Tensor:
        """Logits after the last token; `cache` holds each layer's keys and values [1, heads, tokens, head width]."""
        model, shape = self.model, self.model.shape
        before = cache[0][0].shape[2] if cache else 0
        angles = torch.arange(before, before + len(tokens))[:, None].double() * model.frequencies[None, :]
        rotation = torch.polar(torch.ones_like(angles), angles).to(torch.complex64)[:, None, :]
        mask = causal(before, len(tokens), model.dtype, tokens.device)
        x = F.embedding(tokens, model.embedding)
        for index, (block, weights) in enumerate(zip(model.blocks, self.weights)):
            normed = F.rms_norm(x, (shape.width,), block.attention_norm, shape.epsilon)
            qkv = F.linear(normed, weights["qkv"]).view(len(tokens), -1, shape.head_width)
            q, k, v = qkv.split([shape.heads, shape.kv_heads, shape.kv_heads], dim=1)
            q, k, v = (part.transpose(0, 1)[None] for part in (rotated(q, rotation), rotated(k, rotation), v))
            if before:
                k, v = torch.cat([cache[index][0], k], dim=2), torch.cat([cache[index][1], v], dim=2)
                cache[index] = (k, v)
            else:
                cache.append((k, v))
            x = x + F.linear(attention(q, k, v, mask), weights["output"])
            normed = F.rms_norm(x, (shape.width,), block.ffn_norm, shape.epsilon)
            gate, up = F.linear(normed, weights["gate_up"]).chunk(2, dim=-1)
            x = x + F.linear(F.silu(gate) * up, weights["down"])
        return model.logits(F.rms_norm(x[-1], (shape.width,), model.norm, shape.epsilon))
