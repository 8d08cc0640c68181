#!/usr/bin/env python3
"""llama.cpp's next-token logits on Steward's own Q8_0 file, for 20 prompts of 1 to 300 tokens.

    benches/peers/golden_logits.py                  writes tests/reference/smollm2_logits.json
    benches/peers/golden_logits.py --compare DUMP   compares whole vectors with Steward's

A virtual environment with llama-cpp-python is made under target/peers at the first run (it is built from
source; CMAKE_BUILD_PARALLEL_LEVEL=2 keeps it to two cores). DUMP is written by the test:

    STEWARD_LOGITS_DUMP=DUMP cargo test --release --test generator_reference

The reference holds for each prompt: its tokens, the 64 likeliest tokens with their logits, every 32nd logit of
the 49,152, and the norm of the whole vector.
"""

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "tests/reference/smollm2_logits.json"
ENVIRONMENT = ROOT / "target/peers/venv"
STRIDE = 32
LIKELIEST = 64


def chat(system, user):
    return f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"


SUPPORT = "You are the support agent of a company. Answer in one or two short, friendly sentences. Use only the facts given."
PROMPTS = [
    "Hello",
    "The capital of France is",
    "def main():\n",
    "1 2 3 4 5 6",
    "Water boils at",
    "Order #W2378156 shipped 2024-05-10 for $142.50.",
    "Thank you for contacting us. We are sorry to hear that",
    "Returns are accepted within 60 days of delivery. To return an item,",
    "Customer: My tent arrived broken.\nAgent:",
    "Q: ¿Envían a México? Ça coûte combien? 送料は?\nA:",
    "In winter, a sleeping bag with a temperature rating of",
    "Dear customer,\n\n",
    chat("You are a helpful assistant.", "Where is my order?"),
    chat(SUPPORT, "Facts:\n- Order FH-20417 is shipped.\nQuestion: Where is it?"),
    chat(SUPPORT, "Facts:\n- The total of order #W2611340 is $536.65.\n- It was placed on November 3, 2026.\n"
         "Question: How much did I pay, and when?"),
    chat(SUPPORT, "Facts:\n- A gift card is valid for 24 months.\n- It cannot be exchanged for cash.\n"
         "- Lost cards are replaced with the receipt.\nQuestion: I lost my gift card. What now?"),
    chat(SUPPORT, "Facts:\n" + "".join(
        f"- Parcel {number} left the warehouse on May {number} and takes {number + 2} days.\n" for number in range(1, 7))
        + "Question: When will parcel 4 arrive?"),
    "To wash a down sleeping bag, use a front-loading machine with a gentle cleaner and tumble dry on low. " * 4 + "Then",
    "The hikers set out before dawn, when the valley was still grey and the river could be heard but not seen. " * 8
    + "At noon",
    "Our stores are open from 9 am to 6 pm on weekdays and from 10 am to 4 pm on Saturdays. " * 10
    + "On Sundays our stores are",
]


def in_environment():
    """Runs this script again in an environment that has llama-cpp-python."""
    python = ENVIRONMENT / "bin/python"
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    if subprocess.run([python, "-c", "import llama_cpp, numpy"], capture_output=True).returncode != 0:
        settings = {"CMAKE_BUILD_PARALLEL_LEVEL": "2", **os.environ}
        subprocess.run([python, "-m", "pip", "install", "llama-cpp-python", "numpy"], check=True, env=settings)
    os.execv(python, [str(python), *sys.argv])


def weights():
    cache = Path(os.environ.get("STEWARD_MODELS_DIR") or Path(
        os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "steward/models")
    found = sorted((cache / "requantised").glob("SmolLM2-135M-Instruct.*.requantised-q8_0.gguf"),
                   key=lambda path: path.stat().st_mtime)
    if not found:
        sys.exit("no re-quantised generator in the model cache; run: cargo test --release --test generator_reference")
    return found[-1]


def llama_logits():
    import numpy
    from llama_cpp import Llama

    llama = Llama(model_path=str(weights()), n_ctx=512, n_threads=2, logits_all=True, verbose=False)
    for text in PROMPTS:
        tokens = llama.tokenize(text.encode(), add_bos=False, special=True)
        llama.reset()
        llama.eval(tokens)
        yield text, tokens, numpy.array(llama.scores[len(tokens) - 1], dtype=numpy.float32)


def write():
    import numpy

    prompts = []
    for text, tokens, logits in llama_logits():
        likeliest = numpy.argsort(-logits, kind="stable")[:LIKELIEST]
        prompts.append({
            "text": text, "tokens": tokens, "norm": round(float(numpy.linalg.norm(logits)), 3),
            "likeliest": [[int(token), round(float(logits[token]), 4)] for token in likeliest],
            "logits": [round(float(value), 3) for value in logits[::STRIDE]],
        })
        print(f"{len(tokens):4} tokens, first choice {int(likeliest[0])}", file=sys.stderr)
    lines = ",\n".join(json.dumps(prompt, ensure_ascii=False, separators=(",", ":")) for prompt in prompts)
    REFERENCE.write_text(f'{{"stride":{STRIDE},"prompts":[\n{lines}\n]}}\n')
    print(f"wrote {REFERENCE.relative_to(ROOT)}: {REFERENCE.stat().st_size // 1024} KB", file=sys.stderr)


def compare(dump):
    import numpy

    ours = numpy.fromfile(dump, dtype="<f4").reshape(len(PROMPTS), -1).astype(numpy.float64)
    cosines, same = [], 0
    for own, (_, tokens, theirs) in zip(ours, llama_logits()):
        theirs = theirs.astype(numpy.float64)
        cosines.append(float(own @ theirs / numpy.linalg.norm(own) / numpy.linalg.norm(theirs)))
        centred = float(numpy.corrcoef(own, theirs)[0, 1])
        same += int(own.argmax() == theirs.argmax())
        print(f"{len(tokens):4} tokens: cosine {cosines[-1]:.6f}, correlation {centred:.6f}, "
              f"greatest difference {abs(own - theirs).max():.3f}")
    print(f"lowest cosine {min(cosines):.6f}, mean {sum(cosines) / len(cosines):.6f}; same first choice on {same} of {len(PROMPTS)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", metavar="DUMP", help="Steward's logits, f32, little endian, prompt by prompt")
    arguments = parser.parse_args()
    in_environment()
    compare(arguments.compare) if arguments.compare else write()
