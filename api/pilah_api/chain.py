"""The arithmetic of the audit: how a record is hashed, and how a chain of records is checked; no database in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

START = "0" * 64
"""What the first record names as the hash before it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One audit record; `detail` is canonical JSON, kept as the text that was hashed."""

    seq: int
    at: str
    actor: str
    action: str
    object: str
    detail: str
    request: str
    previous: str
    hash: str

    def as_json(self) -> dict[str, Any]:
        """Return the record for an answer or export."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Head:
    """The number and hash of the last record, and the seal over both."""

    seq: int
    hash: str
    seal: str

    @property
    def anchor(self) -> str:
        """Return number and hash as one text, to be noted down outside of this machine."""
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a record, in words; `seq` is None for the audit as a whole."""

    seq: int | None
    what: str


def canonical(value: Mapping[str, object]) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, nothing escaped without need."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(record: Record) -> str:
    """Return the hash that a record must carry: SHA-256 over its canonical JSON, the hash before it included."""
    content = {name: value for name, value in record.as_json().items() if name != "hash"}
    return hashlib.sha256(canonical(content).encode("utf-8", "surrogatepass")).hexdigest()


def faults(records: Iterable[Record]) -> Iterator[Finding]:
    """Yield every record that was altered, removed or moved; records come in the order of their numbers."""
    seq, last = 0, START
    for record in records:
        if record.seq > seq + 1:
            missing = f"record {seq + 1} is" if record.seq == seq + 2 else f"records {seq + 1} to {record.seq - 1} are"
            yield Finding(seq + 1, f"{missing} missing")
        elif record.seq != seq + 1:
            yield Finding(record.seq, "the number is out of order")
        if digest(record) != record.hash:
            yield Finding(record.seq, "the record was altered: its content does not fit its hash")
        if record.previous != last:
            yield Finding(record.seq, "the record does not follow the one before it")
        seq, last = record.seq, record.hash
