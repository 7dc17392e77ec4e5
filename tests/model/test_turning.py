"""What would change a decision, with readers whose reasons are known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilah_data.taxonomy import Decision
from pilah_model.explanation import without
from pilah_model.judgement import Evidence
from pilah_model.turning import MOST_WORDS, Reading, Turning, find_turning

Weights = dict[str, float]


def reader(weights: Weights) -> Callable[[Sequence[str]], list[Reading]]:
    """Read by the sum of the words' weights: review from 0.7 on, pass below 0.3."""

    def one(text: str) -> Reading:
        score = sum(weights.get(word, 0.0) for word in text.split())
        decision = Decision.TINJAU if score >= 0.7 else Decision.LOLOS if score < 0.3 else Decision.BUTUH_KONTEKS
        return decision, min(max(score, 0.0), 1.0)

    return lambda texts: [one(text) for text in texts]


def mark(text: str, *marked: str) -> list[Evidence]:
    return [Evidence(at := text.index(words), at + len(words), words, 0.5) for words in marked]


def turn(text: str, weights: Weights, *marked: str) -> tuple[list[str], Turning]:
    read = reader(weights)
    found = find_turning(text, read([text])[0][0], mark(text, *marked), read, lambda: True)
    return [text[a:b] for a, b in found.spans], found


def test_one_word_that_carries_the_decision_is_found() -> None:
    words, found = turn("ayo coblos nomor dua kawan", {"coblos": 0.2, "nomor": 0.1, "dua": 0.7}, "coblos nomor dua")
    assert words == ["dua"]
    assert (found.words, found.decision, found.complete) == (1, Decision.BUTUH_KONTEKS, True)


def test_of_single_words_the_one_with_the_mildest_outcome_is_named() -> None:
    words, found = turn("kita pilih dia besok", {"pilih": 0.25, "dia": 0.5}, "pilih dia")
    assert (words, found.decision) == (["dia"], Decision.LOLOS)


def test_where_no_single_word_does_the_smallest_set_is_named_and_neighbours_are_joined() -> None:
    weights = {"pilih": 0.4, "nomor": 0.4, "dua": 0.3}
    words, found = turn("ayo pilih saja nomor dua kawan", weights, "pilih", "nomor dua")
    assert found.words == 2
    assert words == ["pilih", "nomor"]
    joined, _ = turn("ayo pilih nomor dua kawan", weights, "pilih nomor dua")
    assert joined == ["pilih nomor"]


def test_marked_words_that_do_not_suffice_are_not_said_to() -> None:
    words, found = turn("ayo pilih nomor dua", {"ayo": 0.9, "pilih": 0.1}, "pilih")
    assert words == []
    assert found == Turning(complete=True)


def test_to_take_away_everything_is_no_answer() -> None:
    assert turn("Lanjutkan Pak!", {"Lanjutkan": 0.4, "Pak!": 0.4}, "Lanjutkan Pak!")[1].words == 1
    assert turn("Lanjutkan !", {"Lanjutkan": 0.9}, "Lanjutkan !")[1] == Turning()


def test_nothing_marked_changes_nothing() -> None:
    assert turn("ayo", {"ayo": 0.9})[1] == Turning()


def test_a_larger_set_is_thinned_out() -> None:
    text = "a b c d e f sisa"
    weights = dict.fromkeys("abcdef", 0.3)
    words, found = turn(text, weights, "a b c d e f")
    assert found.words == 4  # 1.8 - 4 * 0.3 < 0.7
    assert words == ["a b c d"]


def test_many_marked_words_are_taken_by_spans() -> None:
    first, second = (" ".join(f"{letter}{n}" for n in range(MOST_WORDS)) for letter in "ab")
    words, found = turn(f"{first} sela {second}", {"a3": 0.9}, first, second)
    assert (words, found.words) == ([first], 1)


def test_out_of_time_is_said() -> None:
    asked = iter([True, False])
    found = find_turning(
        "a b sisa", Decision.TINJAU, mark("a b sisa", "a b"), reader({"a": 0.9, "b": 0.9}), lambda: next(asked)
    )
    assert found == Turning(complete=False)


def test_no_slice_is_read_without_asking_for_the_time() -> None:
    asked: list[bool] = []
    read: list[int] = []
    text = " ".join(f"w{n}" for n in range(20)) + " sisa"

    def counting(texts: Sequence[str]) -> list[Reading]:
        read.append(len(texts))
        return [(Decision.TINJAU, 0.9)] * len(texts)

    def in_time() -> bool:
        asked.append(True)
        return True

    find_turning(text, Decision.TINJAU, mark(text, text[:-5]), counting, in_time)
    assert len(asked) == len(read)
    assert max(read) <= 16
    assert sum(read) <= 20 + 28 + 56 + 17


@given(st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.4, 0.8]), min_size=1, max_size=7), st.booleans())
def test_the_set_changes_the_decision_and_no_smaller_one_does(numbers: list[float], spaced: bool) -> None:
    words = [f"w{n}" for n in range(len(numbers))]
    text, weights = " ".join([*words, "sisa"]), dict(zip(words, numbers, strict=True))
    read = reader(weights)
    before = read([text])[0][0]
    if before is Decision.LOLOS:
        return
    spans = [" ".join(words)] if not spaced else words[::2]
    marked = [w for span in spans for w in span.split()]
    found = find_turning(text, before, mark(text, *spans), read, lambda: True)

    def changes(some: Sequence[str]) -> bool:
        rest = " ".join(w for w in text.split() if w not in some)
        after = read([rest])[0][0]
        return after is not before

    smallest = next(
        (n for n in range(1, len(marked) + 1) if any(map(changes, itertools.combinations(marked, n)))), None
    )
    assert found.complete
    if smallest is None or smallest <= 3:
        assert (found.words or None) == smallest
    else:
        # Larger sets are grown, not searched: there may be a smaller one.
        assert found.words >= smallest
    if found.spans:
        assert read([without(text, found.spans)])[0][0] is found.decision is not before


@pytest.mark.parametrize("decision", [Decision.TINJAU, Decision.BUTUH_KONTEKS])
def test_a_harsher_reading_is_no_change(decision: Decision) -> None:
    text = "a sisa"
    found = find_turning(
        text, decision, mark(text, "a"), lambda texts: [(Decision.TINJAU, 0.9)] * len(texts), lambda: True
    )
    assert found == Turning()
