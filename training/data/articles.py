"""Examples of sentences of help articles: those of the demo shop, with another company's name and other numbers each time.

A quoted article is best said in its own words: the reply is its sentences, now and then after a short lead. Half of the articles are kept
for the test split.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import prompts
from check import fault_of, sentences_of, unsaid
from example import Example, drawn
from grounded import LEADS
from questions import ANGRY, GREETING, Pool
from replies import APOLOGY
from values import COMPANIES

ARTICLES = Path(__file__).resolve().parents[2] / "index" / "knowledge"
QUESTIONS = """{t}?|{t}|question about {t}|can you tell me about {t}?|what do I need to know about {t}?|I have a question on {t}|how does it work: {t}?|help with {t} please|what are the rules on {t}?|what's your policy on {t}?
I'm looking for information on {t}|could you explain {t}?|what about {t}?|{t}, how is that handled?|I need to know about {t}|any information about {t}?"""
# Words that may lose their capital after a lead.
_COMMON = set("A An The You Your If We Our It Its Every Each For In On To When Orders Returns There This That All Any Most Some Items".split())


class ArticleExamples:
    """Draws examples for one split."""

    def __init__(self, chance: random.Random, split: str) -> None:
        self.chance = chance
        self.split = split
        self.pool = Pool(split == "test")
        self.articles = [
            article for path in sorted(ARTICLES.glob("*.md")) if (zlib.crc32(path.stem.encode()) % 2 == 0) == (split == "test") and (article := read(path))[1]
        ]

    def examples(self, count: int) -> Iterator[Example]:
        return drawn(self._example, count)

    def _example(self) -> Example | None:
        chance = self.chance
        title, paragraphs = chance.choice(self.articles)
        sentences = chance.choice(paragraphs)
        first = chance.randrange(len(sentences))
        facts = sentences[first : first + chance.choice([1, 2, 2])]
        if len(facts) == 1 and chance.random() < 0.5:
            facts = [*facts, *chance.choice(chance.choice(self.articles)[1])[:1]]
        facts = [facts[0], *[fact for fact in facts[1:] if fact != facts[0]]]
        renamed = self._renamed("\n".join(facts)).split("\n")
        question = chance.choice(self.pool.lines(QUESTIONS)).format(t=self._renamed(title[0].lower() + title[1:]))
        reply, mood = " ".join(renamed), chance.random()
        if mood < 0.1:
            question = f"{chance.choice(self.pool.lines(ANGRY))} {question}"
            apology = chance.choice(self.pool.lines(APOLOGY)) + " "
        else:
            apology = ""
            if mood < 0.35:
                question = f"{chance.choice(self.pool.lines(GREETING))} {question}"
            if chance.random() < 0.3 and reply.split(" ")[0] in _COMMON:
                reply = f"{chance.choice(self.pool.lines(LEADS))} {reply[0].lower()}{reply[1:]}"
        if any(fault_of(sentence, renamed) for sentence in sentences_of(reply)) or unsaid(renamed, reply):
            return None
        return Example(prompts.answer_messages(renamed, question), apology + reply, renamed, renamed, "article", title, "ARTICLE", self.split)

    def _renamed(self, text: str) -> str:
        """The text with another company and other numbers, the same for the same."""
        company = self.chance.choice(COMPANIES)
        numbers: dict[str, str] = {}

        def other(match: re.Match[str]) -> str:
            written = match.group()
            if written not in numbers:
                low, high = {1: (2, 9), 2: (10, 28)}.get(len(written), (10 ** (len(written) - 1), 10 ** len(written) - 1))
                numbers[written] = str(self.chance.randint(low, high))
            return numbers[written]

        return re.sub(r"\d+", other, text.replace("Fernhill", company).replace("fernhill", company.lower()))


def read(path: Path) -> tuple[str, list[list[str]]]:
    """An article's title, and the sentences of its paragraphs: no lists, no tables, none that leans on the one before."""
    title, paragraphs = path.stem.replace("-", " "), []
    for block in re.split(r"\n\s*\n", path.read_text()):
        lines = block.strip()
        if lines.startswith("# "):
            title = lines.splitlines()[0][2:].strip()
        elif not lines.startswith(("#", "-", "|", "*", "---", "1.")) and "\n-" not in lines:
            plain = re.sub(r"\[([^\]]+)\]\([^)]*\)|[*`]", r"\1", " ".join(lines.split()))
            sentences = [sentence for sentence in sentences_of(plain) if 5 <= len(sentence.split()) <= 32 and sentence.endswith(".")]
            if sentences:
                paragraphs.append(sentences)
    return title, paragraphs
