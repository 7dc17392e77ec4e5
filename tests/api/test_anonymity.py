"""No count below five is shown, and none can be worked out: checked against exact bounds from a linear programme."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pilah_api.services.anonymity import OTHER, Table, fold, fold_weeks, tabulate
from pilah_api.services.suppression import Counts, Shown, suppress
from pilah_model.batch.cells import LEAST

NUMBERS = st.one_of(st.integers(0, 6), st.integers(0, 40), st.just(0), st.just(1))


@st.composite
def tables(draw: st.DrawFn) -> list[list[int]]:
    """Tables whose totals are large enough to be shown."""
    height, width = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    cells = [[draw(NUMBERS) for _ in range(width)] for _ in range(height)]
    for row in cells:
        if sum(row) < LEAST:
            row[draw(st.integers(0, width - 1))] += LEAST
    for column in range(width):
        if sum(row[column] for row in cells) < LEAST:
            cells[draw(st.integers(0, height - 1))][column] += LEAST
    return cells


def interval(shown: Shown, counts: Counts, cell: tuple[int, int]) -> tuple[float, float]:
    """Return all that a reader of the shown cells and all totals can say of a hidden one."""
    places = [(i, j) for i, row in enumerate(shown) for j, n in enumerate(row) if n is None]
    lines = [("row", i) for i in range(len(counts))] + [("column", j) for j in range(len(counts[0]))]
    equations = [[float((i if kind == "row" else j) == at) for i, j in places] for kind, at in lines]
    left = [sum(counts[i][j] for i, j in places if (i if kind == "row" else j) == at) for kind, at in lines]
    # Where an empty cell is shown, a hidden one is known to be 1 at least; where all are hidden, it may be empty.
    least = 0 if len(places) == len(counts) * len(counts[0]) else 1
    aim = np.array([float(place == cell) for place in places])
    ends = [linprog(sign * aim, A_eq=equations, b_eq=left, bounds=(least, None)) for sign in (1, -1)]
    assert all(end.success for end in ends)
    return ends[0].fun, -ends[1].fun


def check(counts: Counts) -> None:
    shown = suppress(counts)
    for i, row in enumerate(shown):
        for j, number in enumerate(row):
            if number is None:
                low, high = interval(shown, counts, (i, j))
                assert high - low >= LEAST - 1 - 1e-6, (counts, shown, (i, j))
            else:
                assert number == counts[i][j]
                assert number == 0 or number >= LEAST


@settings(deadline=None, max_examples=60)
@given(tables())
def test_no_small_cell_is_shown_or_worked_out(counts: list[list[int]]) -> None:
    check(counts)


@pytest.mark.parametrize(
    "counts",
    [
        [[20, 3], [20, 20]],
        [[9, 1, 0], [1, 9, 0], [0, 0, 30]],
        [[4, 1], [1, 4]],
        [[50, 0, 2], [0, 60, 0], [7, 0, 70]],
        # Two rectangles of hidden cells, joined by a single cell that the totals alone would give away.
        [[1, 6, 3, 50], [6, 1, 50, 50], [50, 50, 1, 6], [50, 50, 6, 1]],
        [[0, 5, 4], [5, 0, 3], [4, 3, 0]],
    ],
)
def test_known_traps(counts: list[list[int]]) -> None:
    check(counts)


def test_what_needs_no_hiding_is_left_as_it_is() -> None:
    assert suppress([[5, 0], [0, 90]]) == ((5, 0), (0, 90))
    assert suppress([[20, 3], [20, 20]]) == ((None, None), (None, None))
    assert suppress([[7, 3, 60], [60, 60, 60], [60, 60, 60]])[1][2] == 60
    assert suppress([[3, 8]]) == ((3, 8),)  # a single row is its own totals, which the caller has seen to
    assert suppress([]) == ()


def test_what_is_hidden_beside_a_small_cell_costs_little() -> None:
    shown = suppress([[3, 10, 100], [10, 10, 100], [100, 100, 100]])
    assert shown == ((None, None, 100), (None, None, 100), (100, 100, 100))


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30)))
def test_groups_are_put_together_until_none_is_small(counts: dict[str, int]) -> None:
    lines = fold(counts)
    if not lines:
        assert sum(counts.values()) < LEAST
        return
    assert lines.keys() == counts.keys()
    totals: dict[str, int] = {}
    for name, line in lines.items():
        totals[line] = totals.get(line, 0) + counts[name]
    assert min(totals.values()) >= LEAST
    assert list(lines.values()).count(OTHER) != 1
    assert all(line in (name, OTHER) for name, line in lines.items())
    assert (OTHER in totals) == any(n < LEAST for n in counts.values())


@given(st.dictionaries(st.integers(0, 60), st.integers(1, 12), max_size=20))
def test_weeks_are_joined_to_stretches_that_hold_enough(held: dict[int, int]) -> None:
    start = dt.date(2026, 6, 1)
    counts = {start + dt.timedelta(weeks=n): posts for n, posts in held.items()}
    stretches = fold_weeks(counts)
    if not stretches:
        assert sum(counts.values()) < LEAST
        return
    totals: dict[tuple[dt.date, dt.date], int] = {}
    for week, stretch in stretches.items():
        assert stretch[0] <= week <= stretch[1]
        totals[stretch] = totals.get(stretch, 0) + counts[week]
    assert min(totals.values()) >= LEAST
    ends = sorted(totals)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(ends))


def test_what_lies_far_back_is_one_stretch() -> None:
    start = dt.date(2026, 1, 5)
    lines = fold_weeks({start + dt.timedelta(weeks=n): 9 for n in range(40)}, recent=26)
    stretches = sorted(set(lines.values()))
    assert len(stretches) == 27
    assert stretches[0] == (start, start + dt.timedelta(days=14 * 7 - 1))


PAIRS = st.dictionaries(st.tuples(st.sampled_from("abcde"), st.sampled_from("vwxyz")), st.integers(1, 30), max_size=25)


@settings(deadline=None, max_examples=40)
@given(PAIRS)
def test_a_whole_table_gives_nothing_small_away(counts: Mapping[tuple[str, str], int]) -> None:
    table = tabulate(counts, "abcde", "vwxyz")
    total = sum(counts.values())
    if table is None:
        assert total < LEAST
        return
    assert table.total == sum(table.column_totals) == total
    assert min(*table.row_totals, *table.column_totals) >= LEAST
    true = _gathered(counts, table)
    for i, row in enumerate(table.cells):
        for j, number in enumerate(row):
            if number is None:
                low, high = interval(table.cells, true, (i, j))
                assert high - low >= LEAST - 1 - 1e-6
            else:
                assert number == true[i][j]
                assert number == 0 or number >= LEAST


def _gathered(counts: Mapping[tuple[str, str], int], table: Table) -> list[list[int]]:
    def line(name: str, lines: tuple[str, ...]) -> int:
        return lines.index(name if name in lines else OTHER)

    cells = [[0] * len(table.columns) for _ in table.rows]
    for (row, column), number in counts.items():
        cells[line(row, table.rows)][line(column, table.columns)] += number
    return cells


def test_lines_stand_in_the_given_order_and_what_was_put_together_last() -> None:
    counts = {("b", "x"): 20, ("a", "x"): 20, ("a", "y"): 20, ("c", "x"): 1, ("d", "y"): 1, ("b", "y"): 20}
    table = tabulate(counts, "dcba", "yx")
    assert table is not None
    assert (table.rows, table.columns) == (("b", OTHER), ("y", "x")) or table.rows == ("b", "a", OTHER)
    assert table.rows[-1] == OTHER
