"""The shapes that plots are drawn with, as SVG text: words, boxes, lines, and the page around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Okabe and Ito's palette, told apart by colour-blind readers as well."""

_STYLE = "font-family: sans-serif; font-size: 12px; fill: #222"


def page(title: str, width: int, height: int, legend: Sequence[str], legend_at: float, body: Iterable[str]) -> str:
    """Return a whole picture, `width` by `height` units: its title, one coloured box per name of the legend, and its body."""
    boxes, x = [], legend_at
    for colour, name in zip(COLOURS, legend, strict=False):
        boxes += [box(x, 36, 12, 12, colour), text(x + 16, 46, name)]
        x += 30 + 7 * len(name)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" style="{_STYLE}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        text(12, 22, title, size=15),
        *boxes,
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def text(x: float, y: float, words: str, anchor: str = "start", fill: str = "#222", size: int = 12) -> str:
    """Return words whose baseline begins, ends or is centred at a point."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size}">{escape(words)}</text>'
    )


def box(x: float, y: float, width: float, height: float, fill: str) -> str:
    """Return a filled box."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, more: str = "") -> str:
    """Return a straight line; `more` are further attributes."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"{more}/>'
