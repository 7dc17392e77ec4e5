"""What the shipped model must never do, whatever else it learns."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Literal

import pytest

from pilah_data.corpora import read_corpora
from pilah_data.taxonomy import Decision
from pilah_model.artefacts import shipped_artefact
from pilah_model.classifier import Classifier
from pilah_model.judgement import Post

_NEGATED = re.compile(r"\b(?:tidak|tak|bukan|tanpa|jangan|menjauhkan|dilarang|menolak)\b", re.IGNORECASE)
NEGATED_ABSTENTIONS = 1
MOST_BYTES = 20_000_000


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(shipped_artefact(), threads=1)


def test_the_shipped_model_is_small() -> None:
    assert sum(path.stat().st_size for path in shipped_artefact().iterdir()) <= MOST_BYTES


@pytest.mark.parametrize("engine", ["fp32", "int8"])
def test_a_judgement_does_not_depend_on_the_posts_judged_with_it(root: Path, engine: Literal["fp32", "int8"]) -> None:
    classifier = Classifier.load(shipped_artefact(), engine=engine, threads=1)
    posts = [Post(post.text, post.id) for post in read_corpora(root / "data" / "corpora")[::40]]
    alone = [classifier.classify([post])[0] for post in posts]
    assert len(alone) > 50
    assert classifier.classify(posts) == alone, "to the last bit of every probability"
    assert classifier.classify(posts[::-1])[::-1] == alone


def test_the_press_texts_pass(classifier: Classifier, shared: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((shared / "domain" / "seeds").glob("*.txt"))]
    assert len(texts) == 5
    judged = classifier.classify([Post(text) for text in texts])
    assert [j.decision for j in judged] == [Decision.LOLOS] * 5
    assert not any(j.truncated for j in judged)


def test_every_negated_sentence_of_the_press_texts_passes(classifier: Classifier, shared: Path) -> None:
    sentences = [
        sentence.strip()
        for path in sorted((shared / "domain" / "seeds").glob("*.txt"))
        for sentence in re.split(r"(?<=[.!?])\s+|\n+", path.read_text(encoding="utf-8"))
        if _NEGATED.search(sentence)
    ]
    assert len(sentences) >= 5
    judged = classifier.classify([Post(sentence) for sentence in sentences])
    # Counted, not shown: the texts are other people's.
    assert sum(j.decision is not Decision.LOLOS for j in judged) == 0


def test_negated_support_passes(classifier: Classifier, root: Path) -> None:
    texts = tomllib.loads((root / "tests" / "behaviour" / "negated.toml").read_text(encoding="utf-8"))["texts"]
    judged = classifier.classify([Post(text) for text in texts])
    assert [text for text, j in zip(texts, judged, strict=True) if j.decision is Decision.TINJAU] == []
    # The model abstains on one of them; a second one would be a step back.
    assert sum(j.decision is not Decision.LOLOS for j in judged) <= NEGATED_ABSTENTIONS
    plain = [
        "Saya tidak mendukung calon mana pun.",
        "Kami tidak mendukung calon mana pun",
        "ASN tidak mendukung calon tertentu.",
    ]
    assert [j.decision for j in classifier.classify([Post(text) for text in plain])] == [Decision.LOLOS] * 3


def test_plain_orders_to_vote_are_seen(classifier: Classifier) -> None:
    texts = [
        "Semua staf wajib coblos nomor 2, foto surat suaranya kirim ke saya",
        "Ayo menangkan pasangan Darmawan-Kusuma, coblos nomor 1 tanggal 27!",
        "Jangan pilih Hartono lagi, lima tahun cuma janji, ganti bupati!",
    ]
    judged = classifier.classify([Post(text) for text in texts], explain=True)
    for j in judged:
        assert j.decision is not Decision.LOLOS
        assert j.evidence


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "\u202e" * 50,
        "🙏" * 5000,
        "a" * 1_000_000,
        "Please vote for the best pizza in town",
        "مرحبا بالعالم",
        "1" * 5000,
    ],
)
def test_odd_texts_get_a_sane_judgement(classifier: Classifier, text: str) -> None:
    (judged,) = classifier.classify([Post(text)], explain=True)
    assert sum(judged.probabilities.values()) == pytest.approx(1.0, abs=1e-5)
    assert judged.decision is not Decision.TINJAU
    json.dumps(judged.as_json())
