"""Charts of a page as inline SVG: narrow enough for a phone, in the page's own colours, with no style that the policy forbids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from pilah_data.svg_shapes import box, line, text

_WIDTH, _LEFT, _TOP, _TALL = 400, 44, 30, 150
_ROW, _THICK, _WIDEST = 34, 9, 48
_GRID, _INK, _FAINT = "var(--line)", "var(--ink)", "var(--soft)"
_HATCH = "url(#hidden)"
Write = Callable[[int], str]
"""Writes a number as the page's language does."""


@dataclass(frozen=True, slots=True)
class Series:
    """What one colour stands for, and its value in every row or column; None is hidden."""

    name: str
    colour: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Span:
    """A share from 0 to 1 with its interval; a share that is hidden leaves the interval alone."""

    name: str
    value: float | None
    low: float
    high: float
    words: str


def columns(
    title: str, names: Sequence[str], series: Sequence[Series], totals: Sequence[int], write: Write, hidden: str
) -> Markup:
    """Draw stacked columns; of a column with a hidden part the rest up to its total is hatched."""
    top = _ceiling(max(totals, default=1))
    step = min((_WIDTH - _LEFT - 4) / max(1, len(names)), _WIDEST)
    bottom = _TOP + _TALL
    body = [*_legend(series, hidden if any(None in one.values for one in series) else "")]
    for tick in (0, top // 2, top):
        y = bottom - _TALL * tick / top
        body += [line(_LEFT, y, _WIDTH, y, _GRID), text(_LEFT - 6, y + 4, write(tick), "end", _FAINT, 11)]
    for place, total in enumerate(totals):
        x, y = _LEFT + 4 + place * step, float(bottom)
        for one in series:
            height = _TALL * (one.values[place] or 0) / top
            y -= height
            body.append(box(x, y, step * 0.78, height, one.colour))
        rest = y - (bottom - _TALL * total / top)
        if rest > 0.01:
            body.append(box(x, y - rest, step * 0.78, rest, _HATCH))
    return _page(title, bottom + 24, [*body, *_names(names, step, bottom)])


def bars(title: str, names: Sequence[str], series: Sequence[Series], write: Write, hidden: str) -> Markup:
    """Draw one bar per row and series below the row's name; a hidden count is told by the given word."""
    most = max((value for one in series for value in one.values if value), default=1)
    row = _ROW + (len(series) - 1) * (_THICK + 4)
    top = _TOP if len(series) > 1 else 6
    body = [*_legend(series)] if len(series) > 1 else []
    for place, name in enumerate(names):
        y = top + place * row
        body.append(text(0, y + 11, name, size=12, fill=_INK))
        for number, one in enumerate(series):
            value, at = one.values[place], y + 16 + number * (_THICK + 4)
            width = (_WIDTH - 90) * (value or 0) / most
            body.append(box(0, at, max(width, 1), _THICK, one.colour if value is not None else _HATCH))
            body.append(text(width + 6, at + 9, hidden if value is None else write(value), fill=_FAINT, size=11))
    return _page(title, top + len(names) * row, body)


def spans(title: str, rows: Sequence[Span], ticks: Sequence[str]) -> Markup:
    """Draw shares with their intervals over an axis from 0 to 1, with five ticks."""
    bottom = len(rows) * 44 + 4

    def at(share: float) -> float:
        return 8 + (_WIDTH - 16) * min(max(share, 0.0), 1.0)

    body = [line(at(n / 4), 0, at(n / 4), bottom, _GRID) for n in range(5)]
    body += [
        text(at(n / 4), bottom + 14, ticks[n], "start" if n == 0 else "end" if n == 4 else "middle", _FAINT, 11)
        for n in range(5)
    ]
    for place, row in enumerate(rows):
        y = place * 44 + 12
        body.append(text(8, y, row.name, fill=_INK, size=12))
        body.append(text(_WIDTH - 8, y, row.words, "end", _INK, 12))
        body.append(
            line(at(row.low), y + 14, at(row.high), y + 14, "var(--accent)", ' stroke-width="5" stroke-linecap="round"')
        )
        if row.value is not None:
            body.append(f'<circle cx="{at(row.value):.1f}" cy="{y + 14}" r="6" fill="var(--accent)"/>')
    return _page(title, bottom + 20, body)


def _names(names: Sequence[str], step: float, bottom: float) -> list[str]:
    """Name the first and last column, and as many between as there is room for."""
    every = max(1, -(-len(names) * 56 // (_WIDTH - _LEFT)))
    return [
        text(_LEFT + 4 + place * step + step * 0.39, bottom + 16, name, "middle", _FAINT, 10)
        for place, name in enumerate(names)
        if place % every == 0
    ]


def _legend(series: Sequence[Series], hidden: str = "") -> list[str]:
    x, found = 0.0, []
    for one in series:
        found += [box(x, 4, 11, 11, one.colour), text(x + 16, 14, one.name, fill=_INK, size=12)]
        x += 34 + 6.6 * len(one.name)
    return [*found, box(x, 4, 11, 11, _HATCH), text(x + 16, 14, hidden, fill=_INK, size=12)] if hidden else found


def _ceiling(most: int) -> int:
    """Return the smallest of 2, 4, 6, 8, 10, 20, 40 ... that is at least as large; its half is whole."""
    size = 1
    while True:
        for step in (2, 4, 6, 8, 10):
            if size * step >= most:
                return size * step
        size *= 10


def _page(title: str, height: float, body: Sequence[str]) -> Markup:
    hatch = (
        '<defs><pattern id="hidden" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path d="M0 0V5" stroke="var(--edge)" stroke-width="3"/></pattern></defs>'
    )
    drawing = "".join(body)
    return Markup(  # noqa: S704 - every word in it was escaped
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label={quoteattr(title)}>'
        f"<title>{escape(title)}</title>{hatch}{drawing}</svg>"
    )
