"""Writes judged rows to CSV, TSV and JSON lines; a file gets its name only when it is whole.

In CSV and TSV a cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line end, and is no
plain number) gets an apostrophe in front. The offsets in `pilah_evidence` count the post without it, so in such a cell
of that file they stand one character further on. `raw` writes the cells as they are. JSON lines are never altered.
"""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from pilah_data.errors import InputError
from pilah_data.feeds import FORMATS, Feed, FeedError, FeedRow, RowProblem
from pilah_data.taxonomy import PREDICTED
from pilah_model.judgement import Judgement

PREFIX = "pilah_"
"""How the names of all added columns begin; no column of an input may."""
COLUMNS = (
    "pilah_label",
    "pilah_confidence",
    *(f"pilah_p_{label.value}" for label in PREDICTED),
    "pilah_decision",
    "pilah_forms",
    "pilah_direction",
    "pilah_evidence",
    "pilah_truncated",
    "pilah_model",
)
"""What scoring adds to the columns of the input."""
EXTRA = "pilah_extra"
"""The last column of a table made from JSON lines: the fields of a row that the first object did not have, as JSON."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-](?:[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?%?")
# What JSON may hold but UTF-8 cannot, and what some readers take for the end of a line.
_ESCAPED = re.compile(r"[\ud800-\udfff\x85\u2028\u2029]")


# --- places -------------------------------------------------------------------------------------------------------


def part_of(place: Path) -> Path:
    """Return where a file is while it is not whole."""
    return place.with_name(place.name + ".part")


def problems_of(target: Path) -> Path:
    """Return where the rows go that cannot be judged."""
    return target.with_name(target.name + ".errors.csv")


def check_places(source: Path, target: Path) -> None:
    """Refuse an output that cannot be written, or only over the input or itself. Raises InputError."""
    if target.suffix.lower() not in FORMATS:
        raise InputError(
            f"{target}: the ending {target.suffix or '(none)'!r} is unknown; known are {', '.join(FORMATS)}"
        )
    with _writing(target):
        if target.is_dir():
            raise InputError(f"cannot write {target}: it is a folder; name a file in it with -o")
        if not target.parent.is_dir():
            raise InputError(
                f"cannot write {target}: there is no folder {target.parent}; make it, or use another with -o"
            )
        files = {
            "the input": source,
            "the output": target,
            "the unfinished output": part_of(target),
            "the list of problems": problems_of(target),
            "the unfinished list of problems": part_of(problems_of(target)),
        }
        for (one, path), (other, same) in itertools.combinations(files.items(), 2):
            if _is_same(path, same):
                raise InputError(f"{one} ({path}) and {other} ({same}) are the same file; choose another name with -o")


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them does not exist yet
        return os.path.realpath(one) == os.path.realpath(other)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FeedError(
            f"cannot write {path} ({error.strerror or error}); make room, or choose another place with -o"
        ) from error


class Part:
    """A text file that is put in its place by `finish`; without that, leaving the context removes what was written.

    Every method raises FeedError, naming the file, when the disk does not take it.
    """

    def __init__(self, place: Path):
        """Open the unfinished file beside its place."""
        self._place, self._path, self._finished = place, part_of(place), False
        with _writing(self._path):
            self._out = self._path.open("w", encoding="utf-8", newline="")

    def write(self, text: str) -> None:
        """Write a text."""
        with _writing(self._path):
            self._out.write(text)

    def finish(self) -> None:
        """Put the file in its place, over what was there."""
        with _writing(self._path):
            self._out.close()
            os.replace(self._path, self._place)  # noqa: PTH105 - atomic on the same file system
        self._finished = True

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove the file unless it is finished."""
        if not self._finished:
            with contextlib.suppress(OSError):  # a full disk complains again
                self._out.close()
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


