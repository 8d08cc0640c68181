"""Examples from the accounts of tau-bench's shop: facts of its orders, asked for in our wordings and after its customers' wishes."""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import prompts
from catalogue import Field
from example import Example
from facts import Fact, as_given, worded
from own import MOODS, is_polite
from questions import Pool, Questioner
from replies import Replier

_WISH = re.compile(r"(Return|exchange|modify|Cancel order|change payment|change address)[^#]*?(#W\d+)", re.IGNORECASE)
WISHES = {
    "return": "I'd like to return something from {id}.|I want to send items of {id} back.|thinking about returning {id}.",
    "exchange": "I want to exchange an item of {id}.|can I swap something in {id}?|the item in {id} isn't the right size.",
    "modify": "I want to change an item in {id}.|I picked the wrong option in {id}.|need to modify {id}.",
    "cancel order": "I don't need {id} anymore.|I might cancel {id}.|I ordered {id} by mistake.",
    "change payment": "I want to pay for {id} another way.|can the payment of {id} be changed?",
    "change address": "I moved, and {id} goes to the old address.|the address on {id} is wrong I think.",
}


def split_of(customer: str) -> str:
    number = zlib.crc32(customer.encode()) % 100
    return "test" if number < 20 else "validation" if number < 23 else "train"


def retail_examples(folder: Path, chance: random.Random, rounds: int) -> Iterator[Example]:
    users = json.loads((folder / "users.json").read_text())
    orders = json.loads((folder / "orders.json").read_text())
    wishes: dict[str, list[str]] = {}
    for line in (folder / "tasks.jsonl").read_text().splitlines():
        for kind, order in _WISH.findall(json.loads(line)["instruction"]):
            wishes.setdefault(order, []).append(kind.lower())
    speakers = {split: (Questioner(chance, Pool(split == "test")), Replier(chance, Pool(split == "test"))) for split in ("train", "validation", "test")}
    for _ in range(rounds):
        for identifier, order in orders.items():
            split = split_of(order["user_id"])
            questioner, replier = speakers[split]
            facts = facts_of_order(identifier, order)
            if chance.random() < 0.15:
                facts = facts_of_user(users[order["user_id"]])
            asked = chance.sample(facts, min(len(facts), chance.choices([1, 2, 3], [5, 4, 2])[0]))
            if len({fact.subject for fact in asked}) > 2:
                continue
            mood = chance.choices(list(MOODS), list(MOODS.values()))[0]
            question, asking = questioner.ask(asked, mood)
            if identifier in wishes and asked[0].subject and chance.random() < 0.7:
                wish = chance.choice(WISHES[chance.choice(wishes[identifier])].split("|")).format(id=chance.choice([identifier, f"order {identifier}", "my order"]))
                question = f"{wish} {question}"
            given = as_given(asked)
            phrased = replier.phrase(asked, given, "polite" if mood == "plain" and is_polite(question) else mood, given)
            if phrased is not None:
                reply, phrasing = phrased
                yield Example(prompts.answer_messages(given, question), reply, given, given, "retail", order["user_id"], f"{asking} => {phrasing}", split)


def facts_of_order(identifier: str, order: dict) -> list[Fact]:
    subject = f"order {identifier}"
    field = lambda name, sort="": Field(tuple(name.split("_")), sort)  # noqa: E731
    address = order["address"]
    parts = [address[part] for part in ("address1", "address2", "city", "state", "zip", "country") if address.get(part)]
    names = [item_name(item) for item in order["items"]]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    contains = listed if len(names) == 1 else f"{len(names)} items: {listed}"
    facts = [
        worded("order", subject, field("status"), order["status"]),
        worded("order", subject, field("address"), ", ".join(parts)),
        Fact("event", "order", subject, "items", "contains", contains, f"Order {identifier} contains {contains}."),
    ]
    for parcel in order["fulfillments"][:1]:
        facts.append(worded("order", subject, field("tracking_id"), parcel["tracking_id"][0]))
    for item in order["items"][:2]:
        inside = f"the {item_name(item)} in {subject}"
        facts.append(worded("item", inside, field("price", "money"), f"${item['price']:.2f}"))
    for payment in order["payment_history"][:1]:
        inside = f"the {payment['transaction_type']} of {subject}"
        facts.append(worded("payment", inside, field("amount", "money"), f"${payment['amount']:.2f}"))
        facts.append(worded("payment", inside, field("payment_method"), payment["payment_method_id"]))
    return facts


def facts_of_user(user: dict) -> list[Fact]:
    address = user["address"]
    parts = [address[part] for part in ("address1", "address2", "city", "state", "zip", "country") if address.get(part)]
    values = {"email": user["email"], "address": ", ".join(parts), "name": f"{user['name']['first_name']} {user['name']['last_name']}"}
    return [Fact("attribute", "account", "", name, "is", value, f"Your {name} is {value}.") for name, value in values.items()]


def item_name(item: dict) -> str:
    options = [{"yes": name, "no": f"no {name}"}.get(value, value) for name, value in item["options"].items()]
    return f"{item['name']} ({', '.join(options)})" if options else item["name"]
