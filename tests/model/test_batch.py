"""Scoring feeds into files with a real model: order, duplicates, problems, interruptions."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pilah_data.errors import InputError
from pilah_data.feeds import FeedError, FeedOptions
from pilah_data.taxonomy import Decision
from pilah_model.batch import InProcess, ScoreOptions, Summary
from pilah_model.batch import score_file as score_with_crew
from pilah_model.batch.columns import COLUMNS
from pilah_model.batch.hands import Classifies
from pilah_model.classifier import Classifier
from pilah_model.judgement import Judgement, Post


def score_file(
    judge: Classifies,
    source: Path,
    target: Path,
    options: ScoreOptions,
    progress: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    return score_with_crew(InProcess(judge), source, target, options, progress)


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_csv_keeps_columns_rows_and_order(tiny_classifier: Classifier, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    texts = ["apel pagi", 'kata "kutip", koma', "dua\nbaris", "apel pagi", "🙏"]
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["nomor", "Teks"], *([str(i), t] for i, t in enumerate(texts))])
    summary = score_file(tiny_classifier, source, target, ScoreOptions())
    out = rows(target)
    assert list(out[0]) == ["nomor", "Teks", *COLUMNS]
    assert [r["Teks"] for r in out] == texts
    assert [r["nomor"] for r in out] == [str(i) for i in range(5)]
    assert out[0]["pilah_p_partisan"] == out[3]["pilah_p_partisan"]
    assert (summary.rows, summary.written, summary.problems) == (5, 5, 0)
    assert sum(summary.decisions.values()) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv", "out.csv.pilah.json"]


def test_json_lines_in_and_out(tiny_classifier: Classifier, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(
        '{"text": "halo", "likes": 3}\nrusak\n{"text": ""}\n{"text": "\\ud83d pagi", "likes": null}\n', encoding="utf-8"
    )
    summary = score_file(tiny_classifier, source, target, ScoreOptions(explain=True))
    out = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [o["likes"] for o in out] == [3, None]
    assert [o["text"] for o in out] == ["halo", "\ud83d pagi"]
    assert all(isinstance(o["pilah_confidence"], float) for o in out)
    assert all(o["pilah_decision"] in set(Decision) for o in out)
    problems = rows(tmp_path / "out.jsonl.errors.csv")
    assert [p["row"] for p in problems] == ["2", "3"]
    assert "not valid JSON" in problems[0]["reason"]
    assert "'text' is blank" in problems[1]["reason"]
    assert summary.problems == 2


def test_duplicates_are_scored_once(tiny_classifier: Classifier, tmp_path: Path) -> None:
    asked: list[int] = []

    class Counting:
        info = tiny_classifier.info

        def classify(self, posts: Sequence[Post], *, explain: bool = False) -> list[Judgement]:
            asked.append(len(posts))
            return tiny_classifier.classify(posts, explain=explain)

    source = tmp_path / "in.csv"
    source.write_text("text\n" + "sama\n" * 50 + "lain\n")
    score_file(Counting(), source, tmp_path / "out.csv", ScoreOptions())
    assert sum(asked) == 2


def test_only_the_wanted_decisions_are_written(tiny_classifier: Classifier, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text\nsatu\ndua\ntiga\n")
    full = score_file(tiny_classifier, source, tmp_path / "all.csv", ScoreOptions())
    for decision in Decision:
        target = tmp_path / f"{decision}.csv"
        summary = score_file(tiny_classifier, source, target, ScoreOptions(only=frozenset({decision})))
        assert len(rows(target)) == summary.written == full.decisions[decision.value]


def test_a_feed_that_looks_scored_is_refused(tiny_classifier: Classifier, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text,pilah_label\nhalo,partisan\n")
    with pytest.raises(FeedError, match="looks scored"):
        score_file(tiny_classifier, source, tmp_path / "out.csv", ScoreOptions())


def test_a_place_that_cannot_be_written_is_named(tiny_classifier: Classifier, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text\nhalo\n")
    with pytest.raises(InputError, match=r"cannot write .*out\.csv: there is no folder"):
        score_file(tiny_classifier, source, tmp_path / "no" / "out.csv", ScoreOptions())


def test_the_target_appears_only_when_complete(tiny_classifier: Classifier, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("text\nhalo\n")

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_file(tiny_classifier, source, target, ScoreOptions(), interrupt)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv.pilah"]


def test_a_missing_column_names_those_there_are(tiny_classifier: Classifier, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("judul,tanggal\na,b\n")
    with pytest.raises(FeedError, match="judul, tanggal"):
        score_file(tiny_classifier, source, tmp_path / "out.csv", ScoreOptions())
    with pytest.raises(FeedError, match="no column 'isi'"):
        score_file(tiny_classifier, source, tmp_path / "out.csv", ScoreOptions(FeedOptions(text_column="isi")))
