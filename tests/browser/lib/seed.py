"""Fills a data directory whose server is stopped: many conversations, and one that is long.

    python3 seed.py DIRECTORY --conversations 10000 --messages 5000

Rows are written as the server writes them, through the schema that it made, triggers included. Prints the id of the long one.
"""

import argparse
import json
import random
import sqlite3
import time
import uuid

NAMES = ["Ines Costa", "Tom Okafor", "Maya Lind", "Kenji Watanabe", "Sara Haddad", "Luis Ortega", "Priya Raman", "Nina Petrova"]
ASKED = [
    "Where is my order?", "The zip of my jacket broke after two days.", "Can I still change the address?", "How long do refunds take?",
    "This is the third time I ask. Please help.", "Which tent fits three people?", "I would like to talk to a person.",
]
ANSWERED = ["It is on its way and should arrive tomorrow.", "Refunds take three to five working days.", "A person will look into it with you."]
INTENTS = ["track_order", "refund_status", "change_address", "product_question"]
REASONS = ["anger", "repeated_failure", "asks_for_person", "policy_exception"]
EMOTIONS = ["neutral", "annoyed", "worried", "grateful"]


def judgement(chance: random.Random) -> str:
    risk, dissatisfied = chance.random() ** 2, chance.random()
    return json.dumps({
        "intent": {"name": chance.choice(INTENTS), "score": 0.9},
        "sentiment": {"score": 0.1, "emotion": chance.choice(EMOTIONS), "probability": 0.6},
        "satisfaction": {"rating": 3.0, "dissatisfied": dissatisfied, "ratings": [0.2] * 5, "conversation_rating": 3.0, "conversation_dissatisfied": dissatisfied},
        "escalation": {"probability": risk, "reason": chance.choice(REASONS), "reason_probability": 0.5},
        "causes": [], "heads": "0000000000000000",
    })


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=5_000)
    given = parser.parse_args()
    chance = random.Random(7)
    now = int(time.time() * 1000)
    base = sqlite3.connect(f"{given.directory}/conversations.sqlite")
    base.execute("PRAGMA synchronous = OFF")
    for number in range(given.conversations):
        state = chance.choices(["queued", "agent", "bot", "closed"], [4, 3, 2, 1])[0]
        write(base, chance, state, 2 if state in ("queued", "bot") else 3, now - number * 1_500, given)
    print(write(base, chance, "agent", given.messages, now, given, name="Long Talk"))
    base.commit()
    base.close()


def write(base, chance, state: str, messages: int, end_ms: int, given, name: str | None = None) -> str:
    conversation = str(uuid.uuid4())
    created = end_ms - messages * 20_000
    who = name or chance.choice(NAMES)
    base.execute(
        "INSERT INTO conversations (id, owner, created_ms, owner_name) VALUES (?, ?, ?, ?)",
        (conversation, f"customer:seed-{conversation[:8]}", created, who),
    )
    last_customer = answered = 0
    for seq in range(1, messages + 1):
        is_customer = seq % 2 == 1 or (seq == messages and state == "queued")
        author = "customer" if is_customer else chance.choice(["steward", "agent"])
        text = chance.choice(ASKED if is_customer else ANSWERED) + (f" ({seq})" if messages > 10 else "")
        if chance.random() < 0.2:
            text += " " + chance.choice(ANSWERED) * 3
        base.execute(
            "INSERT INTO messages (conversation, seq, author, message_id, text, created_ms, agent) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (conversation, seq, author, str(uuid.uuid4()), text, created + seq * 20_000, "ada" if author == "agent" else None),
        )
        if is_customer:
            last_customer = seq
            base.execute(
                "INSERT INTO judgements (conversation, seq, judgement, created_ms) VALUES (?, ?, ?, ?)",
                (conversation, seq, judgement(chance), created + seq * 20_000),
            )
        else:
            answered = last_customer
    assignee = "ada" if state == "agent" else None
    base.execute(
        "UPDATE conversations SET state = ?, assignee = ?, state_ms = ?, last_seq = ?, last_customer_seq = ?, answered_seq = ?, epoch = 1 WHERE id = ?",
        (state, assignee, created, messages, last_customer, last_customer if state in ("bot", "closed") else answered, conversation),
    )
    return conversation


if __name__ == "__main__":
    main()
