"""What an independent re-reading of randomly drawn authored posts found: `authored_rereading.tsv`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pilah_data.annotation import label_of
from pilah_data.taxonomy import Label
from pilah_data.tsv import read_table

FILE = "authored_rereading.tsv"
COLUMNS = ("id", "given", "label", "natural", "note")


@dataclass(frozen=True, slots=True)
class Reread:
    """One authored post read again: the label it had, the label the reader chose unseen, and whether it sounds natural."""

    id: str
    given: Label
    label: Label
    natural: bool


def read_rereading(annotations: Path, ids: Collection[str]) -> list[Reread]:
    """Read the re-reading of a folder, nothing without the file; raises DataError for a post that is not in the corpus.

    A post that was found odd may have been taken out of the corpus since.
    """
    path = annotations / FILE
    if not path.is_file():
        return []
    found: dict[str, Reread] = {}
    for row in read_table(path, COLUMNS):
        natural = row.one_of("natural", {"ok", "odd"}, "ok or odd") == "ok"
        if row["id"] in found or (natural and row["id"] not in ids):
            raise row.bad("id", "the id of an authored post, once")
        found[row["id"]] = Reread(row["id"], label_of(row, "given"), label_of(row), natural)
    return list(found.values())
