"""Checks every data file by reading it: the first fault is raised with file, line and field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pilah_data.agreement import read_repeated
from pilah_data.corpora import read_corpora
from pilah_data.corrections import read_corrections
from pilah_data.loading import load_excluded, load_readings
from pilah_data.rereading import read_rereading


@dataclass(frozen=True, slots=True)
class Inventory:
    """How much was read and found well formed."""

    posts: int
    readings: int
    repeated: int
    corrections: int


def check_files(data: Path) -> Inventory:
    """Read the corpora and annotations of a data folder; raises DataError at the first fault."""
    annotations = data / "annotations"
    posts, readings = read_corpora(data / "corpora"), load_readings(annotations)
    load_excluded(annotations, readings)
    read_rereading(annotations, {post.id for post in posts})
    repeated = sum(map(len, read_repeated(annotations).values()))
    return Inventory(len(posts), len(readings), repeated, len(read_corrections(annotations, readings)))
