#!/usr/bin/env python3
"""Steward's engine beside its peers: the same weights, inputs and threads, one after the other in one run.

    cargo build --release
    benches/peers/engine.py                               one thread, and all cores but one
    benches/peers/engine.py --threads 1 --only encoder --pairs 21 --json FILE

The generator (SmolLM2-135M, Q8_0) is measured against llama.cpp, the encoder (MiniLM-L6) against ONNX Runtime
in int8 and in f32. A virtual environment with both is made under target/peers at the first run (llama.cpp is
built from source for this processor; CMAKE_BUILD_PARALLEL_LEVEL=2 keeps it to two cores).

A pair is Steward once and the peer once, in the other order in every other pair. Each is a process of its own
that takes its times itself, and rests while another is timed. Work of a few milliseconds is repeated, the same
number of times on both sides, and its median counts. `ratio` is the median over the pairs of the peer's time by
Steward's: above 1, Steward is faster; the two figures after it are the quartiles. A decoding is the time of one
token. Cosines show that both sides do the same work, and what each gives up against f32.
"""

import argparse
import ctypes
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "target/peers"
ENVIRONMENT = PEERS / "venv"
MODULES = "llama_cpp, numpy, onnx, onnxruntime, safetensors"
PACKAGES = ["llama-cpp-python", "numpy", "onnx", "onnxruntime", "safetensors"]

PREFILLS = [64, 256, 1024]
DEPTHS = [64, 1024]
STEPS = 16
SHAPES = [(1, 16), (1, 64), (8, 64), (32, 16), (32, 64)]  # texts, tokens
LOGITS_OF = 256
VOCABULARY = 49_152
BERT_FIRST, BERT_LAST = 101, 102
BERT_WORDS = (1_996, 29_000)
SEED = 20_260_301

WARM_UPS = 2
# Long enough for idle threads to stop spinning and sleep: those of OpenMP, which llama.cpp uses, spin for some
# 10 ms. ONNX Runtime's stop at the end of a run (see minilm_onnx.session).
REST_S = 0.05
# Work shorter than this is repeated up to it.
SHORT_MS = 50.0
MOST_REPEATS = 20


def in_environment():
    """Runs this script again in an environment that has the peers."""
    python = ENVIRONMENT / "bin/python"
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    if subprocess.run([python, "-c", f"import {MODULES}"], capture_output=True).returncode != 0:
        settings = {"CMAKE_BUILD_PARALLEL_LEVEL": "2", **os.environ}
        subprocess.run([python, "-m", "pip", "install", *PACKAGES], check=True, env=settings)
    os.execv(python, [str(python), *sys.argv])


