"""Random values, worded as Steward words them: `$47.84`, `November 24, 2026`, `2:05 PM`. Literals are drawn so that none can be learnt
by heart: a reply has to copy them."""

from __future__ import annotations

import datetime
import random
import string

FIRST = """Ada Ben Carla Dmitri Elena Farid Grace Hana Ivan Jada Kofi Lena Marco Nadia Omar Priya Quinn Rosa Sven Tara Umar Vera Wei Ximena
Yusuf Zoe Aiko Bruno Chloe Dario Esther Felix Gita Hugo Ines Jonas Kira Luis Mina Noah Olga Pavel Rita Samir Tomas Uma Viktor Willa""".split()
LAST = """Hill Okafor Tanaka Novak Silva Brandt Costa Dubois Eriksen Fischer Garcia Haddad Ito Jansen Khan Larsen Moreau Nguyen Olsen Patel
Quist Rossi Santos Takeda Ueda Vargas Weber Xu Young Zhang Abbott Bianchi Castillo Demir Estrada Flores Goldberg Horvat Ibarra Kowalski""".split()
CITIES = """Reno Austin Lyon Porto Leeds Graz Denver Malmo Ghent Turin Boise Tampa Cork Bergen Utrecht Salem Mesa Quebec Perth Osaka Lagos
Krakow Tucson Omaha Fresno Bristol Nantes Basel Vigo Aarhus""".split()
STREETS = "Maple Oak Quarry Harbor Mill Elm Station Garden Lake Sunset Chapel River Orchard Birch Market Castle".split()
COMPANIES = "Northline Brightwell Cedar Kestrel Lumen Marlow Orchid Pinecrest Quartz Redwood Summit Tidewater Umber Vantage Willow".split()
ITEMS = """Mug|Water Bottle|Desk Lamp|Office Chair|Rain Jacket|Hiking Boots|Alder 2 Tent|Bluetooth Speaker|Yoga Mat|Coffee Maker|Phone Case|
Wool Socks|Backpack|Cutting Board|Electric Kettle|Running Shoes|Wall Clock|Puzzle|Linen Shirt|Garden Hose|Bike Light|Air Fryer|Duvet Cover|
Headphones|Notebook Set|Skillet|Tea Sampler|Fleece Hoodie|Camping Stove|Smart Watch""".replace("\n", "").split("|")
COLOURS = "blue black red green grey white navy teal sand olive".split()
MONTHS = "January February March April May June July August September October November December".split()
_FIXED = {
    "reason": "wrong size|arrived damaged|no longer needed|not as described|defective|ordered by mistake|color not as expected",
    "room": "double room|deluxe king|twin room|family suite|garden studio|sea view double|single room",
    "wish": "window table|high chair needed|gluten-free menu|quiet corner|birthday cake at dessert",
    "baggage": "one carry-on and one checked bag|two checked bags|one carry-on|23 kg checked bag",
    "tariff": "Green Flex|Night Saver|Fixed 24|Standard Variable|Solar Plus|EV Drive",
    "spot": "basement|hallway cupboard|garage|outside wall|kitchen",
    "device": "Pixel 8|laptop|washing machine|espresso machine|e-bike|dishwasher|tablet|Galaxy S23|vacuum cleaner|hearing aid",
    "plan": "Starter|Pro|Team|Family|Business Plus|Unlimited|Basic|Premium|Student",
    "service": "boiler service|haircut|eye exam|fiber installation|dental cleaning|oil change|massage|solar panel inspection|deep cleaning",
    "medication": "amoxicillin|metformin|lisinopril|salbutamol inhaler|cetirizine|vitamin D",
    "prepare": "bring your insurance card|do not eat for 8 hours before|arrive 15 minutes early|key is with the neighbor|ring twice",
    "schedule": "Mondays at 6:00 PM|twice a day|Tuesdays and Thursdays|weekday mornings|Saturdays at 10:00 AM",
    "event": "Jazz Night|Harbor Marathon|Comedy Gala|Winter Ball|Tech Forum|City Derby|Spring Opera",
    "venue": "Riverside Hall|City Arena|Old Mill Theatre|Kestrel Stadium|Town Library",
    "section": "Balcony|Stalls|Upper Tier|Floor A|Block C",
    "campaign": "Clean Rivers|School Meals|Night Shelter|Forest Fund|Animal Rescue",
    "vehicle": "Toyota Corolla|VW Golf|Ford Transit|Kia Niro|cargo bike|Fiat 500|Tesla Model 3",
    "pet": "Biscuit|Luna|Pepper|Mochi|Rex|Olive|Bruno|Nala",
    "terminal": "Terminal 1|Terminal 2|Terminal 3|North Terminal|Terminal B",
}


