"""Coverage-guided fuzzing of the normaliser, the masking and the feed readers: `run.py TARGET SECONDS`; needs the extra `fuzz`.

What brings a target down is written to build/fuzz/TARGET and the exit code is not 0; what was learned stays there for the next run.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pilah_data"]):
    from pilah_data.errors import MissingExtraError
    from pilah_data.feeds import FeedOptions, open_feed
    from pilah_data.feeds.rows import FeedError, FeedRow, RowProblem
    from pilah_data.normalise import normalise
    from pilah_data.privacy import mask

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".js", ".txt", ".xlsx", ".xls", ".ods", ".zip", "")


def fuzz_normaliser(content: bytes) -> None:
    """Every text has a normal form whose every place leads back into the original, and which masking leaves alone the second time."""
    text = content.decode("utf-16-le", "surrogatepass") if len(content) % 2 == 0 else content.decode("utf-8", "replace")
    mapped = normalise(text)
    for at in range(len(mapped.text)):
        start, end = mapped.original_span(at, at + 1)
        if not 0 <= start <= end <= len(text):
            raise AssertionError(f"{at} leads to {start}..{end} of {len(text)}")
    masked = mask(text)
    if mask(masked) != masked:
        raise AssertionError("masking twice is not masking once")


def fuzz_feeds(content: bytes) -> None:
    """Whatever a file holds: rows and problems, or an error that says why not."""
    if not content:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{SUFFIXES[content[0] % len(SUFFIXES)]}")
        path.write_bytes(content[1:])
        try:
            feed, opened = open_feed(path, FeedOptions())
            with opened:
                for row in feed.rows:
                    if not isinstance(row, FeedRow | RowProblem):
                        raise TypeError(type(row))
        except (FeedError, MissingExtraError):
            return


TARGETS: dict[str, Callable[[bytes], None]] = {"normaliser": fuzz_normaliser, "feeds": fuzz_feeds}


def main() -> None:
    """Fuzz a target for a number of seconds, from exports and posts of our own invention on."""
    target, seconds = sys.argv[1], int(sys.argv[2])
    learned = ROOT / "build" / "fuzz" / target
    learned.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(_seeds(target)):
        (learned / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=30", f"-artifact_prefix={learned}/found-"]
    atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", str(learned)], TARGETS[target])
    atheris.Fuzz()


def _seeds(target: str) -> list[bytes]:
    sys.path.insert(0, str(ROOT))
    if target == "normaliser":
        return [
            text.encode() for text in ("ayo c0bl0s no. 2 ya", "NIK 3201011203850001, 0812-3456-7890", "ga\u200bas 2️⃣ 🔥")
        ]
    from tests.data.test_feeds_fuzz import EXPORTS

    return [
        bytes([SUFFIXES.index(Path(name).suffix)]) + content()
        for name, content in EXPORTS.items()
        if Path(name).suffix in SUFFIXES
    ]


if __name__ == "__main__":
    main()
