"""Spreadsheets and Parquet: cells as a person reads them, sheets, encryption, and files made to do harm."""

from __future__ import annotations

import datetime as dt
import decimal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pilah_data.errors import MissingExtraError
from pilah_data.feeds import Feed, FeedError, FeedOptions, FeedRow, RowProblem, open_feed, workbook
from tests.data import workbooks

Write = Callable[[str, bytes | str], Path]


def read(path: Path, **options: str) -> tuple[Feed, list[FeedRow | RowProblem]]:
    feed, opened = open_feed(path, FeedOptions(**options))
    with opened:
        return feed, list(feed.rows)


def cells(rows: list[FeedRow | RowProblem]) -> list[list[object]]:
    return [list(row.fields.values()) for row in rows if isinstance(row, FeedRow)]


@pytest.fixture
def book(tmp_path: Path) -> Callable[[dict[str, list[list[Any]]]], Path]:
    def _book(sheets: dict[str, list[list[Any]]]) -> Path:
        workbooks.write_xlsx(tmp_path / "a.xlsx", sheets)
        return tmp_path / "a.xlsx"

    return _book


Book = Callable[[dict[str, list[list[Any]]]], Path]


def test_cells_are_what_a_person_reads(book: Book) -> None:
    row = [1, 2.5, 12345678901234, dt.datetime(2024, 1, 2, 3, 4, 5), dt.date(2024, 1, 2), True, "apel"]
    _, rows = read(book({"A": [["a", "b", "c", "d", "e", "f", "teks"], row]}))
    assert cells(rows)[0][:-1] == ["1", "2.5", "12345678901234", "2024-01-02 03:04:05", "2024-01-02", "true"]


def test_rows_have_the_numbers_that_the_program_shows_and_empty_ones_are_none(book: Book) -> None:
    _, rows = read(book({"A": [[None], ["id", "teks"], [1, "satu"], [None, None], [2, None], [3, "tiga"]]}))
    assert [(row.number, type(row)) for row in rows] == [(3, FeedRow), (5, RowProblem), (6, FeedRow)]


def test_the_first_sheet_with_a_text_is_read_and_the_others_are_named(book: Book) -> None:
    path = book({"Sampul": [["dibuat", "2024"]], "Data": [["isi"], ["apel"]], "Lain": [["isi"], ["senja"]]})
    feed, rows = read(path)
    assert [row.text for row in rows if isinstance(row, FeedRow)] == ["apel"]
    assert feed.notes.lines() == ["sheet 'Data' is read; the others are Sampul, Lain (option --sheet)"]
    _, rows = read(path, sheet="Lain")
    assert [row.text for row in rows if isinstance(row, FeedRow)] == ["senja"]


def test_a_sheet_that_is_missing_lists_those_there_are(book: Book) -> None:
    with pytest.raises(FeedError, match=r"there is no sheet 'Z'; its sheets are A, B \(option --sheet\)"):
        read(book({"A": [["isi"]], "B": [["isi"]]}), sheet="Z")


def test_a_table_below_metadata_in_a_sheet(book: Book) -> None:
    feed, rows = read(book({"A": [["Laporan", "Contoh"], [None], ["Query Id", "Date", "Full Text"], [1, "x", "apel"]]}))
    assert feed.columns == ("Query Id", "Date", "Full Text")
    assert [(row.number, row.text) for row in rows if isinstance(row, FeedRow)] == [(4, "apel")]


def test_a_post_in_a_sheet_is_no_header(book: Book) -> None:
    with pytest.raises(FeedError, match="its columns are id, ucapan"):
        read(book({"A": [["id", "ucapan"], [1, "Apel pagi", "post"], [2, "Ayo", "post"]]}))


def test_a_book_without_a_text_lists_its_columns(book: Book) -> None:
    with pytest.raises(FeedError, match=r"no column looks like the text .* its columns are nama, umur"):
        read(book({"A": [["nama", "umur"], ["x", 3]]}))


def test_an_empty_book_is_refused(book: Book) -> None:
    with pytest.raises(FeedError, match="is empty; it needs a sheet with a header row"):
        read(book({"A": []}))


