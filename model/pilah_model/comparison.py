"""Measures a shipped model and the yardstick side by side, on the same posts, in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pilah_data.errors import InputError
from pilah_data.records import Example
from pilah_data.taxonomy import PREDICTED, Label
from pilah_model.baseline import TfidfScorer
from pilah_model.calibration import Calibration, fit_temperature
from pilah_model.classifier import Classifier
from pilah_model.evaluation import METRICS, Sample, difference, draws, measure, policy_metrics, sample
from pilah_model.intervals import Figure
from pilah_model.material import Material
from pilah_model.scoring import Scorer, score
from pilah_model.training.config import TrainConfig


@dataclass(frozen=True)
class Column:
    """One scorer's figures on one set of posts."""

    scorer: str
    posts: int
    figures: Mapping[str, Figure]


def compare(
    classifier: Classifier,
    material: Material,
    sets: Mapping[str, Sequence[Example]],
    judged: Mapping[str, Sample],
    log: Callable[[str], None],
    *,
    rounds: int = 500,
) -> dict[str, list[Column]]:
    """Fit the yardstick on the training posts and measure it on each named set of posts, beside what the classifier judged.

    Raises InputError when there is nothing to fit or to measure on.
    """
    train = [example for part in material.split("train") for example in part]
    if not train or not any(sets.values()):
        raise InputError(
            "nothing to measure on; point --shared at the public posts or run in a checkout with data/corpora"
        )
    log(f"fitting the yardstick (TF-IDF and logistic regression) on {len(train)} posts")
    yardstick = TfidfScorer(train, ambiguous=TrainConfig().ambiguous)
    temperature = _temperature(yardstick, [example for part in material.split("validation") for example in part])
    table: dict[str, list[Column]] = {}
    for name, examples in sets.items():
        if not examples:
            continue
        log(f"measuring on {name}: {len(examples)} posts, {rounds} bootstrap rounds")
        samples = draws([e.group or e.id for e in examples], rounds, seed=0)
        ours = judged[name]
        theirs = judge(yardstick, temperature, examples)
        metrics = {**METRICS, **policy_metrics(classifier.policy)}
        table[name] = [
            Column(
                f"{classifier.info.name} ({classifier.info.engine})", len(examples), measure(ours, metrics, samples)
            ),
            Column("yardstick (TF-IDF + LR)", len(examples), measure(theirs, _SHARED_METRICS, samples)),
            Column("ahead by", len(examples), difference(ours, theirs, _SHARED_METRICS, samples)),
        ]
    return table


# The yardstick knows no forms.
_SHARED_METRICS = {name: metric for name, metric in METRICS.items() if name != "forms_macro_f1"}


def _temperature(scorer: Scorer, examples: Sequence[Example]) -> Calibration:
    """Calibrate the yardstick as the classifier is: by temperature on the validation posts with a clear label."""
    clear = [e for e in examples if e.label is not Label.PERLU_KONTEKS]
    if not clear:
        return Calibration()
    scores, _ = score(scorer, [e.text for e in clear])
    one_hot = np.eye(len(PREDICTED), dtype=np.float32)[[PREDICTED.index(e.label) for e in clear]]
    return Calibration(labels=fit_temperature(scores.labels, one_hot))


def judge(scorer: Scorer, calibration: Calibration, examples: Sequence[Example]) -> Sample:
    """Bring gold labels and calibrated predictions of examples together."""
    scores, _ = score(scorer, [e.text for e in examples])
    return sample(examples, calibration(scores))


def as_json(table: Mapping[str, Sequence[Column]]) -> dict[str, object]:
    """Return the table as plain JSON values: set → scorer → figure → [value, low, high]."""
    return {
        name: {
            column.scorer: {
                "posts": column.posts,
                **{key: figure.as_json() for key, figure in column.figures.items()},
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
