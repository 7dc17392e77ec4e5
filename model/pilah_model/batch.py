"""Scores a feed: streamed in windows, duplicates scored once, rows in their order, problems in a file of their own."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol, TextIO

from pilah_data.feeds import FeedError, FeedOptions, FeedRow, RowProblem, open_feed
from pilah_data.feeds.opening import format_of
from pilah_data.taxonomy import PREDICTED, Decision
from pilah_model.classifier import Classifier
from pilah_model.judgement import Judgement, Post

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
_WINDOW = 2000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Summary:
    """What a run did: rows read, judged, written and refused, and the decisions it proposed."""

    rows: int = 0
    written: int = 0
    problems: int = 0
    decisions: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class ScoreOptions:
    """How to score: evidence or not, and which decisions to keep (None keeps all)."""

    feed: FeedOptions = field(default_factory=FeedOptions)
    explain: bool = False
    only: frozenset[Decision] | None = None


class _Writer(Protocol):
    def write(self, row: FeedRow, judgement: Judgement) -> None: ...


def score_file(
    classifier: Classifier,
    source: Path,
    target: Path,
    options: ScoreOptions,
    progress: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    """Judge the posts of a feed into `target` (.csv, .tsv or .jsonl); rows that cannot be judged go to `target.errors.csv`.

    The target appears only when it is complete. Raises FeedError when the input or output as a whole cannot be used.
    """
    kind = format_of(target, None)
    summary = Summary()
    part, errors = target.with_name(target.name + ".part"), target.with_name(target.name + ".errors.csv")
    with ExitStack() as stack:
        feed, stream = open_feed(source, options.feed)
        stack.enter_context(stream)
        taken = [column for column in feed.columns if column in COLUMNS]
        if taken:
            raise FeedError(
                f"{source} has a column {taken[0]!r} already; it looks scored. Remove it or score the original"
            )
        try:
            out = stack.enter_context(part.open("w", encoding="utf-8", newline=""))
            problems = _Problems(errors, stack)
        except OSError as error:
            raise FeedError(f"cannot write {part} ({error.strerror}); choose another place with -o") from error
        writer = _writer(kind, out, feed.columns)
        for window in _windows(feed.rows):
            _score_window(classifier, window, options, writer, problems, summary)
            progress(summary)
    os.replace(part, target)  # noqa: PTH105 - atomic on the same file system
    return summary


def _windows(rows: Iterator[FeedRow | RowProblem]) -> Iterator[list[FeedRow | RowProblem]]:
    while window := list(islice(rows, _WINDOW)):
        yield window


def _score_window(
    classifier: Classifier,
    window: Sequence[FeedRow | RowProblem],
    options: ScoreOptions,
    writer: _Writer,
    problems: _Problems,
    summary: Summary,
) -> None:
    texts = list(dict.fromkeys(row.text for row in window if isinstance(row, FeedRow)))
    judged = dict(zip(texts, classifier.classify([Post(text) for text in texts], explain=options.explain), strict=True))
    for row in window:
        summary.rows += 1
        if isinstance(row, RowProblem):
            summary.problems += 1
            problems.write(row)
            continue
        judgement = judged[row.text]
        summary.decisions[judgement.decision.value] += 1
        if options.only is None or judgement.decision in options.only:
            writer.write(row, judgement)
            summary.written += 1


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
        f"{j.model.name}/{j.model.version}/{j.model.engine}",
    )


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


class _Delimited:
    def __init__(self, out: TextIO, columns: Sequence[str], delimiter: str):
        self._csv = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        self._columns = columns
        self._csv.writerow([guarded(c) for c in (*columns, *COLUMNS)])

    def write(self, row: FeedRow, judgement: Judgement) -> None:
        own = [_printable(row.fields.get(column, "")) for column in self._columns]
        self._csv.writerow([guarded(cell) for cell in (*own, *map(_printable, cells(judgement)))])


class _JsonLines:
    def __init__(self, out: TextIO):
        self._out = out

    def write(self, row: FeedRow, judgement: Judgement) -> None:
        added = dict(zip(COLUMNS, cells(judgement), strict=True))
        self._out.write(_printable(json.dumps({**row.fields, **added}, ensure_ascii=False)) + "\n")


def _printable(text: str) -> str:
    """Replace lone surrogates (legal in JSON escapes, not in UTF-8) so that a row is never lost on writing."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _writer(kind: str, out: TextIO, columns: Sequence[str]) -> _Writer:
    if kind == "jsonl":
        return _JsonLines(out)
    return _Delimited(out, columns, "\t" if kind == "tsv" else ",")


class _Problems:
    """The errors file; it exists only when there is something to say."""

    def __init__(self, path: Path, stack: ExitStack):
        self._path, self._stack = path, stack
        self._csv: Callable[[Sequence[object]], object] | None = None
        path.unlink(missing_ok=True)

    def write(self, problem: RowProblem) -> None:
        if self._csv is None:
            out = self._stack.enter_context(self._path.open("w", encoding="utf-8", newline=""))
            self._csv = csv.writer(out, lineterminator="\n").writerow
            self._csv(["row", "reason"])
        self._csv([problem.number, problem.reason])
