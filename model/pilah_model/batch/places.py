"""Where the files of a run lie, and which places are refused before anything is touched."""

from __future__ import annotations

import importlib.util
import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pilah_data.errors import InputError, MissingExtraError
from pilah_model.batch.errors import writing

OUTPUTS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
}
"""Formats that can be written, by the ending of the output."""


def problems_of(target: Path) -> Path:
    """Return where the rows go that cannot be judged."""
    return target.with_name(target.name + ".errors.csv")


def work_of(target: Path) -> Path:
    """Return the folder beside the output in which an unfinished run lies."""
    return target.with_name(target.name + ".pilah")


def record_of(target: Path) -> Path:
    """Return where a finished run leaves what it belongs to and what it counted."""
    return target.with_name(target.name + ".pilah.json")


def check_places(source: Path | Sequence[Path], target: Path, report: Path | None = None) -> None:
    """Refuse an output that cannot be written, or only over an input or itself, and an input that is given twice.

    Raises InputError, and MissingExtraError for an output that needs a library that is not there.
    """
    sources = (source,) if isinstance(source, Path) else tuple(source)
    if target.suffix.lower() not in OUTPUTS:
        raise InputError(
            f"{target}: the ending {target.suffix or '(none)'!r} is unknown; known are {', '.join(OUTPUTS)}"
        )
    if OUTPUTS[target.suffix.lower()] == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise MissingExtraError("parquet", "pyarrow")
    files = [
        *(("the input", one) for one in sources),
        ("the output", target),
        ("the list of problems", problems_of(target)),
        ("the folder of unfinished work", work_of(target)),
        ("the record of the run", record_of(target)),
        *([("the report", report)] if report else []),
    ]
    with writing(target):
        for place in (target, *((report,) if report else ())):
            _check_place(place)
        if work_of(target).exists() and not work_of(target).is_dir():
            raise InputError(f"{work_of(target)} is in the way: unfinished work goes there; rename it")
        for (one, path), (other, same) in itertools.combinations(files, 2):
            if is_same(path, same):
                if other == "the input":
                    raise InputError(f"{path} and {same} are the same input; give it once")
                option = "--report" if other == "the report" else "-o"
                raise InputError(
                    f"{one} ({path}) and {other} ({same}) are the same file; choose another name with {option}"
                )
    for folder in sources:
        if folder.is_dir():
            _check_outside(folder, target, report)


def _check_outside(folder: Path, target: Path, report: Path | None) -> None:
    """Refuse to write into the folder that is read: it would change while it is read, and never be finished."""
    whole = Path(os.path.realpath(folder))
    for place, option in ((target, "-o"), *(((report, "--report"),) if report else ())):
        # A link is replaced where it lies, not where it leads.
        if Path(os.path.realpath(place.parent)).is_relative_to(whole):
            raise InputError(f"{place} lies in the input {folder}; choose a place outside it with {option}")


def _check_place(place: Path) -> None:
    if place.is_dir():
        raise InputError(f"cannot write {place}: it is a folder; name a file in it")
    if not place.parent.is_dir():
        raise InputError(f"cannot write {place}: there is no folder {place.parent}; make it, or choose another place")


def is_same(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one file, or would."""
    try:
        return one.samefile(other)
    except OSError:  # one of them does not exist yet
        return os.path.realpath(one) == os.path.realpath(other)
