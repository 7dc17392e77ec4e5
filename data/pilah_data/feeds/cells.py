"""Makes of the cells of a spreadsheet what a person reads in them, and of their columns the letters."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from pilah_data.feeds.rows import Notes, Numeral

# Whole numbers up to here are exact; from there on they are no ids and written as measurements are.
_EXACT, _HUGE = 2**53, 1e21


class Shown:
    """Makes texts of the cells of a row, and notes once that numbers are too large to have kept their digits."""

    def __init__(self, notes: Notes):
        """Remember where to say it."""
        self._notes, self._said = notes, False

    def __call__(self, row: Sequence[object]) -> list[str]:
        """Return the texts: whole numbers without a fraction or an exponent, dates as ISO 8601."""
        return [cell if type(cell) is str else self._text(cell) for cell in row]

    def _text(self, cell: object) -> str:
        if isinstance(cell, bool):
            return "true" if cell else "false"
        if isinstance(cell, int):
            return Numeral(cell)
        if isinstance(cell, float) and math.isfinite(cell):
            return Numeral(self._number(cell))
        if isinstance(cell, dt.datetime):
            return cell.isoformat(" ")
        return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)

    def _number(self, cell: float) -> str:
        if not cell.is_integer() or abs(cell) >= _HUGE:
            return repr(cell)
        if abs(cell) > _EXACT and not self._said:
            self._said = True
            self._notes.say(
                "numbers beyond 2^53 (16 digits and more) are read, of which a spreadsheet does not keep every digit; do "
                "not rely on ids among them, export them as text"
            )
        return str(int(cell))


def letters(at: int) -> str:
    """Return the letters by which programs call the column at a position, counted from 0."""
    found = ""
    while at >= 0:
        at, rest = divmod(at, 26)
        found, at = chr(ord("A") + rest) + found, at - 1
    return found
