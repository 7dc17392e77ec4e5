"""Parquet feeds (https://parquet.apache.org/docs/file-format/), read by pyarrow, which the extra `parquet` brings."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import math
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pilah_data.errors import MissingExtraError
from pilah_data.feeds.rows import ID_COLUMNS, Feed, FeedError, FeedRow, RowProblem, find_column, make_row, text_column
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_BATCH = 2048
_MARKS = (b"PAR1", b"PARE")


def _claims(sample: Sample) -> bool:
    return sample.head.startswith(_MARKS)


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    try:
        import pyarrow as pa  # noqa: PLC0415 - of an extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("parquet", "pyarrow") from error

    path = source.local(stack)
    with path.open("rb") as raw:
        if raw.read(4) == b"PARE":
            raise FeedError(f"{source.name} is encrypted; write it again without encryption")
    try:
        table = stack.enter_context(pq.ParquetFile(path, memory_map=False))
    except (pa.ArrowException, OSError) as error:
        raise FeedError(f"{source.name} is no Parquet file that can be read; export it again") from error
    columns = tuple(table.schema_arrow.names)
    if len(set(columns)) != len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise FeedError(f"{source.name}: column {twice!r} occurs twice; rename one")
    text_field = text_column(options.text_column, columns, source.name)
    id_field = find_column(options.id_column, ID_COLUMNS, columns, source.name, "--id-column")
    return Feed(columns, _rows(table, columns, text_field, id_field, source.name))


def _rows(
    table: ParquetFile, columns: tuple[str, ...], text_field: str, id_field: str | None, name: str
) -> Iterator[FeedRow | RowProblem]:
    import pyarrow as pa  # noqa: PLC0415 - of an extra

    number = 0
    try:
        for batch in table.iter_batches(batch_size=_BATCH):
            plain = [
                values if _is_plain(column.type) else [_json(value) for value in values]
                for column in batch.columns
                for values in [column.to_pylist()]
            ]
            for values in zip(*plain, strict=True):
                number += 1
                fields = dict(zip(columns, values, strict=True))
                if isinstance(fields[text_field], str):
                    yield make_row(number, fields, text_field, id_field)
                else:
                    yield RowProblem(number, f"field {text_field!r} is missing or not a text", text_field)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FeedError(f"{name} is damaged after row {number}; export it again") from error


def _is_plain(kind: object) -> bool:
    return str(kind) in ("string", "large_string", "bool", "null") or str(kind).startswith(("int", "uint"))


def _json(value: object) -> object:
    """Return a value as JSON can hold it: times as ISO 8601, exact numbers as text, bytes as hexadecimal, NaN as null."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta | decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): _json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_json(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


READER = Reader("parquet", _claims, _read)
