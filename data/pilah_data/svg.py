"""Draws the three kinds of plot that the data card needs as SVG text: the same numbers always give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pilah_data.svg_shapes import COLOURS, box, line, page, text

_ON_DARK, _ON_LIGHT = "#fff", "#111"
_DARK = frozenset({"#0072b2", "#009e73", "#d55e00"})
_WIDTH, _NAMES, _BARS = 780, 210, 430
_LONGEST = 32
_TOP, _ROW, _THICK = 64, 26, 18


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
        body += [_name(row.name, y), text(_NAMES + _BARS + 8, y + 13, f"{total:,}")]
        for colour, value in zip(COLOURS, row.values, strict=False):
            width = _BARS * value / total if total else 0.0
            body.append(box(x, y, width, _THICK, colour))
            if width > 30:
                body.append(
                    text(
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
            body.append(box(_NAMES, top, width, thick, COLOURS[number]))
            body.append(text(_NAMES + width + 4, top + thick / 2 + 3, f"{value:,}", size=min(11, int(thick) + 1)))
    return _page(title, series, body, len(rows))


def intervals(title: str, rows: Sequence[Interval], mark: float) -> str:
    """Draw values from 0 to 1 with their intervals; a dashed line stands at `mark`."""
    body = [line(_at(mark), _TOP - 4, _at(mark), _TOP + len(rows) * _ROW, "#d55e00", ' stroke-dasharray="4 3"')]
    for tick in range(0, 11, 2):
        body.append(line(_at(tick / 10), _TOP - 4, _at(tick / 10), _TOP + len(rows) * _ROW, "#ddd"))
        body.append(text(_at(tick / 10), _TOP - 10, f"{tick / 10:.1f}", "middle"))
    for place, row in enumerate(rows):
        y = _TOP + place * _ROW
        body.append(_name(row.name, y))
        body.append(line(_at(row.low), y + 9, _at(row.high), y + 9, COLOURS[0], ' stroke-width="2"'))
        body.append(f'<circle cx="{_at(row.value):.1f}" cy="{y + 9}" r="4" fill="{COLOURS[0]}"/>')
        body.append(text(_NAMES + _BARS + 8, y + 13, f"{row.value:.2f} [{row.low:.2f}, {row.high:.2f}]"))
    return _page(title, (), body, len(rows))


def _at(value: float) -> float:
    return _NAMES + _BARS * min(max(value, 0.0), 1.0)


def _page(title: str, series: Sequence[str], body: Iterable[str], rows: int) -> str:
    return page(title, _WIDTH, _TOP + rows * _ROW + 14, series, float(_NAMES), body)


def _name(name: str, y: float) -> str:
    return text(_NAMES - 8, y + 13, name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…", "end")
