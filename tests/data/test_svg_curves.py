"""Curves and matrices are well-formed SVG whose points stand where the numbers are."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from pilah_data import svg_curves

SVG = "{http://www.w3.org/2000/svg}"


def test_a_curve_runs_through_its_points_and_outliers_lie_on_the_edge() -> None:
    curve = svg_curves.Curve("a & b", [(0.0, 1.0), (0.5, 0.5), (2.0, -1.0)], dots=True)
    root = ET.fromstring(svg_curves.curves("Judul <x>", "mendatar", "tegak", [curve], diagonal=True))  # noqa: S314 - our own text
    line = root.find(f"{SVG}polyline")
    assert line is not None
    first, middle, last = (tuple(map(float, point.split(","))) for point in line.attrib["points"].split())
    assert (first[0] + last[0]) / 2 == middle[0]
    assert (first[1] + last[1]) / 2 == middle[1]
    assert len(root.findall(f"{SVG}circle")) == 3
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == "Judul <x>"


def test_a_matrix_shows_counts_and_shares_of_the_row() -> None:
    drawn = svg_curves.matrix("Tabel", ["satu", "kosong"], ["x", "y"], [[750, 250], [0, 0]])
    texts = [node.text for node in ET.fromstring(drawn).iter(f"{SVG}text")]  # noqa: S314 - our own text
    assert {"750", "75%", "25%", "0%", "kosong"} <= set(texts)


def test_the_same_numbers_give_the_same_bytes() -> None:
    drawn = [svg_curves.curves("t", "x", "y", [svg_curves.Curve("c", [(0.1, 0.2)])]) for _ in range(2)]
    assert drawn[0] == drawn[1]
