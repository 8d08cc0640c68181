#!/usr/bin/env python3
"""Writes src/retrieve/common_words.txt: the words that customers use, whatever the company.

Titles are matched against what people write, and a name must be told from a word of the language.
Counted over the training parts of CLINC150 (CC BY 3.0), Banking77 (CC BY 4.0), Bitext customer
support (CDLA-Sharing-1.0) and CuCom (Apache-2.0); only the words are kept. Names of companies and
products drop out because a word must be frequent in at least two of them, or very frequent in the
comments of GoEmotions (Apache-2.0) and present in one.

    python3 training/common_words.py ../shared/data > src/retrieve/common_words.txt
"""

import csv
import io
import json
import re
import sys
import zipfile
from collections import Counter
from pathlib import Path

data = Path(sys.argv[1])


def words(text):
    return set(re.findall(r"[a-z]{2,}", text.lower().replace("'", "").replace("’", "")))


def count(texts):
    counter = Counter()
    for text in texts:
        counter.update(words(text))
    return counter


clinc = json.loads((data / "intents/clinc150_full.json").read_text())
with (data / "intents/banking77_train.csv").open() as file:
    banking = [row["text"] for row in csv.DictReader(file)]
with (data / "intents/bitext_train.csv").open() as file:
    bitext = [row["utterance"] for row in csv.DictReader(file)]
archive = zipfile.ZipFile(data / "dialogues/cucom.jsonl.zip")
with archive.open(archive.namelist()[0]) as file:
    chats = [
        turn["content"]
        for line in io.TextIOWrapper(file, "utf-8")
        for turn in json.loads(line)["turns"]
    ]
comments = [
    line.split("\t")[0] for line in (data / "emotion/goemotions_train.tsv").read_text().splitlines()
]

corpora = [count([text for text, _ in clinc["train"] + clinc["oos_train"]]), count(banking),
           count(bitext), count(chats)]
spoken = count(comments)
kept = set()
CRUDE = re.compile("shit|fuck|damn|crap|bitch")
for word in set().union(*corpora):
    frequent_in = sum(corpus[word] >= 4 for corpus in corpora)
    present_in = sum(corpus[word] > 0 for corpus in corpora)
    if CRUDE.search(word):
        continue
    if frequent_in >= 2 or (spoken[word] >= 25 and present_in >= 1):
        kept.add(word)
print("\n".join(sorted(kept)))
