"""Streams the unlabelled texts for pretraining: deduplicated, and without the test split and its near-duplicates.

Expects `corpus/{social,news,other}.txt.zst` (one text a line) and `posts/posts.tsv.zst`, as `data/sources.toml` describes.

The corpora are shuffled and name no source. Of the four sources in them whose `terms` bar them, only the court verdicts of
ir-nlp-csui/indo-law can be told by their writing, and are left out (`is_verdict`). Lines of the other three look like their
neighbours and stay in: Blob-Development/indonesia-language-dataset, Leoudah/Dataset-Ulasan-Aplikasi-Layanan-Publik-Indonesia
and Rendika7/Satria-Data-2024-Multi-Class-Classification-Text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pilah_data.errors import DataError, InputError, MissingExtraError
from pilah_data.repeats import Exclusion, fingerprint

DOMAINS = ("social", "news", "other")
_CHUNK = 1 << 17
# The verdicts were stripped of capitals and punctuation; so were some lines of laws, poems and translations, which have
# neither numbers nor the words of a court.
_BARE = re.compile(r"[a-z0-9_ ]+")
_OF_A_COURT = re.compile(
    r"\d|_unk_|\b(?:terdakwa|saksi|menimbang|dakwaan|penuntut|majelis|pidana|barang bukti|bahwa|perkara|pengadilan|"
    r"persidangan|penyidik|hakim|korban|kejaksaan|tersangka|narkotika|sabu|wib|sdr|unsur|visum|kuhp)\b"
)


def open_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a zstd-compressed UTF-8 file, without their line ends.

    Raises InputError when the file is missing or damaged, MissingExtraError without the zstandard library.
    """
    try:
        import zstandard  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("train", "zstandard") from error
    frame = zstandard.ZstdDecompressor().decompressobj()
    pending = b""
    try:
        with path.open("rb") as raw:
            while packed := raw.read(_CHUNK):
                while packed:
                    if frame.eof:
                        frame = zstandard.ZstdDecompressor().decompressobj()
                    lines = (pending + frame.decompress(packed)).split(b"\n")
                    packed, pending = frame.unused_data, lines.pop()
                    for line in lines:
                        yield line.decode("utf-8")
        if pending:
            yield pending.decode("utf-8")
    except FileNotFoundError as error:
        raise InputError(f"file {path} is missing; see data/sources.toml for where the texts come from") from error
    except (OSError, zstandard.ZstdError, UnicodeDecodeError) as error:
        raise InputError(f"file {path} is damaged or unreadable ({error}); copy it again") from error
    # The library reads a file that was cut short without a word.
    if not frame.eof:
        raise InputError(f"file {path} is damaged (it ends too early); copy it again")


def is_verdict(line: str) -> bool:
    """Say whether a line of the corpus `other` is written like the court verdicts of ir-nlp-csui/indo-law.

    True for some 87,000 lines, where the source has 89,217; its shortest fragments look like those of laws.
    """
    return _BARE.fullmatch(line) is not None and _OF_A_COURT.search(line) is not None


def stream(shared: Path, excluded: Exclusion) -> Iterator[tuple[str, str]]:
    """Yield (domain, text) once for every distinct text of the corpora and of the raw public posts.

    Raises DataError naming the line of a post without its seven columns.
    """
    seen: set[int] = set()
    for domain, text in _all_texts(shared):
        key = fingerprint(text)
        if key in seen:
            continue
        seen.add(key)
        if len(text) >= 8 and text not in excluded:
            yield domain, text


def _all_texts(shared: Path) -> Iterator[tuple[str, str]]:
    path = shared / "posts" / "posts.tsv.zst"
    for number, line in enumerate(open_lines(path), start=1):
        columns = line.split("\t")
        if len(columns) != 7:
            raise DataError(f"{len(columns)} columns instead of 7; copy the file again", file=str(path), line=number)
        if columns[6] in ("raw", "lower-cased"):
            yield "social", columns[1]
    for domain in DOMAINS:
        for line in open_lines(shared / "corpus" / f"{domain}.txt.zst"):
            if domain != "other" or not is_verdict(line):
                yield domain, line
