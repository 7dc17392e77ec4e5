"""Streams the unlabelled texts for pretraining: deduplicated, and without the test split and its near-duplicates.

Expects `corpus/{social,news,other}.txt.zst` (one text a line) and `posts/posts.tsv.zst`, as `data/sources.toml` describes.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from pilah_data.errors import InputError, MissingExtraError

DOMAINS = ("social", "news", "other")
SHINGLE_WORDS = 8
"""A text sharing this many consecutive words with a test post is taken for its near-duplicate."""

_LETTERS = re.compile(r"[^\W_]+")


def open_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a zstd-compressed UTF-8 file, without their line ends.

    Raises InputError when the file is missing or damaged, MissingExtraError without the zstandard library.
    """
    try:
        import zstandard  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("train", "zstandard") from error
    try:
        with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
            for line in io.TextIOWrapper(stream, encoding="utf-8", newline="\n"):
                yield line.rstrip("\n")
    except FileNotFoundError as error:
        raise InputError(f"file {path} is missing; see data/sources.toml for where the texts come from") from error
    except (zstandard.ZstdError, UnicodeDecodeError) as error:
        raise InputError(f"file {path} is damaged ({error}); copy it again") from error


def fingerprint(text: str) -> int:
    """Hash the letters and digits of a text, so that spacing, case and punctuation do not make a new one."""
    bare = "".join(_LETTERS.findall(text.lower())).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(bare, digest_size=8).digest(), "big")


def _word_shingles(text: str) -> Iterator[int]:
    words = _LETTERS.findall(text.lower())
    if len(words) < SHINGLE_WORDS:
        yield fingerprint(text)
    for i in range(len(words) - SHINGLE_WORDS + 1):
        yield hash(tuple(words[i : i + SHINGLE_WORDS]))


class Exclusion:
    """Recognises texts that repeat any of the given ones, whole or in a run of eight words."""

    def __init__(self, texts: Collection[str]):
        """Index the texts to keep out (the test split)."""
        self._shingles = {shingle for text in texts for shingle in _word_shingles(text)}

    def __contains__(self, text: str) -> bool:
        """Say whether the text repeats an excluded one."""
        return any(shingle in self._shingles for shingle in _word_shingles(text))


def stream(shared: Path, excluded: Exclusion) -> Iterator[tuple[str, str]]:
    """Yield (domain, text) once for every distinct text of the corpora and of the raw public posts."""
    seen: set[int] = set()
    for domain, text in _all_texts(shared):
        key = fingerprint(text)
        if key in seen:
            continue
        seen.add(key)
        if len(text) >= 8 and text not in excluded:
            yield domain, text


def _all_texts(shared: Path) -> Iterator[tuple[str, str]]:
    for line in open_lines(shared / "posts" / "posts.tsv.zst"):
        columns = line.split("\t")
        if columns[6] in ("raw", "lower-cased"):
            yield "social", columns[1]
    for domain in DOMAINS:
        for line in open_lines(shared / "corpus" / f"{domain}.txt.zst"):
            yield domain, line
