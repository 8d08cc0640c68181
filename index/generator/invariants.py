"""What must hold of the accounts, checked on the finished records alone, by the shop's figures and articles.

Nothing here calls the code that made the records, so that a mistake there is not repeated here.
"""

import tomllib
from collections import Counter, defaultdict
from datetime import date, timedelta

import shop

TRACKED = {"shipped", "out for delivery", "delivered", "delayed"}
STATUSES = {
    "order": TRACKED | {"processing", "ready for pickup", "picked up", "canceled"},
    "return": {"requested", "in transit to us", "received", "refunded", "exchanged"},
    "ticket": {"open", "waiting for customer", "resolved"},
}
OUR_FAULT = {"arrived damaged", "wrong item sent", "defective"}


def broken(accounts, demo_path):
    """Every broken rule, as "record: what is wrong"."""
    records = [record for part in accounts.values() for record in part]
    by_kind = defaultdict(dict)
    for record in records:
        by_kind[record["kind"]][record["id"]] = record
    problems = twice(records) + list(references(records, by_kind)) + list(people(by_kind, demo_path))
    catalogue = catalogue_prices(by_kind["product"])
    firsts = {}
    for order in sorted(by_kind["order"].values(), key=lambda order: (order["fields"]["placed_on"], order["id"])):
        checks = [*order_sums(order, catalogue), *order_dates(order), *order_policy(order, catalogue)]
        if order["fields"].get("promo_code") == "WELCOME10" and order["customer_id"] in firsts:
            checks.append("WELCOME10 is for a first order")
        firsts.setdefault(order["customer_id"], order["id"])
        problems += [f"{order['id']}: {problem}" for problem in checks]
    returned = Counter()
    for record in by_kind["return"].values():
        order = by_kind["order"].get(record["fields"]["order_id"])
        if order:
            problems += [f"{record['id']}: {problem}" for problem in return_rules(record["fields"], order["fields"], catalogue, returned, order["id"])]
    for ticket in by_kind["ticket"].values():
        order = by_kind["order"].get(ticket["fields"].get("order_id"), {"fields": {"placed_on": str(shop.FIRST_DAY)}})
        days = [order["fields"]["placed_on"], ticket["fields"]["opened_on"], ticket["fields"]["updated_on"], str(shop.AS_OF)]
        if days != sorted(days):
            problems.append(f"{ticket['id']}: its days are out of sequence")
    return problems


def cents(amount):
    return round(amount * 100)


def twice(records):
    unique = defaultdict(list)
    for record in records:
        fields = record["fields"]
        unique["id"].append(record["id"])
        for name in ("email", "phone", "tracking_number"):
            unique[name].append(fields.get(name))
        for parcel in fields.get("shipments", []):
            unique["tracking_number"].append(parcel["tracking_number"])
        if record["kind"] == "customer":
            unique["address"].append(str(fields["default_address"]))
            unique["name"].append(str(fields["name"]))
        if record["kind"] == "product":
            unique["sku"] += [variant["sku"] for variant in fields.get("variants", [])]
    return [f"{name} {value} occurs {count} times" for name, values in unique.items() for value, count in Counter(values).items()
            if value is not None and count > 1]


def references(records, by_kind):
    for record in records:
        name, fields = record["id"], record["fields"]
        if record["kind"] == "product":
            if "customer_id" in record:
                yield f"{name}: a product belongs to nobody"
            continue
        if record["customer_id"] not in by_kind["customer"]:
            yield f"{name}: no customer {record['customer_id']}"
        if "order_id" in fields and by_kind["order"].get(fields["order_id"], {}).get("customer_id") != record["customer_id"]:
            yield f"{name}: {fields['order_id']} is not an order of {record['customer_id']}"
        if record["kind"] in STATUSES and fields["status"] not in STATUSES[record["kind"]]:
            yield f"{name}: unknown status {fields['status']!r}"


