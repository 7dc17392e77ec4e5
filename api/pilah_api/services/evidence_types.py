"""Which files may be evidence, told by their content alone; a file that is also something else (a polyglot) is refused."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pilah_data.errors import InputError

MOST_PIXELS = 60_000_000
"""A picture with more would fill the memory of whoever opens it."""


class EvidenceError(InputError):
    """A file cannot be taken as evidence; `code` names the sentence that says why and what to do."""

    def __init__(self, code: str, detail: str):
        super().__init__(detail)
        self.code = code


class MediaType(StrEnum):
    """The types of evidence."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    PDF = "application/pdf"
    HTML = "text/html"
    MP4 = "video/mp4"

    @property
    def endings(self) -> tuple[str, ...]:
        """Return the endings that a name of this type may have; the first is the usual one."""
        return _ENDINGS[self]

    @property
    def is_picture(self) -> bool:
        """Return whether a page may show it."""
        return self in (MediaType.PNG, MediaType.JPEG)


_ENDINGS = {
    MediaType.PNG: (".png",),
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.PDF: (".pdf",),
    MediaType.HTML: (".html", ".htm"),
    MediaType.MP4: (".mp4",),
}
_PNG, _JPEG, _PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ZIP_ENTRY, _ZIP_END = b"PK\x01\x02", b"PK\x05\x06"
_HTML = re.compile(
    r"\s*(?:<!--.*?-->\s*)*(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+html|<html)[\s>]", re.IGNORECASE | re.DOTALL
)
_PDF_READERS_LOOK_AT = 1024
_ZIP_READERS_LOOK_AT = 65_557


def type_of(content: bytes) -> MediaType:
    """Return the type of a file. Raises EvidenceError for any other type, a damaged file, and one that is two things at once."""
    found = next((kind for kind, looks_so in _LOOKS.items() if looks_so(content)), None)
    if found is None:
        raise EvidenceError(
            "type", "the file is none of PNG, JPEG, PDF, HTML and MP4; convert nothing, capture it anew"
        )
    _CHECKS[found](content)
    _refuse_polyglot(content, found)
    return found


def _damaged(what: str) -> EvidenceError:
    return EvidenceError("damaged", f"{what}; the file is damaged or holds something else besides: capture it anew")


def _refuse_polyglot(content: bytes, found: MediaType) -> None:
    # A ZIP is opened from its end, and some readers overlook what follows it.
    if _ZIP_END in content[-_ZIP_READERS_LOOK_AT:] and _ZIP_ENTRY in content:
        raise EvidenceError("polyglot", "the file is also a ZIP archive; evidence is one thing only: capture it anew")
    if found is not MediaType.PDF and _PDF in content[:_PDF_READERS_LOOK_AT]:
        raise EvidenceError("polyglot", "the file is also a PDF; evidence is one thing only: capture it anew")


@dataclass(slots=True)
class _Reader:
    """Reads a file's structure from front to back."""

    content: bytes
    at: int = 0

    def take(self, count: int, what: str) -> bytes:
        part = self.content[self.at : self.at + count]
        if len(part) < count:
            raise _damaged(f"{what} ends too early")
        self.at += count
        return part

    def is_at_end(self) -> bool:
        return self.at >= len(self.content)


def _check_png(content: bytes) -> None:
    reader = _Reader(content, len(_PNG))
    first = True
    while not reader.is_at_end():
        length, kind = struct.unpack(">I4s", reader.take(8, "the picture"))
        body = reader.take(length, "the picture")
        if zlib.crc32(kind + body) != struct.unpack(">I", reader.take(4, "the picture"))[0]:
            raise _damaged("a part of the picture does not fit its checksum")
        if first:
            if kind != b"IHDR" or length != 13:
                raise _damaged("the picture does not begin with its header")
            _check_size(*struct.unpack(">II", body[:8]))
        if kind == b"IEND":
            if not reader.is_at_end():
                raise EvidenceError("polyglot", "something follows the end of the picture: capture it anew")
            return
        first = False
    raise _damaged("the picture has no end")


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise EvidenceError(
            "pixels", f"the picture has more than {MOST_PIXELS // 1_000_000} million points; capture less of it"
        )
    if width * height == 0:
        raise _damaged("the picture is empty")


