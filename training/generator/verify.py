"""Holds this model against llama.cpp's logits, and the two orders of q and k rows against each other.

    python3 training/generator/verify.py MODEL.gguf tests/reference/smollm2_logits.json [ADAPTER.safetensors]

1. The logits of the reference prompts, in f32: every 48th of the vocabulary (`exact` in the file) and the likeliest token.
2. With an adapter: W + scale * B A in the GGUF's order of rows, permuted, equals the same merge with W and B permuted first, and rotating
   pairs (2i, 2i+1) of the one gives the attention scores of rotating halves (i, i + width / 2) of the other, as Hugging Face's code does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from model import AdapterSettings, Generator, read_gguf, rotated


def logits_agree(base: Path, reference: Path) -> bool:
    model = Generator(base, AdapterSettings(targets=()), torch.float32)
    golden = json.loads(reference.read_text())
    least, same = 1.0, 0
    prompts = [prompt for prompt in golden["prompts"] if len(prompt["tokens"]) > 1]
    for prompt in prompts:
        tokens = torch.tensor(prompt["tokens"])
        shared = max(1, len(tokens) // 3)
        with torch.no_grad():
            logits = model.logits(model.hidden(tokens[:shared], tokens[None, shared:])[0, -1])
        expected = torch.tensor(prompt["exact"])
        sampled = logits[:: golden["stride"]][: len(expected)]
        # Rounding moves all logits of a prompt together, which changes no probability: they are compared around their means.
        alike = torch.cosine_similarity(sampled - sampled.mean(), expected - expected.mean(), dim=0).item()
        least = min(least, alike)
        same += int(logits.argmax().item() == prompt["first_choice"])
    print(f"logits: {len(prompts)} prompts, least cosine {least:.5f}, same first choice {same}")
    return least > 0.999 and same == len(prompts)


def to_halves(rows: Tensor, heads: int) -> Tensor:
    """Rows in the GGUF's order (pairs) as Hugging Face orders them (halves)."""
    return rows.view(heads, -1, 2, rows.shape[1]).transpose(1, 2).reshape(rows.shape)


def orders_agree(base: Path, adapter: Path) -> bool:
    shape, tensors = read_gguf(base)
    with safe_open(adapter, "pt") as file:
        scale = float(file.metadata()["scale"])
        state = {name: file.get_tensor(name).float() for name in file.keys()}
    merged = lambda w, name: w + scale * state[f"{name}.lora_b"] @ state[f"{name}.lora_a"]  # noqa: E731
    torch.manual_seed(0)
    x = torch.randn(6, shape.width)
    worst = 0.0
    for index in range(shape.layers):
        projected = {}
        for part, heads in (("attn_q", shape.heads), ("attn_k", shape.kv_heads)):
            name = f"blk.{index}.{part}"
            pairs = merged(tensors[f"{name}.weight"], name)
            low = to_halves(state[f"{name}.lora_b"], heads) @ state[f"{name}.lora_a"]
            halves = to_halves(tensors[f"{name}.weight"], heads) + scale * low
            worst = max(worst, (to_halves(pairs, heads) - halves).abs().max().item())
            projected[part] = ((x @ pairs.T).view(6, heads, -1), (x @ halves.T).view(6, heads, -1))
        angles = torch.arange(6)[:, None] * shape.rope_base ** (-torch.arange(shape.head_width // 2) / (shape.head_width // 2))
        turn = torch.polar(torch.ones_like(angles), angles)[:, None, :]
        by_pairs, by_halves = ([turned(projected[part][which], turn) for part in ("attn_q", "attn_k")] for which, turned in ((0, rotated), (1, rotated_halves)))
        scores = [torch.einsum("shd,thd->hst", q[:, : shape.kv_heads], k) for q, k in (by_pairs, by_halves)]
        worst = max(worst, ((scores[0] - scores[1]).abs().max() / scores[0].abs().max()).item())
    print(f"row orders: largest difference {worst:.2e}")
    return worst < 1e-4


def rotated_halves(x: Tensor, turn: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * turn.real - second * turn.imag, second * turn.real + first * turn.imag], dim=-1)


def main() -> int:
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    passed = logits_agree(Path(sys.argv[1]), Path(sys.argv[2]))
    if len(sys.argv) == 4:
        passed = orders_agree(Path(sys.argv[1]), Path(sys.argv[3])) and passed
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
