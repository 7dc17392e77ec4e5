"""Writes folders of tensors whole or not at all, and says which folder could not be written."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError

from pilah_data.errors import DataError
from pilah_model.folders import empty_beside, put_in_place


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into, and put it in place of `folder` when all of it is written.

    Raises DataError, which names the folder, when the system does not take it; what was there before stays then.
    """
    fresh: Path | None = None
    try:
        fresh = empty_beside(folder)
        yield fresh
        put_in_place(fresh, folder)
    except (OSError, SafetensorError) as error:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)  # it may be what fills the disk
        raise DataError(
            f"cannot be written ({error}); make room and see that the folder is yours, then give the same command again",
            file=str(folder),
        ) from error
