"""An electricity supplier: one supply account each, invoices and meter readings; camelCase and snake_case mixed."""

import datetime

from . import common

TARIFFS = [("Green Fixed 24", 0.274, 0.48, 24, True), ("Flex Saver", 0.241, 0.53, 0, False), ("Night Owl", 0.198, 0.61, 12, False), ("Solar Export Plus", 0.289, 0.39, 12, True)]


def supply(random, identifier, owner, street):
    tariff, rate, standing, months, _ = random.choice(TARIFFS)
    start = common.days_after(random, common.date("2024-01-01"), 0, 800)
    return common.record("supply_account", identifier, owner, {
        "accountStatus": random.choice(["ACTIVE", "ACTIVE", "ACTIVE", "PENDING_CLOSURE"]),
        "serviceAddress": {"street": street, "city": (town := random.choice(common.TOWNS))[0], "postalCode": town[1]},
        "plan": {"planName": tariff, "unitRatePerKwh": rate, "standingChargePerDay": standing, "contractStart": start.isoformat(), "contractEnd": (start + datetime.timedelta(days=30 * months)).isoformat() if months else None, "exitFee": random.choice([0.0, 25.0, 50.0])},
        "balanceDue": common.money(random, 0, 260),
        "nextBillDate": common.days_after(random, common.date("2026-07-01"), 0, 30).isoformat(),
        "autopayEnabled": random.random() < 0.6,
        "paperlessBilling": random.random() < 0.5,
        "paymentDay": random.randint(1, 28),
        "meter": {"serialNumber": f"E{random.randint(10, 99)}Z{random.randint(100000, 999999)}", "meterType": random.choice(["SMART", "TRADITIONAL"]), "lastReadingKwh": random.randint(4000, 60000), "lastReadingDate": common.days_after(random, common.date("2026-05-20"), 0, 30).isoformat()},
    })


def invoice(random, identifier, owner, supply_id, month):
    start = datetime.date(2026, month, 1)
    end = datetime.date(2026, month + 1, 1) - datetime.timedelta(days=1)
    energy, standing = common.money(random, 20, 190), common.money(random, 10, 18)
    vat = round((energy + standing) * 0.05, 2)
    status = random.choice(["paid", "paid", "open", "overdue", "partially_paid"])
    due = end + datetime.timedelta(days=14)
    return common.record("invoice", identifier, owner, {
        "supply_account_id": supply_id,
        "issued_on": (end + datetime.timedelta(days=2)).isoformat(),
        "billing_period": {"from": start.isoformat(), "to": end.isoformat()},
        "usage_kwh": random.randint(60, 720),
        "energy_charge": energy, "standing_charge": standing, "vat": vat,
        "amount_due": round(energy + standing + vat, 2),
        "late_fee": 12.5 if status == "overdue" else 0.0,
        "due_date": due.isoformat(),
        "status": status,
        "paid_on": (due - datetime.timedelta(days=random.randint(0, 9))).isoformat() if status == "paid" else None,
        "is_estimated": random.random() < 0.4,
    })


def write(folder, random):
    people = common.People(random)
    accounts, invoices, readings = [], [], []
    reading_number = 88000
    for number in range(60):
        owner = f"{500400 + number * 13}"
        first, last, email, phone = people.next()
        street = f"{random.randint(1, 240)} {random.choice(common.STREETS)}"
        supply_id = f"SA-{random.randint(1000, 9999)}-{number:02}"
        accounts.append(common.record("customer", owner, owner, {"fullName": f"{first} {last}", "email": email, "mobile": phone, "preferredContact": random.choice(["EMAIL", "SMS"]), "customerSince": common.days_after(random, common.date("2015-01-01"), 0, 3000).isoformat()}))
        accounts.append(supply(random, supply_id, owner, street))
        for month in sorted(random.sample(range(1, 7), random.randint(1, 4))):
            invoices.append(invoice(random, f"INV-26{month:02}{number:03}{random.randint(10, 99)}", owner, supply_id, month))
        for month in sorted(random.sample(range(1, 7), random.randint(1, 2))):
            reading_number += random.randint(1, 9)
            readings.append(common.record("meter_reading", f"MR{reading_number}", owner, {
                "reading_date": common.days_after(random, datetime.date(2026, month, 2), 0, 24).isoformat(), "value_kwh": random.randint(4000, 60000),
                "source": random.choice(["customer", "technician", "smart_meter"]), "accepted": random.random() < 0.8,
            }))
    tariffs = [common.record("tariff", name.lower().replace(" ", "_"), None, {
        "name": name, "unitRatePerKwh": rate, "standingChargePerDay": standing, "contractMonths": months, "renewableEnergy": green,
    }) for name, rate, standing, months, green in TARIFFS]
    common.write_json_lines(folder / "accounts.jsonl", accounts)
    common.write_csv(folder / "invoices.csv", invoices)
    common.write_json_lines(folder / "meter_readings.jsonl", readings)
    common.write_json_lines(folder / "tariffs.jsonl", tariffs)
