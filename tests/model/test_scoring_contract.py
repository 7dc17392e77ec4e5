"""One contract for every scorer: encoder on both engines, network, yardstick, stand-in."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from pilah_data.taxonomy import DIRECTIONS_IN_ORDER, PREDICTED, PREDICTED_FORMS
from pilah_model.artefacts import ArtefactFiles
from pilah_model.baseline import TfidfScorer
from pilah_model.classifier import Classifier
from pilah_model.encoder import OnnxScorer
from pilah_model.material import Material
from pilah_model.rows import token_batches
from pilah_model.scoring import Encoded, Scorer, Scores, score, strongest_rows
from pilah_model.tokens import STRIDE, WINDOW, TextEncoder
from pilah_model.training.loop import TorchScorer
from pilah_model.training.run import load_trained

TEXTS = ["coblos nomor dua ya", "apel pagi", "harga beras naik terus nih", "🙏", "kata " * 400]


class Counting:
    """A stand-in that leans towards partisan with every letter p."""

    engine = "stand-in"

    def pre(self, texts: Sequence[str]) -> Encoded:
        return Encoded(
            list(texts), np.arange(len(texts)), np.ones(len(texts), np.int64), np.zeros(len(texts), np.bool_)
        )

    def core(self, encoded: Encoded) -> Scores:
        scores = Scores.empty(len(encoded.rows))
        scores.labels[:, 2] = [str(row).count("p") for row in encoded.rows]
        return scores

    def post(self, encoded: Encoded, scores: Scores) -> Scores:
        return strongest_rows(encoded, scores)


@pytest.fixture(params=["fp32", "int8", "torch", "tfidf", "stand-in"])
def scorer(request: pytest.FixtureRequest) -> Scorer:
    kind: str = request.param
    makers: dict[str, Callable[[], Scorer]] = {
        "torch": lambda: _torch(request),
        "tfidf": lambda: TfidfScorer(request.getfixturevalue("few").split("train")[1], ambiguous=(0.1, 0.5, 0.4)),
        "stand-in": Counting,
    }
    return makers.get(kind, lambda: Classifier.load(request.getfixturevalue("tiny_artefact"), engine=kind).scorer)()  # type: ignore[arg-type]


def _torch(request: pytest.FixtureRequest) -> TorchScorer:
    network, text_encoder, _ = load_trained(request.getfixturevalue("tiny_trained"))
    return TorchScorer(network, text_encoder)


def test_one_row_a_text_in_order(scorer: Scorer) -> None:
    scores, encoded = score(scorer, TEXTS)
    assert scores.labels.shape == (len(TEXTS), len(PREDICTED))
    assert scores.forms.shape == (len(TEXTS), len(PREDICTED_FORMS))
    assert scores.directions.shape == (len(TEXTS), len(DIRECTIONS_IN_ORDER))
    assert encoded.texts == len(TEXTS)
    backwards, _ = score(scorer, TEXTS[::-1])
    np.testing.assert_allclose(
        backwards.labels[::-1], scores.labels, atol=0.15 if scorer.engine.endswith("int8") else 1e-4
    )


@pytest.mark.parametrize("engine", ["fp32", "int8"])
def test_scores_do_not_depend_on_who_else_is_judged(tiny_artefact: Path, engine: Literal["fp32", "int8"]) -> None:
    scorer = Classifier.load(tiny_artefact, engine=engine, threads=1).scorer
    texts = ["kata " * n + tail for n in (*range(1, 40), 90, 200) for tail in ("", "ya", "coblos nomor dua")]
    alone = np.concatenate([score(scorer, [text])[0].labels for text in texts])
    rng = random.Random(1)
    for size in (2, 3, 7, 16, len(texts)):
        order = rng.sample(range(len(texts)), len(texts))
        for at in range(0, len(order), size):
            chosen = order[at : at + size]
            together = score(scorer, [texts[i] for i in chosen])[0].labels
            assert np.array_equal(together, alone[chosen]), "to the last bit"


def test_scores_are_finite(scorer: Scorer) -> None:
    scores, _ = score(scorer, TEXTS)
    assert np.isfinite(scores.labels).all()


def test_no_texts_no_rows(scorer: Scorer) -> None:
    if isinstance(scorer, TfidfScorer | Counting | TorchScorer | OnnxScorer):
        scores, encoded = score(scorer, [])
        assert len(scores.labels) == encoded.texts == 0


def test_the_engine_has_a_name(scorer: Scorer) -> None:
    assert scorer.engine


def test_the_strongest_window_speaks_for_a_long_text() -> None:
    encoded = Encoded([[1]] * 4, np.asarray([0, 0, 0, 1]), np.asarray([300, 3]), np.zeros(2, np.bool_))
    scores = Scores.empty(4)
    scores.labels[:, 2] = [0.1, 3.0, -1.0, 0.5]
    assert strongest_rows(encoded, scores).labels[:, 2].tolist() == [3.0, 0.5]


def test_windows_cover_every_token(tiny_artefact: object, request: pytest.FixtureRequest) -> None:
    files = ArtefactFiles(request.getfixturevalue("tiny_artefact"))
    encoder = TextEncoder.from_file(files.path(files.tokenizer))
    encoded = encoder(["satu dua tiga empat lima " * 60])
    assert not encoded.truncated[0]
    assert len(encoded.rows) == 1 + -(-(int(encoded.tokens[0]) - WINDOW) // STRIDE)
    assert all(len(row) <= WINDOW + 2 for row in encoded.rows)


def test_batches_hold_every_row_once_within_the_budget() -> None:
    lengths = np.random.default_rng(0).integers(3, 128, 500)
    batches = list(token_batches(lengths, 1024))
    assert sorted(np.concatenate(batches).tolist()) == list(range(500))
    assert all(len(b) == 1 or len(b) * lengths[b].max() <= 1024 for b in batches)


def test_yardstick_learns_what_is_plain(few: Material) -> None:
    train = few.split("train")[1]
    yardstick = TfidfScorer(train, ambiguous=(0.1, 0.5, 0.4))
    scores, _ = score(yardstick, [e.text for e in train])
    clear = [(i, PREDICTED.index(e.label)) for i, e in enumerate(train) if e.label in PREDICTED]
    right = sum(int(scores.labels[i].argmax() == gold) for i, gold in clear)
    assert right / len(clear) > 0.9
