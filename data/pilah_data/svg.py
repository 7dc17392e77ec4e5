"""Draws the three kinds of plot that the data card needs as SVG text: the same numbers always give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Okabe and Ito's palette, told apart by colour-blind readers as well."""

_ON_DARK, _ON_LIGHT = "#fff", "#111"
_DARK = frozenset({"#0072b2", "#009e73", "#d55e00"})
_WIDTH, _NAMES, _BARS = 780, 210, 430
_LONGEST = 32
_TOP, _ROW, _THICK = 64, 26, 18
_STYLE = "font-family: sans-serif; font-size: 12px; fill: #222"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a bar plot: its name and one value per series."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """One line of an interval plot: a value with its lower and upper end."""

    name: str
    value: float
    low: float
    high: float


def shares(title: str, series: Sequence[str], rows: Sequence[Row]) -> str:
    """Draw one full-width bar per row, divided by the shares of the series; the total stands at its end."""
    body: list[str] = []
    for place, row in enumerate(rows):
        y, total, x = _TOP + place * _ROW, sum(row.values), float(_NAMES)
        body += [_name(row.name, y), _text(_NAMES + _BARS + 8, y + 13, f"{total:,}")]
        for colour, value in zip(COLOURS, row.values, strict=False):
            width = _BARS * value / total if total else 0.0
            body.append(_box(x, y, width, _THICK, colour))
            if width > 30:
                body.append(
                    _text(
                        x + width / 2,
                        y + 13,
                        f"{value / total:.0%}",
                        "middle",
                        _ON_DARK if colour in _DARK else _ON_LIGHT,
                    )
                )
            x += width
    return _page(title, series, body, len(rows))


def bars(title: str, series: Sequence[str], rows: Sequence[Row]) -> str:
    """Draw one bar per row and series, side by side, with its count."""
    most = max((value for row in rows for value in row.values), default=0) or 1
    thick = _THICK / len(series)
    body: list[str] = []
    for place, row in enumerate(rows):
        y = _TOP + place * _ROW
        body.append(_name(row.name, y))
        for number, value in enumerate(row.values):
            width, top = (_BARS - 10) * value / most, y + number * thick
            body.append(_box(_NAMES, top, width, thick, COLOURS[number]))
            body.append(_text(_NAMES + width + 4, top + thick / 2 + 3, f"{value:,}", size=min(11, int(thick) + 1)))
    return _page(title, series, body, len(rows))


def intervals(title: str, rows: Sequence[Interval], mark: float) -> str:
    """Draw values from 0 to 1 with their intervals; a dashed line stands at `mark`."""
    body = [_line(_at(mark), _TOP - 4, _at(mark), _TOP + len(rows) * _ROW, "#d55e00", ' stroke-dasharray="4 3"')]
    for tick in range(0, 11, 2):
        body.append(_line(_at(tick / 10), _TOP - 4, _at(tick / 10), _TOP + len(rows) * _ROW, "#ddd"))
        body.append(_text(_at(tick / 10), _TOP - 10, f"{tick / 10:.1f}", "middle"))
    for place, row in enumerate(rows):
        y = _TOP + place * _ROW
        body.append(_name(row.name, y))
        body.append(_line(_at(row.low), y + 9, _at(row.high), y + 9, COLOURS[0], ' stroke-width="2"'))
        body.append(f'<circle cx="{_at(row.value):.1f}" cy="{y + 9}" r="4" fill="{COLOURS[0]}"/>')
        body.append(_text(_NAMES + _BARS + 8, y + 13, f"{row.value:.2f} [{row.low:.2f}, {row.high:.2f}]"))
    return _page(title, (), body, len(rows))


def _at(value: float) -> float:
    return _NAMES + _BARS * min(max(value, 0.0), 1.0)


def _page(title: str, series: Sequence[str], body: Iterable[str], rows: int) -> str:
    height = _TOP + rows * _ROW + 14
    legend, x = [], float(_NAMES)
    for colour, name in zip(COLOURS, series, strict=False):
        legend += [_box(x, 36, 12, 12, colour), _text(x + 16, 46, name)]
        x += 30 + 7 * len(name)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" style="{_STYLE}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        _text(12, 22, title, size=15),
        *legend,
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _name(name: str, y: float) -> str:
    return _text(_NAMES - 8, y + 13, name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…", "end")


def _text(x: float, y: float, words: str, anchor: str = "start", fill: str = "#222", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size}">{escape(words)}</text>'
    )


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, more: str = "") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"{more}/>'