class Values:
    """Draws values of a sort from one source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def of(self, sort: str) -> str:
        """A value as it reads in a sentence. `bool` gives "yes" or "no", `list` a list of items."""
        if "/" in sort:
            return self.chance.choice(sort.split("/")).replace("_", " ")
        if sort in _FIXED:
            return self.chance.choice(_FIXED[sort].split("|"))
        return getattr(self, f"_{sort}")()

    def identifier(self, pattern: str) -> str:
        digit, letter = string.digits, string.ascii_uppercase
        drawn = "".join(self.chance.choice(digit if c == "#" and i else letter if c == "@" else c) for i, c in enumerate(pattern))
        if pattern[0] == "#" and not pattern.startswith("#W"):
            drawn = self.chance.choice("123456789") + drawn[1:]
        return drawn

    def _money(self) -> str:
        chance = self.chance
        amount = chance.choice([chance.uniform(0.5, 20), chance.uniform(5, 120), chance.uniform(20, 900), chance.uniform(100, 4000)])
        if chance.random() < 0.35:
            amount = round(amount) or 5
        currency = chance.choices("$€£", [8, 1, 1])[0]
        return f"{currency}{amount:.2f}"

    def _bigmoney(self) -> str:
        amount = self.chance.choice([500, 1000, 2500, 250]) * self.chance.randint(2, 90) + self.chance.choice([0, 0, 0.5, 12.75])
        return f"${amount:,.2f}" if amount >= 10000 else f"${amount:.2f}"

    def _rate(self) -> str:
        return f"$0.{self.chance.randint(101, 489)}"

    def _date(self) -> str:
        day = datetime.date(2024, 1, 1) + datetime.timedelta(days=self.chance.randint(0, 1460))
        return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"

    def _clock(self) -> str:
        return f"{self.chance.randint(1, 12)}:{self.chance.choice(['00', '05', '10', '15', '20', '30', '40', '45', '50'])} {self.chance.choice('AP')}M"

    def _window(self) -> str:
        start = self.chance.randint(8, 15)
        half = lambda hour: f"{hour % 12 or 12}:00 {'AM' if hour < 12 else 'PM'}"  # noqa: E731
        return f"{half(start)} to {half(start + self.chance.choice([2, 3, 4]))}"

    def _person(self) -> str:
        return f"{self.chance.choice(FIRST)} {self.chance.choice(LAST)}"

    def _doctor(self) -> str:
        return f"Dr. {self.chance.choice(LAST)}"

    def _company(self) -> str:
        return self.chance.choice(COMPANIES) + self.chance.choice([" Outfitters", " Books", " Foods", " Home", " Electronics", ""])

    def _carrier(self) -> str:
        return self.chance.choice(COMPANIES) + self.chance.choice([" Parcel", " Express", " Post", " Freight"])

    def _branch(self) -> str:
        return f"{self.chance.choice(CITIES)} {self.chance.choice(['Center', 'Store', 'North', 'Airport', 'Clinic', 'Station', 'branch'])}"

    def _city(self) -> str:
        return self.chance.choice(CITIES)

    def _address(self) -> str:
        flat = f", Apt {self.chance.randint(1, 40)}" if self.chance.random() < 0.3 else ""
        street = f"{self.chance.randint(2, 9899)} {self.chance.choice(STREETS)} {self.chance.choice(['Street', 'Road', 'Lane', 'Court', 'Drive'])}"
        return f"{street}{flat}, {self.chance.choice(CITIES)}, {self.chance.randint(10000, 99899)}"

    def _tracking(self) -> str:
        return self.identifier(self.chance.choice(["@@########", "############", "1Z@#########", "NP##########", "@@#########@@"]))

    def _code(self) -> str:
        return self.identifier(self.chance.choice(["@@-####", "######", "@#@#@#", "@@@-#####", "####-####", "@########"]))

    def _promo(self) -> str:
        return self.chance.choice(["SAVE", "WELCOME", "SPRING", "VIP", "THANKS", "HELLO"]) + str(self.chance.randint(5, 99))

    def _card(self) -> str:
        brand = self.chance.choice(["Visa", "Mastercard", "Amex", "Union One", "Orbit"])
        return f"{brand} {self.chance.choice(['credit card', 'card', 'debit card'])} ending in {self._fourdigits()}"

    def _fourdigits(self) -> str:
        return self.identifier("####")

    def _flight(self) -> str:
        return self.identifier(self.chance.choice(["@@###", "@@####", "@@ ###"]))

    def _seat(self) -> str:
        return f"{self.chance.randint(1, 48)}{self.chance.choice('ABCDEF')}"

    def _gate(self) -> str:
        return f"{self.chance.choice('ABCDE')}{self.chance.randint(1, 60)}"

    def _plate(self) -> str:
        return self.identifier(self.chance.choice(["@@-###-@", "@@@ ####", "@## @@@"]))

    def _iban(self) -> str:
        return self.identifier("@@##################")

    def _simnumber(self) -> str:
        return self.identifier("89##############")

    def _room_number(self) -> str:
        return self.chance.choice(["", "A", "B", "C-"]) + str(self.chance.randint(1, 460))

    def _phone(self) -> str:
        return f"{self.chance.randint(201, 989)}-555-0{self.chance.randint(100, 199)}"

    def _email(self) -> str:
        first, last = self.chance.choice(FIRST).lower(), self.chance.choice(LAST).lower()
        name = self.chance.choice([f"{first}.{last}", f"{first[0]}{last}", f"{first}{self.chance.randint(1, 999)}", f"{first}_{last}"])
        return f"{name}@{self.chance.choice(['example.com', 'mail.example', 'post.example', 'example.org', 'inbox.example'])}"

    def _url(self) -> str:
        return f"https://{self.chance.choice(COMPANIES).lower()}.example/{self.chance.choice(['i', 'invoices', 'docs'])}/{self.identifier('@##@##')}"

    def _period(self) -> str:
        return f"{self.chance.choice(MONTHS)} {self.chance.randint(2024, 2027)}"

    def _small(self) -> str:
        return str(self.chance.randint(2, 24))

    def _count(self) -> str:
        return str(self.chance.randint(2, 40))

    def _months(self) -> str:
        return str(self.chance.choice([12, 24, 36, 48, 60, 120, 240]))

    def _minutes(self) -> str:
        return str(self.chance.choice([15, 20, 30, 40, 45, 60, 90, 120]))

    def _points(self) -> str:
        return str(self.chance.randint(10, 9800))

    def _reading(self) -> str:
        return str(self.chance.randint(800, 98000))

    def _weight(self) -> str:
        return f"{self.chance.uniform(0.2, 28):.1f}"

    def _percent(self) -> str:
        return f"{self.chance.uniform(0.5, 14):.2f}".rstrip("0")

    def _bool(self) -> str:
        return self.chance.choice(["yes", "no"])

    def _list(self) -> str:
        names = []
        for item in self.chance.sample(ITEMS, self.chance.choice([1, 2, 2, 3])):
            colour = f" ({self.chance.choice(COLOURS)})" if self.chance.random() < 0.5 else ""
            times = f"{self.chance.randint(2, 4)} x " if self.chance.random() < 0.2 else ""
            names.append(f"{times}{item}{colour}")
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
