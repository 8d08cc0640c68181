"""Facts of random records, worded as `src/retrieve/fact/sentence.rs` words them, each with the parts that a reply is made of."""

from __future__ import annotations

import random
from dataclasses import dataclass

from catalogue import Field, Kind
from values import COLOURS, ITEMS, Values

_SAID_OF_THINGS = set("active open ready new in on out complete paid due overdue lost sent done final available void under awaiting waiting being not".split())
_ADJECTIVES = set("active open paid free new valid final due ready late full".split())
_PARTICIPLES = set("sent paid made bought".split())
_UNITS = {"kwh": "kWh", "kg": "kg", "km": "km", "gb": "GB", "minutes": "minutes", "hours": "hours", "days": "days", "weeks": "weeks", "months": "months", "percent": "percent"}
_WRITTEN = {"vat": "VAT", "iban": "IBAN", "sim": "SIM", "url": "URL", "kwh": "kWh", "kg": "kg", "km": "km", "gb": "GB"}
_MASS = ("ing", "ance", "ence", "tion", "age", "ment", "s", "ity")
# Sorts whose values are asked with "when", "who", "how much", "where".
ASKED = {
    "date": "when", "person": "who", "doctor": "who", "money": "how much", "bigmoney": "how much",
    "branch": "where", "city": "where", "spot": "where", "venue": "where", "small": "how many", "count": "how many", "points": "how many",
}


@dataclass(frozen=True)
class Fact:
    """One fact. `form` says which parts it has:

    state      SUBJECT is VALUE
    attribute  the NAME of SUBJECT VERB VALUE (of the customer: your NAME VERB VALUE)
    event      SUBJECT VERB VALUE, as in "was shipped on" and "contains"
    truth      SENTENCE alone; `holds` says whether it affirms
    """

    form: str
    noun: str
    subject: str
    name: str
    verb: str
    value: str
    sentence: str
    asked: str = ""
    holds: bool = True

    @property
    def is_owned(self) -> bool:
        """The subject may be called "your order FH-1"."""
        return bool(self.subject) and not self.subject.startswith("the ")


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def as_given(facts: list[Fact]) -> list[str]:
    """The sentences as Steward lists them: a record is named once where a pronoun does."""
    given: list[str] = []
    before = None
    for fact in facts:
        head = f"The {fact.name} of {fact.subject} "
        if before == fact.subject and fact.is_owned and fact.sentence.startswith(head):
            given.append(f"Its {fact.name} {fact.sentence[len(head):]}")
        else:
            given.append(fact.sentence)
        before = fact.subject
    return given


class FactMaker:
    """Draws records and the facts of them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.values = Values(chance)

    def of_kind(self, kind: Kind, count: int) -> list[Fact]:
        """Facts of one record, of different fields."""
        subject = f"{kind.noun} {self.values.identifier(self.chance.choice(kind.patterns))}"
        weights = [3 if field.words == ("status",) else 1 for field in kind.fields]
        order = sorted(kind.fields, key=lambda field: self.chance.random() ** (1 / weights[kind.fields.index(field)]), reverse=True)
        facts = [self.fact(kind.noun, subject, field) for field in order[:count]]
        return facts

    def of_customer(self, fields: tuple[Field, ...], count: int) -> list[Fact]:
        """Facts of the customer's own record."""
        facts = []
        for field in self.chance.sample(fields, count):
            name, value = " ".join(_written(field.words)), self.values.of(field.sort)
            verb = "are" if field.words[-1].endswith("s") and field.words[-1] != "address" else "is"
            facts.append(Fact("attribute", "account", "", name, verb, value, f"Your {name} {verb} {value}.", ASKED.get(field.sort, "")))
        return facts

    def of_product(self, count: int) -> list[Fact]:
        """Facts of a product of a catalogue, or of an item of an order."""
        name = self.chance.choice(ITEMS) + (f" ({self.chance.choice(COLOURS)})" if self.chance.random() < 0.6 else "")
        money = self.values.of("money")
        if self.chance.random() < 0.5:
            subject = f"the {name}"
            facts = [Fact("event", "product", subject, "price", "costs", money, f"The {name} costs {money}.", "how much")]
            more = [("warranty", f"{self.chance.choice([1, 2, 3, 5, 10])} years"), ("weight", f"{self.chance.randint(1, 20)} lb {self.chance.randint(1, 15)} oz"),
                    ("capacity", f"{self.chance.randint(1, 90)} liters"), ("sku", self.values.of("code")), ("category", self.chance.choice(["Outdoor", "Kitchen", "Home Office", "Footwear"]))]
        else:
            order = f"order {self.values.identifier(self.chance.choice(['FH-#####', '#W#######', 'SO-#####']))}"
            subject = f"the {name} in {order}"
            facts = [Fact("attribute", "item", subject, "price", "is", money, f"The price of {subject} is {money}.", "how much")]
            more = [("quantity", str(self.chance.randint(2, 9))), ("item id", self.values.identifier("##########")), ("size", self.chance.choice(["XL", "M", "10", "7.5", "42"]))]
        for attribute, value in self.chance.sample(more, min(count, len(more))):
            facts.append(Fact("attribute", "product", subject, attribute, "is", value, f"The {attribute} of {subject} is {value}."))
        self.chance.shuffle(facts)
        return facts[:count]

    def fact(self, noun: str, subject: str, field: Field) -> Fact:
        """A fact with a random value."""
        inside = f"the {field.within} of {subject}" if field.within else subject
        return worded(noun, inside, field, self.values.of(field.sort))


