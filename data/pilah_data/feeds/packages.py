"""Guards against zip files that are made to do harm: bombs, names that leave the folder, XML that unfolds itself."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import PurePosixPath

from pilah_data.feeds.rows import FeedError

_LARGEST_TOTAL = 64 << 30
_LARGEST_SHEETS = 4 << 30
_RATIO = 300
# Below this size even a file of one repeated letter does no harm.
_HARMLESS = 64 << 20
_MEMBERS = 200_000
_CHUNK = 1 << 20
_DRIVE = re.compile(r"[A-Za-z]:")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"(?: s="\d+")?(?: t="\w+")?(/?)>')
_ANY_CELL = re.compile(rb"<(?:[^\s<>/!?=\"']+:)?c[\s/>]")
_ENTITY = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)|<\x00!\x00[DE]", re.IGNORECASE)
CELLS = 30_000_000
"""Cells of a sheet, empty ones between filled ones included, that are held in memory at most."""


def check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse an archive that is encrypted, a bomb, or has names that lead out of it. Raises FeedError."""
    if len(members) > _MEMBERS:
        raise FeedError(
            f"{name} holds {len(members):,} files, more than {_MEMBERS:,}; unpack what you need into a folder"
        )
    if sum(info.file_size for info in members) > _LARGEST_TOTAL:
        raise FeedError(
            f"{name} would unpack to more than {_LARGEST_TOTAL >> 30} GB; unpack what you need into a folder"
        )
    if not all(info.filename for info in members):
        raise FeedError(f"{name} holds a file without a name; it is damaged, fetch it again")
    for info in members:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        if ".." in parts or info.filename.startswith(("/", "\\")) or _DRIVE.match(info.filename):
            raise FeedError(
                f"{name} holds a file whose name leads out of the archive; it was made to do harm, do not open it"
            )
        check_ratio(info, name)


def check_ratio(info: zipfile.ZipInfo, name: str) -> None:
    """Refuse a member that is encrypted, or unpacks to suspiciously much. Raises FeedError."""
    if info.flag_bits & 1:
        raise FeedError(f"{name} is encrypted; unpack it with its password first")
    if info.file_size > _HARMLESS and info.file_size > _RATIO * max(info.compress_size, 1):
        raise FeedError(
            f"{name}: {info.filename} unpacks to {info.file_size // max(info.compress_size, 1)} times its size, as zip bombs do; "
            "if you trust it, unpack it yourself and name the file"
        )


def check_spreadsheet(archive: zipfile.ZipFile, name: str) -> bool:
    """Refuse a spreadsheet whose parts are encrypted, unfold themselves, or span more cells than fit. Raises FeedError.

    Returns whether all cells are written as office programs write them, so that their span is known.
    """
    total, usual = 0, True
    for info in archive.infolist():
        check_ratio(info, name)
        size, known = _check_part(archive, info, name)
        total, usual = total + size, usual and known
        if total > _LARGEST_SHEETS:
            raise FeedError(f"{name} unpacks to more than {_LARGEST_SHEETS >> 30} GB; save it as CSV")
    return usual


def _check_part(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> tuple[int, bool]:
    """Read one part through; return its size, and whether all cells in it are of the usual form."""
    size, tail, span = 0, b"", _Span()
    try:
        with archive.open(info) as part:
            while chunk := part.read(_CHUNK):
                if not size and _ENTITY.search(chunk[:4096]):
                    raise FeedError(
                        f"{name} declares entities in its XML, as no office program does; it was made to do harm"
                    )
                size += len(chunk)
                # Up to the last tag, which may go on in the next chunk.
                text = tail + chunk
                cut = text.rfind(b"<")
                span.add(text[:cut])
                tail = text[cut:][-_CHUNK:]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise FeedError(f"{name} is damaged ({info.filename}: {error}); fetch it again, or save it anew") from error
    width = _width(span.columns)
    if span.rows * width > CELLS:
        raise FeedError(
            f"{name}: a sheet spans {span.rows:,} rows and {width:,} columns, more than fit; "
            "delete what stands far outside the table, or save it as CSV"
        )
    return size, span.usual


class _Span:
    """The columns and the last row of the filled cells in the XML of a sheet."""

    def __init__(self) -> None:
        self.columns, self.rows, self.usual = set[bytes](), 0, True

    def add(self, text: bytes) -> None:
        cells = _CELL.findall(text)
        if len(cells) != len(_ANY_CELL.findall(text)) or b"\x00" in text[:64]:
            self.usual = False
        filled = [(column, row) for column, row, empty in cells if not empty]
        if filled:
            self.columns.update({column for column, _ in filled})
            self.rows = max(self.rows, *(int(row) for _, row in filled))


def _width(columns: set[bytes]) -> int:
    width = 0
    for letters in columns:
        number = 0
        for letter in letters:
            number = number * 26 + letter - 64
        width = max(width, number)
    return width
