"""Looks into an upload in a process of its own: a file that is made to do harm harms that process, not the server.

Run as `python -m pilah_api.jobs.looking`; it reads a question as JSON from standard input and answers in JSON.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pilah_api.jobs.reading import explained, reading
from pilah_api.jobs.terms import BatchOptions
from pilah_api.limits import Bounds
from pilah_data.errors import InputError, MissingExtraError, PilahError
from pilah_data.feeds import FeedOptions, FeedRow, NoPostsError
from pilah_data.feeds.columns import ID_COLUMNS, ColumnError, find_column
from pilah_data.privacy import mask

_MEMORY = 4 << 30
_PATIENCE = 120
_SHOWN = 5
_LOOKED_AT = 200
_LONGEST = 160
"""Characters of a cell that a preview shows."""


class UploadError(InputError):
    """An upload cannot be read as it is; `columns` are those it has, where the wrong column was looked for."""

    def __init__(self, message: str, columns: tuple[str, ...] = ()):
        """Keep the columns beside the sentence."""
        super().__init__(message)
        self.columns = columns


@dataclass(frozen=True, slots=True)
class Look:
    """What a look into an upload shows: its columns, which are taken for text and id, and its first rows, masked."""

    columns: tuple[str, ...]
    text_column: str | None
    id_column: str | None
    rows: tuple[tuple[str, ...], ...]


def look(path: Path, name: str, options: BatchOptions, bounds: Bounds) -> Look:
    """Look into an upload; `name` is what messages call it. Raises UploadError for what cannot be read."""
    question = {
        "path": str(path),
        "name": name,
        "feed": asdict(options.feed),
        "bounds": asdict(bounds),
    }
    try:
        done = subprocess.run(
            # -P: a module of the same name in the current folder must not run in place of ours.
            [sys.executable, "-P", "-m", "pilah_api.jobs.looking"],
            input=json.dumps(question).encode("ascii"),
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise UploadError(f"{name} takes longer than {_PATIENCE} s to open; send it as CSV") from None
    except ValueError:
        # The process is dead: for want of memory, or by a fault in what reads the format.
        raise UploadError(
            f"{name} cannot be opened: it is damaged, or needs more memory than it may have; send it as CSV"
        ) from None
    if "error" in answer:
        raise UploadError(answer["error"], tuple(answer["columns"]))
    rows = tuple(tuple(row) for row in answer["rows"])
    return Look(tuple(answer["columns"]), answer["text_column"], answer["id_column"], rows)


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    path, name = Path(question["path"]), question["name"]
    options = BatchOptions(FeedOptions(**question["feed"]))
    try:
        return _looked(path, options, Bounds(**question["bounds"]))
    except MissingExtraError as error:
        return {"error": f"this server cannot read {name}: {error}", "columns": []}
    except PilahError as error:
        columns = error.columns if isinstance(error, ColumnError) else ()
        return {"error": explained(error, path, name), "columns": columns}


def _looked(path: Path, options: BatchOptions, bounds: Bounds) -> dict[str, Any]:
    with reading(path, options, bounds) as (feed, rows):
        first = list(itertools.islice(rows, _LOOKED_AT))
        if not first:
            raise NoPostsError(f"{path} holds no posts")
        shown = [row for row in first if isinstance(row, FeedRow)][:_SHOWN]
        columns = feed.columns
        return {
            "columns": columns,
            "text_column": feed.text_column,
            "id_column": _found(options.feed.id_column, columns),
            "rows": [[_cut(mask(row.cell(column))) for column in columns] for row in shown],
        }


def _found(wanted: str | None, columns: tuple[str, ...]) -> str | None:
    return wanted if wanted in columns else find_column(None, ID_COLUMNS, columns, "", "")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def main() -> None:
    """Answer one question."""
    try:
        import resource  # noqa: PLC0415 - of some systems

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (ImportError, ValueError, OSError):
        pass  # the system knows no limits, or has a lower one already
    sys.stdout.write(json.dumps(_answer(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
