"""Skip-gram vectors of sub-words (Mikolov et al. 2013), the starting point of the encoder's embeddings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pilah_data.errors import MissingExtraError
from pilah_model.pretraining.packing import Packed


class _Sentences:
    """Re-iterable view of packed pieces as lists of token names, as gensim wants them."""

    def __init__(self, packed: Packed, pieces: npt.NDArray[np.int64]):
        self._packed, self._pieces = packed, pieces

    def __iter__(self) -> Iterator[list[str]]:
        for index in self._pieces:
            yield [str(token) for token in self._packed.piece(int(index))]


def train_skipgram(
    packed: Packed,
    pieces: npt.NDArray[np.int64],
    *,
    vocabulary: int,
    dimension: int,
    seed: int,
    epochs: int = 2,
    workers: int = 2,
) -> npt.NDArray[np.float32]:
    """Return a (vocabulary, dimension) matrix; rows of tokens never seen are small random vectors.

    Vectors are scaled to the standard deviation of a fresh BERT embedding (0.02 per dimension times 2).
    """
    try:
        from gensim.models import Word2Vec  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("train", "gensim") from error
    model = Word2Vec(
        _Sentences(packed, pieces),
        vector_size=dimension,
        window=5,
        min_count=3,
        sg=1,
        negative=5,
        sample=1e-4,
        epochs=epochs,
        workers=workers,
        seed=seed,
    )
    matrix = np.random.default_rng(seed).normal(0.0, 0.02, (vocabulary, dimension)).astype(np.float32)
    rows = np.asarray([int(name) for name in model.wv.index_to_key])
    vectors = model.wv.vectors - model.wv.vectors.mean(axis=0)
    matrix[rows] = vectors * (0.04 / vectors.std())
    return matrix
