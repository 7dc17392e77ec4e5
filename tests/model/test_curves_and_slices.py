"""The numbers behind the plots, and figures by kind of post, against values worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from pilah_data.records import Example
from pilah_data.taxonomy import PREDICTED_FORMS, Direction, Label
from pilah_model.curves import (
    confusion,
    form_rows,
    precision_at_prevalence,
    precision_recall,
    reliability,
    risk_coverage,
)
from pilah_model.decision import DecisionPolicy
from pilah_model.evaluation import Sample
from pilah_model.slices import slices_of

LABELS = {-1: Label.PERLU_KONTEKS, 0: Label.BUKAN_POLITIK, 1: Label.POLITIK_NETRAL, 2: Label.PARTISAN}


def made(gold: list[int], partisan: list[float], forms: list[list[str]] | None = None) -> Sample:
    p = np.asarray(partisan)
    probabilities = np.stack([(1 - p) * 0.25, (1 - p) * 0.75, p], axis=1)
    gold_forms = np.zeros((len(gold), len(PREDICTED_FORMS)), dtype=bool)
    for row, codes in enumerate(forms or []):
        for code in codes:
            gold_forms[row, PREDICTED_FORMS.index(code)] = True
    return Sample(np.asarray(gold), probabilities, gold_forms, np.zeros(gold_forms.shape))


def test_confusion_keeps_the_ambiguous_apart() -> None:
    assert confusion(made([2, 2, 1, -1, 0], [0.9, 0.1, 0.2, 0.9, 0.8])) == [[0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 0, 1]]


def test_the_precision_recall_curve_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    gold, scores = rng.integers(0, 3, 150), rng.random(150).round(2)
    precision, recall, _ = precision_recall_curve(gold == 2, scores)
    points = precision_recall(made(gold.tolist(), scores.tolist()))
    expected = {(round(float(r), 4), round(float(p), 4)) for p, r in zip(precision[:-1], recall[:-1], strict=True)}
    # Beyond full recall scikit-learn leaves the points out.
    assert {(r, p) for r, p in points if r < 1} == {(r, p) for r, p in expected if r < 1}
    assert precision_recall(made([0, 1], [0.1, 0.2])) == []


def test_reliability_bins_hold_every_clear_post_once() -> None:
    s = made([2, 2, 1, -1], [0.99, 0.98, 0.99, 0.99])
    (row,) = reliability(s)
    assert (row["posts"], row["accuracy"], row["from"]) == (
        3,
        pytest.approx(2 / 3, abs=1e-4),
        pytest.approx(14 / 15, abs=1e-4),
    )


def test_risk_falls_with_coverage_of_the_sure() -> None:
    assert risk_coverage(made([2, 2, 1], [0.99, 0.9, 0.8])) == [[0.3333, 0.0], [0.6667, 0.0], [1.0, 0.3333]]


def test_precision_at_a_small_prevalence_is_far_lower() -> None:
    # Recall 0.5, one false alarm in ten.
    s = made([2] * 10 + [1] * 10, [0.95] * 5 + [0.1] * 5 + [0.95] + [0.1] * 9)
    rows: dict[float, Any] = {
        float(str(row["prevalence"])): row for row in precision_at_prevalence(s, DecisionPolicy(0.3, 0.9))
    }
    assert rows[0.02]["precision"] == pytest.approx(0.01 / (0.01 + 0.098), abs=1e-4)
    assert rows[0.005]["precision"] < rows[0.1]["precision"]
    low, high = rows[0.02]["interval"]
    assert low < rows[0.02]["precision"] < high
    silent = precision_at_prevalence(made([2, 1], [0.1, 0.1]), DecisionPolicy(0.3, 0.9))
    assert silent[0]["precision"] is None


def test_forms_are_counted_on_partisan_posts() -> None:
    s = made([2, 2, 1], [0.9, 0.9, 0.9], [["B02"], ["B02", "B03"], []])
    s.forms[:2, PREDICTED_FORMS.index("B02")] = [0.9, 0.1]
    row = form_rows(s)["B02"]
    assert (row["posts"], row["small"]) == (2, True)
    assert row["precision"][:2] == [1, 1]  # type: ignore[index]
    assert row["recall"][:2] == [1, 2]  # type: ignore[index]
    assert row["f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert form_rows(s)["B07"]["f1"] is None


def example(name: str, gold: int, **more: str) -> Example:
    label = LABELS[gold]
    partisan = label is Label.PARTISAN
    return Example(
        name,
        "satu dua tiga",
        label,
        ("B02",) if partisan else (),
        Direction.DUKUNG if partisan else None,
        None if partisan else "N1",
        (),
        "test",
        more.pop("source", "a/b"),
        None,
        more,
    )


def test_posts_are_divided_by_what_is_known_of_them() -> None:
    gold, partisan = [2, 1, 2, 1], [0.9, 0.9, 0.1, 0.1]
    posts = [
        example("1", 2, source="a/b", platform="Twitter/X", year="Jan-Sep 2025"),
        example("2", 1, source="a/b", platform="Twitter", year="2024"),
        example("3", 2, source="c/d", platform="", year="Nov 2023 - Jan 2024"),
        example("4", 1, source="c/d", register="tweet"),
    ]
    found = slices_of(posts, made(gold, partisan), 20)
    assert list(found["platform"]) == ["Twitter", "unknown"]
    assert list(found["year"]) == ["2024", "2025"]
    assert list(found["register"]) == ["tweet"]
    assert list(found["length"]) == ["1-5 words"]
    assert list(found["form"]) == ["B02"]
    assert list(found["sub-type"]) == ["N1"]
    assert "language" not in found
    first = found["source"]["a/b"]
    assert (first["posts"], first["partisan"], first["small"]) == (2, 1, True)
    assert first["recall"][:2] == [1, 1]  # type: ignore[index]
    assert first["false_positives"][:2] == [1, 1]  # type: ignore[index]
    # Of one label alone there is no F1.
    assert "macro_f1" not in found["form"]["B02"]
    assert first["macro_f1"][0] == pytest.approx(1 / 3, abs=1e-3)  # type: ignore[index]
