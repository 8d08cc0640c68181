"""Writes an adapter for Steward: f16 safetensors with plain names, in the order of rows of the GGUF file.

    blk.N.NAME.lora_a  [rank, in]    NAME: attn_q attn_k attn_v attn_output ffn_gate ffn_up ffn_down
    blk.N.NAME.lora_b  [out, rank]   merged weight = blk.N.NAME.weight + scale * lora_b @ lora_a

The rows of attn_q and attn_k (and so of their lora_b) stand as in the GGUF file, for rotary pairs (2i, 2i+1). Training runs in that
order, so nothing is permuted here. The file's metadata say rank, alpha, scale, targets, the base file's SHA-256 and how it was trained.

As a program: `python3 export.py CHECKPOINT.pt OUT.safetensors`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

MOST_BYTES = 12 << 20


def export(state: dict[str, Tensor], metadata: dict[str, str], path: Path) -> None:
    """Writes to a temporary name first, so that `path` is always whole."""
    halves = {name: tensor.detach().to(torch.float16).contiguous().cpu() for name, tensor in state.items()}
    for name, half in halves.items():
        if not torch.isfinite(half).all():
            raise ValueError(f"{name} has values that f16 cannot hold")
    temporary = path.with_suffix(".part")
    save_file(halves, temporary, metadata={"format": "steward-lora-1", "row_order": "gguf", **metadata})
    temporary.chmod(0o644)
    size = temporary.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"the adapter has {size} bytes, {MOST_BYTES} at most: a smaller rank or fewer targets")
    os.replace(temporary, path)


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    checkpoint = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
    export(checkpoint["adapter"], checkpoint["metadata"], Path(sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
