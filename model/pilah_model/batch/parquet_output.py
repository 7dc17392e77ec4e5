"""Writes judged rows as Parquet by pyarrow, which the extra `parquet` brings.

The columns of the input are texts, null where a row lacks one; what scoring adds is typed: probabilities as numbers,
`pilah_truncated` as true or false, all else as text, evidence and forms as in delimited text.
"""

from __future__ import annotations

from typing import Any

from pilah_data.errors import MissingExtraError
from pilah_data.feeds import Feed, FeedRow
from pilah_model.batch.columns import COLUMNS, EXTRA, NUMBERS, cells, extra_of, printable
from pilah_model.batch.errors import writing
from pilah_model.batch.sink import Sink
from pilah_model.judgement import Judgement

_GROUP = 8192
"""Rows that are held until they are written as one row group."""


class ParquetRows:
    """A Parquet file that is written row by row."""

    def __init__(self, out: Sink, feed: Feed):
        """Begin the file. Raises MissingExtraError without pyarrow."""
        try:
            import pyarrow as pa  # noqa: PLC0415 - of an extra
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ImportError as error:
            raise MissingExtraError("parquet", "pyarrow") from error
        self._own, self._ragged, self._known = feed.columns, feed.ragged, frozenset(feed.columns)
        kinds: list[tuple[str, Any]] = [(name, pa.string()) for name in self._own]
        kinds += [(name, _kind(name, pa)) for name in COLUMNS]
        kinds += [(EXTRA, pa.string())] if self._ragged else []
        self._pa, self._path, self._schema = pa, out.path, pa.schema(kinds)
        self._rows: list[tuple[object, ...]] = []
        with writing(self._path):
            self._file = pq.ParquetWriter(out.raw, self._schema)

    def write(self, row: FeedRow, judgement: Judgement) -> None:
        """Write one row."""
        own = (None if row.fields.get(name) is None else printable(row.cell(name)) for name in self._own)
        added = (_value(name, cell) for name, cell in zip(COLUMNS, cells(judgement), strict=True))
        extra = (printable(extra_of(row, self._known)) or None,) if self._ragged else ()
        self._rows.append((*own, *added, *extra))
        if len(self._rows) == _GROUP:
            self._flush()

    def finish(self) -> None:
        """Write what is held, and the end of the file."""
        self._flush()
        with writing(self._path):
            self._file.close()

    def abandon(self) -> None:
        """Let go of a file that will not be finished."""
        self._rows.clear()

    def _flush(self) -> None:
        if not self._rows:
            return
        columns = [
            self._pa.array(column, kind.type)
            for column, kind in zip(zip(*self._rows, strict=True), self._schema, strict=True)
        ]
        with writing(self._path):
            self._file.write_table(self._pa.Table.from_arrays(columns, schema=self._schema))
        self._rows.clear()


def _kind(name: str, pa: Any) -> Any:
    if name in NUMBERS:
        return pa.float64()
    return pa.bool_() if name == "pilah_truncated" else pa.string()


def _value(name: str, cell: str) -> object:
    if name in NUMBERS:
        return float(cell)
    if name == "pilah_truncated":
        return cell == "true"
    return printable(cell) or None