def worded(noun: str, subject: str, field: Field, value: str) -> Fact:
    """`sentence.rs`, by the shape of the field's name."""
    words, sort = field.words, field.sort
    name, last, first = " ".join(_written(words)), words[-1], words[0]
    asked = ASKED.get(sort, "")

    def attribute(name: str, verb: str, value: str) -> Fact:
        return Fact("attribute", noun, subject, name, verb, value, f"The {name} of {subject} {verb} {value}.", asked)

    def event(verb: str, value: str) -> Fact:
        return Fact("event", noun, subject, name, verb, value, f"{capitalized(subject)} {verb} {value}.", asked)

    if words == ("status",):
        head = value.split(" ")[0]
        if head in _SAID_OF_THINGS or head.endswith(("ed", "ing", "en", "ent", "able")):
            return Fact("state", noun, subject, name, "is", value, f"{capitalized(subject)} is {value}.", asked)
        return attribute("status", "is", value)
    if sort == "bool":
        return _truth(noun, subject, words, value == "yes")
    if sort == "list":
        many = value.count(",") + value.count(" and ") + 1
        return event("contains", value if many == 1 else f"{many} items: {value}")
    if sort == "date":
        participle = first.endswith("ed") and len(first) > 3 or first in _PARTICIPLES
        if last in ("on", "at") and participle:
            return event(f"was {' '.join(words[:-1])} on", value)
        if last == "on" and len(words) == 2 and first.endswith("s"):
            return event(f"{first} on", value)
        if last == "until":
            return event("is valid until", value)
        if last == "due" and len(words) > 1:
            return attribute(" ".join(words[:-1]), "is due on", value)
    if last in _UNITS and len(words) > 1 and sort in ("small", "reading", "months", "minutes", "weight", "percent"):
        return attribute(" ".join(_written(words[:-1])), "is", f"{value} {_UNITS[last]}")
    if last.endswith("s") and not last.endswith(("ss", "us", "is")) and value.isdigit():
        return attribute(f"number of {name}", "is", value)
    plural = last.endswith("s") and not last.endswith(("ss", "us", "is")) and last not in ("address", "series")
    return attribute(name, "are" if plural else "is", value)


def _truth(noun: str, subject: str, words: tuple[str, ...], holds: bool) -> Fact:
    """`truth.rs`: "Booking K7 is refundable.", "Breakfast is included for booking K7."."""
    no = "" if holds else "not "
    rest = words[1:] if words[0] in ("is", "has", "are") else words
    name, last = " ".join(rest), rest[-1]
    adjective = last in _ADJECTIVES or len(last) > 3 and last.endswith(("ed", "able", "ible"))
    if words[0] == "is" or len(rest) == 1 and adjective:
        sentence = f"{capitalized(subject)} is {no}{name}."
    elif adjective and rest[:-1] == ("customer",):
        sentence = f"{capitalized(subject)} is {no}{last} by the customer."
    elif adjective:
        are = "are" if rest[-2].endswith("s") else "is"
        sentence = f"{capitalized(' '.join(rest[:-1]))} {are} {no}{last} for {subject}."
    elif not holds:
        sentence = f"{capitalized(subject)} has no {name}."
    else:
        article = "" if last.endswith(_MASS) else "an " if name[0] in "aeio" else "a "
        sentence = f"{capitalized(subject)} has {article}{name}."
    return Fact("truth", noun, subject, name, "", "", sentence, "whether", holds)


def _written(words: tuple[str, ...]) -> list[str]:
    return [_WRITTEN.get(word, word) for word in words]
