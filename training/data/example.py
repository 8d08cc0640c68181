"""One supervised example, and the line of JSON that it is written as."""

from __future__ import annotations

import json
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
