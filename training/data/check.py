"""Steward's check of a composed sentence, ported from `src/turn/check.rs`: what fails it would not reach the customer."""

from __future__ import annotations

import re

from literals import allowed_by, claims_in, ungrounded

LEAST_SUPPORT = 0.7
_ACTION = re.compile(
    r"(?i)\b(?:i|we|i've|we've|i have|we have|i'll|we'll|i will|we will|i am|i'm|let me|i can|we can)\b[^.!?]{0,30}"
    r"\b(?:cancel|refund|return|chang|updat|send|sent|ship|replac|issu|process|credit|escalat|contact|forward|call|email|e-mail|"
    r"reset|remov|add|apply|appli|schedul|book|order|transfer|check|look|investigat|fix|arrang)\w*"
)
_FUNCTION_WORDS = frozenset(
    "a an the this that these those my your our their his her its i you we they he she it me us them is are was were be been am do does"
    " did has have had will would can could should may might of in on at to for from with by and or but not no yes what which who where"
    " when why how there here so if as please just about any some one ones get got tell know want need like also ok okay hi hello hey"
    " thank thanks i'm it's what's where's i've i'd don't let".split()
)
_NEGATIONS = frozenset("not no never cannot can't isn't don't won't".split())
_WORD = re.compile(r"[^\W_]+(?:[.,](?<=\d[.,])(?=\d)[^\W_]+|['’](?=[^\W\d_])[^\W_]+)*")


def sentences_of(reply: str) -> list[str]:
    """As `compose.rs` takes them off the stream."""
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n", reply) if part.strip()]


def stems(text: str) -> list[str]:
    return [_stem(word.lower().replace("’", "'")) for word in _WORD.findall(text)]


def support_of(sentence: str, evidence: list[str]) -> float:
    """The share of a sentence's content words that stand in the evidence."""
    known = {stem for text in evidence for stem in stems(text)}
    content = [stem for stem in stems(sentence) if stem not in _FUNCTION_WORDS]
    return sum(stem in known for stem in content) / len(content) if content else 0.0


def promises(sentence: str) -> bool:
    """It claims or promises an act."""
    return _ACTION.search(sentence) is not None


def fault_of(sentence: str, evidence: list[str]) -> str | None:
    """Why Steward would drop the sentence, or none."""
    if ungrounded(sentence, evidence):
        return "literal"
    if promises(sentence) and not any(sentence in text for text in evidence):
        return "action"
    negates = lambda text: not _NEGATIONS.isdisjoint(stems(text))  # noqa: E731
    if negates(sentence) and not any(negates(text) for text in evidence):
        return "support"
    return "support" if support_of(sentence, evidence) < LEAST_SUPPORT else None


def unsaid(required: list[str], reply: str) -> list[str]:
    """The evidence sentences that Steward would add, since the reply does not say their literals."""
    spoken, lower = allowed_by([reply]), reply.lower()
    missing = []
    for sentence in required:
        claims = claims_in(sentence)
        said = all(claim in spoken for claim in claims) if claims else sentence.rstrip(".").lower() in lower
        if not said:
            missing.append(sentence)
    return missing


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and len(word) > 3 and word[-2] not in "sui":
        return word[:-1]
    return word
