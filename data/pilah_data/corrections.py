"""What changed in the readings after they were made, and why: `corrections.tsv`; the first judgement stays on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pilah_data.annotation import forms_of, label_of
from pilah_data.records import Reading
from pilah_data.taxonomy import Label
from pilah_data.tsv import read_table

FILE = "corrections.tsv"
COLUMNS = ("id", "label_before", "forms_before", "label", "forms", "origin", "reason")

Judgement = tuple[Label, tuple[str, ...]]
"""A label and its forms."""


class Origin(StrEnum):
    """What led to a correction."""

    AUDIT = "audit"
    SECOND_READING = "second_reading"


@dataclass(frozen=True, slots=True)
class Correction:
    """A reading that was changed: what it was, what it is, what led to it, and the reason in words (never the post's)."""

    id: str
    before: Judgement
    after: Judgement
    origin: Origin
    reason: str


def read_corrections(annotations: Path, readings: Iterable[Reading]) -> list[Correction]:
    """Read the corrections of a folder, none where it has no such file.

    Raises DataError for a row that does not fit the readings as they stand: what it claims to have changed must be so.
    """
    path = annotations / FILE
    if not path.is_file():
        return []
    now = {reading.id: (reading.label, reading.forms) for reading in readings}
    corrections: dict[str, Correction] = {}
    for row in read_table(path, COLUMNS):
        before = label_of(row, "label_before"), forms_of(row, "forms_before")
        after = label_of(row), forms_of(row)
        if row["id"] in corrections:
            raise row.bad("id", "a post corrected once; write the first and the last judgement into one row")
        if row["id"] not in now:
            raise row.bad("id", "the id of a reading")
        if now[row["id"]][0] is not after[0]:
            raise row.bad("label", f"what the reading says now ({now[row['id']][0]})")
        if set(now[row["id"]][1]) != set(after[1]):
            raise row.bad("forms", f"what the reading says now ({','.join(now[row['id']][1]) or '-'})")
        if before[0] is after[0] and set(before[1]) == set(after[1]):
            raise row.bad("label_before", "another judgement than the one after it")
        origin = Origin(row.one_of("origin", set(map(str, Origin)), f"one of {', '.join(Origin)}"))
        if not row["reason"].strip(" -"):
            raise row.bad("reason", "a reason")
        corrections[row["id"]] = Correction(row["id"], before, after, origin, row["reason"])
    return list(corrections.values())


def first_judgements(readings: Iterable[Reading], corrections: Iterable[Correction]) -> Mapping[str, Judgement]:
    """Return what the first reader said of each post, before any correction."""
    first = {reading.id: (reading.label, reading.forms) for reading in readings}
    return first | {correction.id: correction.before for correction in corrections}
