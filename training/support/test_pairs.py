"""What the pairs rest on: `python3 -m unittest discover -s training/support -p 'test_*.py'`. The examples are drawn, no file is read."""

from __future__ import annotations

import random
import unittest
from dataclasses import asdict

from absent import ADDED, CHATTER, PROMISES
from claims import features, is_claim, is_said_by, negates
from falsify import Falsifier, changed_literal, parsed
from literals import ungrounded
from maker import KINDS, Pairs
from own import OwnExamples
from pairs import drawn
from policies import PolicyExamples
from wording import LEADS, SAME, entries, of_split, swapped


def made(split: str, maker: type = OwnExamples, count: int = 60) -> list[dict]:
    chance = random.Random(5)
    examples = [asdict(example) for example in maker(chance, split).examples(250) if example.required]
    falsifier = Falsifier(chance, [fact for example in examples for fact in example["facts"]])
    pairs = Pairs(examples, "own" if maker is OwnExamples else "policy", split, falsifier, chance)
    return [pair for label in KINDS for pair in drawn(lambda: pairs.pair(label), count, set())]


class Claims(unittest.TestCase):
    def test_courtesies_and_questions_claim_nothing(self) -> None:
        for sentence, claims in [
            ("I'm sorry about the trouble.", False), ("What is the total of order FH-1?", False), ("Thank you for your patience.", False),
            ("Thanks for asking: order FH-1 is shipped.", True), ("Parking is not included for booking K7.", True), ("I'm glad to say that order FH-1 is shipped.", True),
        ]:
            self.assertEqual(is_claim(sentence), claims, sentence)

    def test_the_figures_of_a_sentence(self) -> None:
        evidence = ["Standard shipping costs $6.95.", "Order FH-1 is shipped."]
        self.assertEqual(features("Your order FH-1 is shipped.", evidence), [0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
        self.assertEqual(features("Order FH-1 isn't shipped.", evidence)[1], 1.0)
        self.assertEqual(features("Order FH-2 is shipped.", evidence)[0], 1.0)
        crossed = ["The total of order FH-1 is $20.00.", "The total of order FH-2 is $30.00."]
        self.assertEqual(features("The total of order FH-1 is $30.00.", crossed)[4:], [0.5, 0.8**4])
        self.assertEqual(features("The total of order FH-1 is $20.00.", crossed)[4:], [1.0, 1.0])


class Making(unittest.TestCase):
    def test_facts_are_taken_apart(self) -> None:
        for fact, parts in [
            ("The total of order FH-1 is $20.00.", ("total", "order FH-1", "$20.00")), ("Its room is A266.", ("room", "", "A266")),
            ("Order FH-1 is shipped.", ("status of order #", "Order FH-1", "shipped")), ("The number of guests of booking K7 is 2.", ("number of guests", "booking K7", "2")),
            ("You can return an item.", None),
        ]:
            self.assertEqual(parsed(fact), parts)

    def test_a_changed_literal_is_another_one(self) -> None:
        chance = random.Random(1)
        for written, sort in [("$47.84", "money"), ("May 3, 2026", "date"), ("6:00 PM", "time"), ("FH-20417", "id"), ("30", "number")] * 20:
            self.assertNotEqual(ungrounded(changed_literal(written, sort, chance), [written]), [], written)

    def test_only_whole_words_are_swapped(self) -> None:
        self.assertEqual(swapped("It may be due on May 3.", "may", "must"), "It must be due on May 3.")
        self.assertIsNone(swapped("It is due on May 3.", "may", "must"))

    def test_a_denial_is_put_in_or_taken_out(self) -> None:
        falsifier = Falsifier(random.Random(2), [])
        for sentence in ("Parking is not included for booking K7.", "Order FH-1 is shipped.", "You cannot cancel.", "Points expire after 2 years.", "Write to us at any time."):
            said = falsifier.untrue(sentence, [sentence], "negation")
            self.assertIsNotNone(said, sentence)
            self.assertNotEqual(negates(said), negates(sentence), said)


class Drawn(unittest.TestCase):
    def test_labels_hold_against_all_that_is_shown(self) -> None:
        for maker in (OwnExamples, PolicyExamples):
            for pair in made("train", maker):
                sentence, evidence, kind = pair["sentence"], pair["evidence"], pair["kind"]
                if pair["label"] == "supported":
                    self.assertEqual(ungrounded(sentence, evidence), [], pair)
                elif kind == "literal_random":
                    self.assertNotEqual(ungrounded(sentence, evidence), [], pair)
                elif kind in ("literal_other", "value", "removed", "moved", "chatter"):
                    self.assertFalse(any(is_said_by(sentence, text) for text in evidence), pair)
                self.assertNotIn(sentence, evidence if pair["label"] != "supported" else [])

    def test_every_label_is_drawn(self) -> None:
        for split in ("train", "validation", "test"):
            pairs = made(split, count=20)
            self.assertEqual([sum(pair["label"] == label for pair in pairs) for label in KINDS], [20, 20, 20])
            self.assertEqual({pair["split"] for pair in pairs}, {split})

    def test_the_same_seed_gives_the_same_pairs(self) -> None:
        self.assertEqual(made("train", count=20), made("train", count=20))

    def test_no_wording_of_the_test_split_is_trained_on(self) -> None:
        for lines in (CHATTER, PROMISES, ADDED, LEADS, SAME):
            parts = [set(of_split(entries(lines), split)) for split in ("train", "validation", "test")]
            self.assertTrue(all(parts))
            self.assertEqual(sum(map(len, parts)), len(set.union(*parts)))


if __name__ == "__main__":
    unittest.main()
