"""The files that scoring writes: line ends, kinds of values, formulas, places that are refused, full disks."""

from __future__ import annotations

import csv
import json
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pilah_data.errors import InputError
from pilah_data.feeds import FeedError
from pilah_model.batch import InProcess, ScoreOptions, Start, Summary, WriteError, score_file
from pilah_model.batch.columns import COLUMNS, guarded
from pilah_model.batch.part import Part
from pilah_model.batch.places import check_places
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn

PARTISAN = "Gas coblos nomor 2 ya"
EXPLAINED = ScoreOptions(explain=True)


def scored(source: Path, target: Path, options: ScoreOptions | None = None) -> Summary:
    return score_file(InProcess(StandIn()), source, target, options or ScoreOptions())


def table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def objects(path: Path) -> list[dict[str, object]]:
    return [json.loads(line, parse_constant=refused) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(f"id,text\n1,{PARTISAN}\n", encoding="utf-8")
    return path


# --- tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nb", "a\r", "\u2028a", "a\x0bb\x1cc", '"', "a,b\tc;d"])
def test_a_text_with_any_line_end_stays_in_its_cell(tmp_path: Path, ending: str, text: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / f"out{ending}"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text", "n"], [f"x{text}", "1"], ["akhir", "2"]])
    scored(source, target)
    rows = table(target, "\t" if ending == ".tsv" else ",")
    assert [(row["text"], row["n"]) for row in rows] == [(f"x{text}", "1"), ("akhir", "2")]


def test_rows_end_as_spreadsheets_expect(source: Path, tmp_path: Path) -> None:
    scored(source, tmp_path / "out.csv")
    content = (tmp_path / "out.csv").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == 2


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("+62 811-22", "'+62 811-22"),
        ("-1-2", "'-1-2"),
        ("-", "'-"),
        ("+cmd|'x'!A1", "'+cmd|'x'!A1"),
        ("-1\n", "'-1\n"),
        ("-1e", "'-1e"),
        ("\n=1", "'\n'=1"),
        ("＝1+1", "'＝1+1"),
        ("＠SUM(A1)", "'＠SUM(A1)"),
    ],
)
def test_what_a_spreadsheet_takes_for_a_formula_is_disarmed(tmp_path: Path, cell: str, safe: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", newline="") as file:
        csv.writer(file).writerows([["text", cell], ["halo", cell]])
    scored(source, target)
    assert table(target)[0][safe] == safe
    scored(source, target, ScoreOptions(raw=True))
    assert table(target)[0][cell] == cell


@pytest.mark.parametrize(
    "cell", ["-6.2", "+6281122334455", "1e3", "-1e-3", "-1.234,56", "-.5", "-5%", "halo -1", "", "'=1"]
)
def test_plain_numbers_and_texts_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell


SPLIT = [
    "halo;=1+1;x",
    "halo\t=1+1\tx",
    "halo,=1+1,x",
    'halo;"=1+1;x',
    'halo;""=1+1;x',
    "halo\n=1+1;x",
    'halo, ya\r\n"=1+1;x',
    "halo;\t=1+1",
    "halo;\n-1",
    "a;@SUM(A1);b",
    "＝1;＝1+1",
    "a,;=1",
    ";=1+1",
    "kata;",
    '"',
]


@pytest.mark.parametrize(("sent", "ending", "own"), [(",", ".csv", ","), (";", ".csv", ";"), (",", ".tsv", "\t")])
def test_no_reading_of_a_table_makes_a_formula_of_a_piece_of_a_post(
    tmp_path: Path, sent: str, ending: str, own: str
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / f"out{ending}"
    with source.open("w", encoding="utf-8", newline="") as file:
        rows = [(str(n), text, text[::-1], "akhir") for n, text in enumerate(SPLIT)]
        sums = [("-2", "1+A1;x", "a;b", "-5"), ("+3", "4", "c", "1.2")]
        csv.writer(file, delimiter=sent).writerows([("no", "text", "balik", "lain"), *rows, *sums])
    scored(source, target)
    for delimiter in ",;\t":
        with target.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file, delimiter=delimiter) for cell in row]
        begun = [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]
        # Numbers stay numbers, and a number before a number does no harm.
        assert {cell.partition(own)[0] for cell in begun} <= {"-2", "-5", "+3"}, delimiter
        assert not any("A1" in cell for cell in begun if own == ","), delimiter
    posts = [row["text"] for row in table(target, own)]
    assert [re.sub(r"(^|[,;\t\r\n])'", r"\1", post) for post in posts[: len(SPLIT)]] == SPLIT
    scored(source, target, ScoreOptions(raw=True))
    assert [row["text"] for row in table(target, own)][: len(SPLIT)] == SPLIT


