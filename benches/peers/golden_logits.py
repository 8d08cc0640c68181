#!/usr/bin/env python3
"""llama.cpp's next-token logits on Steward's own Q8_0 file, for 29 prompts of 1 to 305 tokens.

    benches/peers/golden_logits.py                  writes tests/reference/smollm2_logits.json
    benches/peers/golden_logits.py --compare DUMP   compares whole vectors with Steward's

A virtual environment with llama-cpp-python is made under target/peers at the first run (it is built from
source; CMAKE_BUILD_PARALLEL_LEVEL=2 keeps it to two cores). DUMP is written by the tests:

    STEWARD_LOGITS_DUMP=DUMP cargo test --release --test generator_reference       8-bit activations
    STEWARD_LOGITS_DUMP=DUMP cargo test --release --test generator_exact           f32 throughout

Two evaluations of the same weights, for 8-bit arithmetic alone moves all logits of a prompt up or down by up
to 0.7: `exact` is llama.cpp on the file's values in f32 (no rounding of activations); `q8_0` is llama.cpp on
the file as it is. Of each, every 48th logit of the 49,152 is kept; of `q8_0` also the 64 likeliest tokens.
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
STRIDE = 48
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
    "Once upon a time",
    "<|im_start|>user\nWhere is my order?<|im_end|>\n<|im_start|>assistant\n",
    "The price of the tent is $329.00 and the price of the pack is",
    "Please note that our stores are closed on",
    "Q: Do you ship to Canada?\nA:",
    "I would like to speak to a",
    "The warranty of the pack is 10 years, the warranty of the tent is",
    chat("You are a support agent. Answer from the facts.", "Facts: Order FH-20417 is shipped.\nQuestion: Where is it?"),
    "To wash a down sleeping bag, use a front-loading machine with a gentle cleaner and tumble dry on low. " * 8 + "Then",
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


def in_f32(source):
    """The same weights, each value of the Q8_0 blocks written out in f32."""
    import llama_cpp

    target = ROOT / "target/peers" / (source.stem + ".f32.gguf")
    if not target.exists():
        parameters = llama_cpp.llama_model_quantize_default_params()
        parameters.ftype = llama_cpp.LLAMA_FTYPE_ALL_F32
        parameters.allow_requantize = True
        failed = llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), parameters)
        if failed:
            sys.exit(f"llama.cpp cannot write {target}")
    return target


def llama_logits(path):
    """For each prompt its tokens and the whole vector, with keys and values kept in f32."""
    import llama_cpp
    import numpy

    llama = llama_cpp.Llama(model_path=str(path), n_ctx=512, n_threads=2, logits_all=True, verbose=False,
                            type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32)
    for text in PROMPTS:
        tokens = llama.tokenize(text.encode(), add_bos=False, special=True)
        llama.reset()
        llama.eval(tokens)
        yield tokens, numpy.array(llama.scores[len(tokens) - 1], dtype=numpy.float32)


def write():
    import numpy

    def kept(logits):
        return [round(float(value), 3) for value in logits[::STRIDE]]

    prompts = []
    for text, (tokens, q8_0), (_, exact) in zip(PROMPTS, llama_logits(weights()), llama_logits(in_f32(weights()))):
        likeliest = numpy.argsort(-q8_0, kind="stable")[:LIKELIEST]
        prompts.append({
            "text": text, "tokens": tokens, "first_choice": int(exact.argmax()),
            "likeliest": [[int(token), round(float(q8_0[token]), 4)] for token in likeliest],
            "q8_0": kept(q8_0), "exact": kept(exact),
        })
        print(f"{len(tokens):4} tokens, first choice {int(likeliest[0])} and {int(exact.argmax())}", file=sys.stderr)
    lines = ",\n".join(json.dumps(prompt, ensure_ascii=False, separators=(",", ":")) for prompt in prompts)
    REFERENCE.write_text(f'{{"stride":{STRIDE},"prompts":[\n{lines}\n]}}\n')
    print(f"wrote {REFERENCE.relative_to(ROOT)}: {REFERENCE.stat().st_size // 1024} KB", file=sys.stderr)


def compare(dump):
    import numpy

    dumped = numpy.fromfile(dump, dtype="<f4").reshape(len(PROMPTS), -1).astype(numpy.float64)
    q8_0 = [logits.astype(numpy.float64) for _, logits in llama_logits(weights())]
    exact = [logits.astype(numpy.float64) for _, logits in llama_logits(in_f32(weights()))]
    for name, pairs in [("Steward to llama.cpp f32", zip(dumped, exact)), ("Steward to llama.cpp Q8_0", zip(dumped, q8_0)),
                        ("llama.cpp Q8_0 to llama.cpp f32", zip(q8_0, exact))]:
        cosines, correlations, differences, same = [], [], [], 0
        for left, right in pairs:
            cosines.append(left @ right / numpy.linalg.norm(left) / numpy.linalg.norm(right))
            correlations.append(numpy.corrcoef(left, right)[0, 1])
            differences.append(abs(left - right).max())
            same += int(left.argmax() == right.argmax())
        print(f"{name}: cosine lowest {min(cosines):.6f} mean {sum(cosines) / len(cosines):.6f}; correlation lowest "
              f"{min(correlations):.6f} mean {sum(correlations) / len(correlations):.6f}; greatest difference "
              f"{max(differences):.4f}; same first choice on {same} of {len(PROMPTS)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", metavar="DUMP", help="Steward's logits, f32, little endian, prompt by prompt")
    arguments = parser.parse_args()
    in_environment()
    compare(arguments.compare) if arguments.compare else write()
