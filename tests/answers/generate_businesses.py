"""Writes the records of made-up businesses, for `steward import accounts` and `steward eval answers`.

    python3 tests/answers/generate_businesses.py FOLDER [--seed N]

Each business gets a folder of its own name in FOLDER; the questions about it are in
`tests/answers/NAME.toml`. The same seed gives the same records.
"""

import argparse
import pathlib
import random

from businesses import airline, hotel, insurance, utility, workshop

BUSINESSES = [airline, hotel, insurance, utility, workshop]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for business in BUSINESSES:
        name = business.__name__.split(".")[-1]
        folder = arguments.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        business.write(folder, random.Random(f"{name} {arguments.seed}"))


if __name__ == "__main__":
    main()
