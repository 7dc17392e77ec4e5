"""Draws pretraining batches on the device itself: packed rows, whole words masked, every batch of one shape.

A compact network on a CUDA device reads millions of tokens a second, more than batches made on the CPU could feed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from pilah_data.raw_texts import DOMAINS
from pilah_model.pretraining.batches import IGNORED, Masker, held_out
from pilah_model.pretraining.packing import Packed
from pilah_model.pretraining.rows import fill_rows
from pilah_model.pretraining.vocabulary import SPECIAL

_ROUND_STEPS = 32
"""Batches drawn and packed together; more fill rows better, fewer start sooner."""
_ROUNDS_AHEAD = 3
_ROOM = 1.06
"""Masked positions are padded to this multiple of their expected number; what is beyond is left unmasked."""


@dataclass(frozen=True)
class RowBatch:
    """A masked batch on the device.

    `ids`, `places` (position in the post) and `posts` (number of the post, 0 for padding) have shape (rows, width);
    `positions` index the flattened ids, `targets` are their true ids or `IGNORED`; `tokens` counts the real tokens.
    """

    ids: torch.Tensor
    places: torch.Tensor
    posts: torch.Tensor
    positions: torch.Tensor
    targets: torch.Tensor
    tokens: int


@dataclass(frozen=True)
class _Round:
    """Where the pieces of some batches go: piece, row and first column, and the real tokens of each batch."""

    pieces: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    tokens: list[int]


class RowBatches:
    """An endless source of batches of `rows * width` cells, the same for the same seed."""

    def __init__(
        self, packed: Packed, tokenizer: Tokenizer, mixture: Mapping[str, float], *, mask_rate: float, cells: int,
        width: int, seed: list[int], device: str,
    ):  # fmt: skip
        """Copy the tokens to the device; `cells` per batch is rounded down to whole rows of `width`."""
        self._packed, self._masker = packed, Masker(tokenizer, mask_rate)
        self._width, self._rows, self._rate = width, cells // width, mask_rate
        self._tokens = torch.from_numpy(packed.tokens.astype(np.int32)).to(device)
        self._continues = torch.from_numpy(self._masker.continues).to(device)
        self._device = device
        self._rng = np.random.default_rng(seed)
        self._dice = torch.Generator(device=device).manual_seed(int(self._rng.integers(2**62)))
        train = ~held_out(packed)
        self._decks = [_Deck(np.flatnonzero(train & (packed.domains == i)), self._rng) for i in range(len(DOMAINS))]
        self._share = [mixture[d] if len(deck.pool) else 0.0 for d, deck in zip(DOMAINS, self._decks, strict=True)]
        self._mean = [float(packed.lengths[d.pool].mean()) + 2 if len(d.pool) else 1.0 for d in self._decks]

    def __iter__(self) -> Iterator[RowBatch]:
        """Yield batches for ever; a thread packs the coming rounds meanwhile."""
        # One thread, since all rounds share one source of random numbers; what it raises is raised here.
        thread = ThreadPoolExecutor(1)
        try:
            coming = deque(thread.submit(self._round) for _ in range(_ROUNDS_AHEAD))
            while True:
                coming.append(thread.submit(self._round))
                yield from self._batches(coming.popleft().result())
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    def _round(self) -> _Round:
        cells = _ROUND_STEPS * self._rows * self._width
        total = sum(self._share)
        # A little more than fits: rows are whole, and which are left out for want of room is drawn.
        counts = [int(1.02 * cells * share / total / mean) for share, mean in zip(self._share, self._mean, strict=True)]
        pieces = np.concatenate([deck.deal(n) for deck, n in zip(self._decks, counts, strict=True)])
        pieces = self._rng.permutation(pieces)
        lengths = self._packed.lengths[pieces].astype(np.int64) + 2
        rows, columns = fill_rows(lengths, self._width)
        number = int(rows.max()) + 1
        place = self._rng.permutation(number)[rows]
        kept = place < _ROUND_STEPS * self._rows
        pieces, lengths, place, columns = pieces[kept], lengths[kept], place[kept], columns[kept]
        real = np.bincount(place // self._rows, weights=lengths - 2, minlength=_ROUND_STEPS)
        steps = max(1, number // self._rows) if number < _ROUND_STEPS * self._rows else _ROUND_STEPS
        return _Round(pieces, place, columns, [int(n) for n in real[:steps]])

    def _batches(self, drawn: _Round) -> Iterator[RowBatch]:
        ids, places, posts = self._layout(drawn)
        for step, tokens in enumerate(drawn.tokens):
            part = slice(step * self._rows, (step + 1) * self._rows)
            hidden, positions, targets = self._masked(ids[part])
            yield RowBatch(hidden, places[part], posts[part], positions, targets, tokens)

    def _layout(self, drawn: _Round) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Lay the pieces of a round out as (rows, width): ids, places within the post, and numbers of the posts."""
        starts, lengths, first = (
            torch.from_numpy(a).to(self._device)
            for a in (
                self._packed.starts[drawn.pieces],
                self._packed.lengths[drawn.pieces].astype(np.int64) + 2,
                drawn.rows * self._width + drawn.columns,
            )
        )
        piece = torch.repeat_interleave(torch.arange(len(starts), device=self._device), lengths)
        within = torch.arange(len(piece), device=self._device) - (torch.cumsum(lengths, 0) - lengths)[piece]
        words = self._tokens[(starts[piece] + within - 1).clamp(0, len(self._tokens) - 1)].long()
        words = torch.where(within == 0, self._masker.cls, words)
        words = torch.where(within == lengths[piece] - 1, self._masker.sep, words)
        cells = _ROUND_STEPS * self._rows * self._width
        ids = torch.full((cells,), self._masker.pad, device=self._device)
        places, posts = torch.zeros_like(ids), torch.zeros_like(ids)
        target = first[piece] + within
        ids[target], places[target], posts[target] = words, within, piece + 1
        return ids.view(-1, self._width), places.view(-1, self._width), posts.view(-1, self._width)

    def _masked(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Hide whole words as `Masker` does, with a fixed number of positions and without waiting for the device."""
        flat = ids.reshape(-1)
        real = (flat != self._masker.pad) & (flat != self._masker.cls) & (flat != self._masker.sep)
        word = torch.cumsum(real & ~self._continues[flat], 0)
        chosen = (self._random(flat.numel() + 1)[word] < self._rate) & real
        room = int(self._rate * flat.numel() * _ROOM) // 128 * 128 + 128
        order = torch.cumsum(chosen, 0) - 1
        chosen &= order < room
        slot = torch.where(chosen, order, room)
        positions = torch.zeros(room + 1, dtype=torch.long, device=flat.device)
        positions[slot] = torch.arange(flat.numel(), device=flat.device)
        positions = positions[:room]
        filled = torch.arange(room, device=flat.device) < chosen.sum()
        positions = torch.where(filled, positions, 0)
        targets = torch.where(filled, flat[positions], IGNORED)
        dice = self._random(flat.numel())
        other = (self._random(flat.numel()) * (self._masker.size - len(SPECIAL))).long() + len(SPECIAL)
        hidden = torch.where(chosen & (dice < 0.8), self._masker.mask, flat)
        hidden = torch.where(chosen & (dice >= 0.8) & (dice < 0.9), other, hidden)
        return hidden.view_as(ids), positions, targets

    def _random(self, count: int) -> torch.Tensor:
        return torch.rand(count, generator=self._dice, device=self._device)


class _Deck:
    """Deals a pool of pieces without replacement, shuffling again when it is used up."""

    def __init__(self, pool: npt.NDArray[np.int64], rng: np.random.Generator):
        self.pool, self._rng = pool, rng
        self._left = pool[:0]

    def deal(self, count: int) -> npt.NDArray[np.int64]:
        parts = [self._left[:count]]
        self._left = self._left[count:]
        missing = count - len(parts[0])
        while missing and len(self.pool):
            self._left = self._rng.permutation(self.pool)
            parts.append(self._left[:missing])
            self._left = self._left[missing:]
            missing -= len(parts[-1])
        return np.concatenate(parts)
