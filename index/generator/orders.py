"""Orders: who buys what when, and what it comes to. How it travels is in delivery.py."""

from datetime import timedelta

import shop
from generator.catalogue import variants
from generator.common import GIFT_CARD, PRODUCTS, Unique, cents, chance, day_of, dollars, is_final_sale, share
from generator.delivery import cancel, deliver
from generator.stories import ORDERS as STORY_ORDERS

COUNT = 600
FIRST_NUMBER, NUMBERS_A_DAY = 20100, 17
MOST_FUEL_CANISTERS = 6
SIZES = {"size", "torso", "length", "waist", "inseam"}
CODE_IN_SEASON, CODE_OF_GROUP = 0.45, 0.6  # how many of those entitled to a promo code use it
NOTES = ["Leave the parcel at the side door.", "Gate code 4471.", "Please ring the bell.", "Leave with the neighbor in unit 3.",
         "Gift message: Happy birthday, see you on the trail!", "Leave on the back porch, out of the rain."]


def all_orders(customers):
    """Every order in the sequence of its number, which is that of its day."""
    tracking, numbers = Unique(), Unique()
    by_id = {customer.id: customer for customer in customers}
    for story in STORY_ORDERS:
        numbers.take(lambda: story["id"])
    plan = [(story["on"], story["id"], by_id[story["customer"]], story) for story in STORY_ORDERS]
    plan += random_plan([customer for customer in customers if customer.shops], numbers)
    plan.sort(key=lambda entry: entry[:2])
    had_orders, orders = set(), []
    for day, number, customer, story in plan:
        order = place(day, number, customer, story, customer.id not in had_orders, tracking)
        had_orders.add(customer.id)
        orders.append(order)
    return orders


def random_plan(shoppers, numbers):
    """(day, number, customer, story) of the orders that no story tells."""
    source = chance("plan")
    eager = [0.7 + source.random() ** 3 * 3 for _ in shoppers]
    days = [shop.FIRST_DAY + timedelta(days=place) for place in range((shop.AS_OF - shop.FIRST_DAY).days + 1)]
    busy = [busyness(day) for day in days]
    plan = []
    while len(plan) < COUNT - len(STORY_ORDERS):
        day = source.choices(days, busy)[0]
        customer = source.choices(shoppers, eager)[0]
        if customer.joined > day:
            continue
        first = FIRST_NUMBER + NUMBERS_A_DAY * (day - shop.FIRST_DAY).days
        number = f"FH-{first + source.randrange(NUMBERS_A_DAY)}"
        if number not in numbers.given:
            numbers.given.add(number)
            plan.append((day, number, customer, None))
    return plan


def busyness(day):
    """Sales and the weeks before the holidays bring more orders."""
    on_sale = any(start <= day <= end for _, start, end, who in shop.PROMO_CODES.values() if who == "anyone")
    return (1.6 if on_sale else 1.0) * (1.7 if day.month == 11 else 1.0)


def place(day, number, customer, story, is_first, tracking):
    source = chance("order", number)
    address = customer.home
    items = story_items(story["items"]) if story else choose_items(source, customer)
    products = [PRODUCTS[item.pop("_product")] for item in items]
    is_digital = all(product["sku"] == GIFT_CARD for product in products)
    method = story["method"] if story else shipping_method(source, address, products, is_digital)
    fields = {"placed_on": day.isoformat(), "status": "", "items": items}
    code = story.get("promo_code") if story else promo_code(source, day, customer, is_first)
    merchandise = price(fields, code, method, products, address, customer.tier(day))
    fields["payment"] = payment(source, customer, fields["total"], products)
    if method == "Store Pickup":
        fields["pickup_store"] = f"{shop.STORE_STATE[address['state']]}, {shop.STORES[shop.STORE_STATE[address['state']]]}"
    elif not is_digital:
        fields["shipping_address"] = dict(address)
    if story is None and source.random() < 0.045:
        cancel(source, fields, day, method)
    else:
        deliver(source, fields, day, method, story, tracking)
    add_notes(source, fields, story)
    if fields["status"] != "canceled":
        points = customer.earn(day, merchandise)
        arrived = fields.get("delivered_on") or fields.get("picked_up_on")
        if arrived and day_of(arrived) + timedelta(days=14) <= shop.AS_OF:
            customer.points += points
    return {"kind": "order", "id": number, "customer_id": customer.id, "fields": fields}


def story_items(wanted):
    items = []
    for sku, options, quantity in wanted:
        number, _, price_each = next(variant for variant in variants(PRODUCTS[sku]) if variant[1] == options)
        items.append(item_of(PRODUCTS[sku], number, options, quantity, price_each))
    return items


