"""Small pieces of HTML that the evaluation report is put together from; every word and number is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

SMALL_MARK = " (small)"


def section(title: str, *parts: str) -> str:
    """Return a part of the page under a heading; nothing without content."""
    body = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table whose first column names its rows; nothing without rows."""
    body = [_row(row) for row in rows]
    if not body:
        return ""
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    return (
        f'<div class="wide"><table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{chr(10).join(body)}\n</tbody>\n</table></div>"
    )


def paragraph(words: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(words)}</p>"


def figures(*pictures: str) -> str:
    """Return pictures side by side, as far as there are any."""
    drawn = [f"<figure>{picture}</figure>" for picture in pictures if picture]
    return f'<div class="plots">{"".join(drawn)}</div>' if drawn else ""


def share(value: object) -> str:
    """Return a share in [0, 1] as a percentage; a dash for what could not be measured."""
    return f"{value:.1%}" if isinstance(value, int | float) else "-"


def figure(values: object, *, percent: bool = False) -> str:
    """Return [value, low, high] as text."""
    if not isinstance(values, list) or values[0] is None:
        return "-"
    value, low, high = (("-" if v is None else f"{v:.1%}" if percent else f"{v:.3f}") for v in values)
    return f"{value} [{low}, {high}]"


def rate(values: object) -> str:
    """Return [passed, checks, low, high] as text."""
    if not isinstance(values, list) or not values[1]:
        return "-"
    passed, checks, low, high = values
    return f"{passed / checks:.1%} [{low:.1%}, {high:.1%}] of {checks:,}"


def named(name: str, small: object) -> str:
    """Return the name of a row, marked where it stands for few posts."""
    return name + SMALL_MARK if small else name


def _row(row: Sequence[object]) -> str:
    first, *rest = (
        escape(f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)) for cell in row
    )
    return f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"
