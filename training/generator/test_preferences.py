"""What the scoring rests on: `python3 -m unittest discover -s training/generator -p 'test_*.py'`. It needs no torch."""

from __future__ import annotations

import unittest

from preferences import faults_of, is_courtesy, is_judgeable, judged, left_out, pair_of

FACTS = ["Order FH-1 is shipped.", "The total of order FH-1 is $47.84."]
REFERENCE = "Your order FH-1 is shipped, and its total is $47.84."
DENIAL = ["Takeout is not offered at Restaurant Alimentum."]


def example(facts: list[str], reply: str, question: str = "where is my order?", source: str = "own") -> dict:
    messages = [{"role": "system", "content": "..."}, {"role": "user", "content": f"Facts:\n- ...\n\nQuestion: {question}"}]
    return {"messages": messages, "facts": facts, "required": facts, "reply": reply, "source": source}


class Faults(unittest.TestCase):
    def test_each_fault_is_found(self) -> None:
        for reply, faults in [
            (REFERENCE, []),
            ("Order FH-1 is shipped. The total of order FH-1 is $47.84. Happy to help!", []),
            ("", ["empty"]),
            ("Your order FH-2 is shipped, and its total is $47.84.", ["literal", "unsaid", "unsaid"]),
            ("I've refunded order FH-1. It is shipped, and its total is $47.84.", ["action"]),
            (f"{REFERENCE} Tents are wonderful in the mountains.", ["support"]),
            ("Your order FH-1 is shipped.", ["unsaid"]),
            ("The total of your order FH-1 is $47.84.", ["unsaid"]),
            ("Your order FH-1 is shipped, and its total is $47.84", ["unfinished"]),
            (f"{REFERENCE} Order FH-1 is shipped.", ["repetition"]),
            ("Order FH-1 is shipped, order FH-1 is shipped, order FH-1 is shipped, and its total is $47.84.", ["repetition"]),
            (f"{REFERENCE} Thank you so very much again for your kind message, and all the best to you and to everyone.", ["long"]),
            (f"I'm sorry for the wait. {REFERENCE}", ["apology"]),
        ]:
            self.assertEqual(faults_of(example(FACTS, REFERENCE), reply), faults, reply)

    def test_a_denial_stays_one(self) -> None:
        self.assertEqual(faults_of(example(DENIAL, DENIAL[0]), "Takeout isn't offered at Restaurant Alimentum."), [])
        self.assertEqual(faults_of(example(DENIAL, DENIAL[0]), "Takeout is offered at Restaurant Alimentum."), ["turned"])

    def test_an_apology_is_for_an_upset_customer(self) -> None:
        sorry = f"I'm sorry about the trouble. {REFERENCE}"
        self.assertEqual(faults_of(example(FACTS, REFERENCE, "this is ridiculous. where is it?"), sorry), [])
        self.assertEqual(faults_of(example(FACTS, sorry), sorry), [])
        self.assertEqual(faults_of(example(FACTS, sorry), REFERENCE), ["cold"])

    def test_what_is_only_polite(self) -> None:
        for polite in ["I'm sorry about the trouble.", "Happy to help!", "My apologies for the trouble.", "Feel free to message us again."]:
            self.assertTrue(is_courtesy(polite), polite)
        for answer in ["Yes, you can.", "Sorry, you can't.", "I'm sorry, no.", "I'm sorry about order 7.", "It is free.", "It."]:
            self.assertFalse(is_courtesy(answer), answer)

    def test_the_cases_of_check_rs(self) -> None:
        required = ["The total is $47.84.", "Order FH-1 is shipped."]
        self.assertEqual(left_out(required, "It was $47.84 in all."), required[1:])
        self.assertEqual(left_out(required, "Order FH-1 came to $47.84."), required[1:])
        self.assertEqual(left_out(required, "Order FH-1 has shipped, for $47.84."), [])
        policy = ["You can return an item by mail or in any of our stores."]
        self.assertEqual(left_out(policy, "We're happy to help with returns."), policy)


class Pairs(unittest.TestCase):
    def setUp(self) -> None:
        self.example = example(FACTS, REFERENCE)
        self.judge = lambda reply: judged(self.example, reply)

    def test_the_greedy_reply_is_rejected_if_it_fails(self) -> None:
        greedy, good, worst = self.judge("Your order FH-1 is shipped."), self.judge(REFERENCE), self.judge("")
        self.assertEqual(pair_of(self.example, greedy, [worst, good]), (good, greedy))

    def test_a_good_greedy_reply_is_preferred_to_the_worst(self) -> None:
        greedy, worse, worst = self.judge(REFERENCE), self.judge("Your order FH-1 is shipped."), self.judge("")
        self.assertEqual(pair_of(self.example, greedy, [worse, worst]), (greedy, worst))

    def test_the_reference_stands_in_where_none_passes(self) -> None:
        greedy = self.judge("Your order FH-1 is shipped.")
        pair = pair_of(self.example, greedy, [greedy])
        self.assertEqual(pair and pair[0].reply, REFERENCE)

    def test_a_reference_that_fails_makes_no_pair(self) -> None:
        failing = example(FACTS, "Your parcel left us.")
        self.assertIsNone(pair_of(failing, judged(failing, ""), []))

    def test_replies_alike_make_no_pair(self) -> None:
        self.assertIsNone(pair_of(self.example, self.judge(REFERENCE), [self.judge(" ".join(FACTS))]))

    def test_facts_without_the_answer_are_left_out(self) -> None:
        missing = example(FACTS, "I don't see the carrier of your order here.") | {"required": []}
        self.assertFalse(is_judgeable(missing))
        self.assertTrue(is_judgeable(missing | {"source": "dialogue"}))


if __name__ == "__main__":
    unittest.main()
