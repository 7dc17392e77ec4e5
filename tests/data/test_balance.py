"""The authored corpus holds what was asked for, and treats every kind of contestant alike."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pilah_data.corpora import read_corpora
from pilah_data.coverage import Balance, Cell, balance, coverage, without_lawful_twin
from pilah_data.records import AuthoredPost, Context, Language, Name, NameRole, NameType, Register
from pilah_data.taxonomy import PREDICTED_FORMS, SUBTYPES, Label


@pytest.fixture(scope="module")
def posts(root: Path) -> list[AuthoredPost]:
    return read_corpora(root / "data" / "corpora")


def written(identity: str, label: Label, *names: Name, group: str | None = None) -> AuthoredPost:
    post = AuthoredPost(
        identity, "Santoso", label, Register.TWEET, Language.GAUL, Context.UMUM, "train", group=group, names=names
    )
    return dataclasses.replace(post, forms=("B01",)) if label is Label.PARTISAN else post


def name(role: NameRole, type_: NameType = NameType.CALON) -> Name:
    return Name(0, 7, type_, role)


def test_names_are_counted_by_type_and_regions_are_not_contestants() -> None:
    names = [*map(name, NameRole), name(NameRole.DUKUNG), name(NameRole.NETRAL, NameType.DAERAH)]
    by_name = {b.name: b for b in balance([written("a", Label.PARTISAN, *names)])}
    assert by_name["calon"].roles == {NameRole.DUKUNG: 2, NameRole.SERANG: 1, NameRole.NETRAL: 1}
    assert by_name["calon"].gap == 1
    assert by_name["all types"].roles == by_name["calon"].roles
    assert "daerah" not in by_name


def test_a_missing_role_is_no_balance() -> None:
    assert not Balance("calon", {NameRole.DUKUNG: 5, NameRole.SERANG: 5, NameRole.NETRAL: 0}, 0.1).met
    assert Balance("calon", {NameRole.DUKUNG: 11, NameRole.SERANG: 10, NameRole.NETRAL: 10}, 0.1001).met


def test_a_group_of_partisan_posts_alone_is_named() -> None:
    posts = [written(str(n), Label.PARTISAN, group="g1") for n in range(2)]
    posts += [written("x", Label.PARTISAN, group="g2"), written("y", Label.BUKAN_POLITIK, group="g2")]
    assert without_lawful_twin(posts) == ["g1"]


def test_every_cell_of_the_table_is_counted(posts: list[AuthoredPost]) -> None:
    names = [cell.name for cell in coverage(posts)]
    assert set(PREDICTED_FORMS) | set(SUBTYPES) <= set(names)
    assert len(set(names)) == len(names)


def test_the_corpus_holds_what_was_asked_for(posts: list[AuthoredPost]) -> None:
    missing = [(cell.name, cell.count, cell.least) for cell in coverage(posts) if not cell.met]
    assert missing == []


def test_every_partisan_post_of_a_group_has_a_lawful_twin(posts: list[AuthoredPost]) -> None:
    assert without_lawful_twin(posts) == []


def test_names_are_supported_attacked_and_named_neutrally_alike(posts: list[AuthoredPost]) -> None:
    uneven = [(b.name, dict(b.roles), f"{b.gap:.1%}") for b in balance(posts) if not b.met]
    assert uneven == []


def test_a_cell_is_met_from_its_least_on() -> None:
    assert Cell("B01", 250, 250).met
    assert not Cell("B01", 249, 250).met
