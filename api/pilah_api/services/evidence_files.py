"""The folder of evidence: every original once, under its SHA-256, never written again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from pilah_api.access import ConflictError
from pilah_api.services.keeping import EVIDENCE_FOLDER

READ_ONLY = 0o400


class AlteredError(ConflictError):
    """A file of evidence is not there, or not what it was when it came in."""


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def place(home: Path, content: bytes) -> str:
    """Put an original into the folder unless it lies there; return its SHA-256. Raises AlteredError if another lies there."""
    sha256 = sha256_of(content)
    folder = home / EVIDENCE_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / sha256
    if not path.exists():
        _write(path, content)
    elif path.read_bytes() != content:
        raise AlteredError("what lies in the evidence folder under this hash was altered; restore it from a backup")
    else:
        # A purge leaves young files alone: this one belongs to a case again.
        with contextlib.suppress(OSError):
            os.utime(path)
    return sha256


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(READ_ONLY)
        # Another upload of the same bytes may have been first; both are the same file.
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def read(home: Path, sha256: str) -> bytes:
    """Return an original. Raises AlteredError if it is missing or its content no longer fits its hash."""
    try:
        content = (home / EVIDENCE_FOLDER / sha256).read_bytes()
    except OSError:
        raise AlteredError("the file is missing from the evidence folder; restore it from a backup") from None
    if sha256_of(content) != sha256:
        raise AlteredError("the file no longer fits its SHA-256: it was altered; restore it from a backup")
    return content


def is_intact(home: Path, sha256: str) -> bool:
    """Return whether an original is there and still what it was."""
    try:
        read(home, sha256)
    except AlteredError:
        return False
    return True
