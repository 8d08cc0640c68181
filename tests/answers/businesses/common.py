"""What the businesses share: people, dates, and the two files that `steward import accounts` reads."""

import csv
import datetime
import json

FIRST_NAMES = "Ada Bruno Carla Dmitri Elena Farid Greta Hugo Ines Jonas Katya Liam Mona Nils Olga Pablo Quinn Rosa Stefan Tara Ugo Vera Wanda Yusuf Zoe".split()
LAST_NAMES = "Abbott Bergman Castillo Dorsey Ekström Fontaine Grady Holloway Ivanov Jensen Kowalski Lindqvist Moreau Novak Okafor Petrov Quigley Rossi Sato Tanaka Ulrich Vargas Whitfield Yilmaz Zimmer".split()
STREETS = "Birch Lane|Canal Street|Dover Road|Elm Avenue|Foundry Row|Garden Terrace|Harbor View|Mill Road|Orchard Close|Quarry Hill".split("|")
TOWNS = [("Ashford", "46120"), ("Brookdale", "20377"), ("Cedar Falls", "50613"), ("Eastbourne", "31904"), ("Granite Bay", "95746"), ("Lakeview", "97630")]


class People:
    """Customers with names, e-mail and telephone; no two share a name."""

    def __init__(self, random):
        self.random = random
        pairs = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
        random.shuffle(pairs)
        self.pairs = pairs

    def next(self):
        first, last = self.pairs.pop()
        ascii_last = last.lower().replace("ö", "o")
        email = f"{first.lower()}.{ascii_last}@example.com"
        return first, last, email, f"+1 555 01{self.random.randint(10, 99)} {self.random.randint(100, 999)}"


def date(text):
    return datetime.date.fromisoformat(text)


def days_after(random, day, least, most):
    return day + datetime.timedelta(days=random.randint(least, most))


def at(day, random, first_hour=6, last_hour=21, zone=""):
    """An ISO time on the day, at five minutes' grain."""
    hour, minute = random.randint(first_hour, last_hour), random.randrange(0, 60, 5)
    return f"{day.isoformat()}T{hour:02}:{minute:02}:00{zone}"


def money(random, least, most):
    return round(random.uniform(least, most), 2)


def code(random, letters, length):
    return "".join(random.choice(letters) for _ in range(length))


def record(kind, identifier, owner, fields):
    line = {"kind": kind, "id": identifier}
    if owner is not None:
        line["customer_id"] = owner
    line["fields"] = fields
    return line


def write_json_lines(path, records):
    with open(path, "w", encoding="utf-8") as file:
        for line in records:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def write_csv(path, records):
    """Nested fields become dotted columns; `null` an empty cell."""

    def flat(fields, prefix=""):
        for name, value in fields.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{name}.")
            elif value is True or value is False:
                yield prefix + name, str(value).lower()
            else:
                yield prefix + name, "" if value is None else value

    rows = [{"kind": r["kind"], "id": r["id"], "customer_id": r.get("customer_id", ""), **dict(flat(r["fields"]))} for r in records]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