class Steward:
    """`steward bench engine`, asked by lines of JSON."""

    def __init__(self, program, threads):
        command = [program, "bench", "engine", "--threads", str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.models = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"Steward has ended ({self.process.wait()})")
        answer = json.loads(line)
        if "error" in answer:
            sys.exit(f"Steward: {answer['error']}")
        return answer

    def ask(self, work, **request):
        self.process.stdin.write(json.dumps({"work": work, **request}) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Llama:
    """llama.cpp by its own functions, one sequence."""

    def __init__(self, path, threads):
        import llama_cpp

        self.library = llama_cpp
        self.silence = llama_cpp.llama_log_callback(lambda *_: None)
        llama_cpp.llama_log_set(self.silence, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params())
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = max(*PREFILLS, max(DEPTHS) + STEPS)
        parameters.n_batch = max(PREFILLS)
        # Its default. Reading 1,024 tokens at once is no faster.
        parameters.n_ubatch = 512
        parameters.n_threads = parameters.n_threads_batch = threads
        # Reads prompts faster by a tenth or more; decoding takes the same time either way. Keys and values stay
        # in f16, the default, for f32 is slower.
        parameters.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        parameters.no_perf = True
        self.context = llama_cpp.llama_init_from_model(self.model, parameters)
        if not self.context:
            sys.exit(f"llama.cpp cannot load {path}")
        self.batch = llama_cpp.llama_batch_init(max(PREFILLS), 0, 1)

    def read(self, tokens, start):
        """Milliseconds to read `tokens` after the first `start`; the logits of the last one are computed."""
        batch = self.batch
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = start + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = index == len(tokens) - 1
        started = time.perf_counter()
        failed = self.library.llama_decode(self.context, batch)
        self.library.llama_synchronize(self.context)
        taken = (time.perf_counter() - started) * 1000
        if failed:
            sys.exit(f"llama_decode: {failed}")
        return taken

    def prefill(self, tokens):
        self.library.llama_memory_clear(self.library.llama_get_memory(self.context), True)
        return self.read(tokens, 0)

    def decode(self, tokens, following):
        self.prefill(tokens)
        return sum(self.read([token], len(tokens) + step) for step, token in enumerate(following))

    def logits(self, tokens):
        import numpy

        self.prefill(tokens)
        logits = self.library.llama_get_logits_ith(self.context, -1)
        return numpy.ctypeslib.as_array(logits, (VOCABULARY,)).astype(numpy.float64)


class Runtime:
    """One of the graphs in ONNX Runtime."""

    def __init__(self, path, threads):
        import minilm_onnx

        self.session = minilm_onnx.session(path, threads)

    def embed(self, ids):
        return self.session.run(None, {"ids": ids})[0]

    def encode(self, ids):
        started = time.perf_counter()
        self.embed(ids)
        return (time.perf_counter() - started) * 1000


class Peer:
    """A peer in a process of its own, as Steward is, so that the system treats both alike."""

    def __init__(self, kind, *arguments):
        context = multiprocessing.get_context("spawn")
        self.pipe, far = context.Pipe()
        self.process = context.Process(target=serve, args=(far, kind, arguments), daemon=True)
        self.process.start()
        far.close()

    def ask(self, work, *arguments):
        self.pipe.send((work, arguments))
        return self.pipe.recv()

    def close(self):
        self.pipe.close()
        self.process.join()


def serve(pipe, kind, arguments):
    peer = kind(*arguments)
    while True:
        try:
            work, given = pipe.recv()
        except EOFError:
            return
        pipe.send(getattr(peer, work)(*given))


def repeated(side, times):
    """The median of `times` calls; if it is repeated, after one that only warms the caches."""
    if times > 1:
        side()
    return statistics.median(side() for _ in range(times))


def in_pairs(steward, peer, pairs):
    """Milliseconds of both sides, pair by pair."""
    warm = [max(steward(), peer()) for _ in range(WARM_UPS)]
    times = min(MOST_REPEATS, max(1, round(SHORT_MS / warm[-1])))
    measured = []
    for pair in range(pairs):
        taken = {}
        for side in (steward, peer) if pair % 2 == 0 else (peer, steward):
            time.sleep(REST_S)
            taken[side] = repeated(side, times)
        measured.append((taken[steward], taken[peer]))
    return measured


def quartiles(values):
    if len(values) == 1:
        return values * 3
    return statistics.quantiles(values, n=4, method="inclusive")


def summary(point, measured, units):
    """Figures of one point; `units` is how many tokens or texts one measurement handles."""
    steward = statistics.median(taken for taken, _ in measured)
    peer = statistics.median(taken for _, taken in measured)
    lower, ratio, upper = quartiles([peer / steward for steward, peer in measured])
    return {**point, "steward_ms": steward, "peer_ms": peer, "steward_per_s": units * 1000 / steward,
            "peer_per_s": units * 1000 / peer, "ratio": ratio, "lower_quartile": lower, "upper_quartile": upper}


HEADING = (f"{'threads':>7}  {'work':<14} {'peer':<13} {'Steward ms':>10} {'peer ms':>9} {'Steward/s':>10} "
           f"{'peer/s':>9} {'ratio':>6}  quartiles")


def row(point):
    return (f"{point['threads']:>7}  {point['work']:<14} {point['peer']:<13} {point['steward_ms']:>10.2f} "
            f"{point['peer_ms']:>9.2f} {point['steward_per_s']:>10.1f} {point['peer_per_s']:>9.1f} "
            f"{point['ratio']:>6.3f}  {point['lower_quartile']:.3f} to {point['upper_quartile']:.3f}")


def cosine(left, right):
    """The lowest of all rows."""
    import numpy

    left, right = (numpy.atleast_2d(numpy.asarray(rows, dtype=numpy.float64)) for rows in (left, right))
    lengths = numpy.linalg.norm(left, axis=1) * numpy.linalg.norm(right, axis=1)
    return float(((left * right).sum(axis=1) / lengths).min())


def random_tokens(count):
    import numpy

    return numpy.random.default_rng(SEED + count).integers(0, VOCABULARY, count).tolist()


def generator(steward, threads, pairs, report):
    """Prefill and decoding, and how alike the logits are."""
    llama = Peer(Llama, steward.models["generator"], threads)
    point = {"threads": threads, "peer": "llama.cpp"}
    tokens = random_tokens(LOGITS_OF)
    ours, theirs = steward.ask("logits", tokens=tokens)["logits"], llama.ask("logits", tokens)
    report.check({**point, "work": f"logits {LOGITS_OF}", "steward_to_peer": cosine(ours, theirs)})
    for count in PREFILLS:
        tokens = random_tokens(count)
        measured = in_pairs(lambda: steward.ask("prefill", tokens=tokens)["ms"],
                            lambda: llama.ask("prefill", tokens), pairs)
        report.point(summary({**point, "work": f"prefill {count}"}, measured, count))
    following = random_tokens(STEPS)
    for depth in DEPTHS:
        tokens = random_tokens(depth)
        request = {"tokens": tokens, "next": following}
        measured = in_pairs(lambda: steward.ask("decode", **request)["ms"] / STEPS,
                            lambda: llama.ask("decode", tokens, following) / STEPS, pairs)
        report.point(summary({**point, "work": f"decode at {depth}"}, measured, 1))
    llama.close()


def random_ids(texts, tokens):
    import numpy

    ids = numpy.random.default_rng([SEED, texts, tokens]).integers(*BERT_WORDS, (texts, tokens), dtype=numpy.int32)
    ids[:, 0], ids[:, -1] = BERT_FIRST, BERT_LAST
    return ids


def encoder(steward, threads, pairs, report):
    """Embeddings of each shape, against the int8 graph, which is the bar, and the f32 graph."""
    import minilm_onnx

    paths = minilm_onnx.write(steward.models["encoder"], PEERS)
    runtimes = {kind: Peer(Runtime, path, threads) for kind, path in paths.items()}
    for texts, tokens in SHAPES:
        ids = random_ids(texts, tokens)
        rows = ids.tolist()
        exact = runtimes["f32"].ask("embed", ids)
        work = {"threads": threads, "work": f"encode {texts}x{tokens}"}
        report.check({**work, "peer": "ORT int8", "peer_to_f32": cosine(runtimes["int8"].ask("embed", ids), exact),
                      "steward_to_f32": cosine(steward.ask("embed", ids=rows)["embeddings"], exact)})
        for kind in ("int8", "f32"):
            measured = in_pairs(lambda: steward.ask("encode", ids=rows)["ms"],
                                lambda: runtimes[kind].ask("encode", ids), pairs)
            report.point(summary({**work, "peer": f"ORT {kind}"}, measured, texts))
    for runtime in runtimes.values():
        runtime.close()


class Report:
    """Prints what is found as it is found, and keeps it for --json."""

    def __init__(self):
        import llama_cpp
        import onnxruntime

        self.peers = {"llama-cpp-python": llama_cpp.__version__, "onnxruntime": onnxruntime.__version__,
                      "llama.cpp": llama_cpp.llama_print_system_info().decode().strip(" |")}
        self.points, self.checks = [], []
        self.load = os.getloadavg()[0]
        print("\n".join(f"{name} {value}" for name, value in self.peers.items()))
        print(f"load average before: {self.load:.2f} (other work makes the figures worse)")
        print(HEADING, flush=True)

    def point(self, point):
        self.points.append(point)
        print(row(point), flush=True)

    def check(self, check):
        self.checks.append(check)
        cosines = {name: value for name, value in check.items() if isinstance(value, float)}
        told = ", ".join(f"{name.replace('_', ' ')} {value:.5f}" for name, value in cosines.items())
        print(f"{check['threads']:>7}  {check['work']:<14} {check['peer']:<13} lowest cosine: {told}", flush=True)

    def write(self, path):
        found = {"peers": self.peers, "load_before": self.load, "points": self.points, "checks": self.checks}
        Path(path).write_text(json.dumps(found, indent=1) + "\n")


def main():
    cores = len(os.sched_getaffinity(0))
    usual = ",".join(str(threads) for threads in sorted({1, max(1, cores - 1)}))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=9, metavar="N", help="pairs of each point (default: 9)")
    parser.add_argument("--threads", default=usual, metavar="N,N", help=f"numbers of threads (here: {usual})")
    parser.add_argument("--only", choices=["generator", "encoder"], help="one of the two models")
    parser.add_argument("--program", default=str(ROOT / "target/release/steward"), metavar="PATH",
                        help="the program measured (default: target/release/steward)")
    parser.add_argument("--json", metavar="FILE", help="writes the figures there too")
    arguments = parser.parse_args()
    in_environment()
    report = Report()
    for threads in dict.fromkeys(int(number) for number in arguments.threads.split(",")):
        steward = Steward(arguments.program, threads)
        for name, measure in (("generator", generator), ("encoder", encoder)):
            if arguments.only in (None, name):
                measure(steward, threads, arguments.pairs, report)
        steward.close()
    if arguments.json:
        report.write(arguments.json)


if __name__ == "__main__":
    main()
