#!/usr/bin/env python3
"""Writes the demo shop's accounts: index/accounts/*.jsonl, from shop.py and a fixed seed.

    python3 index/generate_accounts.py           writes the files
    python3 index/generate_accounts.py --check   fails if the files differ from what would be written, or if an invariant
                                                 (totals, references, unique identifiers) does not hold

Every record has the form {"kind","id","customer_id","fields"}; records without customer_id (products) are public.
"""

import json
import random
import re
import sys
from datetime import date, timedelta
from pathlib import Path

import shop
from people import CITIES, FIRST_NAMES, LAST_NAMES, STREETS

FOLDER = Path(__file__).parent / "accounts"
CUSTOMERS, ORDERS, RETURNS, TICKETS = 220, 600, 90, 80


def main():
    files = {name: "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
             for name, records in Generator(random.Random(20261120)).all().items()}
    if "--check" in sys.argv[1:]:
        differing = [name for name, text in files.items() if not (FOLDER / name).is_file() or (FOLDER / name).read_text() != text]
        problems = [f"{name} differs from what the generator writes" for name in differing] + broken_invariants(files)
        for problem in problems:
            print(problem, file=sys.stderr)
        sys.exit(1 if problems else 0)
    FOLDER.mkdir(exist_ok=True)
    for name, text in files.items():
        (FOLDER / name).write_text(text)
        print(f"{name}: {text.count(chr(10))} records")


def dollars(cents):
    return round(cents / 100, 2)


def business_days_after(day, count):
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in shop.CARRIER_HOLIDAYS:
            count -= 1
    return day


