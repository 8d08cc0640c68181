"""The prompt that Steward serves (`compose.rs`): the system text, and the question with its facts, from the files in `prompts/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"


@cache
def _template() -> jinja2.Template:
    # The defaults of minijinja and of jinja2 treat whitespace alike: no block is trimmed, the last newline goes.
    return jinja2.Environment().from_string((PROMPTS / "question.txt").read_text())


@cache
def system() -> str:
    return (PROMPTS / "answer.txt").read_text().strip()


def answer_messages(facts: list[str], question: str) -> list[dict[str, str]]:
    """What the generator is given."""
    user = _template().render(facts=facts, question=question)
    return [{"role": "system", "content": system()}, {"role": "user", "content": user}]