@pytest.mark.parametrize("cell", ["satu; dua", "a, -b", "kata-kata\nbaru", "https://a.id/?b=c", "a;b", "10;20\n30"])
def test_what_begins_no_formula_is_left_alone_within_a_post(cell: str) -> None:
    assert guarded(cell) == cell


def test_the_guard_shifts_the_text_but_not_the_offsets_of_its_evidence(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text\n@teman coblos nomor 2\n", encoding="utf-8")
    for raw, shift in ((False, 1), (True, 0)):
        scored(source, tmp_path / "out.csv", ScoreOptions(explain=True, raw=raw))
        (row,) = table(tmp_path / "out.csv")
        ((start, end, text),) = json.loads(row["pilah_evidence"])
        assert row["text"][start + shift : end + shift] == text == "coblos nomor 2"


# --- JSON lines ---------------------------------------------------------------------------------------------------


def test_json_lines_keep_their_values_and_get_native_ones(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given = [
        {"likes": 3, "text": PARTISAN, "id": 12345678901234567890, "tags": ["a", {"b": None}], "ok": True},
        {"text": "kopi\u2028pagi \ud83d", "rate": 0.1, "lain": {}},
    ]
    source.write_text("".join(json.dumps(line) + "\n" for line in given), encoding="utf-8")
    scored(source, target, EXPLAINED)
    written = objects(target)
    for before, after in zip(given, written, strict=True):
        assert list(after.items())[: len(before)] == list(before.items())
        assert list(after)[len(before) :] == list(COLUMNS)
    partisan, other = written
    assert partisan["pilah_confidence"] == partisan["pilah_p_partisan"] == 0.94
    assert partisan["pilah_forms"] == [{"code": "B02", "probability": 0.88}, {"code": "B05", "probability": 0.61}]
    assert partisan["pilah_evidence"] == [{"start": 4, "end": 18, "text": "coblos nomor 2", "weight": 0.61}]
    assert (partisan["pilah_truncated"], partisan["pilah_direction"]) == (False, "dukung")
    assert (other["pilah_forms"], other["pilah_direction"], other["pilah_evidence"]) == ([], None, [])


@pytest.mark.parametrize("kind", ["json", "jsonl", "parquet"])
def test_what_is_no_number_is_null_in_every_output(tmp_path: Path, kind: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = [1.5, float("nan"), float("inf"), -float("inf")]
    lines = [{"text": f"kopi {n}", "rate": rate, "all": [rate]} for n, rate in enumerate(numbers)]
    source = tmp_path / f"in.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(lines), source)
    elif kind == "json":
        source.write_text(json.dumps(lines).replace("-Infinity", "-1e999"), encoding="utf-8")
    else:
        source.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    for ending in ("jsonl", "csv", "parquet"):
        scored(source, tmp_path / f"out.{ending}")
    found = objects(tmp_path / "out.jsonl")
    assert [row["rate"] for row in found] == [1.5, None, None, None]
    assert [row["all"] for row in found] == [[1.5], [None], [None], [None]]
    assert [(row["rate"], row["all"]) for row in table(tmp_path / "out.csv")[:2]] == [("1.5", "[1.5]"), ("", "[null]")]
    assert pq.read_table(tmp_path / "out.parquet")["rate"].to_pylist() == ["1.5", None, None, None]


def test_without_explanation_the_evidence_of_json_lines_is_null(source: Path, tmp_path: Path) -> None:
    scored(source, tmp_path / "out.jsonl")
    assert objects(tmp_path / "out.jsonl")[0]["pilah_evidence"] is None


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_fields_that_the_first_object_lacked_are_kept_in_one_column(tmp_path: Path, ending: str) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / f"out{ending}"
    source.write_text('{"text": "satu", "likes": 1}\n{"text": "dua", "kota": "é", "n": [1, null]}\n', encoding="utf-8")
    scored(source, target)
    first, second = table(target, "\t" if ending == ".tsv" else ",")
    assert list(first) == ["text", "likes", *COLUMNS, "pilah_extra"]
    assert (first["likes"], first["pilah_extra"]) == ("1", "")
    assert (second["likes"], json.loads(second["pilah_extra"])) == ("", {"kota": "é", "n": [1, None]})


def test_tables_made_from_tables_have_no_such_column(source: Path, tmp_path: Path) -> None:
    scored(source, tmp_path / "out.csv")
    assert list(table(tmp_path / "out.csv")[0]) == ["id", "text", *COLUMNS]


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_a_later_object_that_looks_scored_is_a_problem(tmp_path: Path, ending: str) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / f"out{ending}"
    source.write_text('{"text": "satu"}\n{"text": "dua", "pilah_label": "partisan"}\n{"text": "tiga"}\n')
    summary = scored(source, target)
    assert (summary.rows, summary.written, summary.problems) == (3, 2, 1)
    (problem,) = table(target.with_name(target.name + ".errors.csv"))
    assert problem["row"] == "2"
    assert "'pilah_label'" in problem["reason"]


def test_a_blank_text_is_a_problem_that_names_its_column(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,text\n1,halo\n2,\u200b\u200d\n", encoding="utf-8")
    assert scored(source, target).problems == 1
    (problem,) = table(tmp_path / "out.csv.errors.csv")
    assert problem == {
        "row": "3",
        "field": "text",
        "reason": "column 'text' is blank or holds only invisible characters",
        "place": "",
    }


# --- places -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["out.csv", "out.csv.errors.csv", "out.csv.pilah.json"])
@pytest.mark.parametrize("link", [None, "symbolic", "hard"])
def test_an_input_is_never_written_over(tmp_path: Path, name: str, link: str | None) -> None:
    content = f"text\n{PARTISAN}\n"
    source = tmp_path / name if link is None else tmp_path / "in.csv"
    source.write_text(content)
    if link == "symbolic":
        (tmp_path / name).symlink_to(source)
    elif link == "hard":
        os.link(source, tmp_path / name)
    with pytest.raises(InputError, match=r"the input \(.*\) and the .* are the same file"):
        scored(source, tmp_path / "out.csv")
    assert source.read_text() == content
    assert (tmp_path / name).exists()


def test_an_input_behind_a_link_or_a_detour_is_known(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "out.csv").write_text("text\nhalo\n")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    for source in (tmp_path / "b" / "out.csv", tmp_path / "a" / ".." / "b" / "out.csv"):
        with pytest.raises(InputError, match="same file"):
            check_places(source, tmp_path / "a" / "out.csv")


def test_something_else_where_unfinished_work_goes_is_left_alone(source: Path, tmp_path: Path) -> None:
    work = tmp_path / "out.csv.pilah"
    work.write_text("milik orang")
    with pytest.raises(InputError, match="is in the way"):
        scored(source, tmp_path / "out.csv")
    work.unlink()
    work.mkdir()
    (work / "catatan.txt").write_text("milik orang")
    with pytest.raises(InputError, match="is in the way"):
        score_file(InProcess(StandIn()), source, tmp_path / "out.csv", ScoreOptions(), start=Start.RESTART)
    assert (work / "catatan.txt").read_text() == "milik orang"


@pytest.mark.parametrize(
    ("target", "report", "option"),
    [
        ("feeds/out.csv", None, "-o"),
        ("feeds/b/out.csv", None, "-o"),
        ("link/out.csv", None, "-o"),
        ("out.csv", "feeds/r.html", "--report"),
    ],
)
def test_nothing_is_written_into_the_folder_that_is_read(
    tmp_path: Path, target: str, report: str | None, option: str
) -> None:
    folder = tmp_path / "feeds"
    (folder / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    (folder / "a.csv").write_text("text\nhalo\n")
    with pytest.raises(InputError, match=rf"lies in the input .*feeds; choose a place outside it with {option}"):
        check_places(folder, tmp_path / target, tmp_path / report if report else None)
    check_places(folder, tmp_path / "out.csv", tmp_path / "r.html")


@pytest.mark.parametrize("inner", ["b.csv", "b.zip/x.csv"])
def test_the_file_of_a_folder_that_looks_scored_is_named(tmp_path: Path, inner: str) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "a.csv").write_text("text\nhalo\n")
    content = "text,pilah_label\nhalo,partisan\n"
    if inner == "b.csv":
        (folder / inner).write_text(content)
    else:
        with zipfile.ZipFile(folder / "b.zip", "w") as archive:
            archive.writestr("x.csv", content)
    with pytest.raises(FeedError, match=rf"feeds: {inner} has a column 'pilah_label'.*take the file out"):
        scored(folder, tmp_path / "out.csv")


def test_a_report_over_the_input_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the input \(.*\) and the report .* with --report"):
        check_places(source, tmp_path / "out.csv", source)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("folder.csv", "it is a folder"),
        ("no/out.csv", "there is no folder"),
        ("in.csv/out.csv", "there is no folder"),
        ("out.ods", r"the ending '\.ods' is unknown; known are \.csv"),
        ("out", r"the ending '\(none\)' is unknown"),
    ],
)
def test_a_place_that_cannot_hold_the_output_is_refused(source: Path, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=words):
        check_places(source, tmp_path / name)


# --- runs that end early ------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Let no file of this process grow beyond 64 KiB, as on a full disk."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_named_and_the_output_left_alone(tmp_path: Path, small_disk: None) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("text\n" + "apel pagi\n" * 3000)
    target.write_text("lama")
    with pytest.raises(WriteError, match=r"cannot write .*output\.csv \(File too large\); make room"):
        scored(source, target)
    assert target.read_text() == "lama"
    # What has been judged is kept, what has been written is not.
    assert sorted(path.name for path in (tmp_path / "out.csv.pilah").iterdir()) == ["lock", "manifest.json", "shards"]


def test_a_folder_that_must_not_be_written_is_named(source: Path, tmp_path: Path) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("needs /proc, in which nobody may make files")
    with pytest.raises(WriteError, match=r"cannot write /proc/out\.csv\.pilah .*choose another place"):
        scored(source, Path("/proc/out.csv"))


def test_a_list_of_problems_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text\n \n")
    (tmp_path / "out.csv.errors.csv").mkdir()
    with pytest.raises(WriteError, match=r"cannot write .*errors\.csv"):
        scored(source, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_run_that_ends_early_leaves_everything_as_it_was(tmp_path: Path) -> None:
    source, target, errors = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "out.csv.errors.csv"
    source.write_text("text\nhalo\n \n")
    target.write_text("lama")
    errors.write_text("lama")

    def interrupt(_: Sequence[Post]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_file(InProcess(StandIn(before=interrupt)), source, target, ScoreOptions())
    assert target.read_text() == errors.read_text() == "lama"
    assert sorted(tmp_path.iterdir()) == [source, target, errors]


def test_a_run_without_problems_removes_the_list_of_an_earlier_one(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv.errors.csv").write_text("lama")
    scored(source, tmp_path / "out.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv", "out.csv.pilah.json"]


def test_a_part_removes_itself_unless_it_is_finished(tmp_path: Path) -> None:
    with Part(tmp_path / "a.csv") as part:
        part.write("x")
    assert list(tmp_path.iterdir()) == []


# --- the dialect of the input -------------------------------------------------------------------------------------


def test_semicolons_come_out_as_semicolons(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes('id;text\r\n1;"a; b, c"\r\n'.encode("utf-8-sig"))
    scored(source, target)
    assert target.read_bytes().startswith("\ufeffid;text;pilah_label;".encode())
    with target.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file, delimiter=";")
    assert (row["text"], row["pilah_decision"]) == ("a; b, c", "lolos")


def test_tabs_come_out_as_commas_where_the_ending_says_so(tmp_path: Path) -> None:
    source = tmp_path / "in.tsv"
    source.write_text("id\ttext\n1\thalo\n")
    scored(source, tmp_path / "out.csv")
    scored(source, tmp_path / "out.tsv")
    assert (tmp_path / "out.csv").read_text().startswith("id,text,pilah_label")
    assert (tmp_path / "out.tsv").read_text().startswith("id\ttext\tpilah_label")


# --- Parquet ------------------------------------------------------------------------------------------------------


def test_parquet_keeps_texts_types_and_what_a_row_lacks(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    source, target = tmp_path / "in.jsonl", tmp_path / "out.parquet"
    lines = [{"text": PARTISAN, "suka": 3}, {"text": "Apel \ud83d pagi", "lagi": ["x"]}, {"text": "Kopi", "suka": None}]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    scored(source, target)
    rows = pq.read_table(target).to_pylist()
    assert [row["suka"] for row in rows] == ["3", None, None]
    assert rows[1]["text"] == "Apel ? pagi"
    assert rows[1]["pilah_extra"] == '{"lagi": ["x"]}'
    assert [row["pilah_decision"] for row in rows] == ["tinjau", "lolos", "lolos"]
    assert rows[0]["pilah_confidence"] == 0.94
    assert (rows[0]["pilah_direction"], rows[1]["pilah_direction"]) == ("dukung", None)
    assert rows[0]["pilah_truncated"] is False


def test_more_rows_than_a_group_of_parquet_keep_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr("pilah_model.batch.parquet_output._GROUP", 3)
    source, target = tmp_path / "in.csv", tmp_path / "out.parquet"
    source.write_text("text\n" + "".join(f"kopi {n}\n" for n in range(10)), encoding="utf-8")
    scored(source, target)
    assert pq.read_table(target)["text"].to_pylist() == [f"kopi {n}" for n in range(10)]
