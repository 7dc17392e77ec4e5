"""Brings labels and texts together: public posts by id, authored posts from the tree, all as examples."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pilah_data.annotation import join, read_annotations, read_posts
from pilah_data.corpora import read_corpora, to_example
from pilah_data.errors import DataError, InputError
from pilah_data.records import Example, Reading
from pilah_data.tsv import read_table

EXCLUDED = "excluded.tsv"
"""Readings that are left out of training and validation, with the reason; `pilah data split --drop` writes it."""
EXCLUDED_COLUMNS = ("id", "reason")

_CLEANED = "cleaned"


def repository_data() -> Path:
    """Return the data folder of this checkout; raises InputError where pilah is installed without one."""
    folder = Path(__file__).resolve().parents[1]
    if not (folder / "corpora").is_dir():
        raise InputError("this command works on the project's corpora; run it in a checkout of the repository")
    return folder


def load_readings(annotations: Path) -> list[Reading]:
    """Read the annotation files `labels*.tsv` of a folder; a later file may not repeat an id of an earlier one."""
    readings: dict[str, Reading] = {}
    places: dict[str, str] = {}
    for path in sorted(annotations.glob("labels*.tsv")):
        for line, reading in enumerate(read_annotations(path), start=2):
            if reading.id in readings:
                raise DataError(
                    f"{reading.id} is labelled in {places[reading.id]} already; keep the adjudicated one",
                    file=str(path),
                    line=line,
                    field="id",
                )
            readings[reading.id], places[reading.id] = reading, f"{path.name}, line {line}"
    if not readings:
        raise InputError(f"no labels*.tsv in {annotations}")
    return list(readings.values())


def load_excluded(annotations: Path, readings: Iterable[Reading]) -> dict[str, str]:
    """Read which readings are left out and why, none without the file; raises DataError for a test post: those all count."""
    path = annotations / EXCLUDED
    if not path.is_file():
        return {}
    splits = {reading.id: reading.split for reading in readings}
    excluded: dict[str, str] = {}
    for row in read_table(path, EXCLUDED_COLUMNS):
        if row["id"] in excluded or splits.get(row["id"], "test") == "test":
            raise row.bad("id", "the id of one training or validation reading")
        if not row["reason"].strip():
            raise row.bad("reason", "a reason")
        excluded[row["id"]] = row["reason"]
    return excluded


def load_public(shared: Path, annotations: Path, *, with_excluded: bool = False) -> list[Example]:
    """Join the readings with the texts under `shared`.

    Posts known only in a cleaned (stemmed) form are left out, and so are those named in `excluded.tsv` unless asked for.
    """
    readings = load_readings(annotations)
    excluded = {} if with_excluded else load_excluded(annotations, readings)
    examples = join(readings, read_posts(shared))
    return [e for e in examples if not e.extra["form"].startswith(_CLEANED) and e.id not in excluded]


def load_authored(corpora: Path) -> list[Example]:
    """Read the posts written for this project as examples."""
    return [to_example(post) for post in read_corpora(corpora)]


def of_split(examples: Iterable[Example], split: str) -> list[Example]:
    """Return the examples of one split."""
    return [example for example in examples if example.split == split]
