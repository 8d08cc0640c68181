"""Utterances that are no support intent, from CLINC150: python3 training/out_of_scope.py clinc150_full.json > none.jsonl

CLINC150's intents that a shop's customer might have are left out, so that what is left is none of Bitext's 27.
"""
import json
import sys

ALSO_SUPPORT = {"order_status", "order", "cancel", "application_status", "update_playlist", "change_user_name", "report_fraud", "pay_bill",
                "bill_due", "bill_balance", "transactions", "damaged_card", "replacement_card_duration", "reminder_update", "are_you_a_bot"}

with open(sys.argv[1], encoding="utf-8") as file:
    clinc = json.load(file)
for text, intent in clinc["train"] + clinc["oos_train"]:
    if intent not in ALSO_SUPPORT:
        print(json.dumps({"text": text, "label": "none"}))
