"""SmolLM2's tokenizer from the vocabulary and merges in the GGUF file, and its chat template.

Run as a program it holds itself against known token ids: `python3 tokenizer.py MODEL.gguf TOKENS.json` with a list of
`{"text", "ids"}`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jinja2
from gguf import GGUFReader
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

CONTROL = 3


def read_tokenizer(path: Path) -> Tokenizer:
    """Byte-level BPE in which every digit stands alone."""
    fields = GGUFReader(path).fields
    tokens: list[str] = fields["tokenizer.ggml.tokens"].contents()
    merges: list[str] = fields["tokenizer.ggml.merges"].contents()
    kinds: list[int] = fields["tokenizer.ggml.token_type"].contents()
    pairs = [tuple(merge.split(" ")) for merge in merges]
    tokenizer = Tokenizer(models.BPE(vocab={token: index for index, token in enumerate(tokens)}, merges=pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [token for token, kind in zip(tokens, kinds) if kind == CONTROL]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return tokenizer


def read_chat_template(path: Path) -> jinja2.Template:
    """Renders `messages` with `add_generation_prompt`."""
    source = GGUFReader(path).fields["tokenizer.chat_template"].contents()
    return jinja2.Environment().from_string(source)


def main() -> int:
    tokenizer = read_tokenizer(Path(sys.argv[1]))
    known = json.loads(Path(sys.argv[2]).read_text())
    wrong = [case for case in known if tokenizer.encode(case["text"]).ids != case["ids"]]
    for case in wrong:
        print(f"{case['text']!r}: {tokenizer.encode(case['text']).ids}, expected {case['ids']}")
    print(f"{len(known) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
