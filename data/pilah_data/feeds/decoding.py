"""Opens text in the encoding it is written in, or says that it cannot tell.

Bytes that are not UTF-8 in a file that otherwise is become lone surrogates, so that one of them costs a row, not the file.
"""

from __future__ import annotations

import codecs
import io
import re
from pathlib import Path
from typing import TextIO

from pilah_data.feeds.columns import ChoiceError, FeedError

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SNIFF = 1 << 20
_WIDE = ("utf-16", "utf-32")
_WRONG, _BEYOND = re.compile("[\udc80-\udcff]"), re.compile("[^\x00-\x7f]")


def no_file(path: Path, name: str) -> FeedError:
    """Return what to say of a path that is no regular file; a pipe cannot be read twice, as scoring must."""
    if path.is_dir():
        return FeedError(f"{name} is a folder; name a file")
    if path.exists():
        return FeedError(f"{name} is no regular file; save it to a file first")
    return FeedError(f"{name} does not exist; name a file")


def text_of(raw: io.BufferedReader, name: str, encoding: str | None) -> TextIO:
    """Return the text of an opened stream of bytes, which it closes on failure; `name` is what messages call it."""
    try:
        head = raw.read(_SNIFF)
        chosen = known_encoding(encoding) if encoding else _sniffed(head)
        _check(head, chosen, name, named=bool(encoding))
        raw.seek(0)
        errors = "strict" if chosen.startswith(_WIDE) else "surrogateescape"
        return _behind_mark(io.TextIOWrapper(raw, encoding=chosen, newline="", errors=errors))
    except BaseException:
        raw.close()
        raise


def decoded_head(head: bytes) -> str:
    """Return the first bytes of a file as text, cut in two at the end or not; empty where they are no text."""
    try:
        chosen = _sniffed(head)
        if b"\x00" in head and not chosen.startswith(_WIDE):
            return ""
        return codecs.getincrementaldecoder(chosen)("replace").decode(head)
    except UnicodeDecodeError:
        return ""


def known_encoding(encoding: str) -> str:
    """Return Python's name of a text encoding; raises ChoiceError for a name that is none."""
    try:
        "".encode(encoding)  # refuses rot13, base64 and their like, which are codecs but no text encodings
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise ChoiceError(f"unknown encoding {encoding!r}; try utf-8, utf-16 or cp1252 (option --encoding)") from error


def _sniffed(head: bytes) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\x00" in head:
        return _unmarked_utf16(head) or "utf-8"
    return "cp1252" if _is_windows(head) else "utf-8"


def _unmarked_utf16(head: bytes) -> str | None:
    """Return the byte order of UTF-16 without a mark: Latin letters leave every other byte zero."""
    half = max(len(head) // 2, 1)
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None


def _is_windows(head: bytes) -> bool:
    """Return whether bytes are Windows-1252: more of them are wrong in UTF-8 than characters beyond ASCII are right."""
    if head.isascii():
        return False
    # An incremental decoder forgives a character that the end of the head, or of a damaged file, cuts in two.
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(head)
    wrong = len(_WRONG.findall(text))
    if not wrong:
        return False
    right = len(_BEYOND.findall(text)) - wrong
    try:
        head.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return wrong > right


def _behind_mark(stream: TextIO) -> TextIO:
    """Skip a byte-order mark that the codec left in the text, as utf-8 and utf-16-le do."""
    if stream.read(1) != "\ufeff":
        stream.seek(0)
    return stream


def _check(head: bytes, encoding: str, name: str, *, named: bool) -> None:
    if b"\x00" in head and not encoding.startswith(_WIDE):
        raise FeedError(f"{name} is not a text file (it holds zero bytes); export it as CSV or JSON lines in UTF-8")
    if encoding in ("utf-8", "utf-8-sig") and not named:
        return  # a wrong byte is then a problem of its row
    try:
        codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < _SNIFF)
    except UnicodeDecodeError as error:
        hint = (
            "name the right one with --encoding"
            if named
            else "save it as UTF-8, or name its encoding, for example --encoding cp1252"
        )
        line = head[: error.start].count(b"\n") + 1
        raise FeedError(f"{name}, line {line}: byte {error.start} is not {encoding}; {hint}") from error
