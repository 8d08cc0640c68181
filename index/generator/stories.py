"""The demo page's customers: what happened to them is written here by hand, the arithmetic follows from shop.py.

Their order numbers, dates and states do not depend on chance, so that example conversations can rely on them.
"""

from datetime import date

CUSTOMERS = {
    "c1001": {"name": ("Carl", "Ibarra"), "city": "Flagstaff", "joined": date(2024, 4, 12)},
    "c1002": {"name": ("Celia", "Lindqvist"), "city": "Sacramento", "joined": date(2023, 9, 18)},
    "c1003": {"name": ("Chidi", "Park"), "city": "Roanoke", "joined": date(2022, 5, 26)},
    "c1004": {"name": ("Clara", "Stroud"), "city": "Duluth", "joined": date(2026, 8, 30)},
}

# Items are (catalogue number, options, quantity). `took` is the business days to the door; `new_date` makes an order delayed.
ORDERS = [
    {"id": "FH-21893", "customer": "c1001", "on": date(2026, 9, 14), "method": "Expedited", "took": 3,
     "items": [("TN-WREN1", {"color": "Lichen"}, 1), ("LT-GLINT", {"color": "Charcoal"}, 1)]},
    {"id": "FH-22959", "customer": "c1001", "on": date(2026, 11, 16), "method": "Standard", "took": 6,
     "items": [("TN-ALDER3", {"color": "Moss"}, 1), ("TN-ALDERFP", {"model": "Alder 3"}, 1)]},
    {"id": "FH-21887", "customer": "c1002", "on": date(2026, 9, 14), "method": "Standard", "took": 5,
     "items": [("JK-SQUALLW", {"color": "Lake", "size": "M"}, 1)]},
    {"id": "FH-22516", "customer": "c1002", "on": date(2026, 10, 21), "method": "Expedited", "took": 2,
     "items": [("JK-SQUALLW", {"color": "Ember", "size": "M"}, 1), ("CL-BEANIE", {"color": "Marigold"}, 1)]},
    {"id": "FH-22483", "customer": "c1003", "on": date(2026, 10, 19), "method": "Standard", "took": 5,
     "items": [("FW-GRANITE-M", {"color": "Walnut", "size": "10"}, 1), ("CL-SOCKS", {"color": "Slate", "size": "M"}, 2)]},
    {"id": "FH-22721", "customer": "c1003", "on": date(2026, 11, 2), "method": "Standard", "took": 6,
     "items": [("ST-KILN", {"color": "Charcoal"}, 1), ("HY-BOTTLE", {"color": "Moss"}, 1), ("FU-ISO230", {}, 2)]},
    {"id": "FH-21755", "customer": "c1004", "on": date(2026, 9, 6), "method": "Standard", "took": 4, "promo_code": "WELCOME10",
     "items": [("PK-SWIFT22", {"color": "Lake"}, 1)]},
    {"id": "FH-22774", "customer": "c1004", "on": date(2026, 11, 5), "method": "Standard", "took": 6, "new_date": date(2026, 11, 24),
     "items": [("SB-KESTREL20", {"length": "Long", "zipper": "Right"}, 1), ("ST-MUG", {"color": "Midnight"}, 1)],
     "notes": "The carrier reports a delay by a winter storm."},
]

RETURNS = [
    {"order": "FH-22483", "item": 0, "reason": "too small", "resolution": "refund", "requested": date(2026, 11, 12),
     "handed_over": date(2026, 11, 17)},
]

TICKETS = [
    {"order": "FH-22721", "subject": "Bottle missing from the parcel", "status": "open", "opened": date(2026, 11, 18),
     "updated": date(2026, 11, 19), "channel": "chat",
     "summary": "The parcel arrived without the Springhead 32 oz Bottle. The customer sent a photo of the open box; "
                "the weight of the parcel is being checked."},
]
