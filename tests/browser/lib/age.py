"""Moves conversations of a stopped server back in time, so that a report has a past: every moment of theirs, in every table that has any.

    python3 age.py DIRECTORY DAYS CONVERSATION…
"""

import argparse
import sqlite3

DAY_MS = 86_400_000
NOT_THEIRS = {"until_ms", "expires_ms"}  # what is yet to come


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("days", type=int)
    parser.add_argument("conversation", nargs="+")
    given = parser.parse_args()
    base = sqlite3.connect(f"{given.directory}/conversations.sqlite")
    for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").fetchall():
        columns = [name for _, name, *_ in base.execute(f"PRAGMA table_info({table})")]
        key = "id" if table == "conversations" else "conversation"
        moments = [name for name in columns if name.endswith("_ms") and name not in NOT_THEIRS]
        if key not in columns or not moments:
            continue
        moved = ", ".join(f"{name} = {name} - {given.days * DAY_MS}" for name in moments)
        marks = ", ".join("?" * len(given.conversation))
        base.execute(f"UPDATE {table} SET {moved} WHERE {key} IN ({marks})", given.conversation)
    base.commit()
    base.close()


if __name__ == "__main__":
    main()
