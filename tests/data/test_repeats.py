"""Texts that repeat others: test posts in any dress, and what was read before."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilah_data.repeats import Exclusion, Repeats, fingerprint

LONG = "apel pagi di lapas tirtawana berjalan tertib dan aman sampai selesai"


def test_spacing_case_and_punctuation_make_no_new_text() -> None:
    assert fingerprint("Apel pagi, siap!") == fingerprint("APEL  pagi siap")
    assert fingerprint("apel pagi") != fingerprint("apel sore")


def test_a_repeated_text_is_recognised_in_any_dress() -> None:
    excluded = Exclusion([LONG, "gas coblos"])
    assert LONG.upper().replace(" ", "  ") + "!!!" in excluded
    assert "Gas, coblos!" in excluded


def test_eight_words_in_a_row_are_a_repetition_and_seven_are_not() -> None:
    excluded = Exclusion([LONG])
    words = LONG.split()
    assert "lalu " + " ".join(words[2:10]) + " katanya" in excluded
    assert "lalu " + " ".join(words[2:9]) + " katanya sudah" not in excluded


@pytest.mark.parametrize("words", [4, 5, 6, 7])
@pytest.mark.parametrize(
    "dress", ["{}", "RT @USER: {}", "RT @USER: RT @USER {}", "{} ya", "kata dia {} !!", "RT @USER: {} HTTPURL"]
)
def test_a_post_of_four_to_seven_words_is_recognised_in_company(words: int, dress: str) -> None:
    post = " ".join(LONG.split()[:words])
    excluded = Exclusion([post])
    assert dress.format(post) in excluded
    assert dress.format(" ".join(LONG.split()[: words - 1])) not in excluded


def test_a_forwarded_post_keeps_out_its_original() -> None:
    excluded = Exclusion(["RT @USER: menang satu putaran", "RT @USER: gas coblos"])
    assert "Menang satu putaran" in excluded
    assert "gas coblos!" in excluded
    assert "RT @USER: gas" not in excluded


def test_a_text_of_less_than_four_words_is_excluded_whole_and_not_as_a_part() -> None:
    excluded = Exclusion(["gas coblos", "menang satu putaran"])
    assert "RT @USER: gas coblos" in excluded
    assert "ayo gas coblos besok pagi sama teman teman semua ya" not in excluded
    assert "menang satu putaran ya" not in excluded


def test_nothing_is_excluded_by_nothing() -> None:
    assert LONG not in Exclusion([])


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=80))
def test_every_text_excludes_itself(text: str) -> None:
    assert text in Exclusion([text])


def test_a_text_is_new_once_in_any_dress() -> None:
    repeats = Repeats(1 << 16)
    assert repeats.take(LONG)
    assert not repeats.take(LONG)
    assert not repeats.take(LONG.upper().replace(" ", "  ") + "!!")
    assert repeats.take("gas coblos")
    assert not repeats.take("Gas, coblos!")
    assert repeats.take("gas coblos ya")


def test_most_of_the_runs_of_eight_words_make_a_repetition() -> None:
    words = [f"kata{number}" for number in range(20)]  # 13 runs
    repeats = Repeats(1 << 16)
    assert repeats.take(" ".join(words))
    assert not repeats.take(" ".join([*words, "ya", "lalu", "selesai"])), "13 of 16 runs"
    assert repeats.take(" ".join([*words, "ya", "lalu", "selesai", "sudah"])), "13 of 17 runs"
    assert repeats.take(" ".join(words[:7])), "too short for a run, and not the same"


def test_what_was_left_out_makes_nothing_a_repetition() -> None:
    words = [f"kata{number}" for number in range(30)]
    repeats = Repeats(1 << 16)
    assert repeats.take(" ".join(words[:20]))
    assert not repeats.take(" ".join(words[:23]))
    assert repeats.take(" ".join(words[15:]))
