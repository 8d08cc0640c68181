"""How good a reply is by the project's own checks, and which two replies to a prompt make a pair for preference tuning.

A reply is grounded (each sentence passes Steward's check or is only polite), complete, brief and polite, or it has faults, each of a weight.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "data"))

from check import fault_of, sentences_of, stems, support_of
from literals import allowed_by, claims_in

# What a fault takes off. The first ones say what is untrue, the next ones are dropped or must be added when served, the last are of manner.
WEIGHTS = {
    "literal": 3, "action": 3, "turned": 3, "empty": 3,
    "support": 2, "unsaid": 2, "unfinished": 2,
    "repetition": 1, "long": 1, "apology": 1, "cold": 1,
}
# A reply is long with so many times the words of the reference reply, and so many more.
LONGER, MORE_WORDS = 1.3, 6
# Words beyond the reference reply's cost this much each: of two good replies the shorter is better.
PER_WORD = 0.02
# Two replies whose scores are nearer than this make no pair.
CLEARLY = 1.0
# As in `src/turn/check.rs`: the share of the words of a value from which on it counts as said.
SAID_FROM = 0.6
# The words of `src/turn/courtesy.rs`, and those with which a polite sentence still answers something.
COURTESIES = (
    "sorry apologise apologize apology trouble inconvenience patience wait waiting welcome regard kind best help helping glad happy hope day"
    " week weekend nice great good lovely morning afternoon evening understand frustrating frustration appreciate reaching writing contacting"
    " touch message anything else question further everyone team dear very much really all take care goodbye bye let yours sincerely warm"
    " always again more moment hear hearing"
)
ANSWERING = frozenset(
    "yes no not never cannot none nor can could will would may might must should shall do does did is are was were be been has have had".split()
)
_NEGATIONS = frozenset("not no never cannot none".split())
_APOLOGY = re.compile(r"(?i)\b(?:sorry|apolog\w*|afraid)\b")
_UPSET = re.compile(
    r"(?i)\b(?:frustrat|ridiculous|unbelievable|disappoint|(?:un|not )acceptable|fed up|patience|joke|worst|terribl|horribl|awful|angry|upset"
    r"|annoy|complain|nobody|forever|third time|again and again|not happy|what a mess|so hard|seriously)"
)
_COPULA = re.compile(r"(?i)\b(?:is|are|was|were|be)\b")


@dataclass(frozen=True)
class Judged:
    """A reply, its faults by name (one that occurs twice stands twice) and its score: 0 at best."""

    reply: str
    faults: list[str]
    score: float

    @property
    def passes(self) -> bool:
        return not self.faults


def judged(example: dict, reply: str) -> Judged:
    """`example` is a line of the data: its `facts`, `required`, `reply` and question count."""
    faults = faults_of(example, reply)
    beyond = max(0, len(reply.split()) - len(example["reply"].split()))
    return Judged(reply, faults, round(-sum(WEIGHTS[fault] for fault in faults) - PER_WORD * beyond, 2))


def faults_of(example: dict, reply: str) -> list[str]:
    facts, reference = example["facts"], example["reply"]
    sentences = sentences_of(reply)
    if not sentences:
        return ["empty"]
    found = [fault_of(sentence, facts) for sentence in sentences if not is_courtesy(sentence)]
    faults = [fault for fault in found if fault]
    faults += ["unsaid"] * len(left_out(example["required"], reply))
    if not reply.rstrip().endswith((".", "!", "?")):
        faults.append("unfinished")
    if negations(example["required"]) > negations([reply]):
        faults.append("turned")
    if repeats(sentences, facts, reference):
        faults.append("repetition")
    if len(reply.split()) > LONGER * len(reference.split()) + MORE_WORDS:
        faults.append("long")
    if _APOLOGY.search(reply) and not _APOLOGY.search(reference) and not _UPSET.search(question_of(example)):
        faults.append("apology")
    if _APOLOGY.search(reference) and not _APOLOGY.search(reply):
        faults.append("cold")
    return faults


def question_of(example: dict) -> str:
    return example["messages"][-1]["content"].rsplit("Question: ", 1)[-1]


def is_courtesy(sentence: str) -> bool:
    """It is only polite, answers nothing and so needs no evidence: `needs_no_evidence` of `courtesy.rs`."""
    bare = sentence.lower().replace("feel free", "")
    answers = any(word in ANSWERING or word.endswith("n't") for word in stems(sentence))
    return not answers and not claims_in(sentence) and support_of(bare, [COURTESIES]) == 1


def left_out(required: list[str], reply: str) -> list[str]:
    """`unsaid` of `check.rs`: what is said of something in words ("shipped") must be there for the most part, and every literal."""
    spoken = allowed_by([reply])
    missing = []
    for sentence in required:
        value = _COPULA.split(sentence)[-1]
        in_words = not claims_in(value)
        if any(claim not in spoken for claim in claims_in(sentence)) or (in_words and support_of(value, [reply]) < SAID_FROM):
            missing.append(sentence)
    return missing


def negations(texts: list[str]) -> int:
    """How often they deny. A reply with fewer than its facts says the opposite of one of them, or leaves it out."""
    return sum(word in _NEGATIONS or word.endswith("n't") for text in texts for word in stems(text))


def repeats(sentences: list[str], facts: list[str], reference: str) -> bool:
    """Four words in a row more than once, unless the facts or the reference reply have them as often; or a sentence said again."""
    known = [runs(facts), runs([reference])]
    if any(count > max(1, *(counts[run] for counts in known)) for run, count in runs(sentences).items()):
        return True
    words = [set(stems(sentence)) for sentence in sentences]
    return any(words[later] <= words[earlier] for later in range(len(words)) for earlier in range(later))


def runs(texts: list[str]) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        words = stems(text)
        found.update(tuple(words[start : start + 4]) for start in range(len(words) - 3))
    return found


def pair_of(example: dict, greedy: Judged, tries: list[Judged]) -> tuple[Judged, Judged] | None:
    """The reply to prefer and the one to reject, or none if they do not differ clearly.

    Preferred is the best reply that passes every check, or else the reference reply, if that passes. Rejected is the greedy reply, since
    that is what would be served; or, if it is good, the worst one.
    """
    replies = [greedy, *tries]
    good = [reply for reply in replies if reply.passes] or [judged(example, example["reply"])]
    chosen = max(good, key=lambda reply: reply.score)
    rejected = min(replies, key=lambda reply: reply.score) if greedy.passes else greedy
    if not chosen.passes or chosen.score - rejected.score < CLEARLY:
        return None
    return chosen, rejected


def is_judgeable(example: dict) -> bool:
    """The checks cannot tell whether a reply to facts that lack the answer is right: one that only says those facts passes them."""
    return bool(example["required"]) or example["source"] == "dialogue"
