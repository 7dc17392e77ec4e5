"""Reading, writing and joining annotation files; every fault is named by file, line and field."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import zstandard

from pilah_data.annotation import COLUMNS, PublicPost, join, read_annotations, read_posts, write_annotations
from pilah_data.errors import DataError, InputError
from pilah_data.records import Reading
from pilah_data.taxonomy import Direction, Label

HEADER = "\t".join(COLUMNS)
GOOD = {
    "id": "0123456789ab",
    "label": "partisan",
    "forms": "B01,B02",
    "direction": "dukung",
    "subtype": "-",
    "evidence_start": "3",
    "evidence_end": "9",
    "split": "train",
    "source": "uji",
    "round": "round1",
}
READING = Reading(
    "0123456789ab", Label.PARTISAN, ("B01", "B02"), Direction.DUKUNG, None, (3, 9), "train", "uji", "round1"
)
POST = PublicPost("0123456789ab", "ayo coblos nomor 2", "uji", "a.csv", "2024", "Twitter", "raw")


def table(tmp_path: Path, *rows: dict[str, str], name: str = "labels.tsv") -> Path:
    path = tmp_path / name
    lines = [HEADER, *("\t".join(row[column] for column in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert list(read_annotations(table(tmp_path, GOOD))) == [READING]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"forms": "01,02"}, {"forms": ("B01", "B02")}),
        ({"forms": "-"}, {"forms": ()}),
        ({"direction": "+"}, {"direction": Direction.DUKUNG}),
        ({"direction": "−"}, {"direction": Direction.SERANG}),
        ({"direction": "±"}, {"direction": Direction.CAMPURAN}),
        ({"direction": "-"}, {"direction": None}),
        ({"subtype": "N7", "label": "politik_netral"}, {"subtype": "N7", "label": Label.POLITIK_NETRAL}),
        ({"evidence_start": "-1", "evidence_end": "-1"}, {"evidence": None}),
        ({"evidence_start": "0", "evidence_end": "1"}, {"evidence": (0, 1)}),
        ({"label": "perlu_konteks"}, {"label": Label.PERLU_KONTEKS}),
        ({"source": 'nama "aneh", dengan tanda'}, {"source": 'nama "aneh", dengan tanda'}),
    ],
)
def test_every_spelling_of_a_value_is_read(tmp_path: Path, change: dict[str, str], expected: dict[str, object]) -> None:
    (reading,) = read_annotations(table(tmp_path, {**GOOD, **change}))
    assert reading == dataclasses.replace(READING, **expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": "netral"}, "label"),
        ({"label": ""}, "label"),
        ({"label": "PARTISAN"}, "label"),
        ({"forms": "B11"}, "forms"),
        ({"forms": "B1"}, "forms"),
        ({"forms": ""}, "forms"),
        ({"forms": "B01;B02"}, "forms"),
        ({"direction": "pro"}, "direction"),
        ({"direction": ""}, "direction"),
        ({"subtype": "N12"}, "subtype"),
        ({"subtype": ""}, "subtype"),
        ({"split": "dev"}, "split"),
        ({"evidence_start": "x"}, "evidence_start"),
        ({"evidence_start": ""}, "evidence_start"),
        ({"evidence_start": "1.5"}, "evidence_start"),
        ({"evidence_end": "x"}, "evidence_end"),
        ({"evidence_end": "3"}, "evidence_end"),
        ({"evidence_end": "-1"}, "evidence_end"),
        ({"evidence_start": "-1"}, "evidence_end"),
        ({"evidence_start": "-2", "evidence_end": "-1"}, "evidence_end"),
    ],
)
def test_a_bad_value_is_named_by_file_line_and_field(tmp_path: Path, change: dict[str, str], field: str) -> None:
    path = table(tmp_path, GOOD, {**GOOD, **change})
    with pytest.raises(DataError) as caught:
        list(read_annotations(path))
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), 3, field)
    assert repr(change[field] if field in change else GOOD[field]) in str(caught.value)


def test_the_rows_before_a_bad_one_are_yielded(tmp_path: Path) -> None:
    rows = read_annotations(table(tmp_path, GOOD, {**GOOD, "label": "x"}))
    assert next(rows) == READING


@pytest.mark.parametrize("row", ["", "a\tb", "\t".join("x" * 11)])
def test_a_row_of_another_width_is_named(tmp_path: Path, row: str) -> None:
    path = table(tmp_path, GOOD)
    path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="columns instead of 10") as caught:
        list(read_annotations(path))
    assert (caught.value.file, caught.value.line) == (str(path), 3)


@pytest.mark.parametrize("header", ["", "id\tlabel", HEADER.upper(), HEADER + "\tx"])
def test_a_wrong_header_is_named(tmp_path: Path, header: str) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text(header + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="header must be id label") as caught:
        list(read_annotations(path))
    assert (caught.value.file, caught.value.line) == (str(path), 1)


def test_bytes_that_are_not_utf8_are_named_by_line_however_far_in(tmp_path: Path) -> None:
    path = table(tmp_path, *[GOOD] * 1000)
    path.write_bytes(path.read_bytes() + "\t".join({**GOOD, "source": "café"}.values()).encode("cp1252") + b"\n")
    with pytest.raises(DataError, match="not UTF-8") as caught:
        list(read_annotations(path))
    assert (caught.value.file, caught.value.line) == (str(path), 1002)


@pytest.mark.parametrize("name", ["tidak_ada.tsv", "."])
def test_a_missing_file_or_a_folder_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        list(read_annotations(tmp_path / name))


def test_what_is_written_is_read_back_sorted_by_id(tmp_path: Path) -> None:
    other = Reading("00000000aaaa", Label.BUKAN_POLITIK, (), None, "N9", None, "test", "uji", "round2")
    path = tmp_path / "labels.tsv"
    write_annotations(path, [READING, other])
    assert list(read_annotations(path)) == [other, READING]


def test_a_join_gives_the_texts_in_the_order_of_the_readings() -> None:
    second = dataclasses.replace(READING, id="ffffffffffff", evidence=None)
    posts = [dataclasses.replace(POST, id="ffffffffffff", text="lain"), dataclasses.replace(POST, id="x"), POST]
    examples = join([READING, second], posts)
    assert [(e.id, e.text) for e in examples] == [(POST.id, POST.text), ("ffffffffffff", "lain")]
    assert examples[0].evidence == ((3, 9),)
    assert examples[1].evidence == ()
    assert examples[0].extra == {"year": "2024", "platform": "Twitter", "round": "round1", "form": "raw"}


def test_a_reading_without_a_text_is_not_dropped_in_silence() -> None:
    with pytest.raises(DataError, match="1 readings have no text, the first is 0123456789ab"):
        join([READING], [])


def test_evidence_may_end_with_the_text_and_not_behind_it() -> None:
    whole = dataclasses.replace(READING, evidence=(0, len(POST.text)))
    assert join([whole], [POST])[0].evidence == ((0, 18),)
    with pytest.raises(DataError, match="ends behind its text of 18 characters"):
        join([dataclasses.replace(READING, evidence=(0, 19))], [POST])


def posts_file(shared: Path, content: str) -> Path:
    folder = shared / "posts"
    folder.mkdir()
    (folder / "posts.tsv.zst").write_bytes(zstandard.ZstdCompressor().compress(content.encode("utf-8")))
    return shared


def test_public_posts_are_read_without_the_header(tmp_path: Path) -> None:
    row = "\t".join(dataclasses.astuple(POST))
    assert list(read_posts(posts_file(tmp_path, f"id\ttext\n{row}\n"))) == [POST]


def test_a_public_post_of_another_width_is_named_by_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="2 columns instead of 7") as caught:
        list(read_posts(posts_file(tmp_path, "id\ttext\na\tb\n")))
    assert caught.value.line == 2


def test_an_empty_posts_file_holds_no_posts(tmp_path: Path) -> None:
    assert list(read_posts(posts_file(tmp_path, ""))) == []
