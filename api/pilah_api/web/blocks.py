"""The parts of a page of figures: a heading with sentences, a chart and its table."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of words: heads, and per row its name and cells, None where hidden; the last row may hold totals."""

    caption: str
    corner: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str | None, ...]], ...]

    @property
    def hides(self) -> bool:
        """Return whether a cell is hidden."""
        return any(None in cells for _, cells in self.rows)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the page: its heading, sentences, a chart and its table; without both there is too little to show."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    chart: Markup | None = None
    grid: Grid | None = None
    open: bool = False
