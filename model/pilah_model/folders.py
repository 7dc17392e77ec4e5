"""Folders that a command writes: never over something else, and never half-written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pilah_data.errors import InputError


def refuse_other_folder(folder: Path, mark: str, what: str) -> None:
    """Raise InputError for a folder that holds something else than `what`, told by its file `mark`, before it is overwritten."""
    if folder.exists() and not (folder / mark).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} holds something that is no {what}; name an empty or new folder (option --out)")


def empty_beside(folder: Path) -> Path:
    """Return `folder.new`, empty, to be written and then put in place of `folder`."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh


def put_in_place(fresh: Path, folder: Path) -> None:
    """Move `fresh` to `folder`; a kill in the middle leaves what was there before in `folder` or in `folder.old`."""
    old = folder.with_name(folder.name + ".old")
    if folder.exists():
        # Not without a folder in place: after a kill between the renames, the old one is all there is.
        shutil.rmtree(old, ignore_errors=True)
        os.replace(folder, old)  # noqa: PTH105 - a directory swap
    os.replace(fresh, folder)  # noqa: PTH105
    shutil.rmtree(old, ignore_errors=True)
