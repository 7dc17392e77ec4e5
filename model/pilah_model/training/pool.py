"""The pool of unlabelled pieces with soft labels: deals batches of like length, with words hidden as noise.

Noisy student (Xie et al. 2020): the student must not see exactly what its teachers saw, or it would only copy them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from pilah_data.errors import InputError
from pilah_model.pretraining.packing import Packed, tokenizer_hash
from pilah_model.tokens import special_id
from pilah_model.training.soft import SoftLabels

_Ids = npt.NDArray[np.int64]
_WIDTH = 8
"""Rows are padded to a multiple of 8 tokens: few distinct shapes."""
_WINDOW = 40
"""Batches whose pieces are sorted by length together."""


@dataclass(frozen=True)
class Marks:
    """The ids of the special tokens that rows are made of."""

    cls: int
    sep: int
    mask: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Marks:
        """Read them; raises DataError when the tokenizer lacks one."""
        return cls(*(special_id(tokenizer, token) for token in ("[CLS]", "[SEP]", "[MASK]")))


@dataclass(frozen=True)
class PoolBatch:
    """Pool rows: ids and mask (rows, columns), and `chosen` (rows,), their places in the soft labels."""

    ids: _Ids
    mask: _Ids
    chosen: _Ids


@dataclass(frozen=True)
class Pool:
    """Soft labels, the packed folder they belong to, and the student's special tokens."""

    soft: SoftLabels
    packed: Packed
    marks: Marks

    @classmethod
    def of(cls, soft: SoftLabels, packed: Packed, tokenizer: Tokenizer) -> Pool:
        """Join them; raises InputError for an empty pool, or a student that reads with another vocabulary."""
        if not len(soft.pieces):
            raise InputError("the soft labels are of no piece; make them again with `pilah teach`")
        if tokenizer_hash(tokenizer) != packed.manifest["vocabulary"]:
            raise InputError(
                "the base model has another vocabulary than the packed folder of the soft labels; "
                "take a base pretrained on that folder (option --base), or teach on the base's own (option --soft)"
            )
        return cls(soft, packed, Marks.of(tokenizer))

    def batches(self, size: int, noise: float, seed: int) -> Iterator[PoolBatch]:
        """Yield batches of `size` pieces for ever, each piece once before any comes again; `noise` is the share of [MASK]."""
        rng = np.random.default_rng(seed)
        lengths = self.packed.lengths[self.soft.pieces]
        for window in _deal(len(lengths), size * _WINDOW, rng):
            by_length = window[np.argsort(lengths[window], kind="stable")]
            for at in rng.permutation(_WINDOW) * size:
                chosen = by_length[at : at + size]
                ids, mask = piece_rows(self.packed, self.soft.pieces[chosen], self.marks)
                yield PoolBatch(self._hidden(ids, mask, noise, rng), mask, chosen)

    def _hidden(self, ids: _Ids, mask: _Ids, noise: float, rng: np.random.Generator) -> _Ids:
        words = (mask == 1) & (ids != self.marks.cls) & (ids != self.marks.sep)
        return np.where(words & (rng.random(ids.shape) < noise), self.marks.mask, ids)


def piece_rows(packed: Packed, pieces: _Ids, marks: Marks) -> tuple[_Ids, _Ids]:
    """Return padded token ids with [CLS] and [SEP], and the attention mask, both (pieces, columns)."""
    starts, lengths = packed.starts[pieces], packed.lengths[pieces].astype(np.int64)
    columns = -(-(int(lengths.max()) + 2) // _WIDTH) * _WIDTH
    at = np.arange(columns) - 1
    inside = (at >= 0) & (at < lengths[:, None])
    ids = np.zeros((len(pieces), columns), dtype=np.int64)
    ids[inside] = packed.tokens[(starts[:, None] + at)[inside]]
    ids[:, 0] = marks.cls
    ids[np.arange(len(pieces)), lengths + 1] = marks.sep
    return ids, (np.arange(columns) < lengths[:, None] + 2).astype(np.int64)


def _deal(count: int, size: int, rng: np.random.Generator) -> Iterator[_Ids]:
    """Deal numbers below `count` without replacement, `size` at a time, shuffling anew when they are used up."""
    hand = np.zeros(0, dtype=np.int64)
    while True:
        while len(hand) < size:
            hand = np.concatenate([hand, rng.permutation(count)])
        yield hand[:size]
        hand = hand[size:]
