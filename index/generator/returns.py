"""Returns: which items come back, why, how far the parcel is and what is refunded, by the shop's return policy."""

from datetime import timedelta

import shop
from generator.common import (GIFT_CARD, PRODUCTS, Unique, business_days_after, cents, chance, day_of, digits, dollars, is_final_sale,
                              product_sku, sample_with_recent, share)
from generator.delivery import last_delivery
from generator.stories import CUSTOMERS as STORY_CUSTOMERS, RETURNS as STORY_RETURNS

COUNT, RECENT = 90, 24
FIRST_NUMBER = 30012
WINDOW, SUMMIT_WINDOW, REPORT_WINDOW = 60, 365, 14  # days from delivery; the last for damaged and wrong items
OUR_FAULT = ["arrived damaged", "wrong item sent", "defective"]
SIZED = {"size", "torso", "length", "waist", "inseam"}
REFUND_DAYS = 7  # business days from receipt, at most


def all_returns(customers, orders):
    by_id = {customer.id: customer for customer in customers}
    by_number = {order["id"]: order for order in orders}
    candidates = [order for order in orders if can_come_back(order) and order["customer_id"] not in STORY_CUSTOMERS]
    wanted = sample_with_recent(chance("returns"), candidates, COUNT - len(STORY_RETURNS), RECENT,
                                lambda order: shop.AS_OF - last_delivery(order["fields"]) < timedelta(days=16))
    drafts = [draft(order, by_id[order["customer_id"]]) for order in wanted]
    drafts += [told_draft(by_number[story["order"]], story) for story in STORY_RETURNS]
    drafts.sort(key=lambda entry: (entry["requested"], entry["order"]["id"]))
    tracking, number, records = Unique(), FIRST_NUMBER, []
    for entry in drafts:
        records.append(record(f"RMA-{number}", entry, by_id[entry["order"]["customer_id"]], tracking))
        number += chance("return number", number).randint(1, 6)
    return records


def can_come_back(order):
    delivered = last_delivery(order["fields"])
    return delivered is not None and delivered < shop.AS_OF - timedelta(days=2) and any(returnable(item) for item in order["fields"]["items"])


def returnable(item):
    product = PRODUCTS[product_sku(item)]
    return not is_final_sale(item) and product["category"] != "Fuel and Food" and product["sku"] != GIFT_CARD


def draft(order, customer):
    source = chance("return", order["id"])
    delivered = last_delivery(order["fields"])
    item = source.choice([item for item in order["fields"]["items"] if returnable(item)])
    reasons = ["changed my mind", "no longer needed", "not as described"]
    if SIZED & set(item["options"]):
        reasons += ["too small", "too large"] * 2
    if "color" in item["options"]:
        reasons += ["color not as expected"]
    reason = source.choice(OUR_FAULT) if source.random() < 0.3 else source.choice(reasons)
    window = REPORT_WINDOW if reason in OUR_FAULT else SUMMIT_WINDOW if customer.tier(delivered) == "Summit" else WINDOW
    latest = min((shop.AS_OF - delivered).days - 1, min(window, WINDOW + 20))
    requested = delivered + timedelta(days=min(latest, 1 + int(source.random() ** 2 * latest)))
    can_exchange = reason in ("too small", "too large") and exchangeable(item, reason)
    resolution = "exchange" if can_exchange and source.random() < 0.4 else "refund"
    in_store = shop.STORE_STATE.get(customer.home["state"]) == customer.home["city"] and source.random() < 0.6
    return {"order": order, "item": item, "reason": reason, "resolution": resolution, "requested": requested, "in_store": in_store,
            "handed_over": requested + timedelta(days=source.randint(1, 4)), "source": source}


def told_draft(order, story):
    return {"order": order, "item": order["fields"]["items"][story["item"]], "reason": story["reason"], "resolution": story["resolution"],
            "requested": story["requested"], "in_store": False, "handed_over": story["handed_over"], "source": chance("return", order["id"])}


