#!/usr/bin/env python3
"""Writes the demo shop's accounts: index/accounts/*.jsonl, from shop.py, generator/ and a fixed seed.

    python3 index/generate_accounts.py           writes the files
    python3 index/generate_accounts.py --check   fails if the files differ from what would be written, or if what must hold of them
                                                 (totals, dates, references, unique identifiers, policy) does not

Every record has the form {"kind","id","customer_id","fields"}; records without customer_id (products) are public.
"""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no caches beside the data

import shop  # noqa: E402
from generator.catalogue import product_record
from generator.customers import all_customers
from generator.invariants import broken
from generator.orders import all_orders
from generator.returns import all_returns
from generator.tickets import all_tickets

HERE = Path(__file__).parent
FOLDER = HERE / "accounts"


def main():
    checking = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not checking:
        sys.exit(f"unknown argument {sys.argv[1]!r}; the only one is --check")
    accounts = all_accounts()
    texts = {name: "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records) for name, records in accounts.items()}
    problems = broken(accounts, HERE / "demo.toml")
    if checking:
        problems += [f"{name} differs from what the generator writes" for name, text in texts.items() if on_disk(name) != text]
        problems += [f"{path.name} is none of the generator's files" for path in FOLDER.glob("*") if path.name not in texts]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(1)
    if not checking:
        FOLDER.mkdir(exist_ok=True)
        for name, text in texts.items():
            (FOLDER / name).write_text(text, encoding="utf-8")
    for name, records in accounts.items():
        print(f"{name}: {len(records)} records")


def all_accounts():
    customers = all_customers()
    orders = all_orders(customers)
    returns = all_returns(customers, orders)
    tickets = all_tickets(customers, orders)
    return {"customers.jsonl": [customer.close() for customer in customers], "orders.jsonl": orders, "returns.jsonl": returns,
            "tickets.jsonl": tickets, "products.jsonl": [product_record(product) for product in shop.PRODUCTS]}


def on_disk(name):
    path = FOLDER / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    main()
