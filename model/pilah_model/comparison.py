"""Measures a shipped model and the yardstick side by side, on the same posts, in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pilah_data.errors import InputError
from pilah_data.records import Example
from pilah_model.baseline import TfidfScorer
from pilah_model.calibration import Calibration
from pilah_model.classifier import Classifier
from pilah_model.evaluation import METRICS, Figure, measure, policy_metrics, sample
from pilah_model.scoring import Scorer, score

AMBIGUOUS = (0.1, 0.5, 0.4)
"""Soft target of `perlu_konteks` for the yardstick, as in fine-tuning."""


@dataclass(frozen=True)
class Column:
    """One scorer's figures on one set of posts."""

    scorer: str
    posts: int
    figures: Mapping[str, Figure]


def compare(
    classifier: Classifier,
    train: Sequence[Example],
    sets: Mapping[str, Sequence[Example]],
    log: Callable[[str], None],
    *,
    rounds: int = 500,
) -> dict[str, list[Column]]:
    """Fit the yardstick on `train` and measure it and the classifier on each named set of posts.

    Raises InputError when there is nothing to fit or to measure on.
    """
    if not train or not any(sets.values()):
        raise InputError(
            "nothing to measure on; point --shared at the public posts or run in a checkout with data/corpora"
        )
    log(f"fitting the yardstick (TF-IDF and logistic regression) on {len(train)} posts")
    yardstick = TfidfScorer(train, ambiguous=AMBIGUOUS)
    table: dict[str, list[Column]] = {}
    for name, examples in sets.items():
        if not examples:
            continue
        log(f"measuring on {name}: {len(examples)} posts, {rounds} bootstrap rounds")
        ours = {**METRICS, **policy_metrics(classifier.policy)}
        label = f"{classifier.info.name} ({classifier.info.engine})"
        table[name] = [
            _column(label, classifier.scorer, classifier.calibration, examples, ours, rounds),
            _column("yardstick (TF-IDF + LR)", yardstick, Calibration(), examples, METRICS, rounds),
        ]
    return table


def _column(
    name: str,
    scorer: Scorer,
    calibration: Calibration,
    examples: Sequence[Example],
    metrics: Mapping[str, Callable[..., float]],
    rounds: int,
) -> Column:
    scores, _ = score(scorer, [e.text for e in examples])
    return Column(name, len(examples), measure(sample(examples, calibration(scores)), metrics, rounds=rounds))


def as_json(table: Mapping[str, Sequence[Column]]) -> dict[str, object]:
    """Return the table as plain JSON values: set → scorer → figure → [value, low, high]."""
    return {
        name: {
            column.scorer: {
                "posts": column.posts,
                **{key: [round(f.value, 4), round(f.low, 4), round(f.high, 4)] for key, f in column.figures.items()},
            }
            for column in columns
        }
        for name, columns in table.items()
    }


def as_text(table: Mapping[str, Sequence[Column]]) -> str:
    """Return the table as text, one block per set of posts, scorers side by side."""
    lines: list[str] = []
    for name, columns in table.items():
        lines += [f"{name} ({columns[0].posts} posts)", f"  {'':26}" + "".join(f"{c.scorer:>34}" for c in columns)]
        lines += [
            f"  {key:26}" + "".join(f"{str(c.figures[key]) if key in c.figures else '-':>34}" for c in columns)
            for key in columns[0].figures
        ]
    return "\n".join(lines)
