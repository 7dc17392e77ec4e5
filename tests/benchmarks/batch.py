"""Measures `pilah score`: against the scorer alone, two workers against one, memory and speed by size, and 20 kills.

Invented posts of about 30 tokens, all distinct. What is compared runs in turns, so that other load meets both; figures
are medians with their spread. Writes build/benchmarks/batch.json and batch.md. Run by `make bench`; `--quick` is smaller, and
`--long` compares 100,000 rows with a million (a quarter of an hour).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import onnxruntime

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]
for folder in ("data", "model", "api"):
    sys.path.append(str(ROOT / folder))
os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:1] + sys.path[-3:])

from pilah_model.artefacts import shipped_artefact  # noqa: E402 - the paths come first
from pilah_model.classifier import Classifier  # noqa: E402
from pilah_model.judgement import Post  # noqa: E402

PILAH = [sys.executable, "-c", "from pilah_api.cli import main; main()"]
OUT = ROOT / "build" / "benchmarks"
CORES = len(os.sched_getaffinity(0))
CHARACTERS = 128
CHUNK = 1024


@dataclass(frozen=True)
class Sizes:
    """How much is measured: posts of a throughput run, its rounds, rows of the memory runs, kills and posts between them."""

    posts: int = 32 * CHUNK
    rounds: int = 3
    few: int = 20_000
    many: int = 200_000
    kills: int = 20
    killed: int = 4 * CHUNK


@dataclass(frozen=True)
class Bench:
    """What all measurements share: the model, the engine, and a folder to work in."""

    model: Path
    engine: str
    place: Path
    sizes: Sizes

    def score(self, source: Path, target: Path, *more: str) -> list[str]:
        """Return the command that scores a feed."""
        return [
            *PILAH,
            "score",
            str(source),
            "-o",
            str(target),
            "--model",
            str(self.model),
            "--precision",
            self.engine,
            *more,
        ]

    def feed(self, count: int) -> Path:
        """Write a feed of distinct posts, once."""
        path = self.place / f"feed{count}.csv"
        if not path.exists():
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([["id", "text"], *([str(n), text] for n, text in enumerate(posts(count)))])
        return path


def posts(count: int) -> Iterator[str]:
    """Yield distinct texts: pairs of authored posts, cut anywhere."""
    rng, seen = random.Random(1), set[int]()
    texts = [
        json.loads(line)["text"]
        for path in sorted((ROOT / "data" / "corpora").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    while len(seen) < count:
        text = f"{rng.choice(texts)} {rng.choice(texts)}"[rng.randrange(30) :][:CHARACTERS]
        # Two short posts can be cut to nothing, and a row without text is refused: an exit code of its own, rightly.
        if text.strip() and hash(text) not in seen:
            seen.add(hash(text))
            yield text


# --- throughput ---------------------------------------------------------------------------------------------------


def scorer_alone(model: Path, engine: str, feed: Path, part: int, parts: int) -> None:
    """Judge a share of a feed and nothing else, on one thread; prints posts and seconds. Waits for a line to begin."""
    classifier = Classifier.load(model, engine=engine, threads=1)  # type: ignore[arg-type]
    with feed.open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)][part::parts]
    tokens = [judged.tokens for judged in classifier.classify([Post(text) for text in texts[:CHUNK]])]
    print("ready", flush=True)  # noqa: T201 - answers to the process that started this one
    sys.stdin.readline()
    began = time.perf_counter()
    for at in range(0, len(texts), CHUNK):
        classifier.classify([Post(text) for text in texts[at : at + CHUNK]])
    seconds = time.perf_counter() - began
    print(json.dumps({"posts": len(texts), "seconds": seconds, "tokens": statistics.mean(tokens)}), flush=True)  # noqa: T201


def scorers(bench: Bench, feed: Path, size: int) -> tuple[float, float]:
    """Return posts per second of scorers side by side, and the mean tokens of a post."""
    command = [sys.executable, __file__, "--scorer", str(bench.model), bench.engine, str(feed)]
    started = [
        subprocess.Popen([*command, str(n), str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(size)
    ]
    for one in started:
        assert one.stdout is not None
        one.stdout.readline()
    for one in started:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    said = [json.loads(one.communicate()[0]) for one in started]
    return sum(s["posts"] for s in said) / max(s["seconds"] for s in said), statistics.mean(s["tokens"] for s in said)


def end_to_end(bench: Bench, feed: Path, workers: int) -> float:
    """Return rows per second from file to file, start-up included."""
    target = bench.place / "throughput.csv"
    began = time.perf_counter()
    done = bench.score(feed, target, "--workers", str(workers), "--threads", "1", "--restart")
    subprocess.run(done, check=True, capture_output=True)
    return bench.sizes.posts / (time.perf_counter() - began)


def throughput(bench: Bench) -> dict[str, object]:
    """Measure scorer and `pilah score`, on one process and on as many as there are cores, in turns."""
    feed, rates, tokens = bench.feed(bench.sizes.posts), dict[str, list[float]](), 0.0
    for _ in range(bench.sizes.rounds):
        for size in (1, 2) if CORES <= 2 else (1, 2, CORES):
            rate, tokens = scorers(bench, feed, size)
            rates.setdefault(f"scorer_alone_{size}", []).append(rate)
            rates.setdefault(f"end_to_end_{size}", []).append(end_to_end(bench, feed, size))
    best = {name: max(found) for name, found in rates.items()}
    result: dict[str, object] = {
        name: {
            "median_per_s": round(statistics.median(found)),
            "slowest": round(min(found)),
            "fastest": round(max(found)),
        }
        for name, found in rates.items()
    }
    middle = {name: statistics.median(found) for name, found in rates.items()}
    for kind, of in (("median", middle), ("fastest", best)):
        result[f"share_of_scorer_1_{kind}"] = round(of["end_to_end_1"] / of["scorer_alone_1"], 3)
        result[f"share_of_scorer_2_{kind}"] = round(of["end_to_end_2"] / of["scorer_alone_2"], 3)
        result[f"two_workers_to_one_{kind}"] = round(of["end_to_end_2"] / of["end_to_end_1"], 2)
        result[f"two_scorers_to_one_{kind}"] = round(of["scorer_alone_2"] / of["scorer_alone_1"], 2)
    return {"posts": bench.sizes.posts, "mean_tokens": round(tokens, 1), **result}


# --- memory -------------------------------------------------------------------------------------------------------


def resident(root: int) -> dict[int, int]:
    """Return the bytes of a process and of all that it started, by process; what several share counts once (PSS)."""
    found, todo = dict[int, int](), [root]
    while todo:
        pid = todo.pop()
        try:
            rolled = Path(f"/proc/{pid}/smaps_rollup").read_text()
            found[pid] = 1024 * int(rolled.partition("\nPss:")[2].split()[0])
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                todo += [int(child) for child in children.read_text().split()]
        except (OSError, IndexError):  # it has just ended
            continue
    return found


def memory_of(bench: Bench, rows: int) -> dict[str, float]:
    """Score a feed and return the peaks of memory in MB (the largest process; all together), and the time per row."""
    feed, target = bench.feed(rows), bench.place / "memory.csv"
    said = bench.place / "said.txt"
    began = time.perf_counter()
    with said.open("wb") as errors:
        process = subprocess.Popen(
            bench.score(feed, target, "--workers", str(min(CORES, 2)), "--threads", "1", "--restart"), stderr=errors
        )
    together = largest = 0
    while process.poll() is None:
        now = resident(process.pid)
        together, largest = max(together, sum(now.values())), max(largest, *now.values(), 0)
        time.sleep(0.25)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{rows} rows: exit code {process.returncode}\n{said.read_text(errors='replace')[-2000:]}")
    return {
        "rows": rows,
        "together_mb": round(together / 1e6, 1),
        "largest_process_mb": round(largest / 1e6, 1),
        "ms_per_row": round(1000 * seconds / rows, 4),
    }


def memory(bench: Bench) -> dict[str, object]:
    """Compare a small and a ten times larger feed."""
    few, many = memory_of(bench, bench.sizes.few), memory_of(bench, bench.sizes.many)
    return {
        "few": few,
        "many": many,
        "memory_ratio": round(many["together_mb"] / few["together_mb"], 3),
        "time_per_row_ratio": round(many["ms_per_row"] / few["ms_per_row"], 3),
    }


# --- kills --------------------------------------------------------------------------------------------------------


def kills(bench: Bench) -> dict[str, object]:
    """Kill `pilah score` at a random moment, resume it, and compare the output with an undisturbed one; many times."""
    rng, feed, target = random.Random(3), bench.feed(bench.sizes.killed), bench.place / "killed.csv"
    more = ("--workers", "2", "--threads", "1")
    began = time.perf_counter()
    subprocess.run(bench.score(feed, bench.place / "whole.csv", *more), check=True, capture_output=True)
    longest, whole = time.perf_counter() - began, (bench.place / "whole.csv").read_bytes()
    done = same = taken_over = 0
    while done < bench.sizes.kills:
        target.unlink(missing_ok=True)
        process = subprocess.Popen(bench.score(feed, target, *more, "--restart"), stderr=subprocess.DEVNULL)
        timer = threading.Timer(rng.uniform(0.2, longest), process.send_signal, (signal.SIGKILL,))
        timer.start()
        killed = process.wait() != 0
        timer.cancel()
        if not killed:
            continue
        done += 1
        taken_over += any(target.with_name("killed.csv.pilah").glob("shards/*.jsonl"))
        if target.with_name("killed.csv.pilah").exists() or not target.exists():
            subprocess.run(bench.score(feed, target, *more, "--resume"), check=True, capture_output=True)
        same += target.read_bytes() == whole
    return {"kills": done, "with_finished_shards": taken_over, "identical_outputs": same}


# --- results ------------------------------------------------------------------------------------------------------


def table(result: dict[str, object]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| figure | value |", "|---|---|"]

    def add(prefix: str, value: object) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                add(f"{prefix} {key}".strip(), inner)
        else:
            lines.append(f"| {prefix.replace('_', ' ')} | {value} |")

    add("", result)
    return "\n".join(lines) + "\n"


def write(place: Path, result: dict[str, object]) -> None:
    """Write the figures as JSON and as a table."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "batch.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (place / "batch.md").write_text(table(result), encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="folder of the model; the shipped one unless given")
    parser.add_argument("--engine", default="int8", choices=("int8", "fp32"))
    parser.add_argument("--only", choices=("throughput", "memory", "kills"))
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--long", action="store_true", help="memory and time of 100,000 and 1,000,000 rows")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args(arguments)
    sizes = Sizes(4 * CHUNK, 1, 4_000, 40_000, 5, 4 * CHUNK) if given.quick else Sizes()
    if given.long:
        sizes = replace(sizes, few=100_000, many=1_000_000)
    steps: dict[str, Callable[[Bench], dict[str, object]]] = {
        "throughput": throughput,
        "memory": memory,
        "kills": kills,
    }
    result: dict[str, object] = {
        "machine": {
            "cores": CORES,
            "load_before": round(os.getloadavg()[0], 2),
            "processor": platform.machine(),
            "python": platform.python_version(),
            "onnxruntime": onnxruntime.__version__,
            "engine": given.engine,
        }
    }
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(given.model or shipped_artefact(), given.engine, Path(place), sizes)
        for name, step in steps.items():
            if given.only in (None, name):
                result[name] = step(bench)
                result["load_after"] = round(os.getloadavg()[0], 2)
                # After each step: a later one may take long, and be stopped.
                write(given.out, result)
    print(table(result))  # noqa: T201 - this is a command


if __name__ == "__main__":
    if sys.argv[1:2] == ["--scorer"]:
        model, engine, feed, part, parts = sys.argv[2:]
        scorer_alone(Path(model), engine, Path(feed), int(part), int(parts))
    else:
        main(sys.argv[1:])
