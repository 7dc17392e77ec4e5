"""What the commands around the model share: how they speak, and what they refuse before any work is done."""

from __future__ import annotations

from pathlib import Path

import typer

from pilah_api.data_commands import SHARED
from pilah_data.errors import InputError, MissingExtraError


def say(line: str) -> None:
    """Print a line."""
    typer.echo(line)


def need_training() -> None:
    """Say which extra is missing before anything is read."""
    try:
        import torch  # noqa: F401, PLC0415
        import transformers  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("train", str(error.name)) from error
    # Library notices about our own weights only frighten; real problems are raised.
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def need_folder_of(path: Path, option: str) -> None:
    """Refuse a file that could not be written, before hours of work are lost on it."""
    if not path.parent.is_dir():
        raise InputError(f"folder {path.parent} is missing; make it first (option {option})")


def public_posts(shared: Path) -> Path | None:
    """Return the folder of the public posts; None, and a line that says so, when the default one is not there.

    Raises InputError when another folder was named that holds none.
    """
    posts = shared / "posts" / "posts.tsv.zst"
    if posts.is_file():
        return shared
    if shared != SHARED:
        raise InputError(f"{shared} holds no public posts ({posts} is missing); name their folder (option --shared)")
    say(f"no public posts under {shared}: only the authored posts are used")
    return None
