"""The frozen sentence encoder all-MiniLM-L6-v2 (BERT, post-norm), as `src/model/encoder/network.rs` runs it.

As a program it holds itself against reference embeddings: `python3 encoder.py WEIGHTS_DIR TOKENIZER_DIR minilm_embeddings.json`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

LAYERS, HEADS, WIDTH, EPSILON, MOST_TOKENS = 6, 12, 384, 1e-12, 128


class Encoder:
    """The network with its tokenizer; `folders` are those of the weights and of the tokenizer, in any order. bf16 is twice as fast."""

    def __init__(self, folders: list[Path], dtype: torch.dtype = torch.float32) -> None:
        path = next(path for folder in folders for path in sorted(folder.glob("*.safetensors")))
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        self.weights = {name.removeprefix("bert."): tensor.to(dtype) for name, tensor in load_file(path).items() if tensor.is_floating_point()}
        self.tokenizer = Tokenizer.from_file(str(next(path for folder in folders for path in folder.glob("tokenizer.json"))))
        self.tokenizer.enable_truncation(MOST_TOKENS)
        self.tokenizer.no_padding()

    def ids(self, texts: list[str]) -> list[list[int]]:
        """Token ids with [CLS] and [SEP]."""
        return [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]

    @torch.no_grad()
    def states(self, rows: list[list[int]]) -> tuple[Tensor, Tensor]:
        """Hidden states after the last layer [texts, tokens, 384], and the mask [texts, tokens]."""
        length = max(len(row) for row in rows)
        ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
        mask = torch.tensor([[1.0] * len(row) + [0.0] * (length - len(row)) for row in rows])
        w = self.weights
        bias = ((1 - mask) * -1e9)[:, None, None, :].to(w["embeddings.LayerNorm.bias"].dtype)
        x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][:length] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        for number in range(LAYERS):
            name = f"encoder.layer.{number}"
            q, k, v = (self._linear(x, f"{name}.attention.self.{part}").view(*x.shape[:2], HEADS, -1).transpose(1, 2) for part in ("query", "key", "value"))
            attended = F.scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).reshape(x.shape)
            x = self._norm(x + self._linear(attended, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
            wide = F.gelu(self._linear(x, f"{name}.intermediate.dense"))
            x = self._norm(x + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return x, mask

    def token_states(self, rows: list[list[int]], dtype: torch.dtype) -> list[Tensor]:
        """Of each text its tokens' states without [CLS] and [SEP], as unit vectors."""
        states, _ = self.states(rows)
        return [F.normalize(states[index, 1 : len(row) - 1].float(), dim=-1).to(dtype) for index, row in enumerate(rows)]

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return F.layer_norm(x, (WIDTH,), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], EPSILON)


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    encoder = Encoder([Path(sys.argv[1]), Path(sys.argv[2])])
    worst = 1.0
    cases = json.loads(Path(sys.argv[3]).read_text())
    for case in cases:
        states, _ = encoder.states(encoder.ids([case["text"]]))
        if states.shape[1] == MOST_TOKENS:
            continue  # The references are truncated later.
        worst = min(worst, F.cosine_similarity(states[0].mean(0), torch.tensor(case["embedding"]), dim=0).item())
    print(f"{len(cases)} texts, least cosine {worst:.6f}")
    return 0 if worst > 0.9999 else 1


if __name__ == "__main__":
    sys.exit(main())