class Generator:
    def __init__(self, random_source):
        self.random = random_source
        self.customers, self.orders, self.returns, self.tickets = [], [], [], []
        self.used_numbers = set()

    def all(self):
        for number in range(CUSTOMERS):
            self.customers.append(self.customer(1001 + number))
        self.place_orders()
        self.send_back()
        self.open_tickets()
        self.reward()
        return {"customers.jsonl": self.customers, "orders.jsonl": self.orders, "returns.jsonl": self.returns,
                "tickets.jsonl": self.tickets, "products.jsonl": [self.product(product) for product in shop.PRODUCTS]}

    # People

    def customer(self, number):
        first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[(number * 7) % len(LAST_NAMES)]
        city, state, zip_code = self.random.choice(CITIES)
        address = {"line1": f"{self.random.randint(11, 9899)} {self.random.choice(STREETS)}"}
        if self.random.random() < 0.25:
            address["line2"] = f"Apt {self.random.randint(1, 48)}"
        address |= {"city": city, "state": state, "zip": zip_code, "country": "USA"}
        methods = [{"type": "card", "brand": self.random.choice(shop.CARD_BRANDS), "last_four": self.digits(4)}]
        if self.random.random() < 0.3:
            methods.append({"type": "card", "brand": self.random.choice(shop.CARD_BRANDS), "last_four": self.digits(4)})
        if self.random.random() < 0.25:
            methods.append({"type": shop.WALLETS[0] + " wallet"})
        joined = date(2019, 3, 1) + timedelta(days=self.random.randint(0, 2600))
        return {"kind": "customer", "id": f"c{number}", "customer_id": f"c{number}", "fields": {
            "name": {"first": first, "last": last}, "email": f"{first}.{last}{number % 100:02d}@example.com".lower(),
            "phone": f"555-01{number % 100:02d}", "default_address": address, "payment_methods": methods,
            "loyalty": {"tier": "Trail", "points": 0}, "member_since": joined.isoformat(),
            "store_credit": self.random.choice([0.0] * 8 + [10.0, 15.0, 25.0, 40.0])}}

    def digits(self, count):
        return "".join(str(self.random.randint(0, 9)) for _ in range(count))

    def unique(self, make):
        while True:
            number = make()
            if number not in self.used_numbers:
                self.used_numbers.add(number)
                return number

    # Orders

    def place_orders(self):
        days = (shop.AS_OF - shop.FIRST_DAY).days
        buyers = self.customers[12:]  # the first twelve have no orders but what is given to them below
        dates = sorted(shop.FIRST_DAY + timedelta(days=min(days, int(days * self.random.random() ** 0.8))) for _ in range(ORDERS))
        plan = [(day, self.random.choice(buyers), None, None) for day in dates]
        # The demo page's customers: on its way, twice the same in two colors, a return and a ticket, a delay.
        first = self.customers
        by_name = {product["name"]: product for product in shop.PRODUCTS}
        jacket = next(p for p in shop.PRODUCTS if p["category"] == "Jackets" and len(p["options"].get("color", [])) > 1)
        tent = by_name.get("Alder 2 Tent", shop.PRODUCTS[0])
        plan += [(date(2026, 11, 16), first[0], [tent], "shipped"), (date(2026, 8, 3), first[0], None, "delivered"),
                 (date(2026, 9, 14), first[1], [jacket], "delivered"), (date(2026, 10, 21), first[1], [jacket], "delivered"),
                 (date(2026, 10, 19), first[2], None, "delivered"), (date(2026, 11, 2), first[2], None, "delivered"),
                 (date(2026, 11, 5), first[3], None, "delayed"), (date(2026, 7, 9), first[3], None, "delivered")]
        plan.sort(key=lambda entry: (entry[0], entry[1]["id"]))
        number = 20100
        seen_colors = {}
        for day, customer, products, status in plan:
            number += self.random.randint(1, 9)
            self.orders.append(self.order(f"FH-{number}", day, customer, products, status, seen_colors))

    def order(self, number, day, customer, products, status, seen_colors):
        address = dict(customer["fields"]["default_address"])
        remote = address["state"] in shop.REMOTE_STATES
        sold = [p for p in shop.PRODUCTS if not (remote and (p["oversize"] or p["category"] == "Fuel and Food"))]
        chosen = products or self.random.choices(sold, [p["popular"] for p in sold], k=self.random.choice([1, 1, 1, 2, 2, 3, 4]))
        items, names = [], set()
        for product in chosen:
            if product["name"] in names:
                continue
            names.add(product["name"])
            options = {name: self.random.choice(values) for name, values in product["options"].items()}
            taken = seen_colors.setdefault((customer["id"], product["name"]), set())
            if "color" in options:
                free = [color for color in product["options"]["color"] if color not in taken]
                options["color"] = self.random.choice(free or product["options"]["color"])
                taken.add(options["color"])
            price = product["cents"] + 100 * sum(product["step"].get(value, 0) for value in options.values())
            quantity = self.random.choice([1] * 9 + [2]) if product["cents"] < 9000 and not products else 1
            items.append({"name": product["name"], "sku": product["sku"], "options": options, "quantity": quantity, "price": dollars(price)})
        cents = {item["name"]: round(item["price"] * 100) * item["quantity"] for item in items}
        subtotal = sum(cents.values())
        full_price = sum(cents[product["name"]] for product in {p["name"]: p for p in chosen}.values() if not product["final_sale"])
        is_first = all(order["customer_id"] != customer["id"] for order in self.orders)
        code, percent = self.promo(day, customer, is_first)
        discount = full_price * percent // 100
        code = code if discount else None
        method = self.method(address["state"], chosen)
        cost = shop.SHIPPING[method][0]
        if method == "Standard" and subtotal - discount >= shop.FREE_STANDARD_FROM:
            cost = 0
        if method != "Store Pickup":
            cost += shop.OVERSIZE_FEE * sum(item["quantity"] for item in items for p in chosen if p["oversize"] and p["name"] == item["name"])
        tax = (subtotal - discount) * shop.SALES_TAX.get(address["state"], 0) // 10000
        fields = {"placed_on": day.isoformat(), "status": "", "items": items, "subtotal": dollars(subtotal), "discount": dollars(discount)}
        if code:
            fields["promo_code"] = code
        fields |= {"shipping_method": method, "shipping_cost": dollars(cost), "tax": dollars(tax),
                   "total": dollars(subtotal - discount + cost + tax),
                   "payment": dict(self.random.choice(customer["fields"]["payment_methods"]))}
        if method == "Store Pickup":
            fields["pickup_store"] = shop.STORES[shop.STORE_STATE.get(address["state"], "Boise")]
        else:
            fields["shipping_address"] = address
        self.progress(fields, day, method, status)
        return {"kind": "order", "id": number, "customer_id": customer["id"], "fields": fields}

    def promo(self, day, customer, is_first):
        number = int(customer["id"][1:])
        entitled = {"anyone": True, "first order": is_first, "student": number % 11 == 0, "service": number % 13 == 0}
        usable = [(code, percent) for code, (percent, start, end, who) in shop.PROMO_CODES.items() if start <= day <= end and entitled[who]]
        return self.random.choice(usable) if usable and self.random.random() < 0.15 else (None, 0)

    def method(self, state, chosen):
        if state in shop.REMOTE_STATES:
            return "Standard (Alaska, Hawaii and Puerto Rico)"
        ground_only = any(product["oversize"] or product["category"] == "Fuel and Food" for product in chosen)
        if state in shop.STORE_STATE and self.random.random() < 0.2:
            return "Store Pickup"
        return "Standard" if ground_only else self.random.choices(["Standard", "Expedited", "Next-Day"], [7, 2, 1])[0]

    def progress(self, fields, day, method, status):
        _, quick, slow, carrier = shop.SHIPPING[method]
        if status is None and self.random.random() < 0.04:
            fields["status"] = "canceled"
            fields["canceled_on"] = day.isoformat()
            return
        if carrier is None:
            ready = business_days_after(day, self.random.randint(1, slow))
            fields["status"] = "picked up" if ready + timedelta(days=3) <= shop.AS_OF else "ready for pickup" if ready <= shop.AS_OF else "processing"
            if fields["status"] != "processing":
                fields["ready_on"] = ready.isoformat()
            return
        shipped = business_days_after(day, 1)
        due = business_days_after(day, slow)
        arrived = business_days_after(day, max(quick, self.random.randint(quick, slow)))
        if status is None and shop.AS_OF - day < timedelta(days=25) and self.random.random() < 0.08:
            status = "delayed"
        if status == "delayed":
            due = business_days_after(shop.AS_OF, self.random.randint(2, 4))
        elif shipped > shop.AS_OF:
            status = "processing"
        elif status == "shipped" or arrived > shop.AS_OF:
            status = "out for delivery" if arrived == shop.AS_OF + timedelta(days=1) and status is None else "shipped"
        else:
            status = "delivered"
        fields["status"] = status
        if status == "processing":
            fields["estimated_delivery"] = due.isoformat()
            return
        shipment = {"carrier": carrier, "tracking_number": self.unique(lambda: ("NP" if carrier.startswith("North") else "SX") + self.digits(10)),
                    "shipped_on": shipped.isoformat()}
        shipment |= {"delivered_on": arrived.isoformat()} if status == "delivered" else {"estimated_delivery": due.isoformat()}
        fields["shipments"] = [shipment]

    # Returns and tickets

    def send_back(self):
        delivered = [o for o in self.orders if o["fields"]["status"] == "delivered"]
        wanted = [o for o in delivered if o["customer_id"] == self.customers[2]["id"]][:1]
        rest = [o for o in delivered if o not in wanted]
        for place, order in enumerate(sorted(wanted + self.random.sample(rest, RETURNS - len(wanted)), key=lambda o: o["id"])):
            arrived = date.fromisoformat(order["fields"]["shipments"][0]["delivered_on"])
            asked = min(arrived + timedelta(days=self.random.randint(2, 30)), shop.AS_OF - timedelta(days=1))
            received = business_days_after(asked, self.random.randint(4, 8))
            refunded = business_days_after(received, self.random.randint(2, 6))
            fault = self.random.random() < 0.3
            returnable = [item for item in order["fields"]["items"] if self.returnable(item)]
            fault = fault or not returnable
            item = self.random.choice(order["fields"]["items"] if fault else returnable)
            reason = self.random.choice(["defective", "arrived damaged", "wrong item sent"] if fault else ["too small", "too large", "changed my mind", "color not as expected"])
            paid = (order["fields"]["subtotal"] - order["fields"]["discount"] + order["fields"]["tax"]) / order["fields"]["subtotal"]
            cents = round(item["price"] * 100 * paid)
            fee = shop.OVERSIZE_FEE if self.of_catalogue(item)["oversize"] else shop.RETURN_LABEL_FEE
            cents -= 0 if fault else min(fee, cents)
            refund = {"amount": dollars(cents), "method": "original payment method"}
            fields = {"order_id": order["id"], "items": [{"name": item["name"], "quantity": 1}], "reason": reason, "requested_on": asked.isoformat()}
            if order in wanted or received > shop.AS_OF:
                fields["status"] = "in transit to us"
                refund["expected_by"] = business_days_after(max(received, shop.AS_OF), 7).isoformat()
            elif refunded > shop.AS_OF:
                fields |= {"status": "received", "received_on": received.isoformat()}
                refund["expected_by"] = business_days_after(received, 7).isoformat()
            else:
                fields |= {"status": "refunded", "received_on": received.isoformat()}
                refund["issued_on"] = refunded.isoformat()
            fields["refund"] = refund
            self.returns.append({"kind": "return", "id": f"RMA-{30012 + 3 * place}", "customer_id": order["customer_id"], "fields": fields})

    def of_catalogue(self, item):
        return next(product for product in shop.PRODUCTS if product["sku"] == item["sku"])

    def returnable(self, item):
        product = self.of_catalogue(item)
        return not product["final_sale"] and product["category"] != "Fuel and Food"

    def open_tickets(self):
        own = [o for o in self.orders if o["customer_id"] == self.customers[2]["id"]][-1:]
        orders = own + self.random.sample([o for o in self.orders if o not in own], TICKETS - 1)
        kinds = [("Missing item in parcel", "The parcel arrived without one of the items ordered."),
                 ("Zipper broken", "The main zipper came apart after light use."), ("Question about sizing", "The customer asks which size to order next time."),
                 ("Charged twice", "The customer sees two charges for one order."), ("Parcel not received", "The carrier shows delivery, but the parcel was not found."),
                 ("Discount not applied", "The promo code was entered but not taken off the total.")]
        for place, order in enumerate(sorted(orders, key=lambda o: o["id"])):
            opened = min(date.fromisoformat(order["fields"]["placed_on"]) + timedelta(days=self.random.randint(3, 20)), shop.AS_OF - timedelta(days=1))
            subject, summary = self.random.choice(kinds)
            state = "open" if order in own else self.random.choice(["open", "waiting for customer", "closed", "closed", "closed"])
            updated = min(opened + timedelta(days=self.random.randint(0, 5)), shop.AS_OF)
            self.tickets.append({"kind": "ticket", "id": f"T-{4410 + 2 * place}", "customer_id": order["customer_id"], "fields": {
                "subject": subject, "status": state, "opened_on": opened.isoformat(), "last_updated_on": updated.isoformat(), "summary": summary, "order_id": order["id"]}})

    def reward(self):
        spent = {}
        for order in self.orders:
            if order["fields"]["status"] != "canceled":
                spent[order["customer_id"]] = spent.get(order["customer_id"], 0) + round((order["fields"]["subtotal"] - order["fields"]["discount"]) * 100)
        for record in self.returns:
            if record["fields"]["status"] == "refunded":
                spent[record["customer_id"]] -= round(record["fields"]["refund"]["amount"] * 100)
        for customer in self.customers:
            cents = max(0, spent.get(customer["id"], 0))
            tier = [name for name, least in shop.TIERS.items() if cents >= least][-1]
            rate = {"Trail": 1.0, "Ridge": 1.25, "Summit": 1.5}[tier]
            customer["fields"]["loyalty"] = {"tier": tier, "points": int(cents / 100 * rate)}

    # The catalogue

    def product(self, product):
        combinations = [{}]
        for name, values in product["options"].items():
            combinations = [{**combination, name: value} for combination in combinations for value in values]
        variants = []
        for place, options in enumerate(combinations):
            price = product["cents"] + 100 * sum(product["step"].get(value, 0) for value in options.values())
            variants.append({"sku": f"{product['sku']}-{place + 1:02d}", "options": options, "price": dollars(price), "available": self.random.random() < 0.85})
        fields = {"name": product["name"], "category": product["category"], "price": dollars(product["cents"]), "weight": product["weight"],
                  "materials": product["materials"], "description": product["description"]}
        if product["specs"]:
            fields["specs"] = product["specs"]
        fields |= {"care": shop.CARE[product["category"]], "warranty": shop.WARRANTY[product["category"]], "final_sale": product["final_sale"]}
        if len(variants) > 1:
            fields["variants"] = variants
        else:
            fields["available"] = variants[0]["available"]
        return {"kind": "product", "id": product["sku"], "fields": fields}


