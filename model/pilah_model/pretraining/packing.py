"""Turns texts into packed token shards: one flat array of ids and the length and domain of every piece.

A packed folder holds `tokens.npy` (uint16, concatenated pieces without special tokens), `lengths.npy` (uint8),
`domains.npy` (uint8, index into `DOMAINS`) and `manifest.json` (counts, hashes, vocabulary, normaliser version).
"""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from pilah_data.errors import DataError, InputError, MissingExtraError
from pilah_data.normalise import NORMALISER_VERSION, normalise_text
from pilah_data.raw_texts import DOMAINS
from pilah_model.artefacts import file_sha256
from pilah_model.folders import need_writable

PIECE_TOKENS = 126
"""Longer texts are cut into pieces of this many tokens; with [CLS] and [SEP] a piece fills 128 positions."""
LARGEST_VOCABULARY = 2**16
"""What two bytes can number."""
COMPRESSED = ".zst"
"""The ending of a shard in a folder made to travel."""
_FILES = ("tokens.npy", "lengths.npy", "domains.npy")
MANIFEST, VOCABULARY = "manifest.json", "tokenizer.json"
_SHARDS = {*_FILES, *(name + COMPRESSED for name in _FILES)}
_LONGEST_WINDOW = 2**27


@dataclass(frozen=True)
class Packed:
    """Token pieces for pretraining: flat ids, and the start, length and domain of each piece."""

    tokens: npt.NDArray[np.uint16]
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.uint8]
    domains: npt.NDArray[np.uint8]
    manifest: dict[str, object]
    vocabulary: Path
    """The tokenizer file that the ids belong to."""

    def piece(self, index: int) -> npt.NDArray[np.uint16]:
        """Return the token ids of one piece, without special tokens."""
        start = self.starts[index]
        return self.tokens[start : start + self.lengths[index]]


