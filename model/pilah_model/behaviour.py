"""Runs the behaviour cases of `tests/behaviour/*.toml` and reports pass rates with their intervals.

Minimum functionality, invariance and direction are the three families of CheckList (Ribeiro et al. 2020).
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilah_data.errors import InputError
from pilah_data.taxonomy import Decision, Label
from pilah_model.classifier import Classifier
from pilah_model.intervals import Rate
from pilah_model.judgement import Judgement, Post

_FORMS, _SUBTYPES = "forms", "subtypes"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing asked of the model: its family, its key within it, the text, and whether it was met."""

    family: str
    key: str
    text: str
    passed: bool


def run_cases(classifier: Classifier, folder: Path) -> list[Check]:
    """Run every case of the five files in `folder`; raises InputError for a file that cannot be read."""
    judge = _Judge(classifier)
    return [
        *_minimum(judge, _read(folder / "minimum.toml")),
        *_hard(judge, _read(folder / "hard_cases.toml")),
        *_invariance(judge, _read(folder / "invariance.toml")),
        *_direction(judge, _read(folder / "direction.toml")),
        *_negated(judge, _read(folder / "negated.toml")),
    ]


def rates(checks: list[Check], *, by_key: bool = False) -> dict[str, Rate]:
    """Return the pass rate of each family, or of each key within the families."""
    counts: dict[str, list[bool]] = defaultdict(list)
    for check in checks:
        counts[f"{check.family} {check.key}" if by_key else check.family].append(check.passed)
    return {name: Rate(sum(passed), len(passed)) for name, passed in counts.items()}


class _Judge:
    """Judges single texts and remembers them; a base text is asked for with each of its variants."""

    def __init__(self, classifier: Classifier):
        self._classifier = classifier
        self._known: dict[str, Judgement] = {}

    def __call__(self, text: str) -> Judgement:
        if text not in self._known:
            (self._known[text],) = self._classifier.classify([Post(text)])
        return self._known[text]


def _minimum(judge: _Judge, cases: Mapping[str, Any]) -> Iterator[Check]:
    for code, case in cases[_FORMS].items():
        for text in case["texts"]:
            yield Check("minimum, forms", code, text, judge(text).label is Label.PARTISAN)
    for code, case in cases[_SUBTYPES].items():
        for text in case["texts"]:
            yield Check("minimum, lawful", code, text, judge(text).decision is not Decision.TINJAU)


def _hard(judge: _Judge, cases: Mapping[str, Any]) -> Iterator[Check]:
    for number, tables in cases.items():
        for case in tables:
            found = judge(case["text"])
            allowed = case.get("decisions")
            # A label is asked for only where the ruling leaves the decision open.
            passed = found.decision in allowed if allowed else found.label == case["label"]
            yield Check("hard cases", number, case["text"], passed)


def _invariance(judge: _Judge, cases: Mapping[str, Any]) -> Iterator[Check]:
    for group in cases["group"]:
        expected = judge(group["text"]).label
        for kind, texts in group["variants"].items():
            for text in texts:
                yield Check("invariance", kind, text, judge(text).label is expected)


def _direction(judge: _Judge, cases: Mapping[str, Any]) -> Iterator[Check]:
    for group in cases["group"]:
        base = judge(group["text"]).probabilities[Label.PARTISAN]
        for way, sign in (("higher", 1), ("lower", -1)):
            for kind, texts in group.get(way, {}).items():
                for text in texts:
                    moved = judge(text).probabilities[Label.PARTISAN] - base
                    yield Check("direction", kind, text, moved * sign > 0)


def _negated(judge: _Judge, cases: Mapping[str, Any]) -> Iterator[Check]:
    for text in cases["texts"]:
        yield Check("negated support", "lolos", text, judge(text).decision is Decision.LOLOS)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"behaviour cases {path} cannot be read ({error})") from error
