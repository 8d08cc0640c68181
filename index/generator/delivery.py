"""What becomes of an order: packed, shipped, late, delivered, collected or canceled, as of the last day of the records."""

from datetime import timedelta

import shop
from generator.common import business_days_after, day_of, digits, is_business_day, next_business_day

HELD_IN_STORE = 14  # days
DELAYS = ["The carrier reports a delay by severe weather.", "The parcel was sorted to the wrong hub and is on its way again.",
          "The carrier reports a delay by high volume."]
OURS = ["An item proved to be out of stock.", "The payment failed three times."]


def cancel(source, fields, day, method):
    fields["status"] = "canceled"
    by_us = source.random() < 0.25 and day + timedelta(days=7) <= shop.AS_OF
    fields["canceled_on"] = (day + timedelta(days=source.randint(1, 7)) if by_us else day).isoformat()
    fields["cancel_reason"] = source.choice(OURS) if by_us else "Canceled by the customer within 60 minutes."


def deliver(source, fields, day, method, story, tracking):
    if method == "E-mail":
        fields |= {"status": "delivered", "delivered_on": day.isoformat()}
    elif method == "Store Pickup":
        collect(source, fields, day)
    else:
        ship(source, fields, day, method, story, tracking)


def collect(source, fields, day):
    ready = business_days_after(day, source.randint(0, 5))
    until = ready + timedelta(days=HELD_IN_STORE)
    collected = ready + timedelta(days=min(source.randint(0, 4) + source.choice([0, 0, 5]), HELD_IN_STORE))
    if ready > shop.AS_OF:
        fields |= {"status": "processing", "estimated_ready_on": ready.isoformat()}
    elif collected > shop.AS_OF or (collected == shop.AS_OF and collected == ready):
        fields |= {"status": "ready for pickup", "ready_on": ready.isoformat(), "held_until": until.isoformat()}
    elif source.random() < 0.03 and until <= shop.AS_OF:
        fields |= {"status": "canceled", "ready_on": ready.isoformat(), "canceled_on": until.isoformat(),
                   "cancel_reason": f"Not collected within {HELD_IN_STORE} days; refunded in full."}
    else:
        fields |= {"status": "picked up", "ready_on": ready.isoformat(), "picked_up_on": collected.isoformat()}


def ship(source, fields, day, method, story, tracking):
    _, quick, slow, carrier = shop.SHIPPING[method]
    counted_from = day
    if method == "Next-Day" and (not is_business_day(day) or source.random() < 0.4):  # after noon, or on a day off
        counted_from = next_business_day(day if not is_business_day(day) else day + timedelta(days=1))
    left = counted_from if method == "Next-Day" else business_days_after(day, 1)
    due = business_days_after(counted_from, slow)
    arrives = business_days_after(counted_from, story["took"] if story else source.randint(quick, slow))
    if story is None and source.random() < 0.03:
        arrives = business_days_after(due, source.randint(1, 3))
    delayed_to = story.get("new_date") if story else new_date(source, left, due, arrives)
    fields["estimated_delivery"] = due.isoformat()
    if delayed_to and left <= shop.AS_OF:
        fields |= {"status": "delayed", "estimated_delivery": delayed_to.isoformat(), "first_estimate": due.isoformat()}
        if story is None:
            fields["_notes"] = [source.choice(DELAYS)]
        arrives = due = delayed_to
    elif left > shop.AS_OF or (left == shop.AS_OF and source.random() < 0.5):
        fields["status"] = "processing"
        return
    elif arrives < shop.AS_OF:
        fields |= {"status": "delivered", "delivered_on": arrives.isoformat()}
        del fields["estimated_delivery"]
    elif arrives == shop.AS_OF:
        fields |= {"status": "out for delivery", "estimated_delivery": arrives.isoformat()}
    else:
        fields["status"] = "shipped"
        due = max(due, arrives)
        fields["estimated_delivery"] = due.isoformat()
    fields["shipments"] = parcels(source, fields, carrier, (left, business_days_after(counted_from, quick), arrives), story, tracking)


def new_date(source, left, due, arrives):
    """A later day for some of the parcels that are under way or have just missed their day."""
    if left <= shop.AS_OF <= business_days_after(due, 2) and arrives >= shop.AS_OF - timedelta(days=4) and source.random() < 0.2:
        return business_days_after(max(due, shop.AS_OF), source.randint(1, 4))
    return None


def parcels(source, fields, carrier, days, story, tracking):
    """One parcel, or two where an order of several items is split."""
    left, earliest, arrives = days
    items = fields["items"]
    is_split = story is None and len(items) > 1 and source.random() < 0.15
    groups = [items[:1], items[1:]] if is_split else [items]
    shipments = []
    for place, group in enumerate(groups):
        parcel = {"carrier": carrier, "tracking_number": tracking.take(lambda: prefix(carrier) + digits(source, 10)),
                  "shipped_on": left.isoformat()}
        state = {"delivered": "delivered", "out for delivery": "out for delivery", "delayed": "delayed"}.get(fields["status"], "in transit")
        # The first of two parcels may be at the door before the second.
        if is_split and place == 0 and earliest < min(arrives, shop.AS_OF):
            parcel |= {"status": "delivered", "delivered_on": earliest.isoformat()}
        elif state == "delivered":
            parcel |= {"status": state, "delivered_on": arrives.isoformat()}
        else:
            parcel |= {"status": state, "estimated_delivery": fields["estimated_delivery"]}
        if is_split:
            parcel["contents"] = ", ".join(item["name"] for item in group)
        shipments.append(parcel)
    if is_split:
        fields.setdefault("_notes", []).append("Ships in two parcels.")
    return shipments


def prefix(carrier):
    return "NP" if carrier == "Northline Parcel" else "SX"


def last_delivery(fields):
    """The day on which everything was at the customer's, if it is."""
    day = fields.get("delivered_on") or fields.get("picked_up_on")
    return day_of(day) if day else None
