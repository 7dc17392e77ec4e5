"""Takes a form with a file apart as it arrives: the file goes to the disk, and none of it stays in memory."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from pilah_api.cookies import TOKEN_FIELD
from pilah_api.gate import check_form_token
from pilah_api.jobs.folder import BatchFolder
from pilah_api.problems import FieldError, RefusedError

FILE = "file"
_PARTS, _FIELD_BYTES, _HEADER_BYTES = 40, 16 * 1024, 8 * 1024
_AT_ONCE = 1 << 20
_RESERVE = 128 << 20
"""Bytes of the disk that no upload may take, for the database must go on."""
_LONGEST_NAME = 200
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that lies in the folder of its batch, and the fields that came with it."""

    name: str
    size: int
    sha256: str
    fields: dict[str, list[str]] = field(default_factory=dict)


async def receive(request: Request, folder: BatchFolder) -> Upload:
    """Read a form with one file named `file` into a folder, which is removed again if that fails.

    Raises RefusedError for another body, a missing form token, or a full disk, and HTTPException beyond the limit.
    """
    boundary = _boundary(request)
    _check_room(request, folder)
    try:
        with _room():
            return await _receive(request, folder, boundary)
    except BaseException:
        folder.remove()
        raise


async def _receive(request: Request, folder: BatchFolder, boundary: bytes) -> Upload:
    form = _Form(request, folder)
    parser = MultipartParser(boundary, form.callbacks())  # type: ignore[arg-type] # the callbacks are those it names
    try:
        async for chunk in request.stream():
            parser.write(chunk)
            if len(form.pending) >= _AT_ONCE:
                await run_in_threadpool(form.flush)
        parser.finalize()
        return await run_in_threadpool(form.finish)
    except FormParserError:
        raise RefusedError(
            "bad-request", "The form is cut off or malformed; send it again as multipart/form-data."
        ) from None
    except ClientDisconnect:
        raise RefusedError("bad-request", "The connection broke before the file was whole; send it again.") from None
    finally:
        form.close()


class _Form:
    """The state of a form that is being read."""

    def __init__(self, request: Request, folder: BatchFolder):
        self._request, self._folder = request, folder
        self.pending = bytearray()
        self._file: BinaryIO | None = None
        self._name: str | None = None
        self._size, self._hash = 0, hashlib.sha256()
        self._fields: dict[str, list[str]] = {}
        self._header, self._value, self._disposition = bytearray(), bytearray(), b""
        self._parts, self._field, self._in_file, self._over = 0, "", False, False

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._grow(self._header, data[start:end]),
            "on_header_value": lambda data, start, end: self._grow(self._value, data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def flush(self) -> None:
        """Write what is pending; not in the thread of the server's loop."""
        if self._file is not None and self.pending:
            self._file.write(self.pending)
            self._hash.update(self.pending)
            self._size += len(self.pending)
            self.pending.clear()

    def finish(self) -> Upload:
        self.flush()
        if not self._over:
            raise FormParserError
        if self._file is None or self._name is None:
            check_form_token(self._request, "".join(self._fields.get(TOKEN_FIELD, ())))
            raise _wrong(FILE, "there is no file; send one in the field `file`")
        if not self._size:
            raise _wrong(FILE, "the file is empty; export it again")
        self._file.flush()
        os.fsync(self._file.fileno())
        return Upload(self._name, self._size, self._hash.hexdigest(), self._fields)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    # --- what the parser calls -------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise RefusedError(
                "bad-request", f"The form has more than {_PARTS} fields; leave out what is not asked for."
            )
        self._disposition, self._in_file = b"", False

    def _grow(self, part: bytearray, data: bytes) -> None:
        part += data
        if len(part) > _HEADER_BYTES:
            raise RefusedError("bad-request", "A part of the form has a header beyond reason; send a plain form.")

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            self._fields.setdefault(self._field, []).append("")
            self.text = bytearray()
            return
        # Before a byte of the file is kept: no other site may store one here in somebody's name.
        check_form_token(self._request, "".join(self._fields.get(TOKEN_FIELD, ())))
        if self._field != FILE or self._file is not None:
            raise _wrong(self._field[:60], "one file is taken, in the field `file`; send the others by themselves")
        self._in_file, self._name = True, _shown(options[b"filename"].decode("utf-8", "replace"))
        self._folder.make()
        self._file = _private(self._folder.input_for(self._name))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self.pending += data[start:end]
            return
        self.text += data[start:end]
        if len(self.text) > _FIELD_BYTES:
            raise _wrong(self._field[:60], f"the field has more than {_FIELD_BYTES:,} bytes")

    def _end(self) -> None:
        if not self._in_file:
            try:
                self._fields[self._field][-1] = self.text.decode("utf-8")
            except UnicodeDecodeError:
                raise _wrong(self._field[:60], "the field is not UTF-8") from None

    def _finish(self) -> None:
        self._over = True


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise RefusedError(
            "unsupported-media-type", "The call takes a file; send it as multipart/form-data in the field `file`."
        )
    return options[b"boundary"]


def _check_room(request: Request, folder: BatchFolder) -> None:
    announced = request.headers.get("content-length", "")
    needed = int(announced[:20]) if announced.isdecimal() else 0
    place = next((path for path in folder.path.parents if path.is_dir()), Path("/"))
    if shutil.disk_usage(place).free < needed + _RESERVE:
        raise _full()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full() from None
        raise


def _full() -> RefusedError:
    return RefusedError("storage-full", "The disk of the server has no room for the file; nothing of it was kept.")


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _shown(name: str) -> str:
    """Return a file's own name as it is shown: without folders and what cannot be printed, with its ending if it is cut."""
    bare = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip()
    if len(bare) > _LONGEST_NAME:
        stem, dot, ending = bare.rpartition(".")
        bare = f"{stem[: _LONGEST_NAME - 20]}…{dot}{ending[:18]}" if dot else bare[:_LONGEST_NAME]
    return bare or "berkas"


def _wrong(name: str, message: str) -> RefusedError:
    return RefusedError("invalid-input", f"/{name}: {message}", errors=[FieldError(f"/{name}", message)])
