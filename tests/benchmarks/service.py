"""Measures `pilah serve` under load: one post a call, sustained, at 80 % of that, and at ten times as much.

A real server on this machine, a load generator in a process of its own (load.py), and beside them, in the same run, the scorer alone:
one process of one thread for each core, which do nothing but judge the same posts. Writes build/benchmarks/service.json and service.md.
Run by `make bench-service`; the figures of record take `--seconds 600 --overload-seconds 60`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / folder) for folder in ("data", "model", "api"))]
os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:4])

from pilah_model.artefacts import shipped_artefact  # noqa: E402 - the paths come first
from pilah_model.classifier import Classifier  # noqa: E402
from pilah_model.judgement import Post  # noqa: E402
from tests.benchmarks.batch import posts  # noqa: E402

PILAH = [sys.executable, "-c", "from pilah_api.cli import main; main()"]
OUT = ROOT / "build" / "benchmarks"
CORES = len(os.sched_getaffinity(0))
POSTS = 4000
CHUNK = 64
CONNECTIONS = 64
CROWD = 256
"""Connections of the overload; each has one request under way."""
REST = 10
"""Seconds of rest before the memory after an overload is read."""

BARS = {
    "share_of_scorer": "at least 0.70",
    "p99_ms_at_80_percent": "at most 100",
    "errors_sustained": "0",
    "overload_statuses": "200, 429, 503 only",
    "overload_p99_ms_of_accepted": "at most 500",
    "overload_memory_mb_more": "at most 20",
    "memory_mb_in_all": "at most 400",
    "exit_code": "0",
}


@dataclass(frozen=True)
class Times:
    """How long each part runs, in seconds."""

    sustained: float
    overload: float
    scorer: float


class Server:
    """A running server, what it uses, and loads upon it."""

    def __init__(self, place: Path, engine: str):
        self.bodies = place / "bodies.jsonl"
        self.bodies.write_text("\n".join(json.dumps({"texts": [text]}) for text in posts(POSTS)), encoding="utf-8")
        self.log = (place / "server.log").open("w", encoding="utf-8")
        # The rate limits would hide what is measured; the queue must hold by itself.
        settings = {"PILAH_HOME": str(place / "home"), "PILAH_RATE_KNOWN": "0", "PILAH_RATE_ANONYMOUS": "0"}
        self.process = subprocess.Popen(
            [*PILAH, "serve", "--port", "0", "--engine", engine],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
        self._await_ready()

    def _await_ready(self) -> None:
        for _ in range(600):
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz").close()
                return
            time.sleep(0.1)
        raise SystemExit("the server did not become ready within a minute")

    def load(
        self, seconds: float, connections: int, rate: float | None = None, *, drop: bool = False
    ) -> dict[str, Any]:
        """Run a load and return its figures, with the processor time that the server took for each answer."""
        plan = {
            "port": self.port,
            "seconds": seconds,
            "connections": connections,
            "bodies": str(self.bodies),
            "rate": rate,
            "drop": drop,
        }
        before = self.processor()
        judges_before = self.judges_processor()
        generator = str(Path(__file__).with_name("load.py"))
        done = subprocess.run(
            [sys.executable, generator], input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True
        )
        found: dict[str, Any] = json.loads(done.stdout)
        answers = max(1, sum(found["statuses"].values()))
        accepted = max(1, found["statuses"].get("200", 0))
        found["server_processor_ms_per_answer"] = round((self.processor() - before) / answers * 1000, 3)
        judges = self.judges_processor() - judges_before
        found["judges_processor_ms_per_accepted"] = round(judges / accepted * 1000, 3)
        found["generator_processor_ms_per_answer"] = round(
            found["generator_processor_share"] * found["seconds"] / answers * 1000, 3
        )
        return found

    def processor(self) -> float:
        """Return the processor time that the server's own process has used, in seconds."""
        return _processor(self.process.pid)

    def judges_processor(self) -> float:
        """Return the processor time that its judge processes have used, in seconds."""
        return sum(_processor(pid) for pid, what in self._children() if what == "judge")

    def memory(self) -> float:
        """Return the memory that the server and its judges hold, in MB; what they share counts once (PSS)."""
        parts = self.memory_by_part()
        return round(parts["server"] + parts["judge"], 1)

    def memory_by_part(self) -> dict[str, float]:
        """Return the memory (PSS) of the server, its judges and its batch workers, in MB."""
        found = {"server": _memory(self.process.pid), "judge": 0.0, "worker": 0.0}
        for pid, what in self._children():
            found[what] += _memory(pid)
        return {what: round(size, 1) for what, size in found.items()}

    def _children(self) -> list[tuple[int, str]]:
        """Return the processes beside the server, each a judge or a batch worker."""
        found = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            for pid in (task / "children").read_text().split():
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
                found.append((int(pid), "judge" if b"judge_process" in command else "worker"))
        return found

    def stop(self) -> int:
        """Ask the server to stop, as a service manager does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.log.close()
        return code


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.split("\nPss:")[1].split()[0]) / 1024


@contextlib.contextmanager
def running(engine: str) -> Iterator[Server]:
    """A server with a data folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), engine)
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait()
            assert server.process.stdout
            server.process.stdout.close()
            server.log.close()


