"""Checks the splits: test sources apart, groups whole, and no text twice or nearly twice across train, validation and test."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pilah_data.corpora import AUTHORED
from pilah_data.loading import EXCLUDED_COLUMNS, load_authored, load_public
from pilah_data.neighbours import near_pairs
from pilah_data.records import SPLITS, Example
from pilah_data.taxonomy import Label
from pilah_data.tsv import write_table

_RANK = {split: rank for rank, split in enumerate(SPLITS)}


@dataclass(frozen=True, slots=True)
class Repeat:
    """Two posts of different splits that are the same or nearly the same text; the second lies nearer to the test split."""

    first: Example
    second: Example
    similarity: float

    @property
    def kind(self) -> str:
        """Return where the two come from: public, authored, or one of each."""
        origins = sorted(_origin(post) for post in (self.first, self.second))
        return " and ".join(dict.fromkeys(origins))


@dataclass(frozen=True, slots=True)
class SplitReport:
    """What the check of the splits found; `leaks` is the number that must be zero."""

    counts: Counter[tuple[str, str, Label]]
    shared_sources: tuple[str, ...]
    split_groups: tuple[str, ...]
    repeats: tuple[Repeat, ...] = field(repr=False)

    @property
    def leaks(self) -> int:
        """Return how many sources, groups and pairs of texts lie across splits."""
        return len(self.shared_sources) + len(self.split_groups) + len(self.repeats)


def load_all(data: Path, shared: Path, *, with_excluded: bool = False) -> list[Example]:
    """Load all public and authored posts that a model learns from or is measured on."""
    public = load_public(shared, data / "annotations", with_excluded=with_excluded)
    return [*public, *load_authored(data / "corpora")]


def check(posts: Sequence[Example]) -> SplitReport:
    """Look for everything that lies across splits."""
    return SplitReport(
        Counter((_origin(post), post.split, post.label) for post in posts),
        tuple(_test_sources_elsewhere(posts)),
        tuple(_across((post.group, post.split) for post in posts if post.group is not None)),
        tuple(repeats(posts)),
    )


def repeats(posts: Sequence[Example]) -> list[Repeat]:
    """Return all pairs of same or nearly same texts in different splits, the post of the earlier split first."""
    found = []
    for i, j, similarity in near_pairs([post.text for post in posts], [post.split for post in posts]):
        first, second = sorted((posts[i], posts[j]), key=lambda post: _RANK[post.split])
        found.append(Repeat(first, second, similarity))
    return found


def to_exclude(found: Iterable[Repeat]) -> dict[str, str]:
    """Choose the public readings to leave out, with the reason, so that no repetition of theirs is left across splits.

    Of two, the one farther from the test split goes; test posts and authored posts stay.
    """
    excluded: dict[str, str] = {}
    # Nearest to the test split first: a validation post that goes itself needs no sacrifice in the training split.
    for repeat in sorted(found, key=lambda t: (-_RANK[t.second.split], -_RANK[t.first.split], t.first.id, t.second.id)):
        if repeat.first.id in excluded or repeat.second.id in excluded:
            continue
        for post, other in ((repeat.first, repeat.second), (repeat.second, repeat.first)):
            if post.source != AUTHORED and post.split != "test":
                how = "same text as" if repeat.similarity == 1 else "near-duplicate of"
                excluded[post.id] = f"{how} {other.split} post {other.id}"
                break
    return excluded


def write_excluded(path: Path, excluded: dict[str, str]) -> None:
    """Write the ids and reasons, sorted by id, as `excluded.tsv` has them."""
    write_table(path, EXCLUDED_COLUMNS, sorted(excluded.items()))


def as_text(report: SplitReport) -> str:
    """Return the table and the leaks as lines for a terminal; posts are named by id, never by text."""
    lines = [f"{'':22}" + "".join(f"{label.value:>16}" for label in Label) + f"{'all':>8}"]
    for origin in ("public", "authored"):
        for split in SPLITS:
            row = [report.counts[origin, split, label] for label in Label]
            lines.append(f"{origin + ' ' + split:22}" + "".join(f"{n:16}" for n in row) + f"{sum(row):8}")
    lines += [f"test source in another split: {source}" for source in report.shared_sources]
    lines += [f"group in several splits: {group}" for group in report.split_groups]
    lines += [
        f"{t.kind}, similarity {t.similarity:.2f}: {t.first.id} ({t.first.split}) and {t.second.id} ({t.second.split})"
        for t in report.repeats
    ]
    return "\n".join([*lines, f"leaks: {report.leaks}"])


def _origin(post: Example) -> str:
    return "authored" if post.source == AUTHORED else "public"


def _test_sources_elsewhere(posts: Iterable[Example]) -> list[str]:
    """Return the public sources of test posts that also hold training or validation posts."""
    splits: dict[str, set[str]] = defaultdict(set)
    for post in posts:
        if post.source != AUTHORED:
            splits[post.source].add(post.split)
    return sorted(source for source, held in splits.items() if "test" in held and len(held) > 1)


def _across(members: Iterable[tuple[str, str]]) -> list[str]:
    splits: dict[str, set[str]] = defaultdict(set)
    for name, split in members:
        splits[name].add(split)
    return sorted(name for name, held in splits.items() if len(held) > 1)
