"""Customers: who they are, how they pay, and what only the generator knows of them (habits, earlier spending)."""

from datetime import date, timedelta

import shop
from generator.common import Unique, chance, digits
from generator.people import CITIES, FIRST_NAMES, LAST_NAMES, STREETS, STREET_TYPES
from generator.stories import CUSTOMERS as STORY_CUSTOMERS

COUNT = 220
WITHOUT_ORDERS = 14
POINTS_PER_DOLLAR = {"Trail": 100, "Ridge": 125, "Summit": 150}  # in hundredths
FIRST_JOINED = date(2019, 3, 1)


class Customer:
    """The record of a customer, and the habits and history behind it."""

    def __init__(self, number, taken):
        self.id = f"c{number}"
        source = self.source = chance("customer", self.id)
        story = STORY_CUSTOMERS.get(self.id)
        days = (shop.AS_OF - FIRST_JOINED).days
        self.joined = story["joined"] if story else FIRST_JOINED + timedelta(days=int(days * source.random() ** 0.8))
        first, last = story["name"] if story else taken["name"].take(lambda: (source.choice(FIRST_NAMES), source.choice(LAST_NAMES)))
        city, state, zip_code, area = next(place for place in CITIES if place[0] == story["city"]) if story else source.choice(CITIES)
        self.group = None if story else source.choices([None, "student", "service"], [84, 9, 7])[0]
        self.taste = source.random()  # where in the range of sizes this customer usually buys
        self.shops = not story and number - 1000 > len(STORY_CUSTOMERS) + WITHOUT_ORDERS
        # Spending of the twelve months before the first record; counts toward the tier and the points.
        earlier = source.choice([0] * 6 + [6000, 9000, 12000, 19000, 31000, 52000])
        self.spent = [(shop.FIRST_DAY - timedelta(days=1), earlier if self.joined < date(2026, 3, 1) else 0)]
        self.points = self.spent[0][1] // 100
        self.methods = self.payment_methods(source)
        self.record = {"kind": "customer", "id": self.id, "customer_id": self.id, "fields": {
            "name": {"first": first, "last": last}, "email": taken["email"].take(lambda: email(source, first, last, self.joined)),
            "phone": taken["phone"].take(lambda: f"{area}-555-01{digits(source, 2)}"),
            "default_address": self.address(source, city, state, zip_code),
            "payment_methods": self.methods, "loyalty": {}, "member_since": self.joined.isoformat(),
            "store_credit": 0.0 if story else source.choice([0.0] * 8 + [10.0, 15.0, 25.0, 40.0])}}

    def payment_methods(self, source):
        cards = source.choices([1, 2, 3], [68, 27, 5])[0]
        methods = [{"type": "card", "brand": source.choice(shop.CARD_BRANDS), "last_four": digits(source, 4),
                    "expires": f"{source.randint(2027, 2031)}-{source.randint(1, 12):02d}"} for _ in range(cards)]
        if source.random() < 0.25:
            methods.append({"type": f"{shop.WALLETS[0]} wallet"})
        return methods

    def address(self, source, city, state, zip_code):
        address = {"line1": f"{source.randint(11, 9899)} {source.choice(STREETS)} {source.choice(STREET_TYPES)}"}
        if source.random() < 0.25:
            address["line2"] = f"Apt {source.randint(1, 48)}"
        return address | {"city": city, "state": state, "zip": zip_code, "country": "USA"}

    @property
    def home(self):
        return self.record["fields"]["default_address"]

    def tier(self, day):
        """The tier on that day: by all spending up to it, since the records span less than twelve months."""
        spent = sum(amount for when, amount in self.spent if when <= day)
        return [name for name, least in shop.TIERS.items() if spent >= least][-1]

    def earn(self, day, merchandise):
        """Counts an order toward the tier; the order itself earns at the tier of its day."""
        rate = POINTS_PER_DOLLAR[self.tier(day)]
        self.spent.append((day, merchandise))
        return merchandise * rate // 10000

    def close(self):
        """Writes the tier and the points, once every order and return is known."""
        self.record["fields"]["loyalty"] = {"tier": self.tier(shop.AS_OF), "points": max(0, self.points)}
        return self.record


def email(source, first, last, joined):
    first, last = (name.lower().replace("'", "").replace("-", "") for name in (first, last))
    return source.choice([f"{first}.{last}", f"{first[0]}{last}", f"{first}{last[0]}{joined.year % 100}", f"{first}_{last}",
                          f"{last}.{first}", f"{first}.{last}{source.randint(2, 99)}"]) + "@example.com"


def all_customers():
    taken = {"name": Unique(), "email": Unique(), "phone": Unique()}
    return [Customer(1001 + place, taken) for place in range(COUNT)]
