"""Charts as inline SVG: every figure in its place, nothing that the policy forbids, nothing from the words taken for markup."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from pilah_api.web.charts import Series, Span, _ceiling, bars, columns, spans

SVG = "{http://www.w3.org/2000/svg}"


def drawn(markup: str) -> ET.Element:
    assert "style=" not in markup
    return ET.fromstring(str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own


def heights(root: ET.Element, colour: str) -> list[float]:
    boxes = [b for b in root.findall(f"{SVG}rect") if b.get("fill") == colour and float(b.get("y", 0)) > 20]
    return [float(b.get("height", 0)) for b in boxes]


def test_columns_stack_to_their_totals_and_hatch_what_is_hidden() -> None:
    series = [Series("a", "red", [10, None]), Series("b", "blue", [30, None])]
    root = drawn(columns("Judul", ["satu", "dua"], series, [40, 20], str, "disembunyikan"))
    # The axis goes up to 40 over 150 units.
    assert heights(root, "red") == [37.5, 0.0]
    assert heights(root, "blue") == [112.5, 0.0]
    assert heights(root, "url(#hidden)") == [75.0]
    words = [t.text for t in root.findall(f"{SVG}text")]
    assert words == ["a", "b", "disembunyikan", "0", "20", "40", "satu", "dua"]


def test_without_anything_hidden_the_legend_is_silent_about_it() -> None:
    markup = columns("Judul", ["satu"], [Series("a", "red", [7])], [7], str, "disembunyikan")
    assert "disembunyikan" not in markup


def test_bars_tell_their_values_and_what_is_hidden() -> None:
    series = [Series("a", "red", [10, None]), Series("b", "blue", [5, 0])]
    root = drawn(bars("Judul", ["satu", "dua"], series, str, "disembunyikan"))
    assert [t.text for t in root.findall(f"{SVG}text")] == ["a", "b", "satu", "10", "5", "dua", "disembunyikan", "0"]


def test_spans_show_the_interval_and_the_point_only_if_it_is_known() -> None:
    rows = [Span("x", 0.5, 0.25, 0.75, "25-75%"), Span("y", None, 0.9, 1.0, "90-100%")]
    root = drawn(spans("Judul", rows, ["0", "1", "2", "3", "4"]))
    assert [c.get("cx") for c in root.findall(f"{SVG}circle")] == ["200.0"]
    intervals = [(x.get("x1"), x.get("x2")) for x in root.findall(f"{SVG}line") if x.get("stroke-width") == "5"]
    assert intervals == [("104.0", "296.0"), ("353.6", "392.0")]


def test_words_are_never_markup() -> None:
    evil = '<script>"x"</script>&'
    root = drawn(bars(evil, [evil], [Series(evil, "red", [9])], str, ""))
    assert root.get("aria-label") == evil
    assert root.find(f"{SVG}script") is None
    assert evil in [t.text for t in root.findall(f"{SVG}text")]


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (2, 2), (3, 4), (5, 6), (11, 20), (46, 60), (61, 80), (101, 200), (999, 1000)]
)
def test_an_axis_ends_at_a_round_number(most: int, top: int) -> None:
    assert _ceiling(most) == top


def test_many_columns_are_not_all_named() -> None:
    names = [f"n{n}" for n in range(26)]
    root = drawn(columns("Judul", names, [Series("a", "red", [9] * 26)], [9] * 26, str, ""))
    named = [t.text for t in root.findall(f"{SVG}text") if t.text in names]
    assert named[0] == "n0"
    assert 4 <= len(named) <= 7
