"""Prepares the epochs of fine-tuning: texts augmented anew, tokenised, batched by length; ahead in worker processes on request.

Needs no torch, so that workers start quickly. What an epoch holds depends on the seed and its number alone, never on who prepares it.
"""

from __future__ import annotations

import os
import random
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt

from pilah_data.corpora import AUTHORED
from pilah_data.errors import InputError
from pilah_data.records import Example
from pilah_model.rows import padded
from pilah_model.tokens import TextEncoder
from pilah_model.training.augment import NameSwapper, obfuscate
from pilah_model.training.config import TrainConfig

_WIDTH = 8
_WINDOW = 40
"""Batches whose posts are sorted by length together."""
_CHUNK = 2048
"""Posts prepared at a time by one worker; part of what an epoch holds, since every chunk has its own random numbers."""
_Row = npt.NDArray[np.int32]
_Pair = tuple[_Row, _Row | None]
"""A post as an epoch shows it, and the same post of other names if it has any and consistency is asked for."""
_Task = tuple[int, int]


@dataclass(frozen=True)
class LabelledBatch:
    """Posts to learn from: ids and mask (rows, columns), and `chosen` (rows,), their places among the examples.

    `twins` (pairs,) are the rows that are there a second time with other names, in `twin_ids` and `twin_mask` (pairs, columns).
    """

    ids: npt.NDArray[np.int64]
    mask: npt.NDArray[np.int64]
    chosen: npt.NDArray[np.int64]
    twins: npt.NDArray[np.int64]
    twin_ids: npt.NDArray[np.int64]
    twin_mask: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Preparation:
    """All that decides what the epochs hold."""

    examples: Sequence[Example]
    swapper: NameSwapper
    text_encoder: TextEncoder
    config: TrainConfig

    @property
    def chunks(self) -> int:
        """Return the number of chunks of an epoch."""
        return -(-len(self.examples) // _CHUNK)

    def tasks(self) -> Iterator[_Task]:
        """Yield (epoch from 1, first example) of every chunk, in order."""
        for epoch in range(1, self.config.epochs + 1):
            for start in range(0, len(self.examples), _CHUNK):
                yield epoch, start

    def chunk(self, task: _Task) -> list[_Pair]:
        """Return the token rows of each post of a chunk, augmented for its epoch."""
        epoch, start = task
        rng = random.Random(f"{self.config.seed}:{epoch}:{start}")
        examples = self.examples[start : start + _CHUNK]
        rows = self._rows([augmented(e, self.swapper, self.config, rng) for e in examples])
        twins: dict[int, str] = {}
        if self.config.consistency:
            renamed = [self.swapper.rename(e.id, e.text, rng) for e in examples]
            twins = {i: text for i, (e, text) in enumerate(zip(examples, renamed, strict=True)) if text != e.text}
        others = dict(zip(twins, self._rows(list(twins.values())), strict=True))
        return [(row, others.get(i)) for i, row in enumerate(rows)]

    def _rows(self, texts: list[str]) -> list[_Row]:
        encoded = self.text_encoder(texts)
        # A long post trains on its first window; the others carry no label of their own.
        first = np.unique(encoded.owner, return_index=True)[1]
        return [np.asarray(encoded.rows[i], dtype=np.int32) for i in first]

    def batches(self, epoch: int, pairs: Sequence[_Pair]) -> Iterator[LabelledBatch]:
        """Yield the batches of an epoch, posts of like length together, in random order."""
        size = self.config.batch
        rows = [row for row, _ in pairs]
        rng = random.Random(f"{self.config.seed}:{epoch}")
        order = np.asarray(rng.sample(range(len(rows)), len(rows)))
        batches: list[npt.NDArray[np.int64]] = []
        for at in range(0, len(order), size * _WINDOW):
            part = order[at : at + size * _WINDOW]
            part = part[np.argsort([len(rows[i]) for i in part], kind="stable")]
            batches += [part[k : k + size] for k in range(0, len(part), size)]
        rng.shuffle(batches)
        for chosen in batches:
            twins = np.asarray([k for k, i in enumerate(chosen) if pairs[i][1] is not None], dtype=np.int64)
            others = [other for i in chosen if (other := pairs[i][1]) is not None]
            yield LabelledBatch(*_table([rows[i] for i in chosen]), chosen, twins, *_table(others))


def _table(rows: Sequence[_Row]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    # Few distinct widths: the matrix library compiles a kernel for every shape, and its cache is small.
    return padded(rows, -(-max(map(len, rows), default=0) // _WIDTH) * _WIDTH)


def augmented(example: Example, swapper: NameSwapper, config: TrainConfig, rng: random.Random) -> str:
    """Return the text of an example as one epoch shows it."""
    text = example.text
    if rng.random() < config.swap:
        text = swapper.swap(example.id, text, rng)
    if example.source != AUTHORED and rng.random() < config.swap_known:
        text = swapper.swap_known(text, rng)
    return obfuscate(text, rng) if rng.random() < config.obfuscate else text


def epochs(preparation: Preparation, workers: int = 1) -> Generator[Iterator[LabelledBatch]]:
    """Yield every epoch as its batches; from 2 workers on, that many spawned processes prepare chunks ahead.

    Raises InputError when a worker dies. Close the generator when it is left early.
    """
    if workers < 2:
        yield from _assembled(preparation, map(preparation.chunk, preparation.tasks()))
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (preparation,))
    try:
        yield from _assembled(preparation, _ahead(pool, preparation, workers))
    except BrokenProcessPool as error:
        raise InputError(
            f"a process that prepares texts has died ({error}); take fewer, or 1 for none (option --workers)"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _assembled(preparation: Preparation, chunks: Iterator[list[_Pair]]) -> Iterator[Iterator[LabelledBatch]]:
    for epoch in range(1, preparation.config.epochs + 1):
        pairs = [pair for _ in range(preparation.chunks) for pair in next(chunks)]
        yield preparation.batches(epoch, pairs)


def _ahead(pool: ProcessPoolExecutor, preparation: Preparation, workers: int) -> Iterator[list[_Pair]]:
    # While an epoch is learnt, the whole next one is prepared, and no worker runs out of work.
    most = preparation.chunks + workers
    tasks = preparation.tasks()
    waiting: deque[Future[list[_Pair]]] = deque()
    while True:
        while len(waiting) < most and (task := next(tasks, None)) is not None:
            waiting.append(pool.submit(_in_worker, task))
        if not waiting:
            return
        yield waiting.popleft().result()


_worker: Callable[[_Task], list[_Pair]] | None = None
"""What a worker process was started with; stays None in the process that trains."""


def _start_worker(preparation: Preparation) -> None:
    global _worker  # noqa: PLW0603 - the only way to hand a worker its data once
    # The workers are the parallelism; threads of the tokenizer in each would only fight for the cores.
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    _worker = preparation.chunk


def _in_worker(task: _Task) -> list[_Pair]:
    assert _worker is not None  # noqa: S101 - set before the first task
    return _worker(task)
