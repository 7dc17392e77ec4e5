"""Bar charts as inline SVG, each with the same numbers as a table below it; a count that must not be shown is None."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#009e73", "#e69f00", "#d55e00")
"""Of Okabe and Ito's palette, told apart by colour-blind readers as well: pass, context, review."""
_WIDTH, _NAMES, _BARS = 720, 230, 380
_ROW, _THICK = 26, 18


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart: its name, its total, and how that divides among the series; None is not shown."""

    name: str
    total: int | None
    parts: tuple[int | None, ...]


def number(count: int | None, lang: str) -> str:
    """Return a count as people of the language write it; a dash for one that is not shown."""
    if count is None:
        return "–"
    return f"{count:,}".replace(",", ".") if lang == "id" else f"{count:,}"


def chart(title: str, series: Sequence[str], bars: Sequence[Bar], lang: str) -> str:
    """Return a horizontal bar for each line, divided where all of its parts may be shown."""
    most = max((bar.total or 0 for bar in bars), default=0) or 1
    top = 30 if len(series) > 1 else 6
    body = [_legend(series)] if len(series) > 1 else []
    for place, bar in enumerate(bars):
        y, x = top + place * _ROW, float(_NAMES)
        body.append(_text(_NAMES - 8, y + 13, bar.name, "end"))
        for colour, part in zip(*_divided(bar, series), strict=True):
            width = _BARS * part / most
            body.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_THICK}" fill="{colour}"/>')
            x += width
        body.append(_text(x + 6, y + 13, number(bar.total, lang)))
    height = top + len(bars) * _ROW + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{"".join(body)}</svg>'
    )


def table(caption: str, heads: Sequence[str], bars: Sequence[Bar], lang: str) -> str:
    """Return the numbers of a chart as a table: name, parts if there are several, total."""
    rows = []
    for bar in bars:
        counts = (*bar.parts, bar.total) if len(heads) > 2 else (bar.total,)
        cells = "".join(f"<td>{number(count, lang)}</td>" for count in counts)
        rows.append(f'<tr><th scope="row">{escape(bar.name)}</th>{cells}</tr>')
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _divided(bar: Bar, series: Sequence[str]) -> tuple[list[str], list[int]]:
    shown = [part for part in bar.parts if part is not None]
    if len(series) > 1 and len(shown) == len(bar.parts):
        return list(COLOURS[: len(shown)]), shown
    return ["#7a7a7a" if len(series) > 1 else "#0072b2"], [bar.total or 0]


def _legend(series: Sequence[str]) -> str:
    made, x = [], float(_NAMES)
    for colour, name in zip(COLOURS, series, strict=False):
        made.append(f'<rect x="{x:.1f}" y="4" width="12" height="12" fill="{colour}"/>{_text(x + 17, 14, name)}')
        x += 34 + 7 * len(name)
    return "".join(made)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
