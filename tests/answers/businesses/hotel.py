"""A hotel group: reservations as CSV with dotted columns, room types as JSON lines; snake_case."""

import datetime

from . import common

HOTELS = [("Harbor Lights Hotel", "Portland", "+1 555 0142 300"), ("The Alder House", "Savannah", "+1 555 0142 310"), ("Northgate Suites", "Chicago", "+1 555 0142 320"), ("Casa del Mar", "San Diego", "+1 555 0142 330"), ("Mountain View Lodge", "Aspen", "+1 555 0142 340")]
ROOMS = [
    ("Standard Queen", 2, "1 queen bed", 24, 139.0, False, ["Wi-Fi", "desk", "coffee maker"]),
    ("Deluxe King", 2, "1 king bed", 32, 189.0, False, ["Wi-Fi", "minibar", "bathtub"]),
    ("Family Room", 4, "2 double beds", 41, 229.0, True, ["Wi-Fi", "fridge", "crib on request"]),
    ("Junior Suite", 3, "1 king bed and a sofa bed", 48, 279.0, True, ["Wi-Fi", "balcony", "minibar"]),
    ("Accessible Twin", 2, "2 twin beds", 30, 149.0, False, ["Wi-Fi", "roll-in shower"]),
]
REQUESTS = ["quiet room away from the elevator", "extra pillows", "high floor", "crib for a baby", None, None]


def reservation(random, identifier, owner, name):
    room, sleeps, _, _, rate, _, _ = random.choice(ROOMS)
    hotel = random.choice(HOTELS)
    check_in = common.days_after(random, common.date("2026-02-01"), 0, 320)
    nights = random.randint(1, 9)
    past = check_in < common.date("2026-07-01")
    rate = rate + random.choice([0, 10, 20, -15])
    total = round(rate * nights * 1.12, 2)
    deposit = round(total * random.choice([0.2, 0.3, 0.5]), 2)
    return common.record("reservation", identifier, owner, {
        "status": "checked_out" if past else random.choice(["confirmed", "confirmed", "pending_payment", "cancelled", "no_show"]),
        "hotel": {"name": hotel[0], "city": hotel[1], "phone": hotel[2]},
        "guest_name": name,
        "room_type": room,
        "room_number": random.randint(101, 899),
        "check_in_date": check_in.isoformat(),
        "check_out_date": (check_in + datetime.timedelta(days=nights)).isoformat(),
        "check_in_time": random.choice(["14:00", "15:00", "16:00"]),
        "nights": nights,
        "adults": random.randint(1, sleeps),
        "children": random.choice([0, 0, 1, 2]),
        "nightly_rate": rate,
        "total_price": total,
        "deposit_paid": deposit,
        "balance_due": round(total - deposit, 2),
        "breakfast_included": random.random() < 0.5,
        "is_refundable": random.random() < 0.6,
        "free_cancellation_until": (check_in - datetime.timedelta(days=random.choice([2, 3, 7]))).isoformat(),
        "parking_reserved": random.random() < 0.4,
        "special_requests": random.choice(REQUESTS),
        "booked_on": (check_in - datetime.timedelta(days=random.randint(10, 120))).isoformat(),
        "booking_channel": random.choice(["website", "phone", "travel_agency"]),
    })


def write(folder, random):
    people = common.People(random)
    guests, reservations = [], []
    numbers = random.sample(range(400000, 999999), 200)
    for number in range(60):
        owner = f"G{3100 + number}"
        first, last, email, phone = people.next()
        guests.append(common.record("customer", owner, owner, {
            "name": f"{first} {last}", "email": email, "phone": phone,
            "rewards": {"tier": random.choice(["member", "silver", "platinum"]), "points": random.randint(0, 40000)},
            "preferences": {"smoking": False, "bed": random.choice(["king", "twin"])},
        }))
        for _ in range(random.choice([1, 2, 2, 3])):
            reservations.append(reservation(random, f"HR-{numbers.pop()}", owner, f"{first} {last}"))
    rooms = [common.record("room_type", name.lower().replace(" ", "-"), None, {
        "name": name, "max_occupancy": sleeps, "beds": beds, "size_sqm": size, "nightly_rate_from": rate, "pets_allowed": pets, "amenities": amenities,
    }) for name, sleeps, beds, size, rate, pets, amenities in ROOMS]
    common.write_json_lines(folder / "guests.jsonl", guests)
    common.write_csv(folder / "reservations.csv", reservations)
    common.write_json_lines(folder / "room_types.jsonl", rooms)
