"""The same post told of every side: no side is left out, rivals stay two, and the rest of the text stays as it was."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import pytest

from pilah_data.names import Names
from pilah_data.records import (
    AuthoredPost,
    Context,
    Example,
    Language,
    Name,
    NameRole,
    NameType,
    Register,
    Relation,
)
from pilah_data.taxonomy import Direction, Label
from pilah_model.swaps import WORDING, Variation, authored_variations, public_variations

Public = Callable[[str], list[Variation]]


def authored(text: str, slots: dict[str, NameType], **more: object) -> AuthoredPost:
    places = tuple(
        Name(match.start(), match.end(), kind, NameRole.DUKUNG)
        for words, kind in slots.items()
        for match in re.finditer(re.escape(words), text)
    )
    post = AuthoredPost("p1", text, Label.PARTISAN, Register.TWEET, Language.GAUL, Context.UMUM, "test", names=places)
    return dataclasses.replace(post, **more)  # type: ignore[arg-type]


def of_kind(variations: list[Variation], kind: str) -> Variation:
    (found,) = [v for v in variations if v.kind == kind]
    return found


@pytest.fixture
def public(names: Names) -> Public:
    """Tell a public post of others."""
    return lambda text: public_variations(
        [Example("x", text, Label.PARTISAN, (), None, None, (), "test", "a/b")], names
    )


def test_every_side_stands_first_once_and_rivals_stay_two(names: Names) -> None:
    post = authored(
        "Pak Ujang lebih baik dari Bu Yanti, pilih Pak Ujang", {"Pak Ujang": NameType.CALON, "Bu Yanti": NameType.CALON}
    )
    told = of_kind(authored_variations([post], names), "contestant").told
    sides = [side for side, _ in told]
    assert len(sides) == len(set(sides)) == 11
    for _, text in told:
        found = re.fullmatch(r"(.+) lebih baik dari (.+), pilih (.+)", text)
        assert found is not None
        one, other, again = found.groups()
        assert one == again != other


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [("nomor 2", "nomor 1", "nomor 6"), ("02", "01", "06"), ("2️⃣", "1️⃣", "6️⃣"), ("dua jari", "satu jari", "enam jari")],
)
def test_a_ballot_number_keeps_its_dress(names: Names, written: str, first: str, last: str) -> None:
    told = of_kind(
        authored_variations([authored(f"Coblos {written}!", {written: NameType.NOMOR})], names), "number"
    ).told
    assert (told[0], told[-1]) == (("1", f"Coblos {first}!"), ("6", f"Coblos {last}!"))


def test_a_number_that_is_none_is_left_alone(names: Names) -> None:
    post = authored("Coblos kotak kosong!", {"kotak kosong": NameType.NOMOR})
    assert not [v for v in authored_variations([post], names) if v.kind == "number"]


def test_each_faith_is_told_of_as_often(names: Names) -> None:
    told = of_kind(
        authored_variations([authored("Dukung Pak Ujang", {"Pak Ujang": NameType.CALON})], names), "religion"
    ).told
    sides = [side for side, _ in told]
    assert {sides.count(side) for side in sides} == {2}
    assert {"islam", "kristen", "hindu", "kepercayaan"} <= set(sides)


def test_the_office_is_all_that_differs(names: Names) -> None:
    told = of_kind(
        authored_variations([authored("Dukung Pak Ujang terus", {"Pak Ujang": NameType.CALON})], names),
        "incumbent and challenger",
    )
    assert told.told == (
        ("petahana", "Dukung Pak Ujang (petahana) terus"),
        ("penantang", "Dukung Pak Ujang (penantang) terus"),
    )
    assert told.base == told.told[0][1]


def test_support_is_paired_with_the_attack_of_its_group(names: Names) -> None:
    base = authored("dukung X", {}, group="g", relation=Relation.DASAR, direction=Direction.DUKUNG)
    turned = authored("tolak X", {}, id="p2", group="g", relation=Relation.BALIK, direction=Direction.SERANG)
    lawful = authored("kata X", {}, id="p3", group="g", relation=Relation.KUTIPAN, label=Label.POLITIK_NETRAL)
    (found,) = authored_variations([base, turned, lawful], names)
    assert found.kind == WORDING
    assert found.told == (("dukung", "dukung X"), ("serang", "tolak X"))


def test_contestants_of_a_public_post_change_places_in_the_case_they_had(public: Public) -> None:
    told = dict(of_kind(public("PRABOWO atau anies, ya Anies"), "contestant").told)
    assert told["Prabowo"] == "PRABOWO atau anies, ya Anies"
    texts = [re.fullmatch(r"(\w+) atau (\w+), ya (\w+)", text) for text in told.values()]
    for match in texts:
        assert match is not None
        one, other, again = match.groups()
        assert one.isupper()
        assert other.islower()
        assert other == again.lower() != one.lower()
    assert len(told) == len(set(told.values()))


def test_a_date_is_no_ballot_number(public: Public) -> None:
    assert not public("Rapat 03-02-2024 jam 02.15, 01/02")
    assert dict(of_kind(public("gaskeun 02."), "number").told) == {
        "01": "gaskeun 01.",
        "02": "gaskeun 02.",
        "03": "gaskeun 03.",
    }


def test_common_words_are_no_party(public: Public) -> None:
    assert not public("demokrat sejati, buruh sejahtera, wajan dan pan")
    assert len(of_kind(public("gerindra menang"), "party").told) >= 8


def test_a_post_is_told_of_people_that_no_list_knows(names: Names, public: Public) -> None:
    told = of_kind(public("Ganjar atau Prabowo? GANJAR!"), "unknown contestant").told
    assert [side for side, _ in told] == list(names.measured_only)
    first, second = names.measured_only[:2]
    assert told[0] == (first, f"{first} atau {second}? {first.upper()}!")
    post = authored("Pilih Pak Ujang", {"Pak Ujang": NameType.CALON})
    told = of_kind(authored_variations([post], names), "unknown contestant").told
    assert told[0] == (first, f"Pilih {first}")
    assert [v for v in public("kantor kelurahan buka pagi") if v.kind == "unknown contestant"] == []
