"""Files that leave for keeping: the header that names them, and files sent piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

_CHUNK = 1 << 18


def kept_as(name: str) -> dict[str, str]:
    """Return the header that makes a browser keep an answer under a name (RFC 6266), plain for old programs and in full."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file from its beginning, and close it however far its reader came."""
    with file:
        file.seek(0)
        while piece := file.read(_CHUNK):
            yield piece
