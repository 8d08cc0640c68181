"""One supervised example, the line of JSON that it is written as, and how as many as are wanted are drawn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Example:
    """`messages` is the prompt, `reply` what is learnt; `facts` is the evidence, `required` those of it that the reply must say."""

    messages: list[dict[str, str]]
    reply: str
    facts: list[str]
    required: list[str]
    source: str
    entity: str
    template: str
    split: str

    def line(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def drawn(make: Callable[[], Example | None], count: int) -> Iterator[Example]:
    """`count` examples; what `make` gives none for is tried anew."""
    made = 0
    while made < count:
        example = make()
        if example is not None:
            made += 1
            yield example
