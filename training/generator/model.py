"""SmolLM2 (a Llama) read from the GGUF file that Steward serves, with low-rank adapters to train.

Weights stay in the file's own row order: its q and k rows are laid out for rotary pairs (2i, 2i+1), and so is the rotation here. What
is trained in this order is exported in this order. The base is frozen; only the adapters have gradients.

All examples of a batch share their first tokens (the system prompt), which are computed once: each example's tokens attend to the
shared ones and to the example's own earlier ones, exactly as if it stood alone.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from torch import Tensor, nn
from torch.nn import functional as F

# The projections of a block that may carry an adapter, grouped by the input that they share.
GROUPS = {"qkv": ("attn_q", "attn_k", "attn_v"), "output": ("attn_output",), "gate_up": ("ffn_gate", "ffn_up"), "down": ("ffn_down",)}
ALL_TARGETS = tuple(name for group in GROUPS.values() for name in group)


@dataclass(frozen=True)
class Shape:
    """The sizes that the file's metadata give."""

    layers: int
    width: int
    heads: int
    kv_heads: int
    epsilon: float
    rope_base: float

    @property
    def head_width(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True)
class AdapterSettings:
    """Rank, scale (alpha / rank) and the projections that carry an adapter."""

    rank: int = 16
    alpha: float = 32.0
    targets: tuple[str, ...] = ALL_TARGETS

    @property
    def scale(self) -> float:
        return self.alpha / self.rank


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_gguf(path: Path) -> tuple[Shape, dict[str, Tensor]]:
    """The file's sizes and its tensors as f32, in the file's own order of rows."""
    reader = GGUFReader(path)
    value = lambda key: reader.fields[f"llama.{key}"].contents()  # noqa: E731
    shape = Shape(
        layers=int(value("block_count")),
        width=int(value("embedding_length")),
        heads=int(value("attention.head_count")),
        kv_heads=int(value("attention.head_count_kv")),
        epsilon=float(value("attention.layer_norm_rms_epsilon")),
        rope_base=float(value("rope.freq_base")),
    )
    tensors = {}
    for tensor in reader.tensors:
        rows = dequantize(tensor.data, tensor.tensor_type)
        tensors[tensor.name] = torch.from_numpy(rows.copy()).float().reshape([int(side) for side in reversed(tensor.shape)])
    return shape, tensors


class Projection(nn.Module):
    """Frozen projections that share their input, as one matrix, each with its own adapter: W x + scale * B (A x)."""

    def __init__(self, weights: list[Tensor], names: list[str], adapter: AdapterSettings, dtype: torch.dtype) -> None:
        super().__init__()
        self.sizes = [weight.shape[0] for weight in weights]
        self.scale = adapter.scale
        self.register_buffer("weight", torch.cat(weights).to(dtype))
        self.names = names
        self.a = nn.ParameterDict()
        self.b = nn.ParameterDict()
        for name, weight in zip(names, weights):
            if name in adapter.targets:
                start = torch.empty(adapter.rank, weight.shape[1])
                nn.init.kaiming_uniform_(start, a=math.sqrt(5))
                self.a[name] = nn.Parameter(start)
                self.b[name] = nn.Parameter(torch.zeros(weight.shape[0], adapter.rank))

    def forward(self, x: Tensor) -> Tensor:
        plain = F.linear(x, self.weight)
        if not self.a:
            return plain
        low = F.linear(x, torch.cat([self.a[name] for name in self.a]).to(x.dtype)) * self.scale
        parts, taken = [], 0
        for name, size in zip(self.names, self.sizes):
            if name in self.a:
                rank = self.a[name].shape[0]
                parts.append(F.linear(low[..., taken : taken + rank], self.b[name].to(x.dtype)))
                taken += rank
            else:
                parts.append(x.new_zeros(*x.shape[:-1], size))
        return plain + (torch.cat(parts, dim=-1) if len(parts) > 1 else parts[0])


