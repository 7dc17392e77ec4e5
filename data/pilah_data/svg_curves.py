"""Curves over the unit square and matrices of counts, as SVG text made of the numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pilah_data.svg_shapes import COLOURS, box, line, page, text

Point = tuple[float, float]
_SIDE, _LEFT, _TOP = 360, 70, 64
_WIDTH, _HEIGHT = _LEFT + _SIDE + 30, _TOP + _SIDE + 56
_CELL, _HEAD = 110, 150


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points of the unit square, in their order; `dots` marks each of them."""

    name: str
    points: Sequence[Point]
    dots: bool = False


def curves(title: str, across: str, up: str, drawn: Sequence[Curve], *, diagonal: bool = False) -> str:
    """Draw curves over axes from 0 to 1; `diagonal` adds the line of equal values. Points outside lie on the edge."""
    body = _axes(across, up)
    if diagonal:
        body.append(line(_x(0), _y(0), _x(1), _y(1), "#888", ' stroke-dasharray="4 3"'))
    for colour, curve in zip(COLOURS, drawn, strict=False):
        path = " ".join(f"{_x(a):.1f},{_y(b):.1f}" for a, b in curve.points)
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if curve.dots:
            body += [f'<circle cx="{_x(a):.1f}" cy="{_y(b):.1f}" r="3.5" fill="{colour}"/>' for a, b in curve.points]
    return page(title, _WIDTH, _HEIGHT, [curve.name for curve in drawn], float(_LEFT), body)


def matrix(title: str, down: Sequence[str], across: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Draw counts as a table whose cells are the darker the larger their share of the row."""
    body = [text(_HEAD + (i + 0.5) * _CELL, _TOP - 6, name, "middle") for i, name in enumerate(across)]
    for place, (name, row) in enumerate(zip(down, counts, strict=True)):
        y, total = _TOP + place * 44, sum(row)
        body.append(text(_HEAD - 8, y + 26, name, "end"))
        for column, count in enumerate(row):
            share = count / total if total else 0.0
            x = _HEAD + column * _CELL
            body.append(box(x, y, _CELL - 2, 42, _shade(share)))
            ink = "#fff" if share > 0.55 else "#111"
            body.append(text(x + _CELL / 2, y + 20, f"{count:,}", "middle", ink, 13))
            body.append(text(x + _CELL / 2, y + 35, f"{share:.0%}", "middle", ink, 10))
    return page(title, _HEAD + len(across) * _CELL + 20, _TOP + len(down) * 44 + 16, (), 0.0, body)


def _axes(across: str, up: str) -> list[str]:
    body = []
    for tick in range(0, 11, 2):
        at = tick / 10
        body += [line(_x(at), _y(0), _x(at), _y(1), "#ddd"), line(_x(0), _y(at), _x(1), _y(at), "#ddd")]
        body += [text(_x(at), _y(0) + 16, f"{at:.1f}", "middle"), text(_x(0) - 6, _y(at) + 4, f"{at:.1f}", "end")]
    middle = _TOP + _SIDE / 2
    body.append(text(_LEFT + _SIDE / 2, _y(0) + 36, across, "middle"))
    body.append(f'<g transform="rotate(-90 20 {middle:.1f})">{text(20, middle, up, "middle")}</g>')
    return body


def _shade(share: float) -> str:
    """Return a blue between white (0) and the palette's first colour (1)."""
    mixed = (round(255 + (end - 255) * share) for end in (0x00, 0x72, 0xB2))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _x(value: float) -> float:
    return _LEFT + _SIDE * min(max(value, 0.0), 1.0)


def _y(value: float) -> float:
    return _TOP + _SIDE * (1.0 - min(max(value, 0.0), 1.0))
