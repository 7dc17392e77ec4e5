"""Measures trained networks over their seeds, one recipe beside another, on the same posts: mean, spread and difference.

One seed says little: fine-tuning the same network twice moves figures by a point (Dodge et al. 2020). The difference is that of the
means over seeds, its interval is drawn over the posts (paired bootstrap); the spread says how far single seeds lie apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pilah_data.errors import InputError
from pilah_data.records import Example
from pilah_model.calibration import Calibration
from pilah_model.evaluation import Sample, average_precision, draws, forms_macro_f1, macro_f1, partisan_f1, sample
from pilah_model.material import Material, years_of
from pilah_model.scoring import score
from pilah_model.training.loop import Log, TorchScorer
from pilah_model.training.run import load_trained

METRICS: Mapping[str, Callable[[Sample], float]] = {
    "macro_f1": macro_f1,
    "partisan_f1": partisan_f1,
    "partisan_pr_auc": average_precision,
    "forms_macro_f1": forms_macro_f1,
}
"""Figures that no temperature changes, so that nothing has to be fitted before they can be compared."""


def measured_posts(material: Material, split: str, year: int | None) -> list[Example]:
    """Return the public posts of a split, of one year only if it is given. Raises InputError where there are none."""
    posts, _ = material.split(split)
    chosen = [post for post in posts if year is None or year in years_of(post)]
    if not chosen:
        raise InputError(
            f"no public posts of the split {split!r}{f' and the year {year}' if year else ''}; point --shared at them"
        )
    return chosen


def compare_seeds(
    recipes: Mapping[str, Sequence[Path]], examples: Sequence[Example], log: Log, *, rounds: int = 500
) -> dict[str, Any]:
    """Return the figures of every recipe, a name with its trained folders, and how far the first is ahead of each other one."""
    judged = {name: [_judge(folder, examples, log) for folder in folders] for name, folders in recipes.items()}
    samples = draws([post.group or post.id for post in examples], rounds, seed=0)
    first, *others = judged
    return {
        "posts": len(examples),
        "recipes": {
            name: {metric: _spread([of(one) for one in seeds]) for metric, of in METRICS.items()}
            for name, seeds in judged.items()
        },
        "ahead": {
            f"{first} of {other}": {
                metric: _difference(judged[first], judged[other], of, samples) for metric, of in METRICS.items()
            }
            for other in others
        },
    }


def _judge(folder: Path, examples: Sequence[Example], log: Log) -> Sample:
    log(f"judging {len(examples)} posts with {folder}")
    network, text_encoder, _ = load_trained(folder)
    scores, _ = score(TorchScorer(network, text_encoder), [post.text for post in examples])
    return sample(examples, Calibration()(scores))


def _spread(values: Sequence[float]) -> dict[str, Any]:
    return {
        "mean": round(float(np.mean(values)), 4),
        "spread": round(float(np.std(values, ddof=1)), 4) if len(values) > 1 else None,
        "seeds": [round(value, 4) for value in values],
    }


def _difference(
    ours: Sequence[Sample], theirs: Sequence[Sample], of: Callable[[Sample], float], samples: Sequence[Any]
) -> list[float]:
    """Return the difference of the means over seeds with the ends of its 95 % interval over posts."""

    def ahead(rows: Any | None) -> float:
        mine, others = ([of(one if rows is None else one.at(rows)) for one in seeds] for seeds in (ours, theirs))
        return float(np.mean(mine) - np.mean(others))

    low, high = np.percentile([ahead(rows) for rows in samples], [2.5, 97.5])
    return [round(value, 4) for value in (ahead(None), float(low), float(high))]