class Block(nn.Module):
    """One layer: attention and feed-forward, each after its norm."""

    def __init__(self, shape: Shape, index: int, tensors: dict[str, Tensor], adapter: AdapterSettings, dtype: torch.dtype) -> None:
        super().__init__()
        self.shape = shape
        for group, names in GROUPS.items():
            weights = [tensors[f"blk.{index}.{name}.weight"] for name in names]
            self.add_module(group, Projection(weights, list(names), adapter, dtype))
        self.register_buffer("attention_norm", tensors[f"blk.{index}.attn_norm.weight"].to(dtype))
        self.register_buffer("ffn_norm", tensors[f"blk.{index}.ffn_norm.weight"].to(dtype))

    def forward(self, x: Tensor, rotation: Tensor, shared: int, rows: int, masks: tuple[Tensor, Tensor]) -> Tensor:
        """`x`: [shared + rows * length, width], the shared tokens first. `masks`: theirs and that of the examples' own tokens."""
        shape = self.shape
        normed = F.rms_norm(x, (shape.width,), self.attention_norm, shape.epsilon)
        qkv = self.qkv(normed).view(x.shape[0], shape.heads + 2 * shape.kv_heads, shape.head_width)
        q, k, v = qkv.split([shape.heads, shape.kv_heads, shape.kv_heads], dim=1)
        q, k = rotated(q, rotation), rotated(k, rotation)
        first = [part[:shared].transpose(0, 1).unsqueeze(0) for part in (q, k, v)]
        own = [part[shared:].view(rows, -1, part.shape[1], shape.head_width).transpose(1, 2) for part in (q, k, v)]
        keys = torch.cat([first[1].expand(rows, -1, -1, -1), own[1]], dim=2)
        values = torch.cat([first[2].expand(rows, -1, -1, -1), own[2]], dim=2)
        attended = torch.cat([attention(*first, masks[0]), attention(own[0], keys, values, masks[1])])
        x = x + self.output(attended)
        normed = F.rms_norm(x, (shape.width,), self.ffn_norm, shape.epsilon)
        gate, up = self.gate_up(normed).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Generator(nn.Module):
    """The whole model. `adapter_state` and `load_adapter` are what a checkpoint holds."""

    def __init__(self, path: Path, adapter: AdapterSettings, dtype: torch.dtype) -> None:
        super().__init__()
        self.shape, tensors = read_gguf(path)
        self.adapter = adapter
        self.dtype = dtype
        self.register_buffer("embedding", tensors["token_embd.weight"].to(dtype))
        head = tensors.get("output.weight")
        self.register_buffer("head", None if head is None else head.to(dtype))
        self.register_buffer("norm", tensors["output_norm.weight"].to(dtype))
        self.blocks = nn.ModuleList(
            Block(self.shape, index, tensors, adapter, dtype) for index in range(self.shape.layers)
        )
        half = self.shape.head_width // 2
        self.register_buffer("frequencies", self.shape.rope_base ** (-torch.arange(half, dtype=torch.float64) / half))

    def hidden(self, shared: Tensor, own: Tensor) -> Tensor:
        """Last hidden states [rows, length, width] of the examples `own` [rows, length] after the `shared` tokens [shared]."""
        rows, length = own.shape
        first = shared.shape[0]
        places = torch.cat([torch.arange(first), torch.arange(first, first + length).repeat(rows)]).to(own.device)
        angles = places[:, None].double() * self.frequencies[None, :]
        rotation = torch.polar(torch.ones_like(angles), angles).to(torch.complex64)[:, None, :]
        masks = (causal(0, first, self.dtype, own.device), causal(first, length, self.dtype, own.device))
        x = F.embedding(torch.cat([shared, own.reshape(-1)]), self.embedding)
        for block in self.blocks:
            x = block(x, rotation, first, rows, masks)
        return F.rms_norm(x[first:], (self.shape.width,), self.norm, self.shape.epsilon).view(rows, length, -1)

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.embedding if self.head is None else self.head)

    def adapter_state(self) -> dict[str, Tensor]:
        """`blk.N.NAME.lora_a` [rank, in] and `.lora_b` [out, rank]."""
        state = {}
        for index, block in enumerate(self.blocks):
            for group in GROUPS:
                projection = getattr(block, group)
                for name in projection.a:
                    state[f"blk.{index}.{name}.lora_a"] = projection.a[name]
                    state[f"blk.{index}.{name}.lora_b"] = projection.b[name]
        return state

    def load_adapter(self, state: dict[str, Tensor]) -> None:
        own = self.adapter_state()
        if own.keys() != state.keys():
            raise ValueError(f"the adapter has {len(state)} tensors, this model takes {len(own)}: other targets?")
        with torch.no_grad():
            for name, parameter in own.items():
                parameter.copy_(state[name])


def causal(before: int, length: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """What is added to scores [length, before + length]: nothing where a token may look, minus infinity at later ones."""
    later = torch.ones(length, before + length, dtype=torch.bool, device=device).triu(before + 1)
    return torch.zeros(length, before + length, dtype=dtype, device=device).masked_fill(later, -torch.inf)


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """[rows * length, heads * head width]. `q`: [rows, heads, length, head width]; `k`, `v` with fewer heads, each for a group of
    queries. Written out, since on a CPU the fused form takes three times as long forward and backward (measured at 100 tokens)."""
    rows, heads, length, width = q.shape
    kv_heads, reach = k.shape[1], k.shape[2]
    grouped = q.reshape(rows, kv_heads, heads // kv_heads * length, width) * width**-0.5
    scores = (grouped @ k.transpose(-1, -2)).view(rows, kv_heads, -1, length, reach) + mask
    mixed = scores.softmax(dim=-1).view(rows, kv_heads, -1, reach) @ v
    return mixed.view(rows, heads, length, width).transpose(1, 2).reshape(rows * length, heads * width)


def rotated(x: Tensor, rotation: Tensor) -> Tensor:
    """Rotates the pairs (2i, 2i+1) of every head: `x` [tokens, heads, head width], `rotation` [tokens, 1, head width / 2]."""
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * rotation).flatten(-2).to(x.dtype)
