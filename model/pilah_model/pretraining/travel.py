"""Makes a packed folder small enough to travel to another machine: compressed, and thinned out in its least useful domain."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pilah_data.errors import InputError, MissingExtraError
from pilah_data.raw_texts import DOMAINS
from pilah_model.artefacts import file_sha256
from pilah_model.pretraining.packing import COMPRESSED, Packed, finish, need_packed_folder, summary

_LEVEL, _ATTEMPTS = 15, 8
_THINNED = DOMAINS.index("other")
_MEBIBYTE = 2**20


def write_travelling(packed: Packed, folder: Path, mebibytes: float, log: Callable[[str], None]) -> dict[str, object]:
    """Write `packed` compressed into `folder`, all its files together below `mebibytes`, and return its manifest.

    Pieces of the domain `other` (laws, translations) are left out at random until it fits; posts and news all travel.
    Raises InputError when posts and news alone are too large, or when the folder is that of `packed` or holds something else.
    """
    if folder.resolve() == packed.vocabulary.parent.resolve():
        raise InputError(f"{folder} is the packed folder itself, and would be thinned; name another (option --out)")
    need_packed_folder(folder)
    others = np.random.default_rng(0).permutation(np.flatnonzero(packed.domains == _THINNED))
    share = 1.0
    for _ in range(_ATTEMPTS):
        left_out = np.zeros(len(packed.lengths), np.bool_)
        left_out[others[int(share * len(others)) :]] = True
        shards = _compressed(packed, np.flatnonzero(~left_out))
        size = sum(map(len, shards.values())) / _MEBIBYTE
        log(f"{size:.1f} MiB with {share:.0%} of the domain other")
        excess = size - mebibytes + _RESERVE
        if excess <= 0:
            return _write(packed, np.flatnonzero(~left_out), shards, folder)
        tokens = int(packed.lengths[~left_out].sum(dtype=np.int64))
        kept = int(packed.lengths[(packed.domains == _THINNED) & ~left_out].sum(dtype=np.int64))
        # As many tokens as the excess holds, and a little more.
        share *= max(0.0, 1.0 - (1.03 * excess + _SLACK) / size * tokens / max(1, kept))
        if kept == 0:
            break
    raise InputError(f"posts and news alone take more than {mebibytes:g} MiB; allow more (option --mebibytes)")


_RESERVE, _SLACK = 1.0, 0.05
"""Mebibytes for the vocabulary and the manifest, and by how much a further attempt aims lower than need be."""


def _compressed(packed: Packed, pieces: npt.NDArray[np.int64]) -> dict[str, bytes]:
    try:
        import zstandard  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("train", "zstandard") from error
    lengths = packed.lengths[pieces].astype(np.int64)
    # Flat positions of all tokens of the pieces: where each piece starts, and how far into it.
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    tokens = np.asarray(packed.tokens)[np.repeat(packed.starts[pieces], lengths) + within]
    arrays = {"tokens.npy": tokens, "lengths.npy": packed.lengths[pieces], "domains.npy": packed.domains[pieces]}
    parameters = zstandard.ZstdCompressionParameters.from_level(_LEVEL, window_log=27, threads=2)
    shards = {}
    for name, array in arrays.items():
        plain = io.BytesIO()
        np.save(plain, np.asarray(array), allow_pickle=False)
        shards[name + COMPRESSED] = zstandard.ZstdCompressor(compression_params=parameters).compress(plain.getvalue())
    return shards


def _write(packed: Packed, pieces: npt.NDArray[np.int64], shards: dict[str, bytes], folder: Path) -> dict[str, object]:
    for name, body in shards.items():
        (folder / name).write_bytes(body)
    manifest = {
        **{key: packed.manifest[key] for key in ("normaliser", "vocabulary")},
        **summary(packed.lengths[pieces], packed.domains[pieces]),
        "sha256": {name: file_sha256(folder / name) for name in shards},
    }
    finish(folder, manifest, packed.vocabulary.read_text(encoding="utf-8"))
    return manifest