class Problems:
    """The list of rows that cannot be judged; it exists only when there is something to say."""

    def __init__(self, place: Path):
        """Remember the place; nothing is touched before `finish`."""
        self._place, self._part = place, contextlib.ExitStack()
        self._out: Part | None = None

    def write(self, problem: RowProblem) -> None:
        """Add a row to the list."""
        if self._out is None:
            self._out = self._part.enter_context(Part(self._place))
            csv.writer(self._out).writerow(("row", "reason"))
        csv.writer(self._out).writerow((problem.number, printable(problem.reason)))

    def finish(self) -> None:
        """Put the list in its place, or remove the list of an earlier run."""
        if self._out is not None:
            self._out.finish()
            return
        with _writing(self._place):
            self._place.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove the list unless it is finished."""
        self._part.__exit__(kind, error, at)


# --- rows ---------------------------------------------------------------------------------------------------------


class Writer(Protocol):
    """Writes judged rows in one format."""

    def write(self, row: FeedRow, judgement: Judgement) -> None:
        """Write one row: its own fields and what scoring adds."""


def open_writer(target: Path, out: Part, feed: Feed, *, raw: bool) -> Writer:
    """Return the writer for the target's ending; `raw` leaves out the guard against formulas."""
    kind = FORMATS[target.suffix.lower()]
    return _JsonLines(out) if kind == "jsonl" else _Delimited(out, feed, "\t" if kind == "tsv" else ",", raw=raw)


def cells(judgement: Judgement) -> tuple[str, ...]:
    """Return the added columns of one row as text."""
    j = judgement
    evidence = (
        json.dumps([[e.start, e.end, e.text] for e in j.evidence], ensure_ascii=False) if j.evidence is not None else ""
    )
    return (
        j.label.value,
        f"{j.confidence:.4f}",
        *(f"{j.probabilities[label]:.4f}" for label in PREDICTED),
        j.decision.value,
        ";".join(f"{f.code}:{f.probability:.2f}" for f in j.forms),
        j.direction.value if j.direction else "",
        evidence,
        "true" if j.truncated else "false",
        _model(j),
    )


def values(judgement: Judgement) -> tuple[object, ...]:
    """Return the added columns of one row as JSON values; evidence as in `Judgement.as_json`, null if none was asked for."""
    j = judgement
    return (
        j.label.value,
        round(j.confidence, 4),
        *(round(j.probabilities[label], 4) for label in PREDICTED),
        j.decision.value,
        [{"code": f.code, "probability": round(f.probability, 4)} for f in j.forms],
        j.direction.value if j.direction else None,
        j.as_json()["evidence"],
        j.truncated,
        _model(j),
    )


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection); plain numbers stay as they are."""
    return "'" + cell if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


def printable(text: str) -> str:
    """Replace lone surrogates (legal in JSON escapes, not in UTF-8) so that a row is never lost on writing."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _model(judgement: Judgement) -> str:
    return f"{judgement.model.name}/{judgement.model.version}/{judgement.model.engine}"


class _Delimited:
    def __init__(self, out: Part, feed: Feed, delimiter: str, *, raw: bool):
        # Python 3.11 quotes a lone \r only if it is part of the line terminator.
        self._csv = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
        self._columns, self._known = feed.columns, frozenset(feed.columns)
        self._ragged, self._raw = feed.ragged, raw
        self._write((*feed.columns, *COLUMNS, *((EXTRA,) if feed.ragged else ())))

    def write(self, row: FeedRow, judgement: Judgement) -> None:
        own = (row.cell(column) for column in self._columns)
        self._write((*own, *cells(judgement), *((self._extra(row),) if self._ragged else ())))

    def _extra(self, row: FeedRow) -> str:
        extra = {name: value for name, value in row.fields.items() if name not in self._known}
        return json.dumps(extra, ensure_ascii=False) if extra else ""

    def _write(self, row: tuple[str, ...]) -> None:
        self._csv.writerow([printable(cell) if self._raw else guarded(printable(cell)) for cell in row])


class _JsonLines:
    def __init__(self, out: Part):
        self._out = out

    def write(self, row: FeedRow, judgement: Judgement) -> None:
        added = dict(zip(COLUMNS, values(judgement), strict=True))
        line = json.dumps({**row.fields, **added}, ensure_ascii=False)
        self._out.write(_ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", line) + "\n")
