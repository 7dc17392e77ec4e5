"""The report: counts that are right, small ones that cannot be worked out, and nothing that leads to a person."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pilah_data.feeds import FeedRow
from pilah_data.taxonomy import Decision
from pilah_model.batch import InProcess, ScoreOptions, Summary, score_file
from pilah_model.batch.cells import LEAST, shown
from pilah_model.batch.dates import day_of
from pilah_model.batch.report import page, write_report
from pilah_model.batch.tally import Tally
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn


def report_of(rows: list[list[str]], tmp_path: Path, lang: str = "id") -> str:
    source, tally = tmp_path / "Budi Santoso.csv", Tally()
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["nama", "text", "Created At"], *rows])
    summary = score_file(InProcess(StandIn()), source, tmp_path / "out.csv", ScoreOptions(), tally=tally)
    write_report(tmp_path / "r.html", summary, tally, lang)
    return (tmp_path / "r.html").read_text(encoding="utf-8")


ROWS = [
    *(["Budi Santoso", f"kopi ke-{n} <b>", f"2024-01-{n + 1:02d}"] for n in range(20)),
    *(["Siti Aminah", f"ayo coblos nomor {n}", "2024-03-05T10:00:00Z"] for n in range(7)),
    *(["Siti Aminah", f"lanjutkan, pak {n}", "entah kapan"] for n in range(6)),
]


def cells(html: str, caption: str) -> list[list[str]]:
    found = re.search(rf"<table><caption>{caption}</caption>(.*?)</table>", html)
    assert found is not None
    rows = re.findall(r"<tr>(.*?)</tr>", found[1])
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_the_counts_are_those_of_the_feed(tmp_path: Path) -> None:
    html = report_of(ROWS, tmp_path)
    assert [row[-1] for row in cells(html, "Keputusan")] == ["Jumlah", "20", "6", "7"]
    assert [row[-1] for row in cells(html, "Bentuk yang mungkin")] == ["Jumlah", "7", "7"]
    assert cells(html, "Menurut waktu")[1:] == [
        *(["2024-01-01", "7", "0", "0", "7"], ["2024-01-08", "7", "0", "0", "7"]),
        *(["2024-01-15", "6", "0", "0", "6"], ["2024-03-04", "0", "0", "7", "7"]),
        ["tidak diketahui", "0", "6", "0", "6"],
    ]
    assert html.count('role="img"') == html.count("<table>") == 4


def test_nothing_leads_to_a_person(tmp_path: Path) -> None:
    html = report_of(ROWS, tmp_path)
    for word in ("Budi", "Santoso", "Siti", "kopi", "coblos", "nama", "Created", ".csv"):
        assert word not in html


def test_the_page_stands_alone(tmp_path: Path) -> None:
    html = report_of(ROWS, tmp_path)
    assert not re.search(r"<script|<link|<img|src=|@import|url\(", html)
    assert set(re.findall(r"https?://[^\"' ]+", html)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in html


class Nesting(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == "rect" or self.open.pop() == tag


@pytest.mark.parametrize(("lang", "words"), [("id", "Ringkasan penilaian"), ("en", "Summary of judgements")])
def test_both_languages_are_whole_pages(tmp_path: Path, lang: str, words: str) -> None:
    html = report_of(ROWS, tmp_path, lang)
    parser = Nesting()
    parser.feed(html)
    assert parser.open == []
    assert f'<html lang="{lang}">' in html
    assert words in html


def test_small_counts_are_hidden_everywhere(tmp_path: Path) -> None:
    html = report_of([*ROWS, *(["x", f"coblos nomor {n}", "2023-01-01"] for n in range(3))], tmp_path)
    table = cells(html, "Menurut waktu")
    assert table[1] == ["2023-01", "–", "–", "–", "–"]
    # Else the hidden month is the total minus all the others; the other one is not said to be small.
    assert sum(row[-1] == "–" for row in table) == 2
    assert sum(row[1] == "–" for row in table) >= 2


def test_a_feed_without_dates_or_flags_has_a_report(tmp_path: Path) -> None:
    html = page(Summary(), Tally(), "id")
    assert "Tidak ada unggahan berkeputusan tinjau." in html
    assert "Menurut waktu" not in html


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([9, 8, 0], [9, 8, 0]),
        ([9, 8, 4], [9, None, None]),
        ([3, 2, 50], [None, None, 50]),
        ([1], [None]),
        ([0, 0], [0, 0]),
        ([3, 0, 0], [None, 0, 0]),
        ([1, 1, 50, 60], [None, None, None, 60]),
    ],
)
def test_a_single_hidden_count_takes_another_with_it(counts: list[int], expected: list[int | None]) -> None:
    assert shown(counts) == expected
    assert LEAST == 5


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-02-14", date(2024, 2, 14)),
        ("2024-02-14T16:59:59.000Z", date(2024, 2, 14)),
        # Days are those of WIB where the zone is known: the 10th in Greenwich is the 11th in Jakarta.
        ("2024-11-10T20:00Z", date(2024, 11, 11)),
        ("2024-11-10 20:00:00.123456+00:00", date(2024, 11, 11)),
        ("2024-11-10T20:00:00+0700", date(2024, 11, 10)),
        ("2024-11-11T00:30:00+09:00", date(2024, 11, 10)),
        ("2024-11-10T20:00:00-05", date(2024, 11, 11)),
        ("2024-11-11 00:30 WIT", date(2024, 11, 10)),
        ("2024-11-10T20:00:00", date(2024, 11, 10)),
        ("2024-11-10T29:00:00Z", date(2024, 11, 10)),
        ("1731268800", date(2024, 11, 11)),
        ("Sun Nov 10 20:00:00 +0000 2024", date(2024, 11, 11)),
        ("20 November 2024", date(2024, 11, 20)),
        ("Rabu, 20 November 2024 09:15 WIB", date(2024, 11, 20)),
        ("Jum'at, 5 Agustus 2022 pukul 09.15 WITA", date(2022, 8, 5)),
        ("20-Nov-24", date(2024, 11, 20)),
        ("20 Nov 2024", date(2024, 11, 20)),
        ("3 Peb. 2024", date(2024, 2, 3)),
        ("1 okt 24 10.15", date(2024, 10, 1)),
        ("Wed, 20 Nov 2024 20:00:00 GMT", date(2024, 11, 21)),
        ("November 20, 2024 8:00 PM UTC", date(2024, 11, 21)),
        ("Nov 20th, 2024", date(2024, 11, 20)),
        ("Wed Nov 20 2024 20:00:00 GMT+0000 (UTC)", date(2024, 11, 21)),
        ("20 Nov 10:30", None),
        ("20 orang 2024", None),
        ("31 Februari 2024", None),
        ("2024-02-14 07:00:00", date(2024, 2, 14)),
        ("2024/02/14", date(2024, 2, 14)),
        ("2024/2/14 10:30", date(2024, 2, 14)),
        ("1707868800", date(2024, 2, 14)),
        ("1707868800000", date(2024, 2, 14)),
        ("Wed Feb 14 10:00:00 +0000 2024", date(2024, 2, 14)),
        ("2024-13-01", None),
        ("0001-01-01", None),
        ("kemarin", None),
        ("", None),
    ],
)
def test_dates_as_exports_write_them(text: str, day: date | None) -> None:
    assert day_of(text) == day


def timeline_of(*texts: str) -> tuple[set[date], int, str | None]:
    tally = Tally()
    tally.begin(["tanggal"], StandIn().info)
    (judgement,) = StandIn().classify([Post("kopi")])
    for number, text in enumerate(texts):
        tally.add(FeedRow(number, {"tanggal": text}, "kopi", str(number)), judgement)
    timeline = tally.timeline()
    return {day for day, _ in timeline.days}, sum(timeline.undated.values()), timeline.order


@pytest.mark.parametrize(
    ("texts", "days", "undated", "order"),
    [
        (("14/02/2024 10.30", "14-2-2024", "14.02.2024", "14/02/24"), {date(2024, 2, 14)}, 0, "dmy"),
        (("01/02/2024", "03/02/2024"), {date(2024, 2, 1), date(2024, 2, 3)}, 0, "dmy"),
        (("01/02/2024", "01/31/2024"), {date(2024, 1, 2), date(2024, 1, 31)}, 0, "mdy"),
        (("01/31/24", "1/2/24"), {date(2024, 1, 2), date(2024, 1, 31)}, 0, "mdy"),
        (("01/31/2024", "31/01/2024", "02/03/2024", "05/05/2024"), {date(2024, 1, 31), date(2024, 5, 5)}, 1, "both"),
        (("31/02/2024", "10.30.15", "99/99/9999"), set(), 3, None),
        (("2024/01/02",), {date(2024, 1, 2)}, 0, None),
    ],
)
def test_day_and_month_are_told_apart_once_for_a_column(
    texts: tuple[str, ...], days: set[date], undated: int, order: str | None
) -> None:
    assert timeline_of(*texts) == (days, undated, order)


def test_each_row_has_the_date_of_the_first_column_that_tells_one() -> None:
    tally = Tally()
    tally.begin(["source_file", "tanggal", "Created At", "createTimeISO", "Comment Create Timestamp"], StandIn().info)
    (judgement,) = StandIn().classify([Post("kopi")])
    rows: list[dict[str, object]] = [
        {"tanggal": "31/01/2024"},
        {"tanggal": "02/03/2024"},
        {"Created At": "01/31/2024"},
        {"Created At": "02/03/2024"},
        {"tanggal": "kemarin", "createTimeISO": "2024-05-05T20:00:00.000Z"},
        {"Comment Create Timestamp": "2024-06-06T01:00:00+00:00"},
        {"Created At": "", "tanggal": None},
    ]
    for number, fields in enumerate(rows):
        tally.add(FeedRow(number, fields, "kopi", str(number)), judgement)
    timeline = tally.timeline()
    assert sorted(day for day, _ in timeline.days) == [
        *(date(2024, 1, 31), date(2024, 2, 3), date(2024, 3, 2), date(2024, 5, 6), date(2024, 6, 6))
    ]
    assert timeline.days.total() == 6
    assert (timeline.undated.total(), timeline.order) == (1, "each")
    assert Tally.of_json(json.loads(json.dumps(tally.as_json()))).timeline() == timeline
    for lang, words in (("id", "dibaca menurut kolomnya"), ("en", "by the other dates of their column")):
        assert words in page(Summary(rows=7), tally, lang)


def test_files_of_a_folder_with_other_columns_of_dates_are_all_in_the_report(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.csv").write_text("teks,tanggal\n" + "".join(f"kopi {n},20 November 2024\n" for n in range(9)))
    lines = (json.dumps({"text": f"teh {n}", "created_at": "2024-11-10T20:00:00Z"}) for n in range(9))
    (tmp_path / "f" / "b.jsonl").write_text("\n".join(lines))
    tally = Tally()
    summary = score_file(InProcess(StandIn()), tmp_path / "f", tmp_path / "out.csv", ScoreOptions(), tally=tally)
    html = page(summary, tally, "id")
    assert [row[0] for row in cells(html, "Menurut waktu")[1:]] == ["2024-11-11", "2024-11-20"]
    assert "menurut WIB (UTC+7)" in html


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (("01/02/2024",), "dibaca hari/bulan/tahun"),
        (("01/31/2024",), "dibaca bulan/hari/tahun"),
        (("01/31/2024", "31/01/2024"), "dihitung tidak diketahui"),
    ],
)
def test_how_dates_were_read_is_said(tmp_path: Path, dates: tuple[str, ...], words: str) -> None:
    assert words in report_of([["x", f"kopi {n}", day] for n, day in enumerate(dates * 6)], tmp_path)


def facts_of(html: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))


@pytest.mark.parametrize(
    ("judged", "problems", "expected"),
    [
        (100, 0, ("100", "100", "0")),
        (100, 3, ("–", "100", "&lt;5")),
        (3, 0, ("–", "&lt;5", "0")),
        (2, 50, ("–", "&lt;5", "50")),
        (1, 1, ("–", "&lt;5", "&lt;5")),
    ],
)
def test_no_total_tells_a_small_count(judged: int, problems: int, expected: tuple[str, str, str]) -> None:
    summary = Summary(rows=judged + problems, written=2, problems=problems, decisions=Counter({"tinjau": judged}))
    facts = facts_of(page(summary, Tally(), "id"))
    assert tuple(facts.values()) == expected
    assert list(facts) == ["Baris dibaca", "Unggahan dinilai", "Baris yang tidak dapat dinilai"]


@pytest.mark.parametrize(("days", "name"), [(3, "2024-01-01"), (100, "2024-01-01"), (300, "2024-01"), (2000, "2024")])
def test_periods_fit_the_span(days: int, name: str) -> None:
    tally = Tally()
    tally.begin(["tanggal"], StandIn().info)
    first = date(2024, 1, 1)
    tally.days = Counter({(first, Decision.LOLOS): 9, (date.fromordinal(first.toordinal() + days), Decision.LOLOS): 9})
    assert cells(page(Summary(), tally, "id"), "Menurut waktu")[1][0] == name


@pytest.mark.parametrize("lang", ["id", "en"])
def test_counts_that_were_written_down_give_the_same_page(tmp_path: Path, lang: str) -> None:
    tally = Tally()
    source = tmp_path / "in.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["nama", "text", "Created At"], *ROWS, ["Ani", "kopi", "05/31/2024"]])
    summary = score_file(InProcess(StandIn()), source, tmp_path / "out.csv", ScoreOptions(), tally=tally)
    again = Tally.of_json(json.loads(json.dumps(tally.as_json())), tally.model)
    assert page(summary, again, lang) == page(summary, tally, lang)
