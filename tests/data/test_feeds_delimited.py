"""CSV and TSV feeds: dialects, quotes, ragged rows, odd headers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilah_data.blank import is_blank
from pilah_data.feeds import Dialect, Feed, FeedError, FeedOptions, FeedRow, RowProblem, open_feed
from pilah_data.feeds.columns import ColumnError
from pilah_data.feeds.delimited import read_delimited

Write = Callable[[str, bytes | str], Path]


def feed_of(content: str, **options: str | None) -> Feed:
    defaults: dict[str, str | None] = {"delimiter": None, "text": None, "identity": None}
    return read_delimited(io.StringIO(content, newline=""), "a.csv", **{**defaults, **options})


def rows_of(content: str, **options: str | None) -> list[FeedRow | RowProblem]:
    return list(feed_of(content, **options).rows)


def texts_of(content: str, **options: str | None) -> list[str]:
    return [row.text for row in rows_of(content, **options) if isinstance(row, FeedRow)]


@pytest.mark.parametrize(
    "content",
    [
        "id,teks,tahun\n1,apel pagi,2024\n",
        "id;teks;tahun\n1;apel pagi;2024\n",
        "id\tteks\ttahun\n1\tapel pagi\t2024\n",
        "id|teks|tahun\n1|apel pagi|2024\n",
        '"id","teks","tahun"\n"1","apel pagi","2024"\n',
        "id,teks,tahun\r\n1,apel pagi,2024\r\n",
        "id,teks,tahun\r1,apel pagi,2024\r",
        "id,teks,tahun\n1,apel pagi,2024",
        "id,teks,tahun\n\n1,apel pagi,2024\n\n\n",
        "\n \nid,teks,tahun\n1,apel pagi,2024\n",
    ],
    ids=["comma", "semicolon", "tab", "bar", "quoted", "crlf", "cr", "no end", "blank lines", "blank head"],
)
def test_every_dialect_gives_the_same_fields(content: str) -> None:
    (row,) = rows_of(content)
    assert isinstance(row, FeedRow)
    assert row.fields == {"id": "1", "teks": "apel pagi", "tahun": "2024"}
    assert (row.id, row.text) == ("1", "apel pagi")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('"apel, pagi"', "apel, pagi"),
        ('"kata ""gas"" lagi"', 'kata "gas" lagi'),
        ('"baris satu\nbaris dua"', "baris satu\nbaris dua"),
        ('"baris satu\r\nbaris dua"', "baris satu\r\nbaris dua"),
        ('5" pipa', '5" pipa'),
        ("  apel  ", "  apel  "),
        ("🔥🔥", "🔥🔥"),
        ("=1+1", "=1+1"),
        ("a\x00b", "a\x00b"),
        ("a\u2028b", "a\u2028b"),
    ],
)
def test_a_cell_is_read_as_it_was_meant(cell: str, text: str) -> None:
    assert texts_of(f"id,teks\n1,{cell}\n2,akhir\n") == [text, "akhir"]


def test_a_single_column_needs_no_delimiter() -> None:
    assert texts_of("teks\napel pagi\n") == ["apel pagi"]


def test_a_text_that_holds_the_delimiter_unquoted_is_a_problem_row() -> None:
    assert rows_of("teks\napel, pagi\n") == [RowProblem(2, "2 cells where the header has 1")]


def test_ragged_rows_are_problems_and_the_rest_goes_on() -> None:
    found = rows_of("id,teks\n1,satu\n2\n3,tiga,lebih\n4,empat\n")
    assert found[1:3] == [
        RowProblem(3, "1 cells where the header has 2"),
        RowProblem(4, "3 cells where the header has 2"),
    ]
    assert [row.number for row in found] == [2, 3, 4, 5]
    assert isinstance(found[3], FeedRow)


@pytest.mark.parametrize("blank", ["", " ", '""', '"\n"', "\u200b\u2060"])
def test_a_blank_text_is_a_problem_row(blank: str) -> None:
    assert rows_of(f"id,teks\n1,{blank}\n") == [
        RowProblem(2, "column 'teks' is blank or holds only invisible characters", "teks")
    ]


def test_blank_lines_are_no_rows_and_are_counted() -> None:
    assert [row.number for row in rows_of("\nid,teks\n\n1,satu\n\n2,dua\n")] == [4, 6]


def test_a_row_over_several_lines_counts_once() -> None:
    assert [row.number for row in rows_of('id,teks\n1,"a\nb\nc"\n2,dua\n')] == [2, 3]


def test_a_huge_cell_is_read_whole() -> None:
    huge = "apel pagi " * 100_000
    assert texts_of(f'id,teks\n1,"{huge}"\n2,dua\n') == [huge, "dua"]


@pytest.mark.parametrize("content", ["", "\n", "\n\n  \n"])
def test_an_empty_file_is_refused(content: str) -> None:
    with pytest.raises(FeedError, match=r"a\.csv is empty; it needs a header line"):
        feed_of(content)


def test_a_header_alone_is_a_feed_without_rows() -> None:
    assert rows_of("id,teks\n") == []
    assert rows_of("teks") == []


def test_a_repeated_column_is_refused_by_name() -> None:
    with pytest.raises(FeedError, match="column 'teks' occurs twice"):
        feed_of("teks,id,teks\n")


def test_a_feed_without_a_text_column_lists_its_columns() -> None:
    with pytest.raises(
        FeedError, match=r"no column looks like the text .* are nama, tanggal\. Name one with --text-column"
    ):
        feed_of("nama,tanggal\n")


@pytest.mark.parametrize(("option", "flag"), [("text", "--text-column"), ("identity", "--id-column")])
def test_a_named_column_that_is_missing_is_refused(option: str, flag: str) -> None:
    with pytest.raises(FeedError, match=f"there is no column 'isi'; its columns are id, teks .*{flag}"):
        feed_of("id,teks\n", **{option: "isi"})


def test_a_column_name_may_run_over_lines() -> None:
    assert feed_of('id,"isi\nteks"\n1,apel\n', text="isi\nteks").columns == ("id", "isi\nteks")


def test_an_open_quote_in_the_header_is_refused_without_quoting_the_file() -> None:
    with pytest.raises(FeedError, match="quote in the header is not closed") as caught:
        feed_of('id,"teks\n' + "1,rahasia\n" * 100)
    assert "rahasia" not in str(caught.value)


def test_a_given_delimiter_wins_over_the_sniffed_one() -> None:
    assert texts_of("id,a,b\tteks\n1,2,3\tapel, pagi\n", delimiter="\t") == ["apel, pagi"]


@pytest.mark.parametrize(
    ("content", "number", "lines"),
    [
        ('id,teks\n0,nol\n1,"satu\n2,dua\n', 3, "lines 3 to 4, the end of the file,"),
        ('id,teks\n0,nol\n1,"satu', 3, "line 3, the end of the file,"),
        ('id,teks\n0,"nol\nnol"\n1,"satu\n2,dua', 3, "lines 4 to 5, the end of the file,"),
        ('\nsep=,\nid,teks\n0,nol\n1,"satu\n2,dua', 4, "lines 5 to 6, the end of the file,"),
        # Another quote closes it, in the middle of a post.
        ('id,teks\n0,nol\n1,"satu\n2,dua\n3,"tiga"\n4,empat\n', 3, "lines 3 to 5 were"),
    ],
    ids=["to the end", "on the last line", "behind a long row", "behind sep", "closed by another post"],
)
def test_an_unclosed_quote_is_a_problem_of_the_row_in_which_it_opens(content: str, number: int, lines: str) -> None:
    found = rows_of(content)
    (problem,) = (row for row in found if isinstance(row, RowProblem))
    assert problem.number == number
    assert lines in problem.reason
    assert "satu" not in problem.reason
    assert next(row.text for row in found if isinstance(row, FeedRow)).startswith("nol")


def test_rows_after_an_unclosed_quote_that_another_post_closed_go_on() -> None:
    found = rows_of('id,teks\n1,"satu\n2,dua\n3,"tiga"\n4,empat\n')
    assert [(row.number, type(row)) for row in found] == [(2, RowProblem), (3, FeedRow)]


def test_a_short_file_with_an_open_quote_in_the_header_is_refused_without_quoting_it() -> None:
    with pytest.raises(FeedError, match="quote in the header is not closed") as caught:
        feed_of('id,"teks\n1,rahasia\n')
    assert "rahasia" not in str(caught.value)


@pytest.mark.parametrize("said", ["sep=;", "SEP=;\r", '"sep=;"', "sep=,", "sep=\t", "sep=^"])
def test_the_delimiter_that_excel_was_told_is_used(said: str) -> None:
    sign = said.strip('"\r')[-1]
    (row,) = rows_of(f"{said}\nid{sign}teks{sign}n\n1{sign}apel{sign}2\n")
    assert isinstance(row, FeedRow)
    assert row.fields == {"id": "1", "teks": "apel", "n": "2"}
    assert row.number == 2  # as Excel counts


def test_a_column_called_sep_is_no_such_line() -> None:
    assert feed_of("sep=a,teks\n").columns == ("sep=a", "teks")


def test_empty_columns_at_the_end_are_left_out() -> None:
    feed = feed_of("id,teks,,\n1,satu,,\n2,dua, ,\n3,tiga\n4,empat,,catatan\n5,lima,,,\n")
    assert feed.columns == ("id", "teks")
    found = list(feed.rows)
    assert [row.text for row in found if isinstance(row, FeedRow)] == ["satu", "dua", "tiga"]
    (stray, long) = (row for row in found if isinstance(row, RowProblem))
    assert (stray.number, long.number) == (5, 6)
    assert "a column without a name" in stray.reason
    assert long.reason == "5 cells where the header has 4"


def test_a_single_nameless_column_keeps_its_cells() -> None:
    (row,) = rows_of("id,teks,\n1,satu,catatan\n")
    assert isinstance(row, FeedRow)
    assert row.fields == {"id": "1", "teks": "satu", "": "catatan"}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (r'"Dia bilang \"ayo\" ya"', 'Dia bilang "ayo" ya'),
        (r'"Dia bilang \"ayo, kawan\" ya"', 'Dia bilang "ayo, kawan" ya'),
        (r'"kata \", lalu"', 'kata ", lalu'),
        (r'"\"ayo\""', '"ayo"'),
        (r'"katanya \""', 'katanya "'),
        (r'"\"ayo\" ¯\_(ツ)_/¯ C:\\temp"', r'"ayo" ¯\_(ツ)_/¯ C:\\temp'),
        ('"\\"ayo\nbaris dua\\" ya"', '"ayo\nbaris dua" ya'),
        (r'"C:\"', "C:\\"),
        (r'"{""a"": ""\""b\""""}"', r'{"a": "\"b\""}'),
        ('"ayo" coblos "nomor 2"', '"ayo" coblos "nomor 2"'),
        ('"ayo "kawan" coblos"', '"ayo "kawan" coblos"'),
        ('"" kata dia', '"" kata dia'),
        ('"apel pagi" ', "apel pagi"),
        ('5" pipa dan 3" pipa', '5" pipa dan 3" pipa'),
    ],
)
def test_quotes_behind_backslashes_and_quotes_that_mean_nothing_keep_their_text(cell: str, text: str) -> None:
    rows = rows_of(f'id,teks,ket\n1,{cell},"x ""y"""\n2,"dua, ""tiga""",y\n3,empat,z\n')
    assert [row.fields["ket"] for row in rows if isinstance(row, FeedRow)] == ['x "y"', "y", "z"]
    assert [row.text for row in rows if isinstance(row, FeedRow)] == [text, 'dua, "tiga"', "empat"]
    assert [row.number for row in rows] == [2, 3, 4]


