"""Hides small counts in a table with known margins so that no subtraction brings one back.

Primary and complementary cell suppression (Willenborg and de Waal, "Elements of Statistical Disclosure Control", 2001). What a
reader can work out of a hidden cell is an interval: the values it takes in all tables with the same margins and the same shown
cells. The interval is measured as a flow over the hidden cells, which is exact for two-way tables.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from pilah_model.batch.cells import LEAST

Cell = tuple[int, int]
Counts = Sequence[Sequence[int]]
Shown = tuple[tuple[int | None, ...], ...]
_Node = tuple[str, int]
_Arcs = dict[_Node, dict[_Node, int]]
_ENDLESS = 1 << 60


def suppress(counts: Counts) -> Shown:
    """Return the table with None for what is hidden; every row and column total is known and at least `LEAST`.

    Counts from 1 to 4 are hidden; an empty cell holds nobody and is shown. Of every hidden cell a reader knows no more than an
    interval of at least `LEAST` values.
    """
    height, width = len(counts), len(counts[0]) if counts else 0
    if min(height, width) < 2:
        # A single row or column is its own total.
        return tuple(tuple(row) for row in counts)
    hidden = {(i, j) for i in range(height) for j in range(width) if 0 < counts[i][j] < LEAST}
    safe: set[Cell] = set()
    while exposed := _first_exposed(hidden, safe, counts):
        added = _cheapest_cover(exposed, hidden, counts)
        if added is None:
            # With nothing but the totals shown, every cell may vary by the smallest of them.
            hidden = {(i, j) for i in range(height) for j in range(width)}
            break
        hidden |= added
    return tuple(tuple(None if (i, j) in hidden else n for j, n in enumerate(row)) for i, row in enumerate(counts))


def _first_exposed(hidden: set[Cell], safe: set[Cell], counts: Counts) -> Cell | None:
    """Return the first cell that is not safe, and note those before it: what is safe stays so, however many more are hidden."""
    for cell in sorted(hidden - safe):
        if not _is_safe(cell, hidden, counts):
            return cell
        safe.add(cell)
    return None


def _is_safe(cell: Cell, hidden: set[Cell], counts: Counts) -> bool:
    """Return whether a hidden cell may take `LEAST` values at least, each hidden cell being 1 or more."""
    wanted = LEAST - 1
    row, column = ("row", cell[0]), ("column", cell[1])
    up = _flow(column, row, cell, hidden, counts, wanted)
    if up >= wanted:
        return True
    down = min(counts[cell[0]][cell[1]] - 1, wanted - up)
    return up + _flow(row, column, cell, hidden, counts, down) >= wanted


def _flow(source: _Node, sink: _Node, without: Cell, hidden: set[Cell], counts: Counts, most: int) -> int:
    """Return how much can be moved around a cell through the other hidden cells, at most `most`.

    From a row to a column a hidden cell grows without bound; from a column to a row it shrinks down to 1.
    """
    arcs: _Arcs = {source: {}, sink: {}}
    for i, j in hidden - {without}:
        row, column = ("row", i), ("column", j)
        arcs.setdefault(row, {})[column] = _ENDLESS
        arcs.setdefault(column, {})[row] = counts[i][j] - 1
    moved = 0
    while moved < most and (path := _path(source, sink, arcs)):
        step = min(most - moved, *(arcs[a][b] for a, b in path))
        for a, b in path:
            arcs[a][b] -= step
            arcs[b][a] += step
        moved += step
    return moved


def _path(source: _Node, sink: _Node, arcs: _Arcs) -> list[tuple[_Node, _Node]]:
    """Return the arcs of a shortest way with room left, or none."""
    before: dict[_Node, _Node] = {source: source}
    waiting = deque([source])
    while waiting and sink not in before:
        node = waiting.popleft()
        for following, room in arcs[node].items():
            if room > 0 and following not in before:
                before[following] = node
                waiting.append(following)
    if sink not in before:
        return []
    path = []
    node = sink
    while node != source:
        path.append((before[node], node))
        node = before[node]
    return path


def _cheapest_cover(cell: Cell, hidden: set[Cell], counts: Counts) -> set[Cell] | None:
    """Return the cells to hide beside an exposed one: the corners of the rectangle that costs the fewest shown posts."""
    i, j = cell
    best: tuple[int, set[Cell]] | None = None
    for a in range(len(counts)):
        for b in range(len(counts[0])):
            if a == i or b == j or counts[a][b] == 0 or min(counts[a][j], counts[i][b]) < LEAST:
                continue
            corners = {(a, j), (i, b), (a, b)} - hidden
            cost = sum(counts[r][c] for r, c in corners)
            if corners and (best is None or cost < best[0]):
                best = cost, corners
    return best[1] if best else None