_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _check_jpeg(content: bytes) -> None:
    at = _end_of_jpeg(content, 0)
    # Telephones put further pictures behind the first; anything else there is not a picture.
    while content.startswith(_JPEG, at):
        at = _end_of_jpeg(content, at)
    if content[at:].strip(b"\x00"):
        raise EvidenceError(
            "polyglot", "something follows the end of the picture: capture it anew, without moving parts"
        )


def _end_of_jpeg(content: bytes, start: int) -> int:
    reader = _Reader(content, start + 2)
    sized = False
    while True:
        if reader.take(1, "the picture") != b"\xff":
            raise _damaged("a marker of the picture is missing")
        marker = 0xFF
        while marker == 0xFF:
            marker = reader.take(1, "the picture")[0]
        if marker == 0xD9:
            if not sized:
                raise _damaged("the picture has no size")
            return reader.at
        if marker in _NO_LENGTH:
            continue
        (length,) = struct.unpack(">H", reader.take(2, "the picture"))
        body = reader.take(max(length - 2, 0), "the picture")
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", body[1:5]) if len(body) >= 5 else (0, 0)
            _check_size(width, height)
            sized = True
        if marker == 0xDA:
            reader.at = _end_of_scan(content, reader.at)


def _end_of_scan(content: bytes, start: int) -> int:
    """Return where the next marker after compressed data stands."""
    at = start
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise _damaged("the picture has no end")
        if content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2


def _check_pdf(content: bytes) -> None:
    if not re.match(rb"%PDF-[12]\.[0-9]", content):
        raise _damaged("the document has no version")
    if b"%%EOF" not in content[-_PDF_READERS_LOOK_AT:] or b"startxref" not in content[-2048:]:
        raise _damaged("the document has no end")


def _check_mp4(content: bytes) -> None:
    reader, kinds = _Reader(content), set()
    while not reader.is_at_end():
        start = reader.at
        length, kind = struct.unpack(">I4s", reader.take(8, "the video"))
        if length == 1:
            (length,) = struct.unpack(">Q", reader.take(8, "the video"))
        size = len(content) - start if length == 0 else length
        if size < reader.at - start:
            raise _damaged("a part of the video has no length")
        reader.at = start
        reader.take(size, "the video")
        kinds.add(kind)
    if not {b"ftyp", b"moov", b"mdat"} <= kinds:
        raise _damaged("the video lacks its parts")


def _is_html(content: bytes) -> bool:
    # Saved pages come in many encodings; for their first letters, which are ASCII, bytes will do.
    encoding = "utf-16" if content.startswith(_UTF16) else "utf-8-sig"
    return _HTML.match(content[:4096].decode(encoding, "replace")) is not None


def _check_html(content: bytes) -> None:
    if b"\x00" in content and not content.startswith(_UTF16):
        raise _damaged("the page holds bytes that no text holds")


_LOOKS: dict[MediaType, Callable[[bytes], bool]] = {
    MediaType.PNG: lambda content: content.startswith(_PNG),
    MediaType.JPEG: lambda content: content.startswith(_JPEG),
    MediaType.PDF: lambda content: content.startswith(_PDF),
    MediaType.MP4: lambda content: content[4:8] == b"ftyp",
    MediaType.HTML: _is_html,
}
_CHECKS: dict[MediaType, Callable[[bytes], None]] = {
    MediaType.PNG: _check_png,
    MediaType.JPEG: _check_jpeg,
    MediaType.PDF: _check_pdf,
    MediaType.HTML: _check_html,
    MediaType.MP4: _check_mp4,
}
