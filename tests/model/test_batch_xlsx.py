"""The workbook that scoring writes: read back by another library, the same bytes each time, no formula, nothing cut."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from python_calamine import CalamineWorkbook

from pilah_model.batch import InProcess, ScoreOptions, Summary, WriteError, score_file
from pilah_model.batch import xlsx as module
from pilah_model.batch.columns import COLUMNS
from pilah_model.batch.xlsx import Sheet
from tests.api.stand_in import StandIn

ODD = ["=1+1", 'a<b>&"c"\'', "dua\nbaris\tdan\rlagi", " spasi ", "_x0041_", "\x0bx\x00", "\ud83d", "🙏", "007", ""]


def scored(source: Path, target: Path, options: ScoreOptions | None = None) -> Summary:
    return score_file(InProcess(StandIn()), source, target, options or ScoreOptions())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["=id", "text"], ["1", "Gas coblos nomor 2 ya"], ["-x", "kopi"]])
    return path


def test_another_library_reads_what_was_written(source: Path, tmp_path: Path) -> None:
    scored(source, tmp_path / "out.xlsx")
    head, first, second = CalamineWorkbook.from_path(tmp_path / "out.xlsx").get_sheet_by_index(0).to_python()
    assert head == ["=id", "text", *COLUMNS]
    assert first[:4] == ["1", "Gas coblos nomor 2 ya", "partisan", 0.94]
    assert second[:3] == ["-x", "kopi", "bukan_politik"]
    assert isinstance(second[5], float)


def test_the_same_rows_give_the_same_bytes(source: Path, tmp_path: Path) -> None:
    scored(source, tmp_path / "a.xlsx")
    scored(source, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("raw", [False, True])
def test_there_is_no_apostrophe_and_still_no_formula(source: Path, tmp_path: Path, raw: bool) -> None:
    scored(source, tmp_path / "out.xlsx", ScoreOptions(raw=raw))
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert '<c t="inlineStr"><is><t xml:space="preserve">=id</t></is></c>' in sheet


def test_numbers_of_a_spreadsheet_are_numbers_again_and_digits_of_a_text_are_not(tmp_path: Path) -> None:
    with (tmp_path / "in.xlsx").open("wb") as out:
        sheet = Sheet(out)
        for cells, numbers in ((["text", "suka", "nilai", "nip"], ()), (["kopi", "12", "0.5", "0071"], (1, 2))):
            sheet.row(cells, numbers)
        sheet.finish()
    scored(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    _, row = CalamineWorkbook.from_path(tmp_path / "out.xlsx").get_sheet_by_index(0).to_python()
    assert row[:4] == ["kopi", 12.0, 0.5, "0071"]


def test_odd_characters_are_well_formed_and_come_back() -> None:
    out = io.BytesIO()
    sheet = Sheet(out)
    sheet.row([cell.encode("utf-8", "replace").decode() for cell in ODD])
    sheet.finish()
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ET.fromstring(archive.read(name))  # noqa: S314 - our own bytes
    out.seek(0)
    (row,) = CalamineWorkbook.from_filelike(out).get_sheet_by_index(0).to_python()
    assert [row[0], row[1], row[3], row[7], row[8]] == [ODD[0], ODD[1], ODD[3], ODD[7], ODD[8]]


def test_a_text_beyond_a_cell_is_a_problem_and_never_cut(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"text\nkopi\n{'x' * 32_768}\n")
    summary = scored(source, tmp_path / "out.xlsx")
    assert (summary.rows, summary.written, summary.problems) == (2, 1, 1)
    with (tmp_path / "out.xlsx.errors.csv").open(newline="") as file:
        (problem,) = csv.DictReader(file)
    assert (problem["row"], problem["field"]) == ("3", "text")
    assert "32,768 characters" in problem["reason"]


def test_more_rows_than_a_sheet_holds_are_refused(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ROW_LIMIT", 2)
    with pytest.raises(WriteError, match=r"holds 1 posts and there are more; write \.csv"):
        scored(source, tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()
