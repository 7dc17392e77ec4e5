"""Measures every reader of feeds alone on generated files and prints rows per second. Run: python tests/benchmarks/readers.py

The texts are made of the words of authored posts, about 150 characters, all distinct. Each reader reads its file three times
in a process of its own; shown are the median, the slowest and the fastest run, and the peak memory of the process. The bar
is twenty times the scorer's rate.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pilah_data.corpora import read_corpora  # noqa: E402 - the path comes first
from pilah_data.feeds import FeedOptions, FeedRow, open_feed  # noqa: E402
from tests.data import exports, workbooks  # noqa: E402

BAR = 36_000
"""Rows per second that every reader must reach: twenty times the scorer's 1,800 on two cores."""
Texts = Sequence[str]


def distinct_texts(count: int) -> list[str]:
    """Return distinct texts of about 150 characters."""
    rng = random.Random(1)
    posts = [post.text for post in read_corpora(ROOT / "data" / "corpora")]
    return [f"{number} {rng.choice(posts)} {rng.choice(posts)}"[:150] for number in range(count)]


def _csv(path: Path, texts: Texts, encoding: str = "utf-8", delimiter: str = ",") -> None:
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["id", "tanggal", "teks", "suka", "tautan"])
        writer.writerows([n, "2024-01-02", text, n % 9, f"https://contoh/{n}"] for n, text in enumerate(texts))


def _takeout(path: Path, texts: Texts) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(exports.TAKEOUT_HEADER)
        writer = csv.writer(file)
        for n, text in enumerate(texts):
            cell = json.dumps({"text": text}, ensure_ascii=False)
            writer.writerow([f"c{n}", "UC1", "2024-01-02T03:04:05+00:00", 0, "", "v1", cell])


def _lines(path: Path, texts: Texts) -> None:
    with path.open("w", encoding="utf-8") as file:
        for n, text in enumerate(texts):
            file.write(
                json.dumps({"id": n, "text": text, "likes": 3, "user": {"name": "x"}}, ensure_ascii=False) + "\n"
            )


def _xlsx(path: Path, texts: Texts) -> None:
    workbooks.write_xlsx(path, {"Data": [["id", "teks", "suka"], *([n, text, 3] for n, text in enumerate(texts))]})


def _ods(path: Path, texts: Texts) -> None:
    clean = (text.replace("&", "&amp;").replace("<", "&lt;") for text in texts)
    path.write_bytes(
        workbooks.ods(workbooks.ods_row("id", "teks") + "".join(workbooks.ods_row("1", text) for text in clean))
    )


def _xls(path: Path, texts: Texts) -> None:
    rows: list[list[str | float]] = [[1.0, text] for text in texts[:20_000]]
    path.write_bytes(workbooks.xls([["id", "teks"], *rows]))


def _parquet(path: Path, texts: Texts) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = {
        "id": list(range(len(texts))),
        "text": list(texts),
        "likes": [3] * len(texts),
        "url": ["https://x"] * len(texts),
    }
    pq.write_table(pa.table(table), path)


def _whatsapp(path: Path, texts: Texts) -> None:
    head = "31/12/2023 09.15 - Orang Rekaan: "
    path.write_text("".join(f"{head}{' '.join(text.split())}\n" for text in texts), encoding="utf-8")


def _zip(path: Path, texts: Texts) -> None:
    third = len(texts) // 3
    members: dict[str, str | bytes] = {"data/tweets.js": exports.x_tweets(tuple(texts[:third]))}
    for name, part in (("a.csv", texts[third : 2 * third]), ("b.csv", texts[2 * third :])):
        inner = path.with_name(f"inner-{name}")
        _csv(inner, part)
        members[name] = inner.read_bytes()
        inner.unlink()
    path.write_bytes(exports.zipped(members))


def _folder(path: Path, texts: Texts) -> None:
    path.mkdir()
    _csv(path / "a.csv", texts[::2])
    _lines(path / "b.jsonl", texts[1::2])


def _text(make: Callable[[tuple[str, ...]], str]) -> Callable[[Path, Texts], None]:
    def write(path: Path, texts: Texts) -> None:
        path.write_text(make(tuple(texts)), encoding="utf-8")

    return write


FEEDS: dict[str, tuple[str, Callable[[Path, Texts], None]]] = {
    "CSV, comma, UTF-8": ("a.csv", _csv),
    "CSV, semicolon, UTF-16": ("b.csv", lambda path, texts: _csv(path, texts, "utf-16", ";")),
    "TSV, Windows-1252": ("c.tsv", lambda path, texts: _csv(path, texts, "cp1252", "\t")),
    "JSON lines": ("a.jsonl", _lines),
    "JSON (Apify)": ("apify.json", _text(exports.apify_json)),
    "XLSX": ("a.xlsx", _xlsx),
    "ODS": ("a.ods", _ods),
    "XLS": ("a.xls", _xls),
    "Parquet": ("a.parquet", _parquet),
    "X tweets.js": ("tweets.js", _text(exports.x_tweets)),
    "Facebook": ("your_posts_1.json", _text(exports.facebook_posts)),
    "Instagram": ("posts_1.json", _text(exports.instagram_posts)),
    "TikTok": ("user_data.json", _text(exports.tiktok)),
    "YouTube Takeout": ("comments.csv", _takeout),
    "Telegram": ("result.json", _text(exports.telegram_chat)),
    "WhatsApp": ("chat.txt", _whatsapp),
    "zip (X and two CSV)": ("a.zip", _zip),
    "folder (CSV, JSON lines)": ("folder", _folder),
}


def measure(path: Path) -> dict[str, float]:
    """Return rows, rows per second of three runs, opening included, and the peak memory of this process in MB."""
    rates = []
    for _ in range(3):
        start = time.perf_counter()
        feed, opened = open_feed(path, FeedOptions())
        with opened:
            rows = sum(1 for row in feed.rows if isinstance(row, FeedRow))
        rates.append(rows / (time.perf_counter() - start))
    return {
        "rows": rows,
        "median": statistics.median(rates),
        "slowest": min(rates),
        "fastest": max(rates),
        "peak_mb": peak_memory(),
    }


def peak_memory() -> float:
    """Return the most memory that this process held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # elsewhere the figure may hold that of the parent
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Make the files, measure each in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--only", help="measure only formats with this in their name")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))  # noqa: T201 - this is a command
        return
    texts = distinct_texts(arguments.rows)
    figures: dict[str, dict[str, float]] = {}
    print("| format | rows | rows/s | slowest | fastest | peak MB | bar |\n|---|--:|--:|--:|--:|--:|---|")  # noqa: T201 - this is a command
    with tempfile.TemporaryDirectory() as folder:
        for name, (file, write) in FEEDS.items():
            if arguments.only and arguments.only.lower() not in name.lower():
                continue
            path = Path(folder, file)
            write(path, texts)
            command = [sys.executable, __file__, "--measure", str(path)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            figures[name] = found
            rates = " | ".join(f"{found[key]:,.0f}" for key in ("rows", "median", "slowest", "fastest", "peak_mb"))
            print(f"| {name} | {rates} | {'reached' if found['median'] >= BAR else 'MISSED'} |", flush=True)  # noqa: T201 - this is a command
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
