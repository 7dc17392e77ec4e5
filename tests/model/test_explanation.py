"""Evidence by occlusion, with scorers whose reasons are known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilah_model.explanation import MAX_SPANS, MAX_VARIANTS, explain, without


def _explain(text: str, weights: dict[str, float]) -> list[str]:
    """Explain a scorer whose log-odds are the sum of its words' weights, less two."""

    def score(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.asarray([1 / (1 + math.exp(2.0 - sum(weights.get(w, 0.0) for w in t.split()))) for t in texts])

    return [e.text for e in explain(text, score)]


def test_words_that_carry_the_score_are_found_and_joined() -> None:
    text = "besok jangan lupa coblos nomor 2 ya kawan"
    assert _explain(text, {"coblos": 4.0, "nomor": 2.0, "2": 3.0}) == ["coblos nomor 2"]


def test_spans_come_strongest_first_and_are_few() -> None:
    text = "a x b y c z d w e"
    found = _explain(text, {"x": 1.0, "y": 3.0, "z": 2.0, "w": 1.5})
    assert found == ["y", "z", "w"]
    assert len(found) == MAX_SPANS


def test_a_word_that_lowers_the_score_is_no_evidence() -> None:
    assert _explain("netral coblos", {"netral": -2.0, "coblos": 6.0}) == ["coblos"]


def test_no_word_carries_a_constant_score() -> None:
    assert explain("satu dua tiga", lambda texts: np.full(len(texts), 0.9)) == ()


def test_a_single_word_is_its_own_evidence() -> None:
    (e,) = explain("  #MenangkanDia ", lambda texts: np.asarray([0.8 if t.strip() else 0.2 for t in texts]))
    assert (e.text, e.start, e.end) == ("#MenangkanDia", 2, 15)
    assert e.weight == pytest.approx(1 - (0.2 / 0.8) / (0.8 / 0.2))


def test_a_word_without_which_the_score_rises_is_no_evidence() -> None:
    assert explain("netral", lambda texts: np.asarray([0.3 if t.strip() else 0.6 for t in texts])) == ()


def test_a_score_near_one_has_its_reasons_too() -> None:
    text = "ayo coblos 02 menangkan 02 coblos 02 kawan"
    found = _explain(text, {"coblos": 2.0, "menangkan": 2.0, "02": 1.5})
    assert found
    assert "kawan" not in " ".join(found)


def test_noise_is_no_evidence() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        assert explain("satu dua tiga empat lima", lambda texts: 0.5 + rng.normal(0, 0.003, len(texts))) == ()


def test_long_texts_cost_a_bounded_number_of_variants() -> None:
    asked: list[int] = []

    def score(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        asked.append(len(texts))
        return np.zeros(len(texts))

    explain("kata " * 5000, score)
    assert max(asked) <= MAX_VARIANTS + 1


def test_removal_leaves_the_rest_in_order() -> None:
    assert without("a  bb ccc d", [(3, 5), (10, 11)]) == "a ccc"


@given(st.text(min_size=1, max_size=200))
def test_spans_are_whole_words_of_the_original(text: str) -> None:
    def score(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.asarray([len(t) % 7 / 7 for t in texts])

    for e in explain(text, score):
        assert text[e.start : e.end] == e.text
        assert e.start == 0 or text[e.start - 1].isspace()
        assert e.end == len(text) or text[e.end].isspace()