@pytest.mark.parametrize("cell", ['"ayo, "kawan", coblos"', '"ayo, kawan" coblos', '"ayo", "kawan", "coblos"'])
def test_a_text_that_quotes_cut_in_two_is_a_problem_of_its_row(cell: str) -> None:
    found = rows_of(f"id,teks,ket\n1,{cell},x\n2,dua,y\n")
    assert [(row.number, type(row)) for row in found] == [(2, RowProblem), (3, FeedRow)]
    assert "kawan" not in str(found[0])


def test_a_quote_within_a_quoted_text_is_told_by_its_line() -> None:
    (problem,) = rows_of('id,teks,ket\n1,"ayo, "kawan", coblos",x\n')
    assert isinstance(problem, RowProblem)
    assert problem.reason.startswith("line 2 has a quote within a quoted text")


def test_lines_that_backslashes_do_not_explain_are_read_as_rows_of_their_own() -> None:
    lines = [f"{n},apel {n}" for n in range(2, 300)]
    found = rows_of("\n".join(["id,teks", r'1,"a \" b', *lines, r'300,"c \"d\""', ""]))
    assert [row.number for row in found] == list(range(2, 302))
    assert [row.text for row in found if isinstance(row, FeedRow)][:2] == [r'"a \" b', "apel 2"]
    assert [row.text for row in found if isinstance(row, FeedRow)][-1] == 'c "d"'