def judge_alone(engine: str, seconds: float) -> None:
    """Judge and do nothing else, on one thread; prints posts and processor seconds. Waits for a line to begin."""
    classifier = Classifier.load(shipped_artefact(), engine=engine, threads=1)  # type: ignore[arg-type]
    chunks = [list(map(Post, part)) for part in _chunks(list(posts(POSTS)))]
    classifier.classify(chunks[0])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    count, used, until = 0, time.process_time(), time.perf_counter() + seconds
    while time.perf_counter() < until:
        count += len(classifier.classify(chunks[count // CHUNK % len(chunks)]))
    sys.stdout.write(json.dumps({"posts": count, "processor": time.process_time() - used}) + "\n")


def _chunks(texts: list[str]) -> list[list[str]]:
    return [texts[at : at + CHUNK] for at in range(0, len(texts) - CHUNK + 1, CHUNK)]


def scorer_rate(engine: str, seconds: float) -> dict[str, float]:
    """Return posts a second of the scorer alone, one process for each core, and its processor time a post."""
    command = [sys.executable, __file__, "--judge-alone", str(seconds), "--engine", engine]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(CORES)
    ]
    for process in processes:
        assert process.stdout
        process.stdout.readline()
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    found = [json.loads(process.communicate()[0]) for process in processes]
    total = sum(one["posts"] for one in found)
    return {
        "posts_per_s": round(total / seconds, 1),
        "processor_ms_per_post": round(sum(one["processor"] for one in found) / total * 1000, 3),
    }


def measure(engine: str, times: Times) -> dict[str, Any]:
    """Run all parts and return their figures; the scorer runs before and after, so that other load meets both."""
    with running(engine) as server:
        server.load(min(5, times.sustained), CONNECTIONS)  # the first requests teach the queue its pace
        before = scorer_rate(engine, times.scorer)
        sustained = server.load(times.sustained, CONNECTIONS)
        after = scorer_rate(engine, times.scorer)
        rate = sustained["accepted_per_s"]
        at_80 = server.load(max(5.0, times.sustained / 4), 4 * CONNECTIONS, 0.8 * rate)
        base = server.memory()
        overload = server.load(times.overload, CROWD, 10 * rate, drop=True)
        peak = server.memory()
        time.sleep(REST)
        rested, parts = server.memory(), server.memory_by_part()
        again = server.load(min(5, times.sustained), CONNECTIONS)
        code = server.stop()
    scorer = statistics.mean([before["posts_per_s"], after["posts_per_s"]])
    return {
        "machine": {
            "cores": CORES,
            "load": [round(one, 2) for one in os.getloadavg()],
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
        },
        "engine": engine,
        "scorer_alone": {"before": before, "after": after},
        "sustained": sustained,
        "at_80_percent": at_80,
        "overload": overload,
        "after_overload": again,
        "memory_mb": {"before": base, "right_after": peak, "rested": rested, "by_part": parts},
        "summary": {
            "share_of_scorer": round(rate / scorer, 3),
            "p50_ms_at_80_percent": at_80["accepted_ms"]["p50"],
            "p99_ms_at_80_percent": at_80["accepted_ms"]["p99"],
            "errors_sustained": failures(sustained) + failures(at_80),
            "overload_statuses": overload["statuses"],
            "overload_errors": overload["errors"],
            "overload_p99_ms_of_accepted": overload["accepted_ms"]["p99"],
            "overload_memory_mb_more": round(rested - base, 1),
            "memory_mb_in_all": round(sum(parts.values()), 1),
            "exit_code": code,
        },
    }


def failures(load: dict[str, Any]) -> int:
    """Return how many requests of a load were not answered 200."""
    statuses: dict[str, int] = load["statuses"]
    return int(load["errors"]) + sum(count for status, count in statuses.items() if status != "200")


def holds(name: str, found: Any) -> bool:
    """Return whether a figure reaches its bar."""
    checks: dict[str, Any] = {
        "share_of_scorer": lambda x: x >= 0.7,
        "p99_ms_at_80_percent": lambda x: x <= 100,
        "errors_sustained": lambda x: x == 0,
        "overload_statuses": lambda x: set(x) <= {"200", "429", "503"},
        "overload_p99_ms_of_accepted": lambda x: x is not None and x <= 500,
        "overload_memory_mb_more": lambda x: x <= 20,
        "memory_mb_in_all": lambda x: x <= 400,
        "exit_code": lambda x: x == 0,
    }
    return bool(checks[name](found))


def as_markdown(found: dict[str, Any]) -> str:
    """Render the figures as tables."""
    summary, machine = found["summary"], found["machine"]
    lines = [
        f"{machine['cores']} cores, load {machine['load'][0]} at the end, Python {machine['python']}, engine {found['engine']}\n",
        "| figure | measured | bar | |",
        "|---|--:|---|---|",
    ]
    for name, bar in BARS.items():
        value = summary[name]
        shown = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else value
        lines.append(
            f"| {name.replace('_', ' ')} | {shown} | {bar} | {'reached' if holds(name, value) else 'MISSED'} |"
        )
    lines += [
        "",
        "| load | offered/s | answered/s | accepted/s | p50 ms | p99 ms | max ms | errors | server, judges, generator: ms of processor |",
        "|---|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for name in ("sustained", "at_80_percent", "overload", "after_overload"):
        one = found[name]
        ms = one["accepted_ms"]
        offered = round(one["offered_per_s"]) if one["offered_per_s"] else "all"
        used = ", ".join(
            str(one[key])
            for key in (
                "server_processor_ms_per_answer",
                "judges_processor_ms_per_accepted",
                "generator_processor_ms_per_answer",
            )
        )
        lines.append(
            f"| {name.replace('_', ' ')} | {offered} | {one['answered_per_s']} | {one['accepted_per_s']} | {ms['p50']} | {ms['p99']} "
            f"| {ms['max']} | {one['errors']} | {used} |"
        )
    alone = found["scorer_alone"]
    lines.append(
        f"\nScorer alone: {alone['before']['posts_per_s']} and {alone['after']['posts_per_s']} posts/s, "
        f"{alone['before']['processor_ms_per_post']} ms of processor a post. Memory: {found['memory_mb']} MB."
    )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print the tables, and write them down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="of the sustained load (20)")
    parser.add_argument("--overload-seconds", type=float, default=10, help="of the overload (10)")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--judge-alone", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.judge_alone:
        judge_alone(arguments.engine, arguments.judge_alone)
        return
    times = Times(arguments.seconds, arguments.overload_seconds, min(30.0, max(4.0, arguments.seconds / 4)))
    found = measure(arguments.engine, times)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "service.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    table = as_markdown(found)
    (arguments.out / "service.md").write_text(table, encoding="utf-8")
    sys.stdout.write(table)


if __name__ == "__main__":
    main()