def people(by_kind, demo_path):
    """The customers of the demo page, and what the accounts must show at least once."""
    for entry in tomllib.loads(demo_path.read_text(encoding="utf-8"))["customer"]:
        customer = by_kind["customer"].get(entry["id"])
        if customer is None:
            yield f"{demo_path.name}: no customer {entry['id']}"
        elif " ".join(customer["fields"]["name"].values()) != entry["name"]:
            yield f"{demo_path.name}: {entry['id']} is not {entry['name']}"
    orders = by_kind["order"].values()
    colors = defaultdict(set)
    for order in orders:
        for item in order["fields"]["items"]:
            colors[order["customer_id"], item["name"]].add((order["id"], item["options"].get("color")))
    seen = {
        "a customer with the same product in two colors": any(
            len({order for order, _ in pairs}) > 1 and len({color for _, color in pairs}) > 1 for pairs in colors.values()),
        "a customer without orders": len({order["customer_id"] for order in orders}) < len(by_kind["customer"]),
        "an open ticket": any(ticket["fields"]["status"] == "open" for ticket in by_kind["ticket"].values()),
    }
    seen |= {f"an order that is {status}": any(o["fields"]["status"] == status for o in orders) for status in STATUSES["order"]}
    seen |= {f"a return that is {status}": any(r["fields"]["status"] == status for r in by_kind["return"].values()) for status in STATUSES["return"]}
    yield from (f"there is not {what}" for what, holds in seen.items() if not holds)


def catalogue_prices(products):
    """variant's number -> (cents, options, category, the product's fields)."""
    prices = {}
    for product in products.values():
        fields = product["fields"]
        for variant in fields.get("variants", [fields]):
            prices[variant["sku"]] = (cents(variant["price"]), variant.get("options", {}), fields["category"], fields)
    return prices


def order_sums(order, catalogue):
    fields = order["fields"]
    for item in fields["items"]:
        entry = catalogue.get(item["sku"])
        if entry is None or entry[:2] != (cents(item["price"]), item["options"]) or entry[3]["name"] != item["name"]:
            yield f"{item['sku']} is not in the catalogue like this"
    amounts = {item["sku"]: cents(item["price"]) * item["quantity"] for item in fields["items"]}
    subtotal, discount, tax, shipping = (cents(fields[name]) for name in ("subtotal", "discount", "tax", "shipping_cost"))
    oversize = cents(fields.get("oversize_fee", 0))
    if sum(amounts.values()) != subtotal:
        yield "the items do not add up to the subtotal"
    if subtotal - discount + shipping + oversize + tax != cents(fields["total"]):
        yield "the total does not add up"
    cards = sum(amount for sku, amount in amounts.items() if sku.startswith("AC-GIFTCARD"))
    full_price = sum(amount for item, amount in zip(fields["items"], amounts.values()) if not item.get("final_sale")) - cards
    percent = shop.PROMO_CODES[fields["promo_code"]][0] if "promo_code" in fields else 0
    if abs(discount * 100 - full_price * percent) > 50:
        yield "the discount is not that of the promo code"
    state = shop_state(fields)
    if abs(tax * 10000 - (subtotal - cards - discount) * shop.SALES_TAX.get(state, 0)) > 5000:
        yield f"the tax is not that of {state}"


def shop_state(fields):
    if "pickup_store" in fields:
        return next(state for state, city in shop.STORE_STATE.items() if fields["pickup_store"].startswith(city))
    return fields.get("shipping_address", {}).get("state")


def order_policy(order, catalogue):
    fields = order["fields"]
    method, placed = fields["shipping_method"], date.fromisoformat(fields["placed_on"])
    products = [catalogue[item["sku"]][3] for item in fields["items"] if item["sku"] in catalogue]
    oversize = sum(item["quantity"] for item, product in zip(fields["items"], products) if product.get("oversize"))
    has_fuel = any(product["sku"].startswith("FU-ISO") for product in products)
    remote = shop_state(fields) in shop.REMOTE_STATES
    if "promo_code" in fields and not shop.PROMO_CODES[fields["promo_code"]][1] <= placed <= shop.PROMO_CODES[fields["promo_code"]][2]:
        yield "the promo code was not valid on that day"
    if remote and (oversize or has_fuel or not method.startswith("Standard (")):
        yield "this cannot be sent to that state"
    if method in ("Expedited", "Next-Day") and (oversize or has_fuel):
        yield "fuel and oversize items travel by Standard only"
    if cents(fields.get("oversize_fee", 0)) != (oversize * shop.OVERSIZE_FEE if method == "Standard" else 0):
        yield "the oversize fee is wrong"
    fee, cost = shop.SHIPPING.get(method, (0,))[0], cents(fields["shipping_cost"])
    merchandise = cents(fields["subtotal"]) - cents(fields["discount"])
    if cost != fee and not (method == "Standard" and cost == 0):
        yield "the shipping cost is wrong"
    if method == "Standard" and merchandise >= shop.FREE_STANDARD_FROM and cost:
        yield "Standard shipping is free from that amount"
    if fields["payment"]["method"] == shop.INSTALLMENTS and not 50 <= fields["total"] <= 1000:
        yield "installments are not offered for that total"


