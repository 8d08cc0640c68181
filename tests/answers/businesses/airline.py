"""An airline: bookings with flights, seats, baggage and fare; camelCase, nested, codes in capitals."""

import datetime

from . import common

AIRPORTS = [("BOS", "Boston"), ("DEN", "Denver"), ("LIS", "Lisbon"), ("OSL", "Oslo"), ("YYZ", "Toronto"), ("AUS", "Austin"), ("KEF", "Reykjavik"), ("MAD", "Madrid"), ("SEA", "Seattle"), ("ZRH", "Zurich")]
MEALS = ["STANDARD", "VEGETARIAN", "VEGAN", "GLUTEN_FREE", None]
FARES = [("ECONOMY_LIGHT", 0, 8, False), ("ECONOMY_FLEX", 1, 23, True), ("PREMIUM_ECONOMY", 2, 23, True), ("BUSINESS", 2, 32, True)]


def flight(random, day, origin, destination, fare, flown):
    leaves = datetime.datetime.fromisoformat(common.at(day, random, 6, 20))
    lands = leaves + datetime.timedelta(minutes=random.randrange(75, 560, 5))
    return {
        "flightNumber": f"NW{random.randint(100, 989)}",
        "origin": {"code": origin[0], "city": origin[1]},
        "destination": {"code": destination[0], "city": destination[1]},
        "departureTime": leaves.isoformat(),
        "arrivalTime": lands.isoformat(),
        "terminal": str(random.randint(1, 5)),
        "gate": f"{random.choice('ABCD')}{random.randint(1, 48)}",
        "seatNumber": f"{random.randint(4, 38)}{random.choice('ABCDEF')}",
        "cabin": "BUSINESS" if fare == "BUSINESS" else "ECONOMY",
        "flightStatus": "LANDED" if flown else random.choice(["SCHEDULED", "SCHEDULED", "DELAYED", "CANCELLED"]),
        "isCheckedIn": flown or random.random() < 0.4,
    }


def booking(random, identifier, owner, name, email):
    day = common.days_after(random, common.date("2026-01-10"), 0, 300)
    flown = day < common.date("2026-07-01")
    fare, bags, allowance, refundable = random.choice(FARES)
    here, there = random.sample(AIRPORTS, 2)
    flights = [flight(random, day, here, there, fare, flown)]
    if random.random() < 0.6:
        flights.append(flight(random, common.days_after(random, day, 3, 14), there, here, fare, flown))
    base, taxes = common.money(random, 89, 900), common.money(random, 20, 140)
    return common.record("booking", identifier, owner, {
        "bookingStatus": "COMPLETED" if flown else random.choice(["CONFIRMED", "CONFIRMED", "ON_HOLD", "CANCELLED"]),
        "bookedAt": common.at(day - datetime.timedelta(days=random.randint(15, 90)), random, zone="Z"),
        "fareClass": fare,
        "flights": flights,
        "passengers": [{"fullName": name, "passengerType": "ADULT", "mealPreference": random.choice(MEALS)}],
        "baggage": {"checkedBags": bags, "allowanceKg": allowance},
        "price": {"baseFare": base, "taxesAndFees": taxes, "grandTotal": round(base + taxes, 2), "currency": "USD"},
        "isRefundable": refundable,
        "travelInsurance": random.random() < 0.3,
        "contactEmail": email,
        "ticketNumber": f"117-{random.randint(10**9, 10**10 - 1)}",
    })


def records(random):
    people = common.People(random)
    made = []
    taken = set()
    for number in range(60):
        owner = f"NWP-{70210 + number * 7}"
        first, last, email, phone = people.next()
        made.append(common.record("customer", owner, owner, {
            "firstName": first, "lastName": last, "email": email, "phone": phone,
            "loyalty": {"memberNumber": f"NF{random.randint(10**7, 10**8 - 1)}", "tier": random.choice(["BLUE", "SILVER", "GOLD"]), "milesBalance": random.randint(0, 90000), "tierValidUntil": common.days_after(random, common.date("2026-12-31"), 0, 400).isoformat()},
            "passportExpiry": common.days_after(random, common.date("2027-01-01"), 0, 2500).isoformat(),
        }))
        for _ in range(random.choice([1, 1, 2, 2, 3])):
            identifier = common.code(random, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6)
            while identifier in taken or identifier.isdigit() or identifier.isalpha():
                identifier = common.code(random, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6)
            taken.add(identifier)
            made.append(booking(random, identifier, owner, f"{first} {last}", email))
    return made


def write(folder, random):
    common.write_json_lines(folder / "passengers_and_bookings.jsonl", records(random))