def broken_invariants(files):
    records = {name: [json.loads(line) for line in text.splitlines()] for name, text in files.items()}
    problems = []
    everything = [record for part in records.values() for record in part]
    keys = [(record["kind"], record["id"]) for record in everything]
    emails = [record["fields"]["email"] for record in records["customers.jsonl"]]
    tracking = [shipment["tracking_number"] for order in records["orders.jsonl"] for shipment in order["fields"].get("shipments", [])]
    for name, values in (("key", keys), ("e-mail", emails), ("tracking number", tracking)):
        if len(values) != len(set(values)):
            problems.append(f"a {name} occurs twice")
    customers, orders = {r["id"] for r in records["customers.jsonl"]}, {r["id"]: r for r in records["orders.jsonl"]}
    for record in everything:
        if record.get("customer_id") not in customers | {None}:
            problems.append(f"{record['id']}: no such customer")
        order = record["fields"].get("order_id")
        if order and orders.get(order, {}).get("customer_id") != record["customer_id"]:
            problems.append(f"{record['id']}: {order} is not an order of this customer")
    for order in orders.values():
        fields = order["fields"]
        total = sum(item["price"] * item["quantity"] for item in fields["items"]) - fields["discount"] + fields["shipping_cost"] + fields["tax"]
        if abs(total - fields["total"]) > 0.005:
            problems.append(f"{order['id']}: the total does not add up")
    demo = re.findall(r'^id = "(.*)"', (FOLDER.parent / "demo.toml").read_text(), re.MULTILINE)
    problems += [f"demo.toml: no customer {customer}" for customer in demo if customer not in customers]
    return problems


if __name__ == "__main__":
    main()