def order_dates(order):
    fields = order["fields"]
    status, placed = fields["status"], fields["placed_on"]
    if not str(shop.FIRST_DAY) <= placed <= str(shop.AS_OF):
        yield "it lies outside the time of the records"
    if (status in TRACKED and fields["shipping_method"] != "E-mail") != bool(fields.get("shipments")):
        yield f"a {status} order does not fit its parcels"
    for parcel in fields.get("shipments", []):
        days = [placed, parcel["shipped_on"], parcel.get("delivered_on", str(shop.AS_OF))]
        if days != sorted(days) or parcel["shipped_on"] == parcel.get("delivered_on"):
            yield "a parcel's days are out of sequence"
        for name in ("shipped_on", "delivered_on", "estimated_delivery"):
            if name in parcel and not works(date.fromisoformat(parcel[name])):
                yield f"{parcel[name]} is no business day"
        if ("delivered_on" in parcel) == ("estimated_delivery" in parcel):
            yield "a parcel is either delivered or expected"
        if parcel["carrier"] != shop.SHIPPING[fields["shipping_method"]][3]:
            yield f"{parcel['carrier']} does not carry {fields['shipping_method']} orders"
    expected = fields.get("estimated_delivery")
    if expected and (expected < str(shop.AS_OF) or status in ("delivered", "canceled")):
        yield "its estimated delivery is over"
    if status == "out for delivery" and expected != str(shop.AS_OF):
        yield "out for delivery means today"
    if status == "delivered" and fields["delivered_on"] != max([p["delivered_on"] for p in fields.get("shipments", [])], default=fields["delivered_on"]):
        yield "its delivery is not that of its last parcel"
    if any(fields.get(name, placed) < placed or fields.get(name, placed) > str(shop.AS_OF)
           for name in ("delivered_on", "canceled_on", "ready_on", "picked_up_on")):
        yield "its days are out of sequence"


def works(day):
    return day.weekday() < 5 and day not in shop.CARRIER_HOLIDAYS


def return_rules(fields, order, catalogue, returned, order_id):
    delivered = order.get("delivered_on") or order.get("picked_up_on")
    if not delivered:
        yield "its order has not arrived"
        return
    days = [delivered, fields["requested_on"], fields.get("shipped_on", fields["requested_on"]),
            fields.get("received_on", str(shop.AS_OF)), fields.get("refund", {}).get("issued_on", str(shop.AS_OF)), str(shop.AS_OF)]
    if days != sorted(days):
        yield "its days are out of sequence"
    late = date.fromisoformat(fields["requested_on"]) - date.fromisoformat(delivered)
    fault = fields["reason"] in OUR_FAULT
    if late > timedelta(days=365 if not fault else 14):
        yield "its window was over"
    for item in fields["items"]:
        bought = next((other for other in order["items"] if other["sku"] == item["sku"]), None)
        returned[order_id, item["sku"]] += item["quantity"]
        if bought is None or returned[order_id, item["sku"]] > bought["quantity"] or item["price"] != bought["price"]:
            yield f"{item['name']} was not bought like this"
        elif not fault and (bought.get("final_sale") or catalogue[item["sku"]][2] == "Fuel and Food" or "GIFTCARD" in item["sku"]):
            yield f"{item['name']} cannot be returned"
    if ("refund" in fields) != (fields["resolution"] == "refund"):
        yield "its resolution does not fit its refund"
    if "refund" in fields:
        yield from refund_rules(fields, order, fault)


def refund_rules(fields, order, fault):
    """The refund is the item's part of what was paid, with its tax, give or take a cent of rounding."""
    refund, fee = fields["refund"], cents(fields.get("label_fee", 0))
    if refund["method"] != order["payment"]["method"]:
        yield "it is not refunded to the original payment"
    if ("issued_on" in refund) != (fields["status"] == "refunded"):
        yield "its status does not fit its refund"
    part = sum(cents(item["price"]) * item["quantity"] for item in fields["items"])
    full_price = sum(cents(item["price"]) * item["quantity"] for item in order["items"] if not item.get("final_sale"))
    paid = part * (1 - cents(order["discount"]) / max(full_price, 1))
    paid *= 1 + shop.SALES_TAX.get(shop_state(order), 0) / 10000
    paid += cents(order["shipping_cost"]) if fault else -fee
    if abs(cents(refund["amount"]) - max(0, paid)) > 1.5:
        yield f"the refund should be {paid / 100:.2f}"
    if fee and (fault or fields["returned_by"] == "store"):
        yield "no label fee is due"
