"""An insurer: policies and claims; held back, so that nothing was mended with a look at its failures."""

import datetime

from . import common

PRODUCTS = {"home": "HOME_CONTENTS", "car": "AUTO_COMPREHENSIVE", "pet": "PET_PLUS", "travel": "TRAVEL_ANNUAL"}
INCIDENTS = {"HOME_CONTENTS": ["water damage", "burglary", "kitchen fire"], "AUTO_COMPREHENSIVE": ["rear-end collision", "hail damage", "stolen mirror"], "PET_PLUS": ["knee surgery", "dental treatment"], "TRAVEL_ANNUAL": ["lost luggage", "trip cancellation"]}
ADJUSTERS = ["Naomi Feld", "Curtis Boone", "Aiko Mori", "Teresa Lund"]


def claim(random, identifier, owner, policy_id, product):
    happened = common.days_after(random, common.date("2026-01-05"), 0, 160)
    filed = common.days_after(random, happened, 0, 12)
    status = random.choice(["SUBMITTED", "UNDER_REVIEW", "APPROVED", "PAID_OUT", "REJECTED", "DOCUMENTS_MISSING"])
    asked = common.money(random, 150, 6000)
    settled = status in ("APPROVED", "PAID_OUT")
    return common.record("claim", identifier, owner, {
        "policyId": policy_id, "incidentType": random.choice(INCIDENTS[product]), "incidentDate": happened.isoformat(), "filedAt": common.at(filed, random, zone="Z"),
        "claimStatus": status, "amountClaimed": asked, "amountApproved": round(asked * random.choice([0.6, 0.8, 0.9]), 2) if settled else None,
        "payoutDate": common.days_after(random, filed, 10, 40).isoformat() if status == "PAID_OUT" else None,
        "adjuster": {"name": random.choice(ADJUSTERS), "phone": f"+1 555 0177 {random.randint(100, 999)}"},
        "outstandingDocuments": random.sample(["police report", "repair invoice", "photos of the damage"], 2) if status == "DOCUMENTS_MISSING" else [],
        "inspectionRequired": random.random() < 0.4,
    })


def write(folder, random):
    people = common.People(random)
    lines = []
    numbers = random.sample(range(100000, 999999), 400)
    for number in range(60):
        owner = f"M-{20450 + number}"
        first, last, email, phone = people.next()
        lines.append(common.record("customer", owner, owner, {"given_name": first, "family_name": last, "email_address": email, "phone": phone, "date_of_birth": common.days_after(random, common.date("1955-01-01"), 0, 16000).isoformat(), "iban_on_file": f"XX{random.randint(10**15, 10**16 - 1)}"}))
        for product in random.sample(list(PRODUCTS.values()), random.choice([1, 2, 2])):
            start = common.days_after(random, common.date("2025-08-01"), 0, 300)
            monthly = common.money(random, 9, 120)
            policy_id = f"POL-{numbers.pop()}"
            lines.append(common.record("policy", policy_id, owner, {
                "product": product, "policyStatus": random.choice(["IN_FORCE", "IN_FORCE", "LAPSED", "PENDING"]), "startDate": start.isoformat(), "renewalDate": (start + datetime.timedelta(days=365)).isoformat(),
                "premium": {"monthly": monthly, "annual": round(monthly * 11.5, 2), "billingFrequency": random.choice(["MONTHLY", "YEARLY"])},
                "coverage": {"limit": random.choice([10000, 25000, 50000, 100000]), "deductible": random.choice([100, 250, 500, 1000])},
                "autoRenew": random.random() < 0.6, "noClaimsYears": random.randint(0, 9), "agentName": random.choice(ADJUSTERS), "cancellationNoticeDays": random.choice([14, 30, 60]),
            }))
            for _ in range(random.choice([0, 1, 1, 2])):
                lines.append(claim(random, f"CL{numbers.pop()}", owner, policy_id, product))
    common.write_json_lines(folder / "policies_and_claims.jsonl", lines)
