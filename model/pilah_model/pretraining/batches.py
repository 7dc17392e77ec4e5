"""Draws pretraining batches: mixture by domain, pieces of like length together, whole words masked.

Length buckets instead of concatenated rows: no attention across posts, and hardly any padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from pilah_data.raw_texts import DOMAINS
from pilah_model.pretraining.packing import Packed
from pilah_model.pretraining.vocabulary import SPECIAL

_WINDOW = 40
"""Batches whose pieces are sorted by length together; larger wastes less padding, smaller mixes better."""


_WIDTH, _POSITIONS = 8, 128
"""Rows are padded to a multiple of 8 tokens and predictions to one of 128. Without that every batch has a shape of its own, and the
matrix library compiles new kernels for each until its cache of a thousand is full: half the speed after a few minutes."""
_Count = TypeVar("_Count", int, npt.NDArray[np.int64])
IGNORED = -100
"""The target of a padded position, as the cross-entropy of torch leaves it out."""


def _rounded(count: _Count, multiple: int) -> _Count:
    return -(-count // multiple) * multiple


@dataclass(frozen=True)
class Batch:
    """One masked batch: `ids` and `attention` (rows, columns), `targets` for the `positions` in the flattened ids.

    Positions are padded with 0 and their targets with `IGNORED`; `tokens` counts the real tokens.
    """

    ids: npt.NDArray[np.int64]
    attention: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    tokens: int


class Masker:
    """Hides whole words: 80 % as [MASK], 10 % as a random token, 10 % left (Devlin et al. 2019; whole-word variant)."""

    def __init__(self, tokenizer: Tokenizer, rate: float):
        """Read the continuation pieces and special ids; `rate` is the share of tokens to predict, in (0, 1)."""
        vocabulary = tokenizer.get_vocab()
        self.size = tokenizer.get_vocab_size()
        self.cls, self.sep, self.mask, self.pad = (vocabulary[t] for t in ("[CLS]", "[SEP]", "[MASK]", "[PAD]"))
        self.continues = np.zeros(self.size, dtype=bool)
        self.continues[[i for name, i in vocabulary.items() if name.startswith("##")]] = True
        self._rate = rate

    def batch(self, pieces: list[npt.NDArray[np.uint16]], rng: np.random.Generator) -> Batch:
        """Assemble pieces into one padded, masked batch."""
        columns = _rounded(max(map(len, pieces)) + 2, _WIDTH)
        ids = np.full((len(pieces), columns), self.pad, dtype=np.int64)
        for row, piece in enumerate(pieces):
            ids[row, 0] = self.cls
            ids[row, 1 : len(piece) + 1] = piece
            ids[row, len(piece) + 1] = self.sep
        real = (ids != self.pad) & (ids != self.cls) & (ids != self.sep)
        # A word is a start and the continuation pieces behind it; the whole word shares one draw.
        word = np.cumsum((~self.continues[ids] & real).ravel())
        chosen = (rng.random(int(word[-1]) + 1) < self._rate)[word].reshape(ids.shape) & real
        positions = np.flatnonzero(chosen)
        targets = ids.ravel()[positions]
        whole = _rounded(len(positions), _POSITIONS)
        dice = rng.random(len(positions))
        hidden = ids.ravel().copy()
        hidden[positions[dice < 0.8]] = self.mask
        swapped = positions[(dice >= 0.8) & (dice < 0.9)]
        hidden[swapped] = rng.integers(len(SPECIAL), self.size, len(swapped))
        return Batch(
            hidden.reshape(ids.shape),
            (ids != self.pad).astype(np.int64),
            np.pad(positions, (0, whole - len(positions))),
            np.pad(targets, (0, whole - len(targets)), constant_values=IGNORED),
            int(real.sum()),
        )


def held_out(packed: Packed, every: int = 200) -> npt.NDArray[np.bool_]:
    """Mark every n-th piece as held out from pretraining, for the loss that is reported."""
    return np.asarray(np.arange(len(packed.lengths)) % every == 0, dtype=np.bool_)


def training_batches(
    packed: Packed, masker: Masker, mixture: Mapping[str, float], tokens: int, rng: np.random.Generator
) -> Iterator[Batch]:
    """Yield batches of about `tokens` tokens for ever; `mixture` gives each domain's share of the tokens."""
    train = ~held_out(packed)
    pools = [np.flatnonzero(train & (packed.domains == i)) for i in range(len(DOMAINS))]
    mean = [float(packed.lengths[pool].mean()) if len(pool) else 1.0 for pool in pools]
    share = np.asarray([mixture[d] / m if len(p) else 0.0 for d, m, p in zip(DOMAINS, mean, pools, strict=True)])
    share /= share.sum()
    decks = [_deck(pool, rng) for pool in pools]
    average = float(np.dot(share, mean)) + 2
    while True:
        counts = rng.multinomial(int(tokens * _WINDOW / average), share)
        window = np.concatenate([[next(deck) for _ in range(n)] for deck, n in zip(decks, counts, strict=True) if n])
        window = window.astype(np.int64)[np.argsort(packed.lengths[window.astype(np.int64)], kind="stable")]
        groups = list(_by_budget(packed, window, tokens))
        for group in rng.permutation(len(groups)):
            yield masker.batch([packed.piece(int(i)) for i in groups[group]], rng)


def _deck(pool: npt.NDArray[np.int64], rng: np.random.Generator) -> Iterator[int]:
    """Deal a pool without replacement, shuffling again when it is used up."""
    while len(pool):
        yield from rng.permutation(pool)


def _by_budget(packed: Packed, window: npt.NDArray[np.int64], tokens: int) -> Iterator[npt.NDArray[np.int64]]:
    lengths = _rounded(packed.lengths[window].astype(np.int64) + 2, _WIDTH)
    at = 0
    while at < len(window):
        # Sorted by length: the last piece decides the padded width.
        size = 1
        while at + size < len(window) and (size + 1) * lengths[at + size] <= tokens:
            size += 1
        yield window[at : at + size]
        at += size
