"""What the builder rests on: `python3 -m unittest discover -s training/data -p 'test_*.py'`."""

from __future__ import annotations

import random
import unittest

import prompts
from catalogue import Field
from check import fault_of, unsaid
from facts import as_given, worded
from literals import ungrounded
from own import OwnExamples


class Literals(unittest.TestCase):
    """The cases of `src/model/literal.rs`."""

    def test_spellings_of_the_same_thing_ground_each_other(self) -> None:
        for said, evidence in [
            ("$1,299.00", "1299"), ("November 3, 2026", "2026-11-03"), ("Nov 3", "placed on 2026-11-03"), ("order w2611340", "#W2611340"),
            ("fh20417", "FH-20417"), ("47.80", "$47.8"), ("6 a.m.", "6 am"), ("within 60 days", "a 60-day window"), ("$20", "total: 20"),
            ("shop.example/returns", "https://www.shop.example/returns/"), ("Help@Shop.example", "help@shop.example"), ("+1-555-0142-300", "+1 555 0142 300"),
        ]:
            self.assertEqual(ungrounded(said, [evidence]), [], f"{said} / {evidence}")

    def test_parts_of_a_literal_ground_nothing(self) -> None:
        for said, evidence in [
            ("11", "2026-11-03"), ("3 days", "November 3, 2026"), ("W2611", "#W2611340"), ("$47", "$47.84"), ("20 days", "20% off"),
            ("November 3, 2025", "2026-11-03"), ("02134", "2134"), ("€20", "$20"), ("6-7", "67"), ("2026", "2026-11-03"), ("6 pm", "6 am"),
            ("+1 555 300", "+1 555 0142 300"), ("300", "+1 555 0142 300"), ("a@b.example/email", "a@b.example"),
        ]:
            self.assertNotEqual(ungrounded(said, [evidence]), [], f"{said} / {evidence}")


class Check(unittest.TestCase):
    """The cases of `src/turn/check.rs`."""

    def test_only_supported_sentences_pass(self) -> None:
        evidence = ["Order FH-1 is shipped.", "Standard shipping costs $6.95."]
        for sentence, fault in [
            ("Your order FH-1 is shipped.", None), ("Your order FH-2 is shipped.", "literal"), ("I've refunded order FH-1.", "action"),
            ("I will send it to you today.", "action"), ("Tents are wonderful in the mountains.", "support"), ("Order FH-1 is not shipped.", "support"),
        ]:
            self.assertEqual(fault_of(sentence, evidence), fault, sentence)

    def test_what_a_reply_leaves_out_is_found(self) -> None:
        required = ["The total is $47.84.", "Order FH-1 is shipped."]
        self.assertEqual(unsaid(required, "It was $47.84 in all."), required[1:])


class Facts(unittest.TestCase):
    """As `src/retrieve/fact` words them."""

    def test_facts_are_worded_as_steward_words_them(self) -> None:
        for name, sort, value, sentence in [
            ("status", "", "shipped", "Booking K7 is shipped."),
            ("status", "", "documents missing", "The status of booking K7 is documents missing."),
            ("placed_on", "date", "May 3, 2026", "Booking K7 was placed on May 3, 2026."),
            ("expires_on", "date", "May 3, 2026", "Booking K7 expires on May 3, 2026."),
            ("valid_until", "date", "May 3, 2026", "Booking K7 is valid until May 3, 2026."),
            ("next_payment_due", "date", "May 3, 2026", "The next payment of booking K7 is due on May 3, 2026."),
            ("warranty_months", "small", "12", "The warranty of booking K7 is 12 months."),
            ("guests", "count", "2", "The number of guests of booking K7 is 2."),
            ("breakfast_included", "bool", "yes", "Breakfast is included for booking K7."),
            ("is_refundable", "bool", "no", "Booking K7 is not refundable."),
            ("courtesy_car", "bool", "yes", "Booking K7 has a courtesy car."),
        ]:
            fact = worded("booking", "booking K7", Field(tuple(name.split("_")), sort), value)
            self.assertEqual(fact.sentence, sentence)

    def test_a_record_is_named_once_where_a_pronoun_does(self) -> None:
        facts = [worded("order", "order FH-1", Field(("status",), ""), "shipped"), worded("order", "order FH-1", Field(("total",), "money"), "$20.00")]
        self.assertEqual(as_given(facts), ["Order FH-1 is shipped.", "Its total is $20.00."])


class Prompt(unittest.TestCase):
    def test_the_prompt_is_the_served_one(self) -> None:
        system, user = prompts.answer_messages(["Order FH-1 is shipped.", "Its total is $20.00."], "Where is it?")
        self.assertEqual(user["content"], "Facts:\n- Order FH-1 is shipped.\n- Its total is $20.00.\n\nQuestion: Where is it?")
        self.assertEqual(system["content"], system["content"].strip())


class Examples(unittest.TestCase):
    def test_a_reply_says_what_it_must_and_nothing_else(self) -> None:
        for split in ("train", "test"):
            for example in OwnExamples(random.Random(3), split).examples(300):
                self.assertEqual(ungrounded(example.reply, example.facts), [], example)
                self.assertEqual(unsaid(example.required, example.reply), [], example)

    def test_the_same_seed_gives_the_same_examples(self) -> None:
        draw = lambda: [example.line() for example in OwnExamples(random.Random(9), "train").examples(50)]  # noqa: E731
        self.assertEqual(draw(), draw())

    def test_no_template_of_the_test_split_is_trained_on(self) -> None:
        drawn = {split: OwnExamples(random.Random(4), split) for split in ("train", "test")}
        for part in ("questioner", "replier"):
            for name, lines in getattr(drawn["test"], part).lines.items():
                if not name.startswith("SHORT"):
                    self.assertTrue(set(lines).isdisjoint(getattr(drawn["train"], part).lines[name]), name)


if __name__ == "__main__":
    unittest.main()
