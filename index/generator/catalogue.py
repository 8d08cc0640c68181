"""The catalogue: public product records with their variants, prices and stock."""

from datetime import timedelta

import shop
from generator.common import chance, dollars, next_business_day

# Products of the demo page's customers, whose stock their stories count on.
ALWAYS_IN_STOCK = {"TN-ALDER3", "JK-SQUALLW"}


def variants(product):
    """(variant's number, options, price in cents) of every combination of options."""
    combinations = [{}]
    for name, values in product["options"].items():
        combinations = [{**combination, name: value} for combination in combinations for value in values]
    if len(combinations) == 1:
        return [(product["sku"], combinations[0], product["cents"])]
    return [(f"{product['sku']}-{place:02d}", options, product["cents"] + extra(product, options))
            for place, options in enumerate(combinations, 1)]


def extra(product, options):
    return sum(100 * product["step"].get(value, 0) for value in options.values())


def product_record(product):
    fields = {"name": product["name"], "sku": product["sku"], "category": product["category"], "price": dollars(product["cents"]),
              "description": product["description"], "weight": product["weight"], "materials": product["materials"]}
    if product["specs"]:
        fields["specs"] = product["specs"]
    fields |= {"care": shop.CARE[product["category"]], "warranty": shop.WARRANTY[product["category"]],
               "final_sale": product["final_sale"]}
    if product["oversize"]:
        fields["oversize"] = True
    choices = variants(product)
    if len(choices) == 1:
        return {"kind": "product", "id": product["sku"],
                "fields": fields | ({"options": choices[0][1]} if choices[0][1] else {}) | stock(product, product["sku"])}
    fields["variants"] = [{"sku": sku, "options": options, "price": dollars(price)} | stock(product, sku)
                          for sku, options, price in choices]
    return {"kind": "product", "id": product["sku"], "fields": fields}


def stock(product, sku):
    source = chance("stock", sku)
    if source.random() < 0.85 or product["sku"] in ALWAYS_IN_STOCK or product["category"] == "Accessories":
        return {"available": True}
    if product["final_sale"] or source.random() < 0.4:
        return {"available": False}
    back = next_business_day(shop.AS_OF + timedelta(days=source.randint(6, 40)))
    return {"available": False, "restock_expected_on": back.isoformat()}