def test_xls_and_ods(write: Write) -> None:
    for path in (
        write("a.xls", workbooks.xls([["id", "teks"], [1.0, "Apel é"], [2.5, "Senja"]])),
        write(
            "a.ods",
            workbooks.ods(
                "".join(workbooks.ods_row(*row) for row in (("id", "teks"), ("1", "Apel é"), ("2.5", "Senja")))
            ),
        ),
    ):
        assert cells(read(path)[1]) == [["1", "Apel é"], ["2.5", "Senja"]]


def test_an_encrypted_book_says_how_to_remove_the_password(write: Write) -> None:
    with pytest.raises(FeedError, match=r"a\.xlsx is encrypted; remove its password"):
        read(write("a.xlsx", workbooks.ole("EncryptedPackage", b"x" * 5000)))


@pytest.mark.parametrize("name", ["a.doc", "a.xls"])
def test_another_ole_file_is_no_spreadsheet(write: Write, name: str) -> None:
    with pytest.raises(FeedError, match="is no spreadsheet that can be read"):
        read(write(name, workbooks.ole("WordDocument", b"x" * 5000)))


def test_a_damaged_book_is_refused_wherever_it_is_damaged(book: Book, write: Write) -> None:
    whole = book({"A": [["id", "teks"], *([n, f"apel {n}"] for n in range(200))]}).read_bytes()
    for at in range(40, len(whole) - 40, len(whole) // 25):
        for content in (whole[:at], whole[:at] + bytes(20) + whole[at + 20 :]):
            try:
                read(write("rusak.xlsx", content))
            except FeedError as error:
                assert "rusak.xlsx" in str(error)  # noqa: PT017 - some damage harms nothing that is read


def test_xml_that_unfolds_itself_is_refused(write: Write) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;&b;">]>'
    content = workbooks.raw_xlsx('<row r="1"><c r="A1" t="inlineStr"><is><t>teks &c;</t></is></c></row>', bomb)
    with pytest.raises(FeedError, match="declares entities in its XML"):
        read(write("a.xlsx", content))


def test_a_cell_at_the_far_corner_does_not_fill_the_memory(write: Write) -> None:
    rows = '<row r="1"><c r="A1" t="str"><v>teks</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(FeedError, match="spans 1,048,576 rows and 16,384 columns"):
        read(write("a.xlsx", workbooks.raw_xlsx(rows)))


@pytest.mark.parametrize(
    "corner",
    [
        "<c r='XFD1048576'><v>1</v></c>",
        '<c x=">" r="XFD1048576"><v>1</v></c>',
        '<c r="&#88;FD1048576"><v>1</v></c>',
        '<c  r="XFD1048576" ><v>1</v></c>',
    ],
)
def test_a_far_corner_in_an_unusual_spelling_does_not_end_the_program(write: Write, corner: str) -> None:
    rows = f'<row r="1"><c r="A1" t="str"><v>teks</v></c></row><row r="1048576">{corner}</row>'
    with pytest.raises(FeedError, match=r"more than fit|spans more cells than fit|no spreadsheet that can be read"):
        read(write("a.xlsx", workbooks.raw_xlsx(rows)))


def test_a_far_corner_in_xls_does_not_end_the_program(write: Write) -> None:
    with pytest.raises(FeedError, match="spans more cells than fit"):
        read(write("a.xls", workbooks.xls([["teks"], ["apel"]], far=(65535, 65534))))


def test_a_sheet_of_more_cells_than_are_held_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.xls", workbooks.xls([["id", "teks"], [1.0, "apel"]]))
    assert len(read(path)[1]) == 1
    monkeypatch.setattr(workbook, "CELLS", 3)
    with pytest.raises(FeedError, match="spans more cells than fit"):
        read(path)


def test_a_workbook_is_read_where_the_memory_is_limited_already(write: Write) -> None:
    pytest.importorskip("resource")
    path = write("a.xls", workbooks.xls([["id", "teks"], [1.0, "apel"]]))
    code = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({2 << 30}, {2 << 30}))\n"
        "from pathlib import Path; from pilah_data.feeds import FeedOptions, open_feed\n"
        "print([row.text for row in open_feed(Path(sys.argv[1]), FeedOptions())[0].rows])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("['apel']\n", "")


