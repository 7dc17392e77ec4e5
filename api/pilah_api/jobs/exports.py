"""Hands results out in any output format, as a stream: nothing is held but a few rows, and nothing is kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, cast

from pilah_api.access import ConflictError
from pilah_api.jobs.results import Results
from pilah_model.batch.output import open_writer
from pilah_model.batch.xlsx import CELL_LIMIT

_CHUNK = 1 << 17
_SHEET_ROWS = 1_048_575


class ResultFormat(StrEnum):
    """A format in which results can be had."""

    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"


MEDIA_TYPES = {
    ResultFormat.CSV: "text/csv; charset=utf-8",
    ResultFormat.TSV: "text/tab-separated-values; charset=utf-8",
    ResultFormat.JSONL: "application/jsonl",
    ResultFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ResultFormat.PARQUET: "application/vnd.apache.parquet",
}
NO_ERRORS = b"row,field,reason,place\r\n"
"""The list of rows that could not be judged where there are none."""


def check_format(results: Results, kind: ResultFormat) -> None:
    """Raise ConflictError for a format that cannot hold these results, before anything is sent."""
    if kind is ResultFormat.PARQUET and find_spec("pyarrow") is None:
        raise ConflictError("this server cannot write Parquet, for pyarrow is not installed there; take csv or jsonl")
    if kind is not ResultFormat.XLSX:
        return
    if len(results) > _SHEET_ROWS:
        raise ConflictError(
            f"a sheet of xlsx holds {_SHEET_ROWS:,} posts and there are {len(results):,}; take csv or jsonl"
        )
    longest = int(results.summary["longest_cell"])
    if longest > CELL_LIMIT:
        raise ConflictError(
            f"a cell of xlsx holds {CELL_LIMIT:,} characters and one of these has {longest:,}; take csv or jsonl"
        )


def export(results: Results, kind: ResultFormat) -> Iterator[bytes]:
    """Yield all rows in a format, as `pilah score` would write them. Raises ConflictError for one that cannot hold them."""
    check_format(results, kind)
    return _export(results, kind)


def _export(results: Results, kind: ResultFormat) -> Iterator[bytes]:
    pipe = _Pipe()
    writer = open_writer(Path(f"results.{kind}"), pipe, results.feed(), raw=False)
    for found in results.all():
        writer.write(found.row, found.judgement)
        if pipe.size >= _CHUNK:
            yield pipe.taken()
    writer.finish()
    yield pipe.taken()


class _Stream(io.RawIOBase):
    """Takes bytes in their order; what wants to go back in it is told that it cannot."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(memoryview(data))  # type: ignore[arg-type] # whatever has a buffer
        self.chunks.append(chunk)
        self.size += len(chunk)
        return len(chunk)


class _Pipe:
    """A sink for a writer, emptied now and then."""

    path = Path("results")

    def __init__(self) -> None:
        self._stream = _Stream()

    @property
    def raw(self) -> BinaryIO:
        return cast("BinaryIO", self._stream)

    @property
    def size(self) -> int:
        return self._stream.size

    def write(self, text: str) -> int:
        return self._stream.write(text.encode("utf-8"))

    def taken(self) -> bytes:
        found = b"".join(self._stream.chunks)
        self._stream.chunks, self._stream.size = [], 0
        return found
