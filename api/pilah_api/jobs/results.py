"""Reads the results of a batch: all rows in their order, or some, found by decision, label, form and confidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from pilah_api.access import NotFoundError
from pilah_data.feeds import Feed, FeedRow
from pilah_data.feeds.rows import Dialect, Numeral, as_cell
from pilah_data.taxonomy import FORMS, PREDICTED, Decision, Label
from pilah_model.batch.tally import Tally
from pilah_model.batch.verdicts import of_line
from pilah_model.judgement import Judgement, ModelInfo

Whole = npt.NDArray[np.int64]
BIT = {code: at for at, code in enumerate(FORMS)}
"""The bit of each form in the index."""
COLUMNS_AT = 6
"""Numbers of a row in the index: place in the file, number in the feed, decision, label, forms, confidence in billionths."""
_AT, _NUMBER, _DECISION, _LABEL, _FORMS, _CONFIDENCE = range(COLUMNS_AT)


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """The names of the files of finished results."""

    rows: str = "rows.jsonl"
    index: str = "index.bin"
    errors: str = "errors.csv"
    summary: str = "summary.json"


FILES = ResultFiles()


class Order(StrEnum):
    """How found rows are sorted."""

    INPUT = "input"
    SUREST = "surest"
    LEAST_SURE = "least_sure"


@dataclass(frozen=True, slots=True)
class Finding:
    """Which rows are wanted; None means any."""

    decision: Decision | None = None
    label: Label | None = None
    form: str | None = None
    order: Order = Order.INPUT


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A judged row of a feed."""

    row: FeedRow
    judgement: Judgement


class Results:
    """Finished results, opened for reading; safe to use from several threads."""

    def __init__(self, finished: Path):
        """Read the summary. Raises NotFoundError where the files are not there (any more)."""
        self._place = finished
        try:
            self.summary: Mapping[str, Any] = json.loads((finished / FILES.summary).read_bytes())
        except OSError:
            raise NotFoundError(
                "the results of this batch are not there; they were deleted, or lie elsewhere"
            ) from None
        self.model = ModelInfo(**self.summary["model"])
        self.thresholds: dict[str, float] = self.summary["thresholds"]

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.summary["written"])

    @property
    def errors(self) -> Path | None:
        """Return the list of rows that could not be judged, None if all could."""
        path = self._place / FILES.errors
        return path if path.is_file() else None

    def feed(self) -> Feed:
        """Return the feed that the rows come from, without its rows."""
        found = self.summary["dialect"]
        # By name: results of earlier versions know more of a dialect.
        dialect = None if found is None else Dialect(found["delimiter"], found["encoding"])
        return Feed(tuple(self.summary["columns"]), iter(()), self.summary["ragged"], dialect)

    @cached_property
    def tally(self) -> Tally:
        """Return what was counted of all judged rows, those that `only` left out included."""
        return Tally.of_json(self.summary["tally"], self.model)

    def find(self, wanted: Finding) -> Whole:
        """Return the places of the rows that are wanted, in the order that is wanted."""
        index = self._index
        keep = np.ones(len(index), dtype=bool)
        if wanted.decision is not None:
            keep &= index[:, _DECISION] == list(Decision).index(wanted.decision)
        if wanted.label is not None:
            keep &= index[:, _LABEL] == PREDICTED.index(wanted.label)
        if wanted.form is not None:
            keep &= (index[:, _FORMS] >> BIT[wanted.form]) & 1 == 1
        found: Whole = np.flatnonzero(keep).astype(np.int64)
        if wanted.order is Order.INPUT:
            return found
        confidence = index[found, _CONFIDENCE]
        # Stable, so that rows of equal confidence stay in the order of the input.
        order = np.argsort(-confidence if wanted.order is Order.SUREST else confidence, kind="stable")
        return found[order]

    def rows(self, places: Sequence[int] | Whole) -> Iterator[ResultRow]:
        """Yield the rows at some places."""
        index = self._index
        with self._open() as file:
            for place in places:
                file.seek(int(index[place, _AT]))
                yield self._row(file.readline())

    def all(self) -> Iterator[ResultRow]:
        """Yield all rows in the order of the input."""
        with self._open() as file:
            for line in file:
                yield self._row(line)

    def _open(self) -> BinaryIO:
        try:
            return (self._place / FILES.rows).open("rb")
        except OSError:
            raise _gone() from None

    @cached_property
    def _index(self) -> Whole:
        """Map the index: what is asked for is read, when it is asked for, and memory does not grow with the batch."""
        path = self._place / FILES.index
        try:
            # An empty file cannot be mapped.
            flat = np.memmap(path, dtype=np.int64, mode="r") if path.stat().st_size else np.empty(0, dtype=np.int64)
        except OSError:
            raise _gone() from None
        return flat.reshape(-1, COLUMNS_AT)

    def _row(self, line: bytes) -> ResultRow:
        # The judgement stands last; within a text, the quotes of this mark would be escaped.
        head, _, verdict = line.rpartition(b',"j":')
        body = json.loads(head + b"}")
        fields: dict[str, object] = body["f"]
        for name in body.get("k", ()):
            fields[name] = Numeral(fields[name])
        text = body["x"] if "x" in body else as_cell(fields[body["t"]])
        judgement = of_line(verdict.rstrip()[:-1].decode("ascii"), self.model)
        row = FeedRow(body["n"], fields, text, body["i"], body.get("p", ""))
        return ResultRow(row, replace(judgement, id=row.id, thresholds=self.thresholds))


def _gone() -> NotFoundError:
    return NotFoundError("the results of this batch are not there any more")
