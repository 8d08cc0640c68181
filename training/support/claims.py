"""What a sentence claims: which sentences claim at all, whether they deny, and the figures that the head is given of a sentence."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "data"))

from check import _FUNCTION_WORDS, _NEGATIONS, stems, support_of
from literals import allowed_by, claims_in, ungrounded

_MORE_NEGATIONS = frozenset("without none nor".split())
_COURTESY = re.compile(
    r"(?i)^(?:i(?:'m| am) (?:really |so )?(?:sorry|glad|happy)|(?:we(?:'re| are) )?sorry|i apologi[sz]e|my apologies|i understand|thank you|thanks|you'?re welcome"
    r"|glad|happy to help|great|sure|of course|certainly|it'?s a pleasure|that'?s lovely|hope|i hope|let me know|have a|please let)\b[^:]*$"
)
_UNKNOWN = re.compile(r"(?i)\b(?:what i can see|what i have|no information|don't (?:see|have|know)|do not (?:see|have|know)|couldn't find|can't (?:see|find))\b")


def negates(text: str) -> bool:
    return any(stem in _NEGATIONS or stem in _MORE_NEGATIONS or stem.endswith("n't") for stem in stems(text))


def content_of(text: str) -> list[str]:
    return [stem for stem in stems(text) if stem not in _FUNCTION_WORDS]


def is_claim(sentence: str) -> bool:
    """It says something that may be true or untrue: no question, no courtesy, nothing about what is not known."""
    if sentence.endswith("?") or len(sentence.split()) < 3 or len(content_of(sentence)) < 2 or _UNKNOWN.search(sentence):
        return False
    return not _COURTESY.match(sentence) or bool(claims_in(sentence))


def is_said_by(sentence: str, text: str) -> bool:
    """All its literals and content words stand in the one text."""
    known, allowed = set(stems(text)), allowed_by([text])
    return all(stem in known for stem in content_of(sentence)) and all(claim in allowed for claim in claims_in(sentence))


def best_overlap(sentence: str, evidence: list[str]) -> tuple[int, float]:
    """The first of the evidence sentences that hold the greatest share of the content words, and that share."""
    shares = [support_of(sentence, [text]) for text in evidence]
    best = max(range(len(shares)), key=lambda index: shares[index], default=-1)
    return (best, shares[best]) if shares else (-1, 0.0)


def features(sentence: str, evidence: list[str]) -> list[float]:
    """`f` of the head: a literal without ground, a denial on one side only, the share of words in all evidence and in one sentence of it,
    and how much of what it is taken from it says: of the literals there, and of the words (to the fourth, for small gaps to show)."""
    index, share = best_overlap(sentence, evidence)
    turned = index >= 0 and negates(sentence) != negates(evidence[index])
    mine, theirs = set(claims_in(sentence)), [claims_in(text) for text in evidence]
    allowed = allowed_by([sentence])
    literals = told(mine, [allowed_by([text]) for text in evidence], [sum(claim in allowed for claim in claims) / max(1, len(claims)) for claims in theirs])
    words = told(set(content_of(sentence)), [set(stems(text)) for text in evidence], [support_of(text, [sentence]) for text in evidence])
    return [float(bool(ungrounded(sentence, evidence))), float(turned), support_of(sentence, evidence), share, literals, words**4]


def told(parts: set[str], known: list[set[str]], coverage: list[float]) -> float:
    """Each part that stands in the evidence is taken from the sentence there that has it and is covered best; the least such cover, or 1."""
    covers = [[cover for cover, words in zip(coverage, known) if part in words] for part in parts]
    return min((max(cover) for cover in covers if cover), default=1.0)