def normalise_stream(texts: Iterable[tuple[str, str]], processes: int = 2) -> Iterator[tuple[str, str]]:
    """Normalise (domain, text) pairs in worker processes, keeping their order."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_normalised, texts, chunksize=2000)


def _normalised(item: tuple[str, str]) -> tuple[str, str]:
    return item[0], normalise_text(item[1])


def pack(texts: Iterable[tuple[str, str]], tokenizer: Tokenizer, folder: Path) -> dict[str, object]:
    """Tokenise normalised (domain, text) pairs into a packed folder and return its manifest.

    Raises InputError when the folder holds something else than packed tokens, or when there is no text.
    """
    need_packed_folder(folder)
    flat: list[npt.NDArray[np.uint16]] = []
    lengths: list[int] = []
    domains: list[int] = []
    source = iter(texts)
    while batch := list(islice(source, 5000)):
        encoded = tokenizer.encode_batch_fast([text for _, text in batch], add_special_tokens=False)
        for (domain, _), encoding in zip(batch, encoded, strict=True):
            ids = np.asarray(encoding.ids, dtype=np.uint16)
            for at in range(0, len(ids), PIECE_TOKENS):
                piece = ids[at : at + PIECE_TOKENS]
                if len(piece) >= 4:
                    flat.append(piece)
                    lengths.append(len(piece))
                    domains.append(DOMAINS.index(domain))
    if not flat:
        raise InputError("there is no text to pack; name the folder of the public texts (option --shared)")
    arrays = (np.concatenate(flat), np.asarray(lengths, np.uint8), np.asarray(domains, np.uint8))
    for name, array in zip(_FILES, arrays, strict=True):
        np.save(folder / name, np.asarray(array))
    manifest: dict[str, object] = {
        "normaliser": NORMALISER_VERSION,
        "vocabulary": tokenizer_hash(tokenizer),
        **summary(arrays[1], arrays[2]),
        "sha256": {name: file_sha256(folder / name) for name in _FILES},
    }
    finish(folder, manifest, tokenizer.to_str(pretty=True))
    return manifest


def finish(folder: Path, manifest: Mapping[str, Any], vocabulary: str) -> None:
    """Write manifest and vocabulary beside the shards, and remove the shards of an earlier packing in another form."""
    (folder / VOCABULARY).write_text(vocabulary, encoding="utf-8")
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    for name in _SHARDS - set(manifest["sha256"]):
        (folder / name).unlink(missing_ok=True)


def need_packed_folder(folder: Path) -> None:
    """Make a folder to pack into; raises InputError when it cannot be written, or holds something else than packed tokens."""
    if folder.exists() and not _is_packed(folder):
        raise InputError(
            f"{folder} holds something that is no packed folder; name an empty or new folder (option --out)"
        )
    need_writable(folder)


def _is_packed(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {""}
    if MANIFEST not in names:
        # Empty, or the shards of a packing that was cut off.
        return not names or (names <= {*_SHARDS, VOCABULARY} and any(name.startswith(_FILES[0]) for name in names))
    try:
        shards = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["sha256"]
        return any(name.startswith(_FILES[0]) for name in shards)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def summary(lengths: npt.NDArray[np.uint8], domains: npt.NDArray[np.uint8]) -> dict[str, object]:
    """Return the pieces and tokens of each domain."""
    return {
        "pieces": {d: int((domains == i).sum()) for i, d in enumerate(DOMAINS)},
        "tokens": {d: int(lengths[domains == i].sum(dtype=np.int64)) for i, d in enumerate(DOMAINS)},
    }


def load_packed(folder: Path) -> Packed:
    """Open a packed folder: memory-mapped, or decompressed into memory when it was made to travel.

    Raises DataError naming the damaged or missing file, or saying that it was packed for another normaliser or vocabulary.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        normaliser, vocabulary = manifest["normaliser"], manifest["vocabulary"]
        ending = COMPRESSED if _FILES[0] + COMPRESSED in manifest["sha256"] else ""
        shards = {name + ending: manifest["sha256"][name + ending] for name in _FILES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"not a packed folder ({type(error).__name__}: {error}); make one with `pilah data pack`", file=str(folder)
        ) from error
    for name, expected in shards.items():
        if not (folder / name).is_file() or file_sha256(folder / name) != expected:
            raise DataError("missing or damaged shard; run `pilah data pack` again", file=str(folder / name))
    if normaliser != NORMALISER_VERSION:
        raise DataError(
            f"packed with normaliser {normaliser}, this program has {NORMALISER_VERSION}; run `pilah data pack` again",
            file=str(path),
        )
    if _vocabulary_hash(folder / VOCABULARY) != vocabulary:
        raise DataError(
            f"packed with another vocabulary than the one beside it ({folder / VOCABULARY}); "
            "put the right one back, or run `pilah data pack` again",
            file=str(path),
        )
    tokens, lengths, domains = (_array(folder / name) for name in shards)
    starts = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)[:-1]))
    return Packed(tokens, starts, lengths, domains, manifest, folder / VOCABULARY)


def _array(path: Path) -> np.ndarray[tuple[int], np.dtype[Any]]:
    if path.suffix != COMPRESSED:
        return cast(np.ndarray[tuple[int], np.dtype[Any]], np.load(path, mmap_mode="r", allow_pickle=False))
    try:
        import zstandard  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("train", "zstandard") from error
    plain = zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW).decompress(path.read_bytes())
    return cast(np.ndarray[tuple[int], np.dtype[Any]], np.load(io.BytesIO(plain), allow_pickle=False))


def _vocabulary_hash(path: Path) -> str:
    try:
        return tokenizer_hash(Tokenizer.from_file(str(path)))
    except Exception as error:  # the Rust library raises bare Exception
        raise DataError(f"vocabulary cannot be read ({error}); run `pilah data pack` again", file=str(path)) from error


def tokenizer_hash(tokenizer: Tokenizer) -> str:
    """Return the SHA-256 of a tokenizer, in hex, as manifests name the vocabulary."""
    return hashlib.sha256(tokenizer.to_str().encode()).hexdigest()
