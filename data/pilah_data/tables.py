"""Reads TOML data files field by field: what is missing, mistyped or unknown becomes a DataError naming table and field."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

from pilah_data.errors import DataError, InputError


class Table:
    """One table of a TOML file, which remembers its name and the fields that were asked for."""

    def __init__(self, name: str, values: dict[str, object], file: str):
        """Wrap the values of the table called `name` in `file`."""
        self.name = name
        self._values = values
        self._file = file
        self._asked: set[str] = set()

    def bad(self, field: str, message: str) -> DataError:
        """Return the error to raise for a field of this table."""
        return DataError(f"table {self.name}: {message}", file=self._file, field=field)

    def has(self, field: str) -> bool:
        """Say whether the table holds a field."""
        return field in self._values

    def fields(self) -> tuple[str, ...]:
        """Return the names of all fields, in the file's order."""
        return tuple(self._values)

    def value(self, field: str) -> object:
        """Return a field as it stands."""
        self._asked.add(field)
        if field not in self._values:
            raise self.bad(field, "missing")
        return self._values[field]

    def text(self, field: str) -> str:
        """Return a text that is not blank."""
        value = self.value(field)
        if not isinstance(value, str) or not value.strip():
            raise self.bad(field, f"{value!r} is not a text")
        return value

    def number(self, field: str, least: int = 0) -> int:
        """Return a whole number, at least `least`."""
        value = self.value(field)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.bad(field, f"{value!r} is not a whole number from {least} on")
        return value

    def date(self, field: str) -> dt.date:
        """Return a date, which TOML writes without quotation marks."""
        value = self.value(field)
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise self.bad(field, f"{value!r} is not a date")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of distinct texts that are not blank."""
        value = self.value(field)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.bad(field, f"{value!r} is not a list of texts")
        if len(set(value)) != len(value):
            raise self.bad(field, "a text stands there twice")
        return tuple(value)

    def table(self, field: str) -> Table:
        """Return the table inside this one."""
        value = self.value(field)
        if not isinstance(value, dict):
            raise self.bad(field, f"{value!r} is not a table")
        return Table(f"{self.name}.{field}" if self.name else field, value, self._file)

    def tables(self, field: str) -> list[Table]:
        """Return a list of tables, each called by this table's name, the field and its place from 1 on."""
        value = self.value(field)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.bad(field, "not a list of tables")
        prefix = f"{self.name}.{field}" if self.name else field
        return [Table(f"{prefix}[{place}]", item, self._file) for place, item in enumerate(value, start=1)]

    def close(self) -> None:
        """Raise DataError for a field that nobody asked for: a misspelt optional field would pass in silence."""
        for field in self._values:
            if field not in self._asked:
                raise self.bad(field, "unknown field")


def open_toml(path: Path) -> Table:
    """Return the top table of a TOML file."""
    try:
        values: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"data file {path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 ({error.reason} at byte {error.start})", file=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"not TOML ({error})", file=str(path)) from error
    return Table("", values, str(path))
