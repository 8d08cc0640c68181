"""Money, days and chance, as every part of the generator counts them."""

import random
from datetime import date, timedelta

import shop

SEED = 20261120
GIFT_CARD = "AC-GIFTCARD"
PRODUCTS = {product["sku"]: product for product in shop.PRODUCTS}


def chance(*names):
    """A source of chance for one thing alone, so that a change elsewhere leaves that thing as it was."""
    return random.Random("/".join(map(str, (SEED, *names))))


def dollars(cents):
    return round(cents / 100, 2)


def cents(amount):
    return round(amount * 100)


def share(amount, hundredths_of_percent):
    """That share of an amount in cents, half a cent rounded up."""
    return (amount * hundredths_of_percent + 5000) // 10000


def is_business_day(day):
    return day.weekday() < 5 and day not in shop.CARRIER_HOLIDAYS


def business_days_after(day, count):
    while count > 0:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day


def next_business_day(day):
    """The day itself if it is one."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def day_of(text):
    return date.fromisoformat(text)


class Unique:
    """Hands out random values, none twice."""

    def __init__(self):
        self.given = set()

    def take(self, make):
        while (value := make()) in self.given:
            pass
        self.given.add(value)
        return value


def sample_with_recent(source, things, count, recent, is_recent):
    """`count` of them, of which `recent` are recent, so that enough is still under way on the last day."""
    young = source.sample([thing for thing in things if is_recent(thing)], recent)
    return young + source.sample([thing for thing in things if thing not in young], count - recent)


def digits(source, count):
    return "".join(str(source.randint(0, 9)) for _ in range(count))


def is_final_sale(item):
    return PRODUCTS[product_sku(item)]["final_sale"]


def product_sku(item):
    """The catalogue's product of an ordered item, whose own number names the variant."""
    sku = item["sku"]
    return sku if sku in PRODUCTS else sku.rsplit("-", 1)[0]