def test_a_binary_workbook_is_refused(write: Write) -> None:
    path = write("a.xlsx", workbooks.raw_xlsx('<row r="1"><c r="A1" t="str"><v>teks</v></c></row>'))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/workbook.bin", b"x")
    with pytest.raises(FeedError, match="XLSB"):
        read(path)


def test_a_format_at_the_far_corner_is_no_cell(write: Write) -> None:
    rows = (
        '<row r="1"><c r="A1" t="str"><v>teks</v></c></row><row r="2"><c r="A2" t="str"><v>apel</v></c></row>'
        '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    assert [row.text for row in read(write("a.xlsx", workbooks.raw_xlsx(rows)))[1] if isinstance(row, FeedRow)] == [
        "apel"
    ]


def test_repeated_cells_of_ods_do_not_fill_the_memory(write: Write) -> None:
    row = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" '
        'office:value-type="string"><text:p>teks</text:p></table:table-cell></table:table-row>'
    )
    with pytest.raises(FeedError, match="is no spreadsheet that can be read"):
        read(write("a.ods", workbooks.ods(row)))


def test_a_sheet_that_is_a_bomb_is_refused(write: Write, tmp_path: Path) -> None:
    path = write("a.xlsx", workbooks.raw_xlsx('<row r="1"><c r="A1" t="str"><v>teks</v></c></row>'))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/bom.xml", "w") as part:
        for _ in range(80):
            part.write(bytes(1 << 20))
    with pytest.raises(FeedError, match=r"unpacks to \d+ times its size, as zip bombs do"):
        read(path)


# --- Parquet ------------------------------------------------------------------------------------------------------


def parquet(path: Path, **columns: list[Any]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path)
    return path


def test_parquet_rows_are_as_json_can_hold_them(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "a.parquet",
        id=[1, 2],
        text=["apel", "senja"],
        at=[dt.datetime(2024, 1, 2, 3, 4, 5), None],
        price=[decimal.Decimal("1.50"), None],
        raw=[b"\x01\xff", None],
        tags=[["a"], []],
    )
    _, (row, other) = read(path)
    assert isinstance(row, FeedRow)
    assert dict(row.fields) == {
        "id": 1,
        "text": "apel",
        "at": "2024-01-02T03:04:05",
        "price": "1.50",
        "raw": "01ff",
        "tags": ["a"],
    }
    assert [row.cell(name) for name in row.fields] == ["1", "apel", "2024-01-02T03:04:05", "1.50", "01ff", '["a"]']
    assert isinstance(other, FeedRow)
    assert other.id == "2"


def test_a_missing_text_in_parquet_is_a_problem_row(tmp_path: Path) -> None:
    _, rows = read(parquet(tmp_path / "a.parquet", teks=["apel", None, ""]))
    assert [(row.number, type(row)) for row in rows] == [(1, FeedRow), (2, RowProblem), (3, RowProblem)]


def test_damaged_and_encrypted_parquet(tmp_path: Path, write: Write) -> None:
    whole = parquet(tmp_path / "a.parquet", teks=["apel"] * 1000).read_bytes()
    with pytest.raises(FeedError, match="is no Parquet file that can be read"):
        read(write("b.parquet", whole[:-100]))
    with pytest.raises(FeedError, match="is encrypted"):
        read(write("b.parquet", b"PARE" + whole[4:]))


def test_without_its_extra_parquet_names_the_line_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path / "a.parquet", teks=["apel"])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'pilah\[parquet\]'"):
        read(path)


def test_a_module_in_the_current_folder_is_not_run(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.xls", workbooks.xls([["id", "teks"], [1.0, "apel"]]))
    write("python_calamine.py", "from pathlib import Path\nPath('ran').touch()\n")
    monkeypatch.chdir(path.parent)
    _, opened = open_feed(path, FeedOptions())
    opened.close()
    assert not Path("ran").exists()
