"""The list of contestants: complete races, the same weight for every camp, and nothing invented that exists."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from pilah_data.errors import DataError
from pilah_data.names import Gender, Names, Race, Side, read_names
from pilah_data.records import NameType

BALLOTS = {2014: 12, 2019: 16, 2024: 18}  # national parties, without Aceh's local ones
SMALL = """
as_of = 2024-11-27
measured_only = ["Warsono Kertapati"]
number_forms = ["nomor {n}", "nomor {word}"]
number_words = ["satu", "dua"]
[[party]]
name = "Partai Satu"
spellings = ["PS"]
numbers = { 2024 = 1 }
[[region]]
name = "Jawa Entah"
spellings = ["Jantah"]
[[race]]
election = "pilgub"
year = 2024
region = "Jawa Entah"
[[race.side]]
number = 1
persons = [{ name = "Aa Bb", nicknames = ["Aa"] }, { name = "Cc Dd", nicknames = ["Cc"] }]
pairs = ["Aa-Cc"]
tags = ["#AaCc"]
[[race.side]]
number = 2
persons = [{ name = "Ee Ff", nicknames = ["Ee"] }, { name = "Gg Hh", nicknames = ["Gg"] }]
pairs = ["Ee-Gg"]
tags = ["#EeGg"]
[invented]
persons = [
  { name = "Ii Jj", short = "Ii", gender = "perempuan", faith = "hindu", people = "Bali" },
  { name = "Kk Ll", short = "Kk", gender = "laki-laki", faith = "islam", people = "Aceh" },
]
parties = [{ name = "Partai Rekaan", short = "PR" }]
tags = ["#Rekaan"]
teams = ["Relawan Rekaan"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "names.toml"


def forms(side: Side) -> list[str]:
    return [form for who in side.persons for form in (who.name, *who.nicknames)]


def title(race: Race) -> str:
    return f"{race.election} {race.region} {race.year}"


def test_a_small_list_is_read_and_pooled(path: Path) -> None:
    path.write_text(SMALL, encoding="utf-8")
    names = read_names(path)
    assert names.as_of == dt.date(2024, 11, 27)
    assert names.parties[0].numbers == {2024: 1}
    assert names.pool(NameType.CALON, invented=False) == ("Aa", "Aa Bb", "Cc", "Cc Dd", "Ee", "Ee Ff", "Gg", "Gg Hh")
    assert names.pool(NameType.CALON, real=False) == ("Bu Ii", "Ii Jj", "Kk Ll", "Pak Kk")
    assert names.pool(NameType.PASANGAN) == ("Aa-Cc", "Ee-Gg", "Ii-Kk")
    assert names.pool(NameType.PARTAI) == ("PR", "PS", "Partai Rekaan", "Partai Satu")
    assert names.pool(NameType.NOMOR, real=False) == ("nomor 1", "nomor 2", "nomor dua", "nomor satu")
    assert names.pool(NameType.TAGAR) == ("#AaCc", "#EeGg", "#Rekaan")
    assert names.pool(NameType.TIM, invented=False) == ("relawan Aa-Cc", "relawan Ee-Gg", "tim Aa-Cc", "tim Ee-Gg")
    assert names.pool(NameType.DAERAH) == ("Jantah", "Jawa Entah")


@pytest.mark.parametrize(
    ("old", "new", "table", "field"),
    [
        ("as_of = 2024-11-27", 'as_of = "today"', "", "as_of"),
        ('number_words = ["satu", "dua"]', 'number_words = ["satu"]', "", "number_words"),
        ("numbers = { 2024 = 1 }", "numbers = {}", "party[1]", "numbers"),
        ("numbers = { 2024 = 1 }", "numbers = { 2024 = 0 }", "party[1].numbers", "2024"),
        ("numbers = { 2024 = 1 }", "numbers = 1", "party[1]", "numbers"),
        ('spellings = ["Jantah"]', "spellings = [1]", "region[1]", "spellings"),
        ("year = 2024", "year = 24", "race[1]", "year"),
        ('pairs = ["Ee-Gg"]', "", "race[1].side[2]", "pairs"),
        ('{ name = "Gg Hh", nicknames = ["Gg"] }', "", "race[1].side[2]", "persons"),
        ('"Gg Hh"', '"cc dd"', "race[1]", "side"),
        ("number = 2", "number = 1", "race[1]", "side"),
        ('tags = ["#EeGg"]', 'tags = ["#aacc"]', "race[1]", "side"),
        ('gender = "perempuan"', 'gender = "p"', "invented.persons[1]", "gender"),
        ('short = "PR"', 'shrt = "PR"', "invented.parties[1]", "short"),
        ('tags = ["#Rekaan"]', 'tags = ["#Rekaan"]\nmood = "good"', "invented", "mood"),
    ],
)
def test_a_bad_field_is_named_with_its_table(path: Path, old: str, new: str, table: str, field: str) -> None:
    assert SMALL.count(old) == 1
    path.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_names(path)
    assert caught.value.field == field
    assert f"table {table}:" in str(caught.value)
    assert caught.value.file == str(path)


def test_a_race_of_one_side_is_refused(path: Path) -> None:
    first, _, rest = SMALL.partition("[[race.side]]\nnumber = 2")
    path.write_text(first + rest[rest.index("[invented]") :], encoding="utf-8")
    with pytest.raises(DataError, match=r"race\[1\].*two at least"):
        read_names(path)


def test_all_presidential_pairs_since_2014_are_there(names: Names) -> None:
    sides = {race.year: len(race.sides) for race in names.races if race.election == "pilpres"}
    assert sides == {2014: 2, 2019: 2, 2024: 3}


def test_the_larger_regional_races_are_there(names: Names) -> None:
    races = {(race.region, race.year) for race in names.races if race.election == "pilgub"}
    assert len(races) == len(names.races) - 3 >= 40
    assert {region for region, _ in races} <= {region.name for region in names.regions}
    for region in ("Jawa Barat", "Jawa Tengah", "Jawa Timur", "Sumatera Utara", "Sulawesi Selatan", "Bali", "Papua"):
        assert {(region, 2018), (region, 2024)} <= races
    assert {("DKI Jakarta", 2017), ("DKI Jakarta", 2024), ("Banten", 2017), ("Banten", 2024)} <= races


def test_a_ballot_is_complete_and_numbered_from_one(names: Names) -> None:
    for race in names.races:
        assert [side.number for side in race.sides] == list(range(1, len(race.sides) + 1)), title(race)


def test_no_name_stands_on_two_sides_of_a_race(names: Names) -> None:
    for race in names.races:
        owners: dict[str, set[int]] = {}
        for side in race.sides:
            for form in (*forms(side), *side.pairs, *side.tags):
                owners.setdefault(form.lower(), set()).add(side.number)
        assert [form for form, numbers in owners.items() if len(numbers) > 1] == [], title(race)


def test_every_side_of_a_race_has_as_many_names_of_each_kind(names: Names) -> None:
    for race in names.races:
        shapes = {
            (*(len(who.nicknames) for who in side.persons), len(side.pairs), len(side.tags)) for side in race.sides
        }
        assert len(shapes) == 1, title(race)
        assert min(shapes.pop()) >= 2, title(race)


def test_every_form_of_a_side_is_distinct(names: Names) -> None:
    for race in names.races:
        for side in race.sides:
            every = [form.lower() for form in (*forms(side), *side.pairs, *side.tags)]
            assert len(set(every)) == len(every), title(race)


def test_the_national_ballots_are_complete(names: Names) -> None:
    for year, count in BALLOTS.items():
        numbers = [party.numbers[year] for party in names.parties if year in party.numbers]
        assert len(numbers) == len(set(numbers)) == count, year


def test_every_party_has_as_many_spellings(names: Names) -> None:
    assert {len(party.spellings) for party in names.parties} == {3}
    every = Counter(form for party in names.parties for form in (party.name, *party.spellings))
    assert max(every.values()) == 1


def test_the_invented_names_are_many_and_balanced(names: Names) -> None:
    invented = names.invented
    assert len(invented.persons) >= 120
    assert len(invented.parties) >= 20
    assert len(invented.tags) >= 40
    assert len(invented.teams) >= 20
    per_people = Counter((person.people, person.gender) for person in invented.persons)
    peoples = {people for people, _ in per_people}
    assert len(peoples) >= 20
    assert set(per_people.values()) == {3}
    assert len(per_people) == 2 * len(peoples)
    assert {"islam", "kristen", "katolik", "hindu", "buddha", "konghucu"} <= {p.faith for p in invented.persons}
    genders = Counter(person.gender for person in invented.persons)
    assert genders[Gender.MAN] == genders[Gender.WOMAN]


def test_nothing_invented_is_a_contestant_of_the_list(names: Names) -> None:
    for kind in NameType:
        if kind in {NameType.NOMOR, NameType.DAERAH}:
            continue
        real = {form.lower() for form in names.pool(kind, invented=False)}
        assert [form for form in names.pool(kind, real=False) if form.lower() in real] == []


def test_invented_forms_are_distinct(names: Names) -> None:
    persons = names.invented.persons
    assert len({person.name for person in persons}) == len({person.short for person in persons}) == len(persons)
    parties = names.invented.parties
    assert len({form for party in parties for form in (party.name, party.short)}) == 2 * len(parties)


def test_every_slot_type_has_a_pool(names: Names) -> None:
    pools = names.pools()
    assert set(pools) == set(NameType)
    for kind, pool in pools.items():
        assert len(pool) >= 40, kind
        assert len(set(pool)) == len(pool), kind


def test_no_slot_filling_has_stray_spaces_or_braces(names: Names) -> None:
    for pool in names.pools().values():
        assert [form for form in pool if form != " ".join(form.split()) or "{" in form] == []


def test_tags_speak_for_a_side_and_never_against_one(names: Names) -> None:
    against = ("tolak", "jangan", "ganti", "asalbukan", "lawan", "stop", "tenggelamkan")
    assert [
        tag for tag in names.pool(NameType.TAGAR) if any(word in tag.lower().replace(" ", "") for word in against)
    ] == []


def test_the_file_has_no_field_that_the_reader_passes_over(root: Path) -> None:
    top = tomllib.loads((root / "data" / "names.toml").read_text(encoding="utf-8"))
    assert set(top) == {"as_of", "number_forms", "number_words", "measured_only", "party", "race", "region", "invented"}


def test_names_to_measure_with_are_in_no_pool_and_no_training_text(root: Path, names: Names) -> None:
    pooled = " ".join(name.lower() for pool in names.pools().values() for name in pool)
    corpora = " ".join(path.read_text(encoding="utf-8").lower() for path in (root / "data" / "corpora").glob("*.jsonl"))
    assert len(set(names.measured_only)) == len(names.measured_only) >= 20
    for name in names.measured_only:
        assert name.lower() not in pooled
        assert name.lower() not in corpora