table_text = st.text(alphabet=st.characters(codec="utf-8"), max_size=30).filter(lambda text: not is_blank(text))


@settings(deadline=None)
@given(st.lists(table_text, min_size=1, max_size=6), st.sampled_from([",", ";", "\t", "|"]))
def test_what_a_csv_writer_writes_is_read_back(texts: list[str], delimiter: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(["id", "teks"])
    writer.writerows([str(number), text] for number, text in enumerate(texts))
    assert texts_of(out.getvalue()) == texts


@settings(deadline=None)
@given(
    st.lists(table_text.filter(lambda text: "\\" not in text), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_is_written_with_backslashes_loses_no_letter(texts: list[str], delimiter: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, doublequote=False, escapechar="\\", quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "teks"])
    writer.writerows([str(number), text] for number, text in enumerate(texts))
    found = rows_of(out.getvalue())
    plain = [text for text in texts if '"' not in text]
    assert [row.text for row in found if isinstance(row, FeedRow) and row.text in plain] == plain


@settings(deadline=None)
@given(st.text(alphabet='a,;\t|"\r\n \x00é\\', max_size=60))
def test_no_content_makes_the_reader_crash(content: str) -> None:
    found = rows_of("id,teks\n" + content)
    assert all(isinstance(row, FeedRow | RowProblem) for row in found)


@pytest.mark.parametrize(
    ("content", "dialect"),
    [
        ("id,teks\n1,a\n", Dialect(",", "utf-8")),
        ("id;teks\r\n1;a\r\n", Dialect(";", "utf-8")),
        ("\ufeffid|teks\r1|a\r", Dialect("|", "utf-8-sig")),
        (("\ufeffid\tteks\n1\ta\n").encode("utf-16-le"), Dialect("\t", "utf-16")),
    ],
)
def test_the_dialect_is_known(write: Write, content: str | bytes, dialect: Dialect) -> None:
    feed, opened = open_feed(write("a.csv", content), FeedOptions())
    with opened:
        assert [row.text for row in feed.rows if isinstance(row, FeedRow)] == ["a"]
    assert feed.dialect == dialect


def test_a_table_below_metadata_is_found_and_numbered_as_in_the_file() -> None:
    feed = feed_of("Laporan:,Contoh\nDari:,2024\n\nno,tanggal,isi\n1,2024,apel\n2,2024\n")
    assert feed.columns == ("no", "tanggal", "isi")
    rows = list(feed.rows)
    assert [row.number for row in rows] == [5, 6]
    assert feed.notes.lines() == ["3 rows above the header left out"]


def test_metadata_with_commas_above_a_table_of_semicolons() -> None:
    feed = feed_of("Laporan, contoh, unduhan\nno;tanggal;isi teks\n1;2024;apel, pagi\n")
    assert [row.text for row in feed.rows if isinstance(row, FeedRow)] == ["apel, pagi"]


def test_a_named_column_is_looked_for_below_metadata() -> None:
    assert feed_of("Laporan:,Contoh\nno,tanggal,kiriman\n1,2,apel\n", text="kiriman").columns[2] == "kiriman"


def test_a_post_that_is_called_like_a_column_is_no_header() -> None:
    with pytest.raises(FeedError, match="its columns are nama, tanggal"):
        feed_of("nama,tanggal\nisi,2024\n")


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("id,ucapan,jenis\n1,Apel pagi,post,a\n2,Ayo,post,b\n", "id, ucapan, jenis"),
        ("ucapan,jenis\nApel pagi,post,a\nAyo,post,b\n", "ucapan, jenis"),
        ("ucapan,jenis\nApel,post,https://contoh/1\n", "ucapan, jenis"),
        ("ucapan,jenis\nApel,post,2024-11-20 09:15\n", "ucapan, jenis"),
        (f"ucapan,jenis\n{'apel pagi ' * 7},post,a\n", "ucapan, jenis"),
        (
            'id,ucapan,nama\n1,Apel pagi,Budi\n2,"Ayo nomor 2;status;ok",Siti\n3,Menang,Ani\n4,x;y;z,Ani\n',
            "id, ucapan, nama",
        ),
    ],
    ids=["number", "said again", "address", "date", "long", "other delimiter"],
)
def test_a_post_below_a_header_that_is_not_known_is_no_header(content: str, columns: str) -> None:
    with pytest.raises(ColumnError, match=f"its columns are {columns}\\. Name one"):
        feed_of(content)
    assert feed_of(content, text="ucapan").columns[:2] == tuple(columns.split(", "))[:2]


