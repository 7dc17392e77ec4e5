"""Near-duplicates: what is one, what is not, and that none is missed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilah_data.neighbours import THRESHOLD, near_pairs, shingles, similarity

TEXT = "besok pagi seluruh pegawai berkumpul di lapangan untuk apel kesiapan pengamanan pemungutan suara ulang"


def pairs(*texts: str) -> list[tuple[int, int]]:
    return [(i, j) for i, j, _ in near_pairs(texts, range(len(texts)))]


@pytest.mark.parametrize(
    "other",
    [
        TEXT.upper() + " !!!",
        f"RT @USER: {TEXT} HTTPURL",
        TEXT.replace("apel", "ap\u200bel"),
        TEXT.replace("pagi", "pagiiii") + " 🔥",
        TEXT + " minggu",
    ],
)
def test_another_dress_is_the_same_text(other: str) -> None:
    assert pairs(TEXT, other) == [(0, 1)]


def test_a_text_that_shares_half_its_words_is_another() -> None:
    assert pairs(TEXT, " ".join(TEXT.split()[:7]) + " dan sesudah itu sarapan bersama di kantin belakang") == []


def test_short_texts_are_near_only_when_they_are_the_same() -> None:
    assert pairs("Lanjutkan pak!", "lanjutkan   Pak 💪", "lanjutkan bu") == [(0, 1)]


def test_texts_without_words_are_compared_by_their_signs() -> None:
    assert pairs("✌️✌️", "✌️ ✌️", "🔥", "") == [(0, 1)]


def test_pairs_within_a_side_are_of_no_concern() -> None:
    assert list(near_pairs([TEXT] * 4, ["train", "train", "test", "train"])) == [(0, 2, 1.0), (1, 2, 1.0), (2, 3, 1.0)]


def test_no_pair_is_missed_or_made_up() -> None:
    words = [f"kata{number}" for number in range(60)]
    texts = [" ".join(words[start : start + 30]) for start in range(31)]
    sets = [shingles(text) for text in texts]
    true = [
        (i, j) for i in range(len(texts)) for j in range(i + 1, len(texts)) if similarity(sets[i], sets[j]) >= THRESHOLD
    ]
    assert pairs(*texts) == true
    assert 0 < len(true) < len(texts) * 5


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_texts_are_compared(texts: list[str]) -> None:
    for i, j in pairs(*texts):
        assert i < j
