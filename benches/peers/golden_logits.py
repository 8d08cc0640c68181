#!/usr/bin/env python3
"""Writes tests/reference/smollm2_logits.json: llama.cpp's next-token logits on Steward's own Q8_0 file.

    python3 -m venv target/peers/venv && target/peers/venv/bin/pip install llama-cpp-python
    target/peers/venv/bin/python benches/peers/golden_logits.py PATH/TO/*.requantised-q8_0.gguf

For each prompt: its tokens, llama.cpp's first choice, and every 97th logit (of 49,152), enough to hold a cosine against.
"""

import json
import sys
from pathlib import Path

import numpy
from llama_cpp import Llama

STRIDE = 97
PROMPTS = [
    "Hello", "The capital of France is", "Once upon a time", "def main():\n", "Order #W2378156 shipped 2024-05-10 for $142.50.",
    "<|im_start|>user\nWhere is my order?<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|>system\nYou are a support agent. Answer from the facts.<|im_end|>\n<|im_start|>user\nFacts: Order FH-20417 is shipped.\nQuestion: Where is it?<|im_end|>\n<|im_start|>assistant\n",
    "Thank you for contacting us. We are sorry to hear that", "Returns are accepted within 60 days of delivery. To return an item,",
    "Customer: My tent arrived broken.\nAgent:", "1 2 3 4 5 6", "The price of the tent is $329.00 and the price of the pack is",
    "Please note that our stores are closed on", "Q: Do you ship to Canada?\nA:", "Water boils at", "I would like to speak to a",
    "The warranty of the pack is 10 years, the warranty of the tent is", "In winter, a sleeping bag with a temperature rating of",
    "Dear customer,\n\n", "To wash a down sleeping bag, use a front-loading machine with a gentle cleaner and tumble dry on low. " * 8 + "Then",
]


def main():
    llama = Llama(model_path=sys.argv[1], n_ctx=512, n_threads=2, logits_all=True, verbose=False)
    prompts = []
    for text in PROMPTS:
        tokens = llama.tokenize(text.encode(), add_bos=False, special=True)
        llama.reset()
        llama.eval(tokens)
        logits = numpy.array(llama.scores[len(tokens) - 1], dtype=numpy.float32)
        prompts.append({"text": text, "tokens": tokens, "first_choice": int(logits.argmax()),
                        "logits": [round(float(value), 4) for value in logits[::STRIDE]]})
        print(f"{len(tokens):4} tokens, first choice {llama.detokenize([int(logits.argmax())])!r}", file=sys.stderr)
    target = Path(__file__).resolve().parents[2] / "tests/reference/smollm2_logits.json"
    target.write_text(json.dumps({"stride": STRIDE, "prompts": prompts}) + "\n")
    print(f"wrote {target.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
