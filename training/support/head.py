"""The support head: a small network over the token states of a sentence and of its evidence. Its shape is that of Steward's Rust code.

    ps, pe = relu(project S), relu(project E)          S [n,384], E [m,384]: unit states of tokens
    A = softmax(ps pe^T / sqrt(d)) pe
    c = relu(compare [ps; A; ps-A; ps*A; t])           t [n,4], of each token: 1 if it stands in the evidence; its best cosine there; 1 if it
                                                       has a digit; its cover: of the evidence sentences with the token, the greatest share
                                                       of tokens that stand in the sentence (0 if none)
    h = relu(hidden [max c; mean c; f])                f [6]: `claims.features`
    logits = output h                                  supported, contradicted, absent
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from claims import features
from encoder import Encoder, WIDTH

CLASSES = ("supported", "contradicted", "absent")
MOST_EVIDENCE = 512
EXTRAS, FIGURES = 4, 6


@dataclass(frozen=True)
class Batch:
    """Padded: `s` [rows,n,384], `e` [rows,m,384] with their masks, `t` [rows,n,3] without the cosine, `f` [rows,6], `labels` [rows]."""

    s: Tensor
    s_mask: Tensor
    e: Tensor
    e_mask: Tensor
    t: Tensor
    f: Tensor
    labels: Tensor


class Head(nn.Module):
    def __init__(self, d: int = 128, hidden: int = 64, dropout: float = 0.0) -> None:
        super().__init__()
        self.d, self.dropout = d, dropout
        self.project = nn.Linear(WIDTH, d)
        self.compare = nn.Linear(4 * d + EXTRAS, d)
        self.hidden = nn.Linear(2 * d + FIGURES, hidden)
        self.output = nn.Linear(hidden, len(CLASSES))

    def forward(self, batch: Batch) -> Tensor:
        drop = lambda x: F.dropout(x, self.dropout, self.training)  # noqa: E731
        ps, pe = F.relu(self.project(drop(batch.s))), F.relu(self.project(drop(batch.e)))
        scores = ps @ pe.transpose(1, 2) / math.sqrt(self.d)
        attended = scores.masked_fill(~batch.e_mask[:, None, :], -1e9).softmax(-1) @ pe
        cosines = (batch.s @ batch.e.transpose(1, 2)).masked_fill(~batch.e_mask[:, None, :], -1.0).amax(-1, keepdim=True)
        extras = torch.cat([batch.t[..., :1], cosines, batch.t[..., 1:]], -1)
        c = F.relu(self.compare(torch.cat([drop(torch.cat([ps, attended, ps - attended, ps * attended], -1)), extras], -1)))
        mask = batch.s_mask[..., None]
        mean = (c * mask).sum(1) / mask.sum(1)
        pooled = torch.cat([drop(torch.cat([c.masked_fill(~mask, 0).amax(1), mean], -1)), batch.f], -1)
        return self.output(drop(F.relu(self.hidden(pooled))))


class States:
    """Token states of texts, each encoded once, in one tensor; kept in a file."""

    def __init__(self, encoder: Encoder, path: Path | None = None, dtype: torch.dtype = torch.float16) -> None:
        self.encoder, self.path = encoder, path
        self.places: dict[str, tuple[int, int]] = {}
        self.rows, self.ids = torch.empty(0, WIDTH, dtype=dtype), torch.empty(0, dtype=torch.int32)
        if path and path.exists():
            saved = torch.load(path, weights_only=True)
            if saved["encoder"] == encoder.sha256:
                self.places, self.rows, self.ids = saved["places"], saved["rows"], saved["ids"]

    def add(self, pairs: list[dict], size: int = 32) -> None:
        """Encodes the texts of the pairs that are not known yet."""
        texts = [text for pair in pairs for text in (pair["sentence"], *pair["evidence"])]
        new = sorted({text for text in texts if text not in self.places}, key=len)
        rows, ids, start = [self.rows], [self.ids], len(self.rows)
        for first in range(0, len(new), size):
            part = new[first : first + size]
            encoded = self.encoder.ids(part)
            for text, tokens, states in zip(part, encoded, self.encoder.token_states(encoded, self.rows.dtype)):
                self.places[text] = (start, start + len(states))
                start += len(states)
                rows.append(states)
                ids.append(torch.tensor(tokens[1:-1], dtype=torch.int32))
        if new:
            self.rows, self.ids = torch.cat(rows), torch.cat(ids)
            if self.path:
                torch.save({"encoder": self.encoder.sha256, "places": self.places, "rows": self.rows, "ids": self.ids}, self.path)


class Dataset:
    """The pairs of one split with their places in the states."""

    def __init__(self, pairs: list[dict], states: States) -> None:
        self.pairs, self.states = pairs, states
        vocabulary = states.encoder.tokenizer.get_vocab()
        self.digits = torch.zeros(max(vocabulary.values()) + 1)
        self.digits[[index for token, index in vocabulary.items() if any(c.isdigit() for c in token)]] = 1
        self.s = [range(*states.places[pair["sentence"]]) for pair in pairs]
        self.e = [torch.cat([torch.arange(*states.places[text]) for text in pair["evidence"]])[:MOST_EVIDENCE] for pair in pairs]
        self.t = [self._extras(index) for index in range(len(pairs))]
        self.f = torch.tensor([features(pair["sentence"], pair["evidence"]) for pair in pairs])
        self.labels = torch.tensor([CLASSES.index(pair["label"]) for pair in pairs])

    def _extras(self, index: int) -> Tensor:
        """[n,3]: `t` without the cosine."""
        ids_of = lambda text: self.states.ids[slice(*self.states.places[text])]  # noqa: E731
        pair = self.pairs[index]
        ids = ids_of(pair["sentence"])
        cover = torch.zeros(len(ids))
        for text in pair["evidence"]:
            theirs = ids_of(text)
            cover = torch.maximum(cover, torch.isin(ids, theirs) * torch.isin(theirs, ids).float().mean())
        return torch.stack([torch.isin(ids, self.states.ids[self.e[index]]).float(), self.digits[ids.long()], cover], -1)

    def batch(self, chosen: list[int]) -> Batch:
        n, m = max(len(self.s[i]) for i in chosen), max(len(self.e[i]) for i in chosen)
        s, e = torch.zeros(len(chosen), n, WIDTH), torch.zeros(len(chosen), m, WIDTH)
        s_mask, e_mask, t = torch.zeros(len(chosen), n, dtype=torch.bool), torch.zeros(len(chosen), m, dtype=torch.bool), torch.zeros(len(chosen), n, 3)
        for row, index in enumerate(chosen):
            mine, theirs = self.s[index], self.e[index]
            s[row, : len(mine)] = self.states.rows[mine.start : mine.stop].float()
            e[row, : len(theirs)] = self.states.rows[theirs].float()
            s_mask[row, : len(mine)], e_mask[row, : len(theirs)] = True, True
            t[row, : len(mine)] = self.t[index]
        return Batch(s, s_mask, e, e_mask, t, self.f[chosen], self.labels[chosen])

    def batches(self, size: int, generator: torch.Generator | None = None) -> Iterator[tuple[list[int], Batch]]:
        """All pairs, those of like length together; in random order if a generator is given."""
        count = len(self.pairs)
        order = torch.randperm(count, generator=generator).tolist() if generator else list(range(count))
        cut = []
        for start in range(0, count, size * 16):
            window = sorted(order[start : start + size * 16], key=lambda index: len(self.e[index]))
            cut += [window[first : first + size] for first in range(0, len(window), size)]
        if generator:
            cut = [cut[index] for index in torch.randperm(len(cut), generator=generator).tolist()]
        for chosen in cut:
            yield chosen, self.batch(chosen)
