"""Measures the shipped model on this machine: latency over HTTP and throughput of `pilah score`. Run by `make bench`.

Invented posts of about 30 tokens, all distinct; the server runs in its own process; figures are medians with their spread.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from pilah_data.corpora import read_corpora
from pilah_model.artefacts import shipped_artefact
from pilah_model.classifier import Classifier
from pilah_model.judgement import Post

ROOT = Path(__file__).resolve().parents[2]
PILAH = Path(sys.executable).with_name("pilah")


def distinct_posts(count: int) -> list[str]:
    """Return distinct texts of realistic length, made of pairs of authored posts cut to 150 characters."""
    rng = random.Random(1)
    texts = [post.text for post in read_corpora(ROOT / "data" / "corpora")]
    made: dict[str, None] = {}
    while len(made) < count:
        made[f"{rng.choice(texts)} {rng.choice(texts)}"[:150]] = None
    return list(made)


def http_latency(texts: list[str], engine: str) -> dict[str, float]:
    """Return milliseconds per call of one post each, over one kept-alive connection."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # A data folder of its own, and no limit of the rate: what is measured is a call.
    home = tempfile.TemporaryDirectory()
    settings = {"PILAH_HOME": home.name, "PILAH_RATE_KNOWN": "0", "PILAH_RATE_ANONYMOUS": "0"}
    environment = {**os.environ, **settings, "PILAH_ENGINE": engine}
    server = subprocess.Popen(
        [PILAH, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        began = time.monotonic()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            while True:
                try:
                    if client.get("/readyz").status_code == httpx.codes.OK:
                        break
                except httpx.TransportError:
                    time.sleep(0.05)
                if time.monotonic() - began > 60:
                    raise SystemExit("the server did not become ready within 60 s")
            ready = time.monotonic() - began
            times = []
            for text in texts:
                start = time.perf_counter()
                client.post("/v1/classify", json={"texts": [text]}).raise_for_status()
                times.append((time.perf_counter() - start) * 1000)
        return {
            "ready_s": round(ready, 2),
            "median_ms": round(statistics.median(times), 2),
            "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
            "calls": len(times),
        }
    finally:
        server.terminate()
        server.wait()
        home.cleanup()


def score_throughput(texts: list[str], engine: str) -> dict[str, float]:
    """Return rows per second of `pilah score`, start-up included."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.csv", Path(folder) / "out.csv"
        with source.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["id", "text"], *([str(i), t] for i, t in enumerate(texts))])
        start = time.perf_counter()
        subprocess.run([PILAH, "score", source, "-o", target, "--precision", engine], check=True, capture_output=True)
        seconds = time.perf_counter() - start
    return {"rows": len(texts), "seconds": round(seconds, 2), "rows_per_s": round(len(texts) / seconds, 1)}


def scorer_throughput(texts: list[str], engine: str) -> dict[str, float]:
    """Return posts per second of the classifier alone, median of five runs."""
    classifier = Classifier.load(shipped_artefact(), engine=engine)  # type: ignore[arg-type]
    posts = [Post(text) for text in texts]
    rates = []
    for _ in range(5):
        start = time.perf_counter()
        judged = classifier.classify(posts)
        rates.append(len(posts) / (time.perf_counter() - start))
    tokens = statistics.mean(j.tokens for j in judged)
    return {
        "median_per_s": round(statistics.median(rates), 1),
        "slowest": round(min(rates), 1),
        "fastest": round(max(rates), 1),
        "mean_tokens": round(tokens, 1),
    }


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    arguments = parser.parse_args()
    texts = distinct_posts(1000)
    result: dict[str, object] = {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}
    }
    for engine in ("int8", "fp32"):
        result[engine] = {
            "http_one_post": http_latency(texts[:300], engine),
            "score_1000": score_throughput(texts, engine),
            "classifier": scorer_throughput(texts, engine),
        }
    print(json.dumps(result, indent=1))  # noqa: T201 - this is a command
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
