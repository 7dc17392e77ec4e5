"""Writes the results of a batch: every row with its judgement, where each row begins, problems, and a summary."""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pilah_api.jobs.reading import without_dashes
from pilah_api.jobs.results import BIT, COLUMNS_AT, FILES
from pilah_api.jobs.terms import Terms
from pilah_data.feeds import Feed, FeedRow, RowProblem
from pilah_data.feeds.rows import Numeral
from pilah_data.taxonomy import PREDICTED, Decision
from pilah_model.batch.columns import cells
from pilah_model.batch.output import Problems
from pilah_model.batch.part import Part
from pilah_model.batch.shards import Slot
from pilah_model.batch.tally import Tally
from pilah_model.batch.verdicts import of_line
from pilah_model.judge import Judge
from pilah_model.judgement import Judgement

_LABELS = {label: at for at, label in enumerate(PREDICTED)}
_DECISIONS = {decision: at for at, decision in enumerate(Decision)}
_THRESHOLDS = ("lolos_below", "tinjau_from")
_OPTION = "PILAH_HOME"


class RowsFile:
    """The results of one batch while they are written; a context, so that no file stays open."""

    def __init__(self, place: Path, feed: Feed, judge: Judge, terms: Terms):
        """Begin in an empty folder."""
        self._place, self._feed, self._judge, self._terms = place, feed, judge, terms
        self._tally = Tally()
        self._tally.begin(feed.columns, judge.info)
        self._index = array("q")
        self._at = self._rows = self._failed = self._longest = 0
        self._rows_part = Part(place / "rows.part", _OPTION)
        self._errors_part = Part(place / "errors.part", _OPTION)
        self._problems = Problems(self._errors_part)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove what is unfinished."""
        self._rows_part.__exit__(kind, error, at)
        self._errors_part.__exit__(kind, error, at)

    def add(self, entries: Sequence[tuple[FeedRow, Slot] | RowProblem]) -> None:
        """Write the rows of a shard whose judgements are filled in."""
        for entry in entries:
            self._rows += 1
            if isinstance(entry, RowProblem):
                self._failed += 1
                self._problems.write(entry)
                continue
            row, line = entry[0], entry[1].line
            judgement = of_line(line, self._judge.info)
            self._tally.add(row, judgement)
            only = self._terms.options.only
            if only is None or judgement.decision in only:
                self._write(row, line, judgement)

    def finish(self) -> None:
        """Put all files in their places."""
        self._rows_part.finish(self._place / FILES.rows)
        self._problems.finish(self._place / FILES.errors)
        with Part(self._place / "index.part", _OPTION) as part:
            part.raw.write(self._index.tobytes())
            part.finish(self._place / FILES.index)
        with Part(self._place / "summary.part", _OPTION) as part:
            part.write(json.dumps(self._summary()))
            part.finish(self._place / FILES.summary)

    def _write(self, row: FeedRow, line: str, judgement: Judgement) -> None:
        body = (_as_json(row) + ',"j":' + line + "}\n").encode("ascii")
        forms = sum(1 << BIT[form.code] for form in judgement.forms)
        entry = (
            self._at,
            row.number,
            _DECISIONS[judgement.decision],
            _LABELS[judgement.label],
            forms,
            round(judgement.confidence * 1e9),
        )
        self._index.extend(entry)
        self._rows_part.raw.write(body)
        self._at += len(body)
        own = (len(row.cell(column)) for column in self._feed.columns)
        self._longest = max(self._longest, *own, *map(len, cells(judgement)))

    def _summary(self) -> dict[str, Any]:
        dialect = self._feed.dialect
        policy = self._judge.policy.as_json()
        return {
            "rows": self._rows,
            "failed": self._failed,
            "written": len(self._index) // COLUMNS_AT,
            "longest_cell": self._longest,
            "columns": self._feed.columns,
            "ragged": self._feed.ragged,
            "dialect": None if dialect is None else asdict(dialect),
            "notes": [without_dashes(note) for note in self._feed.notes.lines()],
            "context_column": self._terms.options.feed.context_column,
            "model": asdict(self._judge.info),
            "thresholds": {name: policy[name] for name in _THRESHOLDS if name in policy},
            "tally": self._tally.as_json(),
        }


def _as_json(row: FeedRow) -> str:
    """Return a row as JSON without the closing bracket; its text is that of a field unless a reader made it."""
    body: dict[str, Any] = {"n": row.number, "i": row.id, "f": row.fields}
    if row.place:
        body["p"] = row.place
    field = next((name for name in row.fields if row.cell(name) == row.text), None)
    body |= {"x": row.text} if field is None else {"t": field}
    if numerals := [name for name, value in row.fields.items() if isinstance(value, Numeral)]:
        body["k"] = numerals
    return json.dumps(body, separators=(",", ":"))[:-1]
