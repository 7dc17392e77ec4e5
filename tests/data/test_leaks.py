"""No text, source or group lies in two splits, and what is published as invented is not somebody's post."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilah_data.annotation import read_posts
from pilah_data.codebook import read_codebook
from pilah_data.loading import load_excluded, load_readings
from pilah_data.measured import measure, read_measured
from pilah_data.records import text_id
from pilah_data.taxonomy import LABELS


@pytest.mark.shared
def test_nothing_leaks_and_the_card_tells_what_was_measured(shared: Path, root: Path) -> None:
    measured = measure(root / "data", shared)
    assert measured.leaks == 0
    assert measured == read_measured(root / "data")


@pytest.mark.shared
def test_examples_in_the_codebook_are_nobodys_posts(shared: Path, root: Path) -> None:
    invented = [*read_codebook(root / "data" / "codebook.toml").examples()]
    invented += [text for info in LABELS.values() for text in (*info.positive, *info.negative)]
    # A phrase of two or three words is anybody's.
    ids = {text_id(text): text for text in invented if len(text.split()) > 3}
    assert [ids[post.id] for post in read_posts(shared) if post.id in ids] == []


def test_what_is_left_out_belongs_to_the_readings(root: Path) -> None:
    annotations = root / "data" / "annotations"
    readings = load_readings(annotations)
    assert set(load_excluded(annotations, readings)) <= {reading.id for reading in readings if reading.split != "test"}
