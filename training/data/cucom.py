"""Complaints in customers' words, from the synthetic chats of CuCom, to stand before a question of ours.

The chats' replies are not used: of 6,000 chats two had a reply whose every sentence rests on what was said before, and both promised acts.
"""

from __future__ import annotations

import dataclasses
import json
import random
import zipfile
import zlib
from pathlib import Path

from example import Example


def chats(path: Path) -> list[dict]:
    with zipfile.ZipFile(path) as archive:
        return [json.loads(line) for line in archive.read(archive.namelist()[0]).decode().splitlines()]


def split_of(chat: dict) -> str:
    number = zlib.crc32(chat["id"].encode()) % 100
    return "test" if number < 10 else "validation" if number < 12 else "train"


def complaints(every: list[dict]) -> dict[str, list[str]]:
    """First messages of customers by split: short ones without digits, so that nothing in them could be copied."""
    found: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for chat in every:
        text = " ".join(chat["turns"][0]["content"].split())
        if 5 <= len(text.split()) <= 24 and not any(character.isdigit() for character in text):
            found[split_of(chat)].append(text)
    return found


def with_complaint(example: Example, complaint: str, apology: str) -> Example:
    """The same example, its question after a customer's complaint, its reply after an apology."""
    head, question = example.messages[-1]["content"].rsplit("\nQuestion: ", 1)
    message = {"role": "user", "content": f"{head}\nQuestion: {complaint} {question}"}
    apologises = "sorry" in example.reply.lower() or "apolog" in example.reply.lower()
    reply = example.reply if apologises else f"{apology} {example.reply}"
    return dataclasses.replace(example, messages=[example.messages[0], message], reply=reply, source=f"{example.source}+complaint")
