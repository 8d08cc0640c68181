#!/usr/bin/env bash
# Trains the heads that ship with Steward, in the order in which they need each other, and puts them into models/heads.
# Usage: training/train.sh DATA [OUT]
#   DATA  a directory with emotion/ (GoEmotions), intents/ (Bitext, CLINC150) and satisfaction/ (STAR); docs/training.md says whence
#   OUT   where reports and readings are kept, target/training if not given; a second run takes the readings from there
# The same data gives the same heads: nothing in the training is drawn at random.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:?usage: training/train.sh DATA [OUT]}
out=${2:-target/training}
mkdir -p "$out"

cargo build --release --locked
steward=target/release/steward
own=()
for file in training/conversations/*.jsonl; do own+=(--data "$file"); done
readings=(--readings "$out/readings.bin")

install_head() {
  mkdir -p "models/heads/$1"
  cp "$out/$1/head.safetensors" "models/heads/$1/head.safetensors"
}

# What is none of the intents: CLINC150's out-of-scope questions and those of other fields.
python3 training/out_of_scope.py "$data/intents/clinc150_full.json" >"$out/none.jsonl"
"$steward" train intents --data "$data/intents/bitext_train.csv" --none "$out/none.jsonl" \
  --test "$data/intents/bitext_test.csv" --drop-known --out "$out/intents" "${readings[@]}"
install_head intents

"$steward" train emotion "${own[@]}" --goemotions "$data/emotion" --moods "$out/moods" --out "$out/emotion" "${readings[@]}"
install_head emotion
# The other heads are trained beside the emotion head, which is part of the program.
cargo build --release --locked

"$steward" train satisfaction "${own[@]}" --moods "$out/moods" --out "$out/satisfaction" "${readings[@]}"
install_head satisfaction

"$steward" train escalation "${own[@]}" --data "$data/satisfaction/star.jsonl.gz=0.3" --data "$data/intents/bitext_train.csv=0.15" \
  --test "$data/intents/bitext_test.csv" --drop-known --escalates contact_human_agent=asks_for_person --escalates complaint \
  --moods "$out/moods" --out "$out/escalation" "${readings[@]}"
install_head escalation
cargo build --release --locked
