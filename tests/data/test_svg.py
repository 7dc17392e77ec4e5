"""Plots are well-formed SVG, say what they show, and are the same bytes for the same numbers."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from pilah_data import svg

ROWS = [
    svg.Row("satu & <dua>", (3, 1)),
    svg.Row("kosong", (0, 0)),
    svg.Row("nama yang panjang sekali untuk tempatnya", (1, 2500)),
]
PLOTS = {
    "shares": lambda: svg.shares("Bagian <x>", ("a", "b"), ROWS),
    "bars": lambda: svg.bars("Jumlah", ("a", "b"), ROWS),
    "none": lambda: svg.bars("Kosong", ("a",), []),
    "intervals": lambda: svg.intervals("Selang", [svg.Interval("alpha", 0.75, -0.1, 1.0)], 0.7),
}


@pytest.mark.parametrize("kind", PLOTS)
def test_a_plot_is_well_formed_and_repeatable(kind: str) -> None:
    drawn = PLOTS[kind]()
    root = ET.fromstring(drawn)  # noqa: S314 - our own text
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text
    assert drawn == PLOTS[kind]()
    assert "nan" not in drawn


def test_numbers_and_names_are_readable() -> None:
    drawn = svg.bars("Jumlah", ("a", "b"), ROWS)
    assert ">2,500<" in drawn
    assert "satu &amp; &lt;dua&gt;" in drawn
    assert "nama yang panjang sekali untuk …" in drawn
    assert ">75%<" in svg.shares("Bagian", ("a", "b"), ROWS)


def test_what_lies_outside_the_scale_is_drawn_at_its_end() -> None:
    drawn = svg.intervals("Selang", [svg.Interval("alpha", 0.75, -0.1, 1.0)], 0.7)
    assert 'x1="210.0"' in drawn
    assert "0.75 [-0.10, 1.00]" in drawn
