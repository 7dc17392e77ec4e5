"""Groups token rows of like length into batches and pads them; of numpy alone, so that every engine can use it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt


def token_batches(lengths: npt.NDArray[np.int64], budget: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield index groups of like length whose padded size stays within the budget (always at least one row)."""
    order = np.argsort(lengths, kind="stable")
    at = 0
    while at < len(order):
        end = at + 1
        while end < len(order) and (end + 1 - at) * lengths[order[end]] <= budget:
            end += 1
        yield order[at:end]
        at = end


def snug_batches(
    lengths: npt.NDArray[np.int64], budget: int, *, step: int, start: int
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield index groups whose rows, padded to a multiple of `step`, cost the least together.

    A group costs its padded tokens, two rows at least, and `start` tokens more for being computed at all: so little padding is
    computed, and few groups of one row, however few rows there are. No group has more than `budget` padded tokens, but for one row.
    """
    order = np.argsort(lengths, kind="stable")
    widths, counts = np.unique(-(-lengths // step) * step, return_counts=True)
    ends = [0, *np.cumsum(counts).tolist()]
    sizes = widths.tolist()
    # The cheapest way to group the rows of the narrowest widths, for ever more widths: (cost, where its last group begins).
    best: list[tuple[int, int]] = [(0, 0)]
    for stop in range(1, len(ends)):
        most = max(1, budget // sizes[stop - 1])
        found = []
        for begin in range(stop - 1, -1, -1):
            rows = ends[stop] - ends[begin]
            groups = -(-rows // most)
            found.append((best[begin][0] + groups * start + max(2, rows) * sizes[stop - 1], begin))
            if groups > 2:
                break
        best.append(min(found))
    stop = len(ends) - 1
    while stop:
        begin = best[stop][1]
        rows = order[ends[begin] : ends[stop]]
        yield from np.array_split(rows, -(-len(rows) // max(1, budget // sizes[stop - 1])))
        stop = begin


def padded(
    rows: Sequence[Sequence[int] | npt.NDArray[np.int32]], width: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return token ids padded with 0 ([PAD]) to `width`, and the attention mask."""
    ids = np.zeros((len(rows), width), dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask
