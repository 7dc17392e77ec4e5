"""Tables of counts as they may leave the office: no group of fewer than five, and none that can be worked out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pilah_api.services.suppression import Shown, suppress
from pilah_model.batch.cells import LEAST

OTHER = "*"
"""Name of the line in which small groups are put together."""
_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by two things; None stands for a hidden cell. Every total is shown and at least `LEAST`."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Shown
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return the number of all."""
        return sum(self.row_totals)


def fold(counts: Mapping[str, int]) -> dict[str, str]:
    """Return, for every group, the line it is shown in: its own, or `OTHER` together with others that are small.

    Nothing is shown if all together are fewer than `LEAST`.
    """
    if sum(counts.values()) < LEAST:
        return {}
    together: list[str] = []
    for name in sorted(counts, key=lambda name: (counts[name], name)):
        small = counts[name] < LEAST
        # A single small group, or several that are few together, are covered by the next larger one.
        uncovered = together and (len(together) < 2 or sum(counts[one] for one in together) < LEAST)
        if small or uncovered:
            together.append(name)
    return {name: OTHER if name in together else name for name in counts}


def fold_weeks(counts: Mapping[dt.date, int], recent: int = 26) -> dict[dt.date, tuple[dt.date, dt.date]]:
    """Return, for every Monday, the first and last day of the stretch it is shown in: as many weeks as hold `LEAST`.

    What lies before the `recent` last weeks is one stretch.
    """
    newest = max(counts, default=dt.date.min)
    stretches: list[list[dt.date]] = [[]]
    held = 0
    for week in sorted(counts):
        if held >= LEAST and (newest - week) // _WEEK < recent:
            stretches.append([])
            held = 0
        stretches[-1].append(week)
        held += counts[week]
    if 0 < held < LEAST and len(stretches) > 1:
        last = stretches.pop()
        stretches[-1] += last
    elif held < LEAST:
        return {}
    return {week: (weeks[0], weeks[-1] + _WEEK - dt.timedelta(days=1)) for weeks in stretches for week in weeks}


def tabulate(counts: Mapping[tuple[str, str], int], rows: Sequence[str], columns: Sequence[str]) -> Table | None:
    """Return counts by row and column, in the given orders, with `OTHER` last; None if there are too few to show any.

    Groups whose totals are small are put together, then single cells are hidden.
    """
    by_row, by_column = Counter[str](), Counter[str]()
    for (row, column), number in counts.items():
        by_row[row] += number
        by_column[column] += number
    row_lines, column_lines = fold(by_row), fold(by_column)
    if not row_lines or not column_lines:
        return None
    shown_rows = _places(rows, row_lines)
    shown_columns = _places(columns, column_lines)
    cells = [[0] * len(shown_columns) for _ in shown_rows]
    for (row, column), number in counts.items():
        cells[shown_rows[row_lines[row]]][shown_columns[column_lines[column]]] += number
    return Table(
        tuple(shown_rows),
        tuple(shown_columns),
        _suppressed(tuple(map(tuple, cells))),
        tuple(map(sum, cells)),
        tuple(map(sum, zip(*cells, strict=True))),
    )


@lru_cache(maxsize=16)
def _suppressed(cells: tuple[tuple[int, ...], ...]) -> Shown:
    """Hide small counts; the same table, which changes a few times a day, is worked out once."""
    return suppress(cells)


def _places(names: Sequence[str], lines: Mapping[str, str]) -> dict[str, int]:
    """Return the place of each line that is shown: in the order of the names, `OTHER` last."""
    shown = set(lines.values())
    return {name: place for place, name in enumerate(name for name in (*names, OTHER) if name in shown)}
