"""What the data card needs to know of the public texts, which are not in the repository: counts only, kept in `measured.json`."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pilah_data.corpora import AUTHORED
from pilah_data.errors import DataError, InputError
from pilah_data.records import SPLITS, Example
from pilah_data.splits import check, load_all
from pilah_data.taxonomy import Label

FILE = "measured.json"

LENGTHS = (5, 10, 20, 40, 80)
"""Upper ends of the classes of length, in words; the last class is open."""

_INPUTS = ("annotations/labels*.tsv", "annotations/excluded.tsv", "corpora/*.jsonl")


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts over the public texts in use, and the leaks between splits; `inputs` tells for which files they hold."""

    inputs: str
    used: dict[str, dict[str, int]]
    lengths: dict[str, list[int]]
    shared_sources: int
    split_groups: int
    repeats: dict[str, int]

    @property
    def leaks(self) -> int:
        """Return how many sources, groups and pairs of texts lie across splits."""
        return self.shared_sources + self.split_groups + sum(self.repeats.values())


def measure(data: Path, shared: Path) -> Measured:
    """Count over the public texts under `shared` and look for leaks; takes some seconds."""
    posts = load_all(data, shared)
    report = check(posts)
    public = [post for post in posts if post.source != AUTHORED]
    return Measured(
        inputs_digest(data),
        {split: _by_label(post.label for post in public if post.split == split) for split in SPLITS},
        lengths(public),
        len(report.shared_sources),
        len(report.split_groups),
        dict(sorted(Counter(repeat.kind for repeat in report.repeats).items())),
    )


def lengths(posts: Sequence[Example]) -> dict[str, list[int]]:
    """Return, by label, how many posts fall into each class of length."""
    counts = {label.value: [0] * (len(LENGTHS) + 1) for label in Label}
    for post in posts:
        words = len(post.text.split())
        counts[post.label.value][sum(words > end for end in LENGTHS)] += 1
    return counts


def inputs_digest(data: Path) -> str:
    """Return the SHA-256 over the labels, exclusions and authored posts, by which outdated counts are told."""
    digest = hashlib.sha256()
    for pattern in _INPUTS:
        for path in sorted(data.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def write_measured(data: Path, measured: Measured) -> None:
    """Write the counts beside the data."""
    (data / FILE).write_text(json.dumps(asdict(measured), indent=1) + "\n", encoding="utf-8")


def read_measured(data: Path) -> Measured:
    """Read the counts; raises InputError when they are missing or belong to other files than those at hand."""
    path = data / FILE
    try:
        measured = Measured(**json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); write it with `pilah data card`") from error
    except (ValueError, TypeError) as error:
        raise DataError(f"not the counts of `pilah data card` ({error})", file=str(path)) from error
    if measured.inputs != inputs_digest(data):
        raise InputError(
            f"{path} was measured on other labels or posts; run `pilah data card` where the public posts are at hand"
        )
    return measured


def _by_label(labels: Iterable[Label]) -> dict[str, int]:
    counts = Counter(labels)
    return {label.value: counts[label] for label in Label}
