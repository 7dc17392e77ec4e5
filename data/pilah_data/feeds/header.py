"""Finds the header of a table below lines that a tool wrote above it (its own name, the query, the dates)."""

from __future__ import annotations

from collections.abc import Sequence

from pilah_data.feeds.rows import has_text_column

LOOK = 30
"""Rows in which a header is looked for."""


def find_header(rows: Sequence[Sequence[str]], wanted: str | None) -> int:
    """Return the index of the row that names the columns; 0 unless a later one names the text and is wider than all above.

    Monitoring tools (Brandwatch, Meltwater) write some lines of metadata, two or three cells each, before the table.
    """
    widest = 0
    for index, row in enumerate(rows[:LOOK]):
        filled = sum(1 for cell in row if cell.strip())
        if has_text_column(wanted, row) and (index == 0 or filled > widest):
            return index
        widest = max(widest, filled)
    return 0


def named(header: Sequence[str]) -> list[str]:
    """Return the header without the nameless columns that spreadsheets leave behind; a single one may be meant."""
    count = len(header)
    while count and not header[count - 1].strip():
        count -= 1
    return list(header[:count] if len(header) - count > 1 else header)
