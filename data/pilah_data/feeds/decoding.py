"""Opens a text file in the encoding it is written in, or says that it cannot tell."""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import TextIO

from pilah_data.feeds.rows import FeedError

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SNIFF = 1 << 20


def open_text(path: Path, encoding: str | None) -> TextIO:
    """Open a file for reading text; without a named encoding a byte-order mark decides, else it must be UTF-8.

    Raises FeedError for a missing file, an unknown encoding name, or bytes that are not text in that encoding.
    """
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise FeedError(f"{path} {what}; name a file")
        with path.open("rb") as raw:
            head = raw.read(_SNIFF)
        chosen = (
            _known(encoding) if encoding else next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
        )
        _check(head, chosen, path, named=bool(encoding))
        return _behind_mark(path.open(encoding=chosen, newline=""))
    except OSError as error:
        raise FeedError(f"{path} cannot be read ({error.strerror})") from error


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)  # refuses rot13, base64 and their like, which are codecs but no text encodings
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise FeedError(f"unknown encoding {encoding!r}; try utf-8, utf-16 or cp1252 (option --encoding)") from error


def _behind_mark(stream: TextIO) -> TextIO:
    """Skip a byte-order mark that the codec left in the text, as utf-8 and utf-16-le do."""
    if stream.read(1) != "\ufeff":
        stream.seek(0)
    return stream


def _check(head: bytes, encoding: str, path: Path, *, named: bool) -> None:
    if b"\x00" in head and not encoding.startswith(("utf-16", "utf-32")):
        raise FeedError(f"{path} is not a text file (it holds zero bytes); export it as CSV or JSON lines in UTF-8")
    try:
        # An incremental decoder forgives a character that the sniffed part cuts in two.
        codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < _SNIFF)
    except UnicodeDecodeError as error:
        hint = (
            "name the right one with --encoding"
            if named
            else "save it as UTF-8, or name its encoding, for example --encoding cp1252"
        )
        line = head[: error.start].count(b"\n") + 1
        raise FeedError(f"{path}, line {line}: byte {error.start} is not {encoding}; {hint}") from error


def wrap_bytes(raw: bytes) -> TextIO:
    """Return text from bytes read elsewhere (standard input), as UTF-8; raises FeedError naming the line."""
    try:
        return io.StringIO(raw.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FeedError(f"standard input, line {line}: byte {error.start} is not UTF-8; convert it first") from error