def choose_items(source, customer):
    products = list(shop.PRODUCTS)
    if customer.home["state"] in shop.REMOTE_STATES:
        products = [product for product in products if not product["oversize"] and not product["sku"].startswith("FU-ISO")]
    first = source.choices(products, [product["popular"] for product in products])[0]
    if first["sku"] == GIFT_CARD:
        return [choose_variant(source, customer, first, 1)]
    chosen = {first["sku"]: first}
    others = [product for product in products if product["sku"] != GIFT_CARD]
    for _ in range(source.choices([0, 1, 2, 3], [50, 27, 15, 8])[0]):
        product = source.choices(others, [other["popular"] for other in others])[0]
        chosen[product["sku"]] = product
    items = []
    for product in chosen.values():
        quantity = 1
        if product["category"] == "Fuel and Food":
            quantity = source.randint(1, MOST_FUEL_CANISTERS)
        elif product["cents"] < 5000 and source.random() < 0.2:
            quantity = 2
        items.append(choose_variant(source, customer, product, quantity))
    return items


def choose_variant(source, customer, product, quantity):
    """Mostly in the size that the customer usually buys."""
    wanted = {}
    for name, values in product["options"].items():
        usual = values[min(int(customer.taste * len(values)), len(values) - 1)]
        wanted[name] = usual if name in SIZES and source.random() < 0.85 else source.choice(values)
    number, options, price_each = next(variant for variant in variants(product) if variant[1] == wanted)
    return item_of(product, number, options, quantity, price_each)


def item_of(product, number, options, quantity, price_each):
    item = {"name": product["name"], "sku": number, "options": options, "quantity": quantity, "price": dollars(price_each)}
    if product["final_sale"]:
        item["final_sale"] = True
    return item | {"_product": product["sku"]}


def shipping_method(source, address, products, is_digital):
    if is_digital:
        return "E-mail"
    if address["state"] in shop.REMOTE_STATES:
        return "Standard (Alaska, Hawaii and Puerto Rico)"
    if shop.STORE_STATE.get(address["state"]) == address["city"] and source.random() < 0.4:
        return "Store Pickup"
    ground_only = any(product["oversize"] or product["sku"].startswith("FU-ISO") for product in products)
    return "Standard" if ground_only else source.choices(["Standard", "Expedited", "Next-Day"], [72, 20, 8])[0]


def promo_code(source, day, customer, is_first):
    def in_time(code):
        return shop.PROMO_CODES[code][1] <= day <= shop.PROMO_CODES[code][2]

    if is_first and customer.joined >= shop.FIRST_DAY and source.random() < 0.7:
        return "WELCOME10"
    seasonal = [code for code, (_, _, _, who) in shop.PROMO_CODES.items() if who == "anyone" and in_time(code)]
    if seasonal and source.random() < CODE_IN_SEASON:
        return seasonal[0]
    if customer.group and source.random() < CODE_OF_GROUP:
        return next(code for code, (_, _, _, who) in shop.PROMO_CODES.items() if who == customer.group)
    return None


def price(fields, code, method, products, address, tier):
    """Fills in the amounts; returns the merchandise in cents that earns points."""
    amounts = [(item, product, cents(item["price"]) * item["quantity"]) for item, product in zip(fields["items"], products)]
    subtotal = sum(amount for _, _, amount in amounts)
    full_price = sum(amount for item, product, amount in amounts if not is_final_sale(item) and product["sku"] != GIFT_CARD)
    discount = share(full_price, 100 * shop.PROMO_CODES[code][0]) if code else 0
    merchandise = sum(amount for _, product, amount in amounts if product["sku"] != GIFT_CARD) - discount
    shipping = shop.SHIPPING[method][0] if method in shop.SHIPPING else 0
    if method == "Standard" and (merchandise >= shop.FREE_STANDARD_FROM or tier != "Trail"):
        shipping = 0
    pieces = sum(item["quantity"] for item, product, _ in amounts if product["oversize"])
    oversize = pieces * shop.OVERSIZE_FEE if method == "Standard" else 0
    tax = share(merchandise, shop.SALES_TAX.get(address["state"], 0))
    fields |= {"subtotal": dollars(subtotal), "discount": dollars(discount)}
    if discount:
        fields["promo_code"] = code
    fields |= {"shipping_method": method, "shipping_cost": dollars(shipping)}
    if oversize:
        fields["oversize_fee"] = dollars(oversize)
    fields |= {"tax": dollars(tax), "total": dollars(subtotal - discount + shipping + oversize + tax)}
    return merchandise


def payment(source, customer, total, products):
    only_cards = any(product["sku"] == GIFT_CARD for product in products)
    if 50 <= total <= 1000 and not only_cards and source.random() < 0.06:
        return {"method": shop.INSTALLMENTS}
    methods = [method for method in customer.methods if method["type"] == "card" or not only_cards]
    method = source.choice(methods)
    if method["type"] != "card":
        return {"method": method["type"]}
    return {"method": f"{method['brand']} card", "last_four": method["last_four"]}


def add_notes(source, fields, story):
    notes = [story["notes"]] if story and "notes" in story else []
    notes += fields.pop("_notes", [])
    if fields["total"] > 500 and "shipping_address" in fields and fields["status"] != "canceled":
        notes.append("An adult's signature is needed on delivery.")
    if story is None and "shipping_address" in fields and source.random() < 0.12:
        notes.append(source.choice(NOTES))
    if notes:
        fields["notes"] = " ".join(notes)
