"""A car workshop: vehicles, repair jobs with parts, appointments; snake_case, references by id, lists."""

import datetime

from . import common

CARS = [("Toyota", "Corolla"), ("Volkswagen", "Golf"), ("Ford", "Transit"), ("Honda", "Civic"), ("Volvo", "V60"), ("Kia", "Sportage"), ("Mazda", "CX-5"), ("Subaru", "Outback")]
MECHANICS = ["Ray Delgado", "Sunita Rao", "Piotr Zielinski", "Carmen Ibarra"]
JOBS = {
    "brake noise": [("brake pads", 64.5), ("brake disc", 112.0)],
    "oil leak": [("oil filter", 14.9), ("sump gasket", 38.0)],
    "dead battery": [("battery", 149.0)],
    "air conditioning not cooling": [("AC compressor", 389.0), ("refrigerant", 58.0)],
    "check engine light": [("oxygen sensor", 96.4), ("spark plugs", 42.0)],
    "clutch slipping": [("clutch kit", 310.0)],
    "broken windshield": [("windshield", 275.0), ("sealant", 12.0)],
}
SERVICES = ["annual service", "tire change", "state inspection", "oil change", "wheel alignment"]


def repair(random, identifier, owner, vehicle):
    complaint = random.choice(list(JOBS))
    parts = [{"part_name": part, "quantity": random.choice([1, 1, 2]), "unit_price": price} for part, price in JOBS[complaint]]
    hours = random.choice([0.5, 1.0, 1.5, 2.5, 4.0])
    labor = round(hours * 96, 2)
    total = round(labor + sum(part["quantity"] * part["unit_price"] for part in parts), 2)
    came = common.days_after(random, common.date("2026-03-01"), 0, 120)
    status = random.choice(["in_diagnosis", "waiting_for_parts", "in_progress", "ready_for_pickup", "picked_up", "awaiting_approval"])
    return common.record("repair", identifier, owner, {
        "vehicle": {"make": vehicle["make"], "model": vehicle["model"], "license_plate": vehicle["license_plate"]},
        "status": status,
        "reported_problem": complaint,
        "mechanic": random.choice(MECHANICS),
        "dropped_off_at": common.at(came, random, 7, 11),
        "estimated_completion": common.days_after(random, came, 1, 8).isoformat(),
        "picked_up_at": common.at(common.days_after(random, came, 2, 9), random, 14, 17) if status == "picked_up" else None,
        "parts": parts,
        "labor": {"hours": hours, "cost": labor},
        "total_cost": total,
        "customer_approved": status not in ("in_diagnosis", "awaiting_approval"),
        "courtesy_car": random.random() < 0.3,
        "warranty_months": random.choice([6, 12, 24]),
        "technician_notes": random.choice(["Test drive done, no further noise.", "Recommend new wiper blades soon.", None]),
    })


def write(folder, random):
    people = common.People(random)
    lines = []
    jobs = random.sample(range(5100, 9900), 400)
    for number in range(60):
        owner = f"cust-{number + 31}"
        first, last, email, phone = people.next()
        lines.append(common.record("customer", owner, owner, {"name": {"first": first, "last": last}, "email": email, "phone": phone, "outstanding_balance": random.choice([0.0, common.money(random, 20, 300)]), "newsletter": random.random() < 0.5}))
        for make, model in random.sample(CARS, random.choice([1, 1, 2])):
            plate = f"{common.code(random, 'BCDFGHJKLMNPRSTVWXZ', 3)}-{random.randint(1000, 9999)}"
            vehicle = {"make": make, "model": model, "license_plate": plate, "model_year": random.randint(2008, 2025), "mileage_km": random.randint(8000, 240000), "color": random.choice(["white", "silver", "red", "dark blue"]), "fuel_type": random.choice(["gasoline", "diesel", "hybrid"]), "next_service_due": common.days_after(random, common.date("2026-08-01"), 0, 300).isoformat(), "inspection_valid_until": common.days_after(random, common.date("2026-09-01"), 0, 500).isoformat()}
            lines.append(common.record("vehicle", f"V{jobs.pop()}", owner, vehicle))
            for _ in range(random.choice([0, 1, 1, 2])):
                lines.append(repair(random, f"WO-{jobs.pop()}", owner, vehicle))
            if random.random() < 0.6:
                day = common.days_after(random, common.date("2026-07-01"), 0, 60)
                lines.append(common.record("appointment", f"APT{jobs.pop()}", owner, {"service": random.choice(SERVICES), "vehicle_plate": plate, "starts_at": common.at(day, random, 8, 16), "duration_minutes": random.choice([30, 45, 60, 90, 120]), "advisor": random.choice(MECHANICS), "bay": random.randint(1, 9), "status": random.choice(["booked", "confirmed", "rescheduled"]), "price_quote": common.money(random, 40, 320), "wait_on_site": random.random() < 0.5}))
    common.write_json_lines(folder / "workshop.jsonl", lines)