def record(number, entry, customer, tracking):
    order, item, source = entry["order"], entry["item"], entry["source"]
    quantity = source.randint(1, item["quantity"])
    fields = {"order_id": order["id"], "status": "",
              "items": [{"name": item["name"], "sku": item["sku"], "options": item["options"], "quantity": quantity, "price": item["price"]}],
              "reason": entry["reason"], "resolution": entry["resolution"], "requested_on": entry["requested"].isoformat(),
              "returned_by": "store" if entry["in_store"] else "mail"}
    if PRODUCTS[product_sku(item)]["oversize"] and not entry["in_store"]:
        fields["returned_by"] = "carrier pickup"
    refund = {"amount": dollars(refund_amount(order, item, quantity, fields, customer)), **order["fields"]["payment"]}
    received = travel(fields, entry, source, tracking)
    done = business_days_after(received, source.randint(2, 5)) if received else None
    if entry["in_store"] and entry["resolution"] == "exchange":
        done = received
    if done and done <= shop.AS_OF:
        fields["status"] = "refunded" if entry["resolution"] == "refund" else "exchanged"
        refund["issued_on"] = done.isoformat()
        if entry["resolution"] == "refund":
            customer.points -= cents(item["price"]) * quantity // 100
    elif received or "estimated_arrival" in fields:
        start = received or day_of(fields["estimated_arrival"])
        refund["expected_by"] = business_days_after(start, REFUND_DAYS).isoformat()
    if entry["resolution"] == "refund":
        fields["refund"] = refund
    else:
        fields["exchange_for"] = {"name": item["name"], "options": other_size(item, entry["reason"])}
    return {"kind": "return", "id": number, "customer_id": order["customer_id"], "fields": fields}


def travel(fields, entry, source, tracking):
    """How far the return has come; gives the day of its receipt, if it is there."""
    if entry["in_store"]:
        received = entry["requested"]
    elif entry["handed_over"] > shop.AS_OF:
        fields["status"] = "requested"
        return None
    else:
        fields |= {"carrier": "Northline Parcel", "tracking_number": tracking.take(lambda: "NR" + digits(source, 10)),
                   "shipped_on": entry["handed_over"].isoformat()}
        received = business_days_after(entry["handed_over"], source.randint(4, 6))
    if received > shop.AS_OF:
        fields |= {"status": "in transit to us", "estimated_arrival": received.isoformat()}
        return None
    fields |= {"status": "received", "received_on": received.isoformat()}
    return received


def refund_amount(order, item, quantity, returned, customer):
    """Price paid and its tax, less the label's fee where one is due; with the shipping price where the fault is the shop's."""
    fields, fault = order["fields"], returned["reason"] in OUR_FAULT
    amount = cents(item["price"]) * quantity
    if fields["discount"]:
        full_price = sum(cents(other["price"]) * other["quantity"] for other in fields["items"] if not is_final_sale(other))
        amount -= (cents(fields["discount"]) * amount + full_price // 2) // full_price
    state = (fields.get("shipping_address") or customer.home)["state"]
    amount += share(amount, shop.SALES_TAX.get(state, 0))
    if fault:
        return amount + cents(fields["shipping_cost"])
    free = returned["returned_by"] == "store" or customer.tier(day_of(returned["requested_on"])) == "Summit"
    if free or returned["resolution"] == "exchange":
        return amount
    fee = shop.OVERSIZE_FEE if returned["returned_by"] == "carrier pickup" else shop.RETURN_LABEL_FEE
    returned["label_fee"] = dollars(fee)
    return max(0, amount - fee)


def other_size(item, reason):
    """The next size up or down, as the reason asks."""
    name, value, values = sized_option(item)
    return item["options"] | {name: values[values.index(value) + (1 if reason == "too small" else -1)]}


def sized_option(item):
    """The option that says the size, its value and the product's values, smallest first."""
    name = next(name for name in item["options"] if name in SIZED)
    return name, item["options"][name], PRODUCTS[product_sku(item)]["options"][name]


def exchangeable(item, reason):
    _, value, values = sized_option(item)
    return value != (values[-1] if reason == "too small" else values[0])
