"""Finds readings whose label looks wrong, for people to read again: confident learning over out-of-fold predictions.

Northcutt, Jiang and Chuang, "Confident learning" (2021), as `cleanlab` does it. A suspicion is a reason to read, never a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pilah_data.errors import InputError, MissingExtraError
from pilah_data.normalise import normalise_text
from pilah_data.records import Example
from pilah_data.taxonomy import Label
from pilah_data.tsv import write_table
from pilah_model.features import tfidf_vectorisers

COLUMNS = ("id", "given", "suggested", "margin")

_LABELS = tuple(Label)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A reading to read again; `margin` is how much likelier the suggested label looked than the given one, from -1 to 1."""

    id: str
    given: Label
    suggested: Label
    margin: float


def find_suspects(examples: Sequence[Example], *, folds: int = 5, seed: int = 1) -> list[Suspect]:
    """Return the suspected readings, the most suspicious first; the same examples and seed give the same list.

    Raises InputError when a label is rarer than the folds, MissingExtraError without the `train` extra.
    """
    try:
        from cleanlab.filter import find_label_issues  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("train", "cleanlab") from error
    # The order of the input must not matter: it decides who falls into which fold.
    ordered = sorted(examples, key=lambda example: example.id)
    given = np.asarray([_LABELS.index(example.label) for example in ordered])
    rarest = min(int((given == label).sum()) for label in range(len(_LABELS)))
    if rarest < folds:
        raise InputError(f"a label has only {rarest} readings; {folds} folds need at least as many of each")
    probabilities = out_of_fold([example.text for example in ordered], given, folds=folds, seed=seed)
    flagged = np.flatnonzero(find_label_issues(given, probabilities, n_jobs=1))
    suspects = [_suspect(ordered[i], probabilities[i]) for i in flagged]
    return sorted(suspects, key=lambda suspect: (-suspect.margin, suspect.id))


def out_of_fold(
    texts: Sequence[str], given: npt.NDArray[np.int64], *, folds: int, seed: int
) -> npt.NDArray[np.float64]:
    """Return for each text the class probabilities of a model that did not see it (texts × labels).

    The features are fitted once on all texts: they know no labels.
    """
    try:
        from scipy.sparse import hstack  # noqa: PLC0415 - an extra
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("train", "scikit-learn") from error
    normalised = [normalise_text(text) for text in texts]
    features = hstack([vectoriser.fit_transform(normalised) for vectoriser in tfidf_vectorisers()]).tocsr()
    probabilities = np.zeros((len(texts), len(_LABELS)))
    for seen, unseen in StratifiedKFold(folds, shuffle=True, random_state=seed).split(features, given):
        model = LogisticRegression(C=4.0, max_iter=400, random_state=seed).fit(features[seen], given[seen])
        probabilities[unseen] = model.predict_proba(features[unseen])
    return probabilities


def write_suspects(path: Path, suspects: Sequence[Suspect]) -> None:
    """Write ids, labels and margins; never a text."""
    rows = [(s.id, s.given.value, s.suggested.value, f"{s.margin:.4f}") for s in suspects]
    write_table(path, COLUMNS, rows)


def _suspect(example: Example, probabilities: npt.NDArray[np.float64]) -> Suspect:
    own = _LABELS.index(example.label)
    others = np.where(np.arange(len(_LABELS)) == own, -1.0, probabilities)
    best = int(others.argmax())
    return Suspect(example.id, example.label, _LABELS[best], round(float(others[best] - probabilities[own]), 4))
