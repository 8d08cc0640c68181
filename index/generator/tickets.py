"""Tickets: what customers wrote to support about, each fitting the order it names, or no order."""

from datetime import timedelta

import shop
from generator.common import PRODUCTS, chance, day_of, product_sku, sample_with_recent
from generator.delivery import last_delivery
from generator.returns import SIZED
from generator.stories import CUSTOMERS as STORY_CUSTOMERS, TICKETS as STORY_TICKETS

COUNT, RECENT = 80, 24
FIRST_NUMBER = 4410
ABOUT_NO_ORDER = 12
ZIPPERED = {"Tents", "Sleeping Bags", "Packs", "Jackets"}

# what it takes -> (subject, summary, resolution); {item} is a product of the order.
DELIVERED = [
    (lambda item: PRODUCTS[product_sku(item)]["category"] in ZIPPERED, "Zipper of the {item}",
     "The zipper of the {item} comes apart. The customer asks for a repair under warranty.",
     "The warranty claim was approved, and a prepaid label was sent."),
    (lambda item: bool(SIZED & set(item["options"])), "Fit of the {item}",
     "The customer asks whether the {item} runs small and which size to take in exchange.",
     "A size was advised, and the free exchange was explained."),
    (lambda item: True, "{item} arrived damaged", "The {item} arrived damaged. The customer sent photos of the item and of the box.",
     "A free replacement was sent."),
    (lambda item: True, "Parcel marked delivered but not found",
     "The carrier recorded the delivery of the order with the {item}, but the customer has not found the parcel.",
     "The parcel turned up with a neighbor."),
    (lambda item: True, "Copy of an invoice", "The customer needs an invoice for the order with the {item} that shows a company name.",
     "The company name was added, and the invoice was sent by e-mail."),
    (lambda item: PRODUCTS[product_sku(item)]["category"] not in ("Fuel and Food", "Accessories"), "Care of the {item}",
     "The customer asks how to clean and store the {item}.", "The care instructions were sent."),
    (lambda item: True, "Charged twice", "The customer sees two entries for the order with the {item} on a bank statement.",
     "One entry was the hold, which the bank has released."),
]
SEVERAL_ITEMS = ("{item} missing from the parcel", "The parcel arrived without the {item}. The customer sent a photo of the open box.",
                 "The weight of the parcel confirmed it, and the missing item was sent free of charge.")
UNDER_WAY = [
    ("Tracking does not move", "The customer asks why the tracking of the order with the {item} has not moved.", "The carrier's latest scan was explained."),
    ("New address after ordering", "The customer asks to send the {item} to another address.", "It was explained that a shipped parcel cannot be redirected."),
    ("Delivery before a trip", "The customer leaves soon and asks whether the {item} will arrive in time.", "The estimated delivery day was confirmed."),
]
CANCELED = ("Hold after a canceled order", "The order with the {item} was canceled, but the bank still shows a hold.",
            "The hold falls off within 3 to 7 business days, which was explained.")
NO_ORDER = [
    ("Two-step sign-in", "The customer no longer has the phone that receives the sign-in codes.", "The identity was checked, and two-step sign-in was reset."),
    ("Unsubscribe from the newsletter", "The customer still receives the newsletter after unsubscribing.", "The address was taken off the list."),
    ("Group order for a scout troop", "The customer asks for a quote for 14 packs.", "The request went to the corporate team."),
    ("Missing reward points", "The customer misses points for a store purchase and sent the receipt.", "The points were added."),
    ("Merging two accounts", "The customer has two accounts and would like to merge them.", "The accounts were merged."),
    ("Store credit not shown", "The store credit of a gift return does not show in the account.", "The store credit was added to the account."),
]


def all_tickets(customers, orders):
    by_number = {order["id"]: order for order in orders}
    drafts = [(story["opened"], by_number[story["order"]]["customer_id"],
               {"subject": story["subject"], "status": story["status"], "channel": story["channel"], "opened_on": story["opened"].isoformat(),
                "updated_on": story["updated"].isoformat(), "summary": story["summary"], "order_id": story["order"]}) for story in STORY_TICKETS]
    source = chance("tickets")
    suitable = [order for order in orders if order["customer_id"] not in STORY_CUSTOMERS and situation(order)]
    chosen = sample_with_recent(source, suitable, COUNT - ABOUT_NO_ORDER - len(drafts), RECENT,
                                lambda order: shop.AS_OF - situation(order)[1] < timedelta(days=12))
    for order in chosen:
        drafts.append(about_order(order))
    others = [customer for customer in customers if customer.id not in STORY_CUSTOMERS]
    for customer in source.sample(others, ABOUT_NO_ORDER):
        drafts.append(about_no_order(customer))
    drafts.sort(key=lambda entry: entry[:2])
    number, records = FIRST_NUMBER, []
    for _, customer_id, fields in drafts:
        records.append({"kind": "ticket", "id": f"T-{number}", "customer_id": customer_id, "fields": fields})
        number += chance("ticket number", number).randint(1, 9)
    return records


def situation(order):
    """The kinds of trouble that this order can have had, and the day from which on."""
    fields = order["fields"]
    delivered = last_delivery(fields)
    if fields["status"] == "canceled":
        return [CANCELED], day_of(fields["canceled_on"])
    if delivered and "shipments" in fields and delivered < shop.AS_OF:
        return "delivered", delivered
    if fields["status"] in ("shipped", "delayed", "out for delivery"):
        return UNDER_WAY, day_of(fields["shipments"][0]["shipped_on"])
    return None


def about_order(order):
    source = chance("ticket", order["id"])
    kinds, since = situation(order)
    items = order["fields"]["items"]
    item = source.choice(items)
    if kinds == "delivered":
        kinds = [rest for fits, *rest in DELIVERED if fits(item)] + ([SEVERAL_ITEMS] * 2 if len(items) > 1 else [])
    subject, summary, resolution = (text.replace("{item}", item["name"]) for text in source.choice(kinds))
    opened = min(since + timedelta(days=source.randint(1, 12)), shop.AS_OF)
    return finish(source, order["customer_id"], opened, subject, summary, resolution, {"order_id": order["id"]})


def about_no_order(customer):
    source = chance("ticket", customer.id)
    first = max(shop.FIRST_DAY, customer.joined)
    opened = first + timedelta(days=source.randint(0, (shop.AS_OF - first).days))
    return finish(source, customer.id, opened, *source.choice(NO_ORDER), {})


def finish(source, customer_id, opened, subject, summary, resolution, reference):
    """Old tickets are resolved; young ones may be open or wait for the customer."""
    age = (shop.AS_OF - opened).days
    updated = opened + timedelta(days=min(age, source.randint(0, 4)))
    is_open = age < 12 and source.random() < 0.75
    status = source.choice(["open", "open", "waiting for customer"]) if is_open else "resolved"
    fields = {"subject": subject, "status": status, "channel": source.choice(["chat", "e-mail", "phone"]), "opened_on": opened.isoformat(),
              "updated_on": updated.isoformat(), "summary": summary}
    if status == "resolved":
        fields["answer"] = resolution
    return opened, customer_id, fields | reference
