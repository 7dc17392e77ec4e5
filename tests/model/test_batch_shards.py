"""How a feed is cut: copies share one judgement, memory is bounded, and the same feed is always cut alike."""

from __future__ import annotations

import csv
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from pilah_data.feeds import FeedRow, RowProblem
from pilah_data.taxonomy import Decision
from pilah_model.batch import InProcess, ScoreOptions, Summary, score_file
from pilah_model.batch.shards import Planner, Shard
from pilah_model.batch.verdicts import as_line, of_line
from pilah_model.judgement import Post
from tests.api.stand_in import INFO, StandIn


def rows(*texts: str | None) -> Iterator[FeedRow | RowProblem]:
    for number, text in enumerate(texts, start=1):
        yield RowProblem(number, "blank") if text is None else FeedRow(number, {"text": text}, text, str(number))


def cut(*texts: str | None, size: int = 3, remembered: int = 100) -> list[Shard]:
    return list(Planner(size, remembered).shards(rows(*texts)))


def test_rows_keep_their_order_and_problems_their_place() -> None:
    shards = cut("a", None, "b", "c", "d", None, "e")
    assert [len(shard.entries) for shard in shards] == [3, 3, 1]
    assert [shard.number for shard in shards] == [0, 1, 2]
    assert [shard.texts for shard in shards] == [["a", "b"], ["c", "d"], ["e"]]


def test_copies_within_and_across_shards_share_one_judgement() -> None:
    first, second = cut("a", "b", "a", "b", "c", "a")
    assert (first.texts, second.texts) == (["a", "b"], ["c"])
    first.fill(["A", "B"])
    second.fill(["C"])
    lines = [entry[1].line for shard in (first, second) for entry in shard.entries if isinstance(entry, tuple)]
    assert lines == ["A", "B", "A", "B", "C", "A"]


def test_only_the_latest_used_texts_are_remembered() -> None:
    shards = cut("a", "b", "a", "c", "a", "b", size=1, remembered=2)
    assert [shard.texts for shard in shards] == [["a"], ["b"], [], ["c"], [], ["b"]]


def test_a_shard_of_long_texts_ends_early() -> None:
    shards = cut("x" * 1_500_000, "y" * 600_000, "z", "k", size=100)
    assert [len(shard.entries) for shard in shards] == [2, 2]


def test_the_name_tells_the_texts_and_the_place() -> None:
    one, other = cut("a", "b", size=1), cut("a", "c", size=1)
    assert one[0].name == other[0].name
    assert one[1].name != other[1].name
    assert cut("a", "b")[0].name != cut("ab")[0].name


def test_too_few_judgements_are_noticed() -> None:
    with pytest.raises(ValueError, match="shorter"):
        cut("a", "b")[0].fill(["A"])


def test_a_judgement_survives_the_way_through_a_line() -> None:
    for text in ("Gas coblos nomor 2 ya", "kopi 🙏", "Lanjutkan, Pak"):
        (judged,) = StandIn().classify([Post(text)], explain=True)
        again = of_line(as_line(judged), INFO)
        assert (again.probabilities, again.forms, again.evidence) == (
            judged.probabilities,
            judged.forms,
            judged.evidence,
        )
        assert (again.label, again.decision, again.direction) == (judged.label, judged.decision, judged.direction)
        assert again.decision in set(Decision)


def test_memory_does_not_grow_with_the_feed(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        source = tmp_path / f"{count}.csv"
        with source.open("w", newline="") as file:
            csv.writer(file).writerows([["text"], *([f"{'kopi ' * 40}{n}"] for n in range(count))])
        tracemalloc.start()
        score_file(InProcess(StandIn()), source, tmp_path / f"out{count}.csv", ScoreOptions(shard_rows=50))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(500)  # what is loaded once and kept
    # What is remembered of a text is far less than the row itself.
    assert peak(6000) < peak(1000) + 6000 * 300


def test_progress_knows_how_much_of_a_text_file_is_left(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    with source.open("w", newline="") as file:
        csv.writer(file).writerows([["text"], *([f"dua\nbaris {n}"] for n in range(100))])
    seen: list[float] = []

    def note(summary: Summary) -> None:
        assert summary.fraction is not None
        seen.append(summary.fraction)

    score_file(InProcess(StandIn()), source, tmp_path / "out.csv", ScoreOptions(shard_rows=25), note)
    assert seen == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=0.01)
