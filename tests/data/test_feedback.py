"""Reviewed posts as a file to learn from: masked, told once, and refused where anything identifying is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pilah_data.errors import DataError, InputError
from pilah_data.feedback import read_feedback, to_line
from pilah_data.taxonomy import Label

TELLING = "Coblos nomor 2, daftar ke @timsukses atau 0812-3456-7890, NIK 3201014507900001"


def test_what_is_written_is_read_again_masked(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    lines = [to_line(TELLING, Label.PARTISAN, ["B02", "B99"]), to_line("Apel pagi\nlancar\t", Label.BUKAN_POLITIK, [])]
    path.write_text("".join(lines), encoding="utf-8")
    first, second = read_feedback(path)
    assert first.text == "Coblos nomor 2, daftar ke @USER atau @TELEPON, NIK @NIK"
    assert (first.label, first.forms, first.split, first.source) == (Label.PARTISAN, ("B02",), "train", "feedback")
    assert second.text == "Apel pagi\nlancar\t"
    assert set(json.loads(lines[0])) == {"text", "label", "forms"}


def test_the_same_text_counts_once_and_must_have_one_label(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_text(to_line("Netral ya", Label.POLITIK_NETRAL, []) * 2, encoding="utf-8")
    assert len(read_feedback(path)) == 1
    with path.open("a", encoding="utf-8") as file:
        file.write(to_line("NETRAL YA", Label.PARTISAN, []))
    with pytest.raises(DataError, match=r"line 3.*another label"):
        read_feedback(path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (json.dumps({"text": TELLING, "label": "partisan", "forms": []}), "not masked"),
        (json.dumps({"text": "x", "label": "kiri", "forms": []}), "not a label"),
        (json.dumps({"text": "x", "label": "partisan", "forms": ["B99"]}), "form codes"),
        (json.dumps({"text": "x", "label": "partisan", "forms": "B02"}), "form codes"),
        (json.dumps({"text": " ", "label": "partisan", "forms": []}), "blank"),
        (json.dumps({"text": "x", "label": "partisan"}), "fields"),
        (json.dumps({"text": "x", "label": "partisan", "forms": [], "nip": "1"}), "fields"),
        ("[1]", "fields"),
        ("{", "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_text(to_line("baik", Label.BUKAN_POLITIK, []) + line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"line 2.*{words}"):
        read_feedback(path)


def test_a_missing_file_is_said() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_feedback(Path("nowhere.jsonl"))
