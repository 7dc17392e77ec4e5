"""Folders that a command writes: never over something else, and never half-written."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from pilah_data.errors import InputError

_TEMPORARY = ".tmp"
"""How the files begin that safetensors writes before they get their names."""


def refuse_other_folder(folder: Path, mark: str, what: str, files: Collection[str] = ()) -> None:
    """Raise InputError for a folder that holds something else than `what`, told by its file `mark`, before it is overwritten.

    With `files`, the names of all files that such a folder has, what `folder.new` and `folder.old` hold is looked at as well.
    """
    if folder.exists() and not (folder / mark).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} holds something that is no {what}; name an empty or new folder (option --out)")
    for beside in (_new(folder), _old(folder)) if files else ():
        # What a kill left there may lack the mark, but holds nothing that was not written by us.
        if beside.exists() and (not beside.is_dir() or any(_is_foreign(path, files) for path in beside.iterdir())):
            raise InputError(
                f"{beside} holds something that is no {what}; move it, or name another folder (option --out)"
            )


def _is_foreign(path: Path, files: Collection[str]) -> bool:
    return path.name not in files and not path.name.startswith(_TEMPORARY)


def need_writable(folder: Path) -> None:
    """Make a folder and try to write into it; raises InputError when it cannot be written, before any work is lost on it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror or error}); make room, or name another folder (option --out)"
        ) from error


def empty_beside(folder: Path) -> Path:
    """Return `folder.new`, empty, to be written and then put in place of `folder`."""
    fresh = _new(folder)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh


def put_in_place(fresh: Path, folder: Path) -> None:
    """Move `fresh`, once it is on the disk, to `folder`; a kill or a power cut leaves what was there before in `folder` or `folder.old`."""
    for path in [path for path in fresh.rglob("*") if path.is_file()]:
        with path.open("r+b") as written:
            os.fsync(written.fileno())
    sync_folder(fresh)
    old = _old(folder)
    if folder.exists():
        # Not without a folder in place: after a kill between the renames, the old one is all there is.
        shutil.rmtree(old, ignore_errors=True)
        os.replace(folder, old)  # noqa: PTH105 - a directory swap
    os.replace(fresh, folder)  # noqa: PTH105
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def discard(folder: Path) -> None:
    """Remove a folder that is not needed any more, and what a kill left beside it."""
    for path in (folder, _new(folder), _old(folder)):
        shutil.rmtree(path, ignore_errors=True)


def kept(folder: Path) -> Path | None:
    """Return where the last whole state of a folder lies: `folder`, `folder.old` after a kill between two renames, or nowhere."""
    return next((path for path in (folder, _old(folder)) if path.is_dir() and any(path.iterdir())), None)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last; some systems cannot, and lose at most what a resumed run does again."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _new(folder: Path) -> Path:
    return folder.with_name(folder.name + ".new")


def _old(folder: Path) -> Path:
    return folder.with_name(folder.name + ".old")
