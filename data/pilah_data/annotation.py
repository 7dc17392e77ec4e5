"""Readings of public posts (labels by text id) and their join with the texts, which are kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pilah_data.errors import DataError
from pilah_data.raw_texts import open_lines
from pilah_data.records import SPLITS, Example, Reading, Split
from pilah_data.taxonomy import PREDICTED_FORMS, SUBTYPES, Direction, Label
from pilah_data.tsv import Row, read_table

COLUMNS = ("id", "label", "forms", "direction", "subtype", "evidence_start", "evidence_end", "split", "source", "round")
_DIRECTIONS: Mapping[str, Direction | None] = {
    "-": None,
    "+": Direction.DUKUNG,
    "−": Direction.SERANG,
    "±": Direction.CAMPURAN,
    "dukung": Direction.DUKUNG,
    "serang": Direction.SERANG,
    "campuran": Direction.CAMPURAN,
}


@dataclass(frozen=True, slots=True)
class PublicPost:
    """A masked public post: its text and where it comes from; `form` says whether it is raw or cleaned."""

    id: str
    text: str
    source: str
    file: str
    year: str
    platform: str
    form: str


def read_annotations(path: Path) -> Iterator[Reading]:
    """Yield the readings of a TSV file; raises DataError naming file, line and field."""
    return map(_reading, read_table(path, COLUMNS))


def label_of(row: Row, field: str = "label") -> Label:
    """Return the label in a cell; raises DataError for another word."""
    return Label(row.one_of(field, set(map(str, Label)), "a label of the taxonomy"))


def forms_of(row: Row, field: str = "forms") -> tuple[str, ...]:
    """Return the forms in a cell, which may leave out their B; `-` is none."""
    forms = () if row[field] == "-" else tuple(row[field].split(","))
    forms = tuple(f if f.startswith("B") else f"B{f}" for f in forms)
    if not set(forms) <= set(PREDICTED_FORMS):
        raise row.bad(field, "a list of form codes B01-B10")
    return forms


def _reading(row: Row) -> Reading:
    label, forms = label_of(row), forms_of(row)
    direction = _DIRECTIONS[row.one_of("direction", _DIRECTIONS, "one of dukung, serang, campuran, -")]
    subtype = row.one_of("subtype", {"-", *SUBTYPES}, "a sub-type N1-N11 or -")
    split: Split = row.one_of("split", SPLITS, f"one of {', '.join(SPLITS)}")  # type: ignore[assignment]  # checked here
    for field in ("evidence_start", "evidence_end"):
        if not row[field].removeprefix("-").isdecimal():
            raise row.bad(field, "a whole number")
    start, end = int(row["evidence_start"]), int(row["evidence_end"])
    if (start, end) != (-1, -1) and not 0 <= start < end:
        raise row.bad("evidence_end", "behind evidence_start")
    return Reading(
        row["id"],
        label,
        forms,
        direction,
        None if subtype == "-" else subtype,
        (start, end) if start >= 0 else None,
        split,
        row["source"],
        row["round"],
    )


def write_annotations(path: Path, readings: Iterable[Reading]) -> None:
    """Write readings as a TSV file sorted by id."""
    lines = ["\t".join(COLUMNS)]
    for r in sorted(readings, key=lambda r: r.id):
        start, end = r.evidence or (-1, -1)
        lines.append(
            "\t".join(
                (
                    r.id,
                    r.label.value,
                    ",".join(r.forms) or "-",
                    r.direction.value if r.direction else "-",
                    r.subtype or "-",
                    str(start),
                    str(end),
                    r.split,
                    r.source,
                    r.round,
                )
            )
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_posts(shared: Path) -> Iterator[PublicPost]:
    """Yield the masked public posts of `shared/posts/posts.tsv.zst`."""
    path = shared / "posts" / "posts.tsv.zst"
    lines = open_lines(path)
    next(lines, "")
    for number, line in enumerate(lines, start=2):
        columns = line.split("\t")
        if len(columns) != 7:
            raise DataError(f"{len(columns)} columns instead of 7; copy the file again", file=str(path), line=number)
        yield PublicPost(*columns)


def join(readings: Iterable[Reading], posts: Iterable[PublicPost]) -> list[Example]:
    """Join readings with their texts by id, in the order of the readings.

    Raises DataError for a reading without a text, or with evidence outside it: nothing is dropped in silence.
    """
    wanted = {reading.id: reading for reading in readings}
    texts = {post.id: post for post in posts if post.id in wanted}
    missing = [key for key in wanted if key not in texts]
    if missing:
        raise DataError(
            f"{len(missing)} readings have no text, the first is {missing[0]}; the posts file is another version"
        )
    examples = []
    for reading in wanted.values():
        post = texts[reading.id]
        if reading.evidence and reading.evidence[1] > len(post.text):
            raise DataError(f"evidence of {reading.id} ends behind its text of {len(post.text)} characters")
        examples.append(
            Example(
                reading.id,
                post.text,
                reading.label,
                reading.forms,
                reading.direction,
                reading.subtype,
                (reading.evidence,) if reading.evidence else (),
                reading.split,
                reading.source,
                None,
                {"year": post.year, "platform": post.platform, "round": reading.round, "form": post.form},
            )
        )
    return examples