def test_a_tsv_file_is_split_at_tabs_only(write: Write) -> None:
    feed, stream = open_feed(write("a.tsv", "id\tteks\n1\tapel, pagi; siap | ya\n"), FeedOptions())
    with stream:
        (row,) = feed.rows
    assert isinstance(row, FeedRow)
    assert row.text == "apel, pagi; siap | ya"


def test_rows_stream_while_the_file_is_open(write: Write) -> None:
    feed, stream = open_feed(write("a.csv", "teks\n" + "apel\n" * 10), FeedOptions())
    with stream:
        first = next(feed.rows)
    assert isinstance(first, FeedRow)
    assert first.number == 2


def test_the_stream_is_closed_when_a_feed_cannot_be_opened(write: Write, recwarn: pytest.WarningsRecorder) -> None:
    path: Path = write("a.csv", "nama\nBudi\n")
    with pytest.raises(FeedError):
        open_feed(path, FeedOptions())
    assert [w for w in recwarn if w.category is ResourceWarning] == []


@pytest.mark.parametrize("empty", [";;", ";", ";;;;", '"";"";""'])
def test_rows_of_separators_alone_are_empty_rows(empty: str) -> None:
    rows = rows_of(f"id;teks;tahun\n{empty}\n1;apel;2024\n{empty}\n{empty}\n")
    assert [(row.number, isinstance(row, FeedRow)) for row in rows] == [(3, True)]


def test_a_quote_that_is_left_open_in_an_empty_row_is_still_a_problem() -> None:
    (row,) = rows_of('id;teks\n;"')
    assert isinstance(row, RowProblem)
