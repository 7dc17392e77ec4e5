"""Streams the unlabelled texts for pretraining: deduplicated, and without the test split and its near-duplicates.

Expects `corpus/{social,news,other}.txt.zst` (one text a line) and `posts/posts.tsv.zst`, as `data/sources.toml` describes.

The corpora are shuffled and name no source. Of the four sources in them whose `terms` bar them, only the court verdicts of
ir-nlp-csui/indo-law can be told by their writing, and are left out (`is_verdict`). Lines of the other three look like their
neighbours and stay in: Blob-Development/indonesia-language-dataset, Leoudah/Dataset-Ulasan-Aplikasi-Layanan-Publik-Indonesia
and Rendika7/Satria-Data-2024-Multi-Class-Classification-Text.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

from pilah_data.errors import DataError, InputError, MissingExtraError

DOMAINS = ("social", "news", "other")
SHINGLE_WORDS = 8
"""A text sharing this many consecutive words with a test post is taken for its near-duplicate."""
SHORTEST_RUN = 4
"""A test post of this many words and more, but fewer than a shingle, is looked for as a run; a shorter one only as a whole text."""

_CHUNK = 1 << 17
_LETTERS = re.compile(r"[^\W_]+")
_FORWARDED = ["rt", "user"]
"""What `RT @USER:` in front of a post leaves of its words."""
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


def fingerprint(text: str) -> int:
    """Hash the letters and digits of a text, so that spacing, case and punctuation do not make a new one."""
    bare = "".join(_LETTERS.findall(text.lower())).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(bare, digest_size=8).digest(), "big")


def is_verdict(line: str) -> bool:
    """Say whether a line of the corpus `other` is written like the court verdicts of ir-nlp-csui/indo-law.

    True for some 87,000 lines, where the source has 89,217; its shortest fragments look like those of laws.
    """
    return _BARE.fullmatch(line) is not None and _OF_A_COURT.search(line) is not None


def _own_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without the sign that somebody forwards it."""
    words = _LETTERS.findall(text.lower())
    while words[:2] == _FORWARDED:
        words = words[2:]
    return words


class Exclusion:
    """Recognises texts that repeat any of the given ones: whole, in a run of eight words, or around a post of four to seven."""

    def __init__(self, texts: Collection[str]):
        """Index the texts to keep out (the test split)."""
        self._whole: set[int] = set()
        # By their first words, so that a text is walked through once, whatever the lengths of the runs.
        self._runs: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
        for words in map(_own_words, texts):
            self._whole.add(fingerprint(" ".join(words)))
            length = min(len(words), SHINGLE_WORDS)
            if length >= SHORTEST_RUN:
                for i in range(len(words) - length + 1):
                    self._runs[tuple(words[i : i + SHORTEST_RUN])].add(tuple(words[i : i + length]))

    def __contains__(self, text: str) -> bool:
        """Say whether the text repeats an excluded one."""
        words = _own_words(text)
        if fingerprint(" ".join(words)) in self._whole:
            return True
        return any(
            tuple(words[i : i + len(run)]) == run
            for i in range(len(words) - SHORTEST_RUN + 1)
            for run in self._runs.get(tuple(words[i : i + SHORTEST_RUN]), ())
        )


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
