"""Labels and texts brought together: from the checkout, and from the public posts where they are at hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pilah_data import loading
from pilah_data.annotation import write_annotations
from pilah_data.errors import DataError, InputError
from pilah_data.loading import load_authored, load_public, load_readings, of_split, repository_data
from pilah_data.records import SPLITS, Example, Reading, Split
from pilah_data.taxonomy import PREDICTED_FORMS, Direction, Label


def reading(identity: str) -> Reading:
    return Reading(identity, Label.POLITIK_NETRAL, (), None, "N1", None, "train", "uji", "round1")


def example(identity: str, split: Split) -> Example:
    return Example(
        identity,
        "ayo coblos",
        Label.PARTISAN,
        ("B02",),
        Direction.DUKUNG,
        None,
        ((4, 10),),
        split,
        "uji",
    )


def test_the_checkout_is_found(root: Path) -> None:
    assert repository_data() == root / "data"


def test_outside_a_checkout_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(loading, "__file__", str(tmp_path / "site-packages" / "pilah_data" / "loading.py"))
    with pytest.raises(InputError, match="run it in a checkout"):
        repository_data()


def test_readings_of_all_files_are_read(tmp_path: Path) -> None:
    write_annotations(tmp_path / "labels_1.tsv", [reading("a")])
    write_annotations(tmp_path / "labels_2.tsv", [reading("b")])
    write_annotations(tmp_path / "second_readings.tsv", [reading("a")])
    assert [r.id for r in load_readings(tmp_path)] == ["a", "b"]


def test_a_text_labelled_in_two_files_is_named_with_both_places(tmp_path: Path) -> None:
    write_annotations(tmp_path / "labels_1.tsv", [reading("a")])
    write_annotations(tmp_path / "labels_2.tsv", [reading("0"), reading("a")])
    with pytest.raises(DataError, match=r"a is labelled in labels_1\.tsv, line 2 already") as caught:
        load_readings(tmp_path)
    error = caught.value
    assert (error.file, error.line, error.field) == (str(tmp_path / "labels_2.tsv"), 3, "id")


def test_a_text_labelled_twice_in_one_file_is_named(tmp_path: Path) -> None:
    write_annotations(tmp_path / "labels_1.tsv", [reading("a"), reading("a")])
    with pytest.raises(DataError, match=r"labels_1\.tsv, line 2 already"):
        load_readings(tmp_path)


def test_a_folder_without_annotations_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no labels\*\.tsv"):
        load_readings(tmp_path)


def test_the_annotations_of_the_project_are_well_formed(root: Path) -> None:
    readings = load_readings(root / "data" / "annotations")
    assert {r.label for r in readings} == set(Label)
    assert {r.split for r in readings} == set(SPLITS)
    assert [r.id for r in readings if len(r.id) != 12 or set(r.id) - set("0123456789abcdef")] == []


def test_every_partisan_reading_of_the_project_shows_form_direction_and_evidence(root: Path) -> None:
    readings = load_readings(root / "data" / "annotations")
    partisan = [r for r in readings if r.label is Label.PARTISAN]
    assert [r.id for r in partisan if not (r.forms and r.direction and r.evidence)] == []


def test_the_authored_posts_of_the_project_are_well_formed(root: Path) -> None:
    examples = load_authored(root / "data" / "corpora")
    assert {e.label for e in examples} == set(Label)
    assert {form for e in examples for form in e.forms} == set(PREDICTED_FORMS)
    assert {e.split for e in examples} == set(SPLITS)


def test_no_authored_text_stands_in_two_splits(root: Path) -> None:
    splits: dict[str, set[str]] = {}
    for post in load_authored(root / "data" / "corpora"):
        splits.setdefault(" ".join(post.text.lower().split()), set()).add(post.split)
    assert [text for text, found in splits.items() if len(found) > 1] == []


def test_a_split_is_picked() -> None:
    examples = [example("a", "train"), example("b", "test"), example("c", "train")]
    assert [e.id for e in of_split(examples, "train")] == ["a", "c"]
    assert of_split(examples, "validation") == []


@pytest.mark.shared
def test_every_reading_meets_its_text_and_no_cleaned_text_is_left(shared: Path, root: Path) -> None:
    examples = load_public(shared, root / "data" / "annotations")
    forms = Counter(e.extra["form"] for e in examples)
    assert set(forms) <= {"raw", "lower-cased"}
    assert len(examples) > 20_000
    assert [e.id for e in examples if any(not e.text[start:end].strip() for start, end in e.evidence)] == []
