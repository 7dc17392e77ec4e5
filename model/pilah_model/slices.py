"""Figures by kind of post: source, platform, year, form of the text, register, language, length, sub-type and form of partisanship."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from pilah_data.records import Example
from pilah_data.taxonomy import PARTISAN_OUTPUT, PREDICTED
from pilah_model.evaluation import Ints, Sample, draws, f1, measure
from pilah_model.intervals import SMALL, rate
from pilah_model.material import years_of

_LENGTHS = ((1, 5), (6, 10), (11, 20), (21, 40), (41, 80), (81, 10**9))
UNKNOWN = "unknown"


def _one(field: str) -> Callable[[Example], Iterable[str]]:
    return lambda post: [post.extra.get(field) or UNKNOWN] if field in post.extra else []


def _year(post: Example) -> Iterable[str]:
    if "year" not in post.extra:
        return []
    found = years_of(post)
    return [str(found[-1])] if found else [UNKNOWN]


def _platform(post: Example) -> Iterable[str]:
    # The sources spell the same place in two ways.
    return [name.replace("Twitter/X", "Twitter") for name in _one("platform")(post)]


def _length(post: Example) -> Iterable[str]:
    words = max(1, len(post.text.split()))
    low, high = next(bounds for bounds in _LENGTHS if words <= bounds[1])
    return [f"{low} words or more" if high == _LENGTHS[-1][1] else f"{low}-{high} words"]


KINDS: dict[str, Callable[[Example], Iterable[str]]] = {
    "source": lambda post: [post.source],
    "platform": _platform,
    "year": _year,
    "text": _one("form"),
    "register": _one("register"),
    "language": _one("language"),
    "workplace": _one("context"),
    "length": _length,
    "sub-type": lambda post: [post.subtype] if post.subtype else [],
    "form": lambda post: post.forms,
}
"""How posts are divided; a post lies in as many slices of a kind as the function returns."""


def slices_of(examples: Sequence[Example], s: Sample, rounds: int) -> dict[str, dict[str, dict[str, object]]]:
    """Return kind → slice → its figures; kinds that no post knows are left out. Slices are sorted by name."""
    found = {kind: _divided(examples, of) for kind, of in KINDS.items()}
    return {
        kind: {
            name: _figures([examples[i] for i in rows], s.at(rows), rounds)
            for name, rows in sorted(parts.items(), key=_natural)
        }
        for kind, parts in found.items()
        if parts
    }


def _natural(part: tuple[str, object]) -> list[tuple[int, str]]:
    """Return what to sort a slice by: numbers within its name count as numbers."""
    return [(int(piece), "") if piece.isdecimal() else (0, piece) for piece in re.split(r"(\d+)", part[0])]


def _divided(examples: Sequence[Example], of: Callable[[Example], Iterable[str]]) -> dict[str, Ints]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, post in enumerate(examples):
        for name in of(post):
            rows[name].append(row)
    return {name: np.asarray(members, dtype=np.int64) for name, members in rows.items()}


def _figures(examples: Sequence[Example], s: Sample, rounds: int) -> dict[str, object]:
    """Return support, macro-F1 over the labels that occur, and recall and false-positive rate of `partisan` as the likeliest label."""
    partisan = s.probabilities.argmax(1) == PARTISAN_OUTPUT
    figures: dict[str, object] = {
        "posts": len(examples),
        "partisan": int((s.gold == PARTISAN_OUTPUT).sum()),
        "small": len(examples) < SMALL,
        "recall": rate(partisan[s.gold == PARTISAN_OUTPUT]).as_json(),
        "false_positives": rate(partisan[(s.gold >= 0) & (s.gold != PARTISAN_OUTPUT)]).as_json(),
    }
    # One label alone has no F1 worth the name.
    if len(np.unique(s.gold[s.gold >= 0])) > 1:
        samples = draws([e.group or e.id for e in examples], rounds, seed=0)
        figures["macro_f1"] = measure(s, {"macro_f1": _macro_f1}, samples)["macro_f1"].as_json()
    return figures


def _macro_f1(s: Sample) -> float:
    clear = s.gold >= 0
    gold, best = s.gold[clear], s.probabilities[clear].argmax(1)
    present = [k for k in range(len(PREDICTED)) if (gold == k).any()]
    return float(np.mean([f1(gold == k, best == k) for k in present])) if present else float("nan")
