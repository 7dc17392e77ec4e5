"""Finds the header of a table below lines that a tool wrote above it (its own name, the query, the dates)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pilah_data.feeds.rows import has_text_column

LOOK = 30
"""Rows in which a header is looked for."""
_LONGEST = 60
# Numbers, counts such as 1.2K and 12%, dates and hours, addresses: what stands in rows, not over them.
_VALUE = re.compile(
    r"[+-]?[\d.,]+ ?(?:[KkMm%]|rb|jt)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*|\d{1,2}[:.]\d{2}\b.*|https?://.*", re.DOTALL
)


def find_header(rows: Sequence[Sequence[str]], wanted: str | None) -> int:
    """Return the index of the row that names the columns; 0 unless a later one does that and is wider than all above.

    Monitoring tools (Brandwatch, Meltwater) write some lines of metadata, two or three cells each, before the table. A
    later row that holds what names do not look like, or a text that stands below it again, is a post.
    """
    widest = 0
    for index, row in enumerate(rows[:LOOK]):
        filled = sum(1 for cell in row if cell.strip())
        if has_text_column(wanted, row) and (index == 0 or (filled > widest and _is_header(index, rows, wanted))):
            return index
        widest = max(widest, filled)
    return 0


def _is_header(index: int, rows: Sequence[Sequence[str]], wanted: str | None) -> bool:
    row = rows[index]
    if any(len(cell) > _LONGEST or _VALUE.fullmatch(cell.strip()) for cell in row):
        return False
    texts = [at for at, cell in enumerate(row) if has_text_column(wanted, (cell,))]
    below = [other for other in rows[index + 1 : LOOK] if list(other) != list(row)]
    return not any(len(other) > at and other[at] == row[at] for other in below for at in texts)


def is_consistent(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first rows are a table of several columns: as wide as the first are the second and most others."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    width = len(filled[0]) if filled else 0
    alike = sum(1 for row in filled if len(row) == width)
    return width > 1 and len(filled) > 1 and len(filled[1]) == width and alike * 2 > len(filled)


def named(header: Sequence[str]) -> list[str]:
    """Return the header without the nameless columns that spreadsheets leave behind; a single one may be meant."""
    count = len(header)
    while count and not header[count - 1].strip():
        count -= 1
    return list(header[:count] if len(header) - count > 1 else header)
