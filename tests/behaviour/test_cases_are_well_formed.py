"""Checks the behaviour cases without any model: an annotator's slip is found here, by file and place."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilah_data.annotation import read_posts
from pilah_data.corpora import read_corpora
from pilah_data.normalise import normalise_text
from pilah_data.privacy import Identifier, find_identifiers
from pilah_data.records import text_id
from pilah_data.taxonomy import PREDICTED, PREDICTED_FORMS, SUBTYPES, Decision, Label

FOLDER = Path(__file__).parent
FILES = ("minimum", "hard_cases", "invariance", "direction", "negated")
VARIANTS = {"contestant", "party", "number", "region", "religion", "digits", "spelling"}
HIGHER, LOWER = {"support", "attack"}, {"negated", "quoted", "neutral"}
HARD = [f"H{number:02}" for number in range(1, 46)]
LAWFUL = {Label.BUKAN_POLITIK, Label.POLITIK_NETRAL, Label.PERLU_KONTEKS}
Table = dict[str, Any]


def read(name: str) -> Table:
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def texts_in(value: object) -> Iterator[str]:
    """Every text of a file, wherever it stands: labels, decisions and notes are the only other strings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in {"label", "decisions", "note"}:
                yield from texts_in(item)


def all_texts() -> Iterator[tuple[str, str]]:
    for name in FILES:
        for text in texts_in(read(name)):
            yield name, text


def is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)


def readable_id(text: str) -> str:
    """The id of a text, or the text itself where it has no letter that an id could be made of."""
    return text_id(text) if any(c.isalnum() for c in text) else text


def test_the_folder_holds_the_documented_files_and_no_other() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(FILES)
    documented = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if f"`{name}.toml`" not in documented] == []


def test_minimum_has_eight_texts_for_every_form_and_subtype() -> None:
    tables = read("minimum")
    assert set(tables) == {"forms", "subtypes"}
    assert list(tables["forms"]) == list(PREDICTED_FORMS)
    assert list(tables["subtypes"]) == list(SUBTYPES)
    for code, table in {**tables["forms"], **tables["subtypes"]}.items():
        assert set(table) == {"texts"}, code
        assert is_texts(table["texts"]), code
        assert len(table["texts"]) >= 8, code


def test_every_hard_case_is_there_at_least_twice() -> None:
    tables = read("hard_cases")
    assert list(tables) == HARD
    assert {key: len(cases) for key, cases in tables.items() if len(cases) < 2} == {}


@pytest.mark.parametrize("key", HARD)
def test_a_hard_case_has_a_text_and_an_outcome_that_fits_its_label(key: str) -> None:
    for case in read("hard_cases")[key]:
        assert set(case) <= {"text", "label", "decisions", "note"}
        assert isinstance(case.get("text"), str)
        assert "label" in case or "decisions" in case
        decisions = [Decision(decision) for decision in case.get("decisions", [])]
        assert len(set(decisions)) == len(decisions), case
        if "decisions" in case:
            assert 1 <= len(decisions) < len(Decision), case
        if "label" in case:
            forbidden = Decision.TINJAU if Label(case["label"]) in LAWFUL else Decision.LOLOS
            assert forbidden not in decisions, case


def test_invariance_groups_name_a_predicted_label_and_known_changes() -> None:
    groups = read("invariance")
    assert set(groups) == {"group"}
    for group in groups["group"]:
        assert set(group) == {"text", "label", "variants"}, group
        assert Label(group["label"]) in PREDICTED, group
        assert group["variants"], group
        assert set(group["variants"]) <= VARIANTS, group
        assert all(map(is_texts, group["variants"].values())), group


def test_invariance_covers_every_label_and_every_change() -> None:
    groups = read("invariance")["group"]
    assert {group["label"] for group in groups} == set(PREDICTED)
    assert {kind for group in groups for kind in group["variants"]} == VARIANTS


def test_direction_groups_name_known_changes() -> None:
    groups = read("direction")
    assert set(groups) == {"group"}
    for group in groups["group"]:
        assert set(group) <= {"text", "higher", "lower"}, group
        assert isinstance(group.get("text"), str), group
        assert group.get("higher") or group.get("lower"), group
        assert set(group.get("higher", {})) <= HIGHER, group
        assert set(group.get("lower", {})) <= LOWER, group
        assert all(map(is_texts, [*group.get("higher", {}).values(), *group.get("lower", {}).values()])), group


def test_direction_covers_every_change() -> None:
    groups = read("direction")["group"]
    assert {kind for group in groups for side in ("higher", "lower") for kind in group.get(side, {})} == HIGHER | LOWER


def test_negated_has_forty_texts() -> None:
    table = read("negated")
    assert set(table) == {"texts"}
    assert is_texts(table["texts"])
    assert len(table["texts"]) >= 40


def test_no_text_stands_twice() -> None:
    counts = Counter(text for _, text in all_texts())
    assert [text for text, count in counts.items() if count > 1] == []


def test_no_text_repeats_another_but_for_its_dress() -> None:
    # In invariance.toml the dress is the point: a keycap digit is the same digit.
    counts = Counter(readable_id(text) for name, text in all_texts() if name != "invariance")
    assert [t for name, t in all_texts() if name != "invariance" and counts[readable_id(t)] > 1] == []


def test_every_text_says_something_and_has_no_stray_space() -> None:
    assert [text for _, text in all_texts() if text != text.strip() or not normalise_text(text)] == []


def test_no_text_identifies_a_person() -> None:
    allowed = {Identifier.URL.value, Identifier.HANDLE.value}
    for name, text in all_texts():
        found = [text[f.start : f.end] for f in find_identifiers(text)]
        assert set(found) <= allowed, (name, text)


def test_no_text_is_training_material_of_this_project(root: Path) -> None:
    trained_on = {readable_id(post.text) for post in read_corpora(root / "data" / "corpora")}
    assert [text for _, text in all_texts() if len(text) > 8 and readable_id(text) in trained_on] == []


@pytest.mark.shared
def test_no_text_is_a_public_post(shared: Path) -> None:
    public = {post.id for post in read_posts(shared)}
    assert [text for _, text in all_texts() if readable_id(text) in public] == []
