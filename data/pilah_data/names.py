"""Reads `data/names.toml`, the dated list of contestants that typed slots are filled with, and pools it by slot type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pilah_data.records import NameType
from pilah_data.tables import Table, open_toml

PERSONS_OF_A_SIDE = 2
NATIONAL = "Indonesia"
"""The region of presidential races."""
COMMON_PARTY_WORDS = frozenset({"pan", "pbb", "buruh", "garuda", "gelora", "demokrat", "ummat", "berkarya"})
"""Party names that in lower case cannot be told from common words."""
_SHORTEST = 5
"""Letters from which one word names a person; shorter ones are too often something else."""


class Gender(StrEnum):
    """What an invented name is coded to; it chooses the form of address."""

    MAN = "laki-laki"
    WOMAN = "perempuan"


@dataclass(frozen=True, slots=True)
class Party:
    """A national party: its name, the ways people write it, and its ballot number by year."""

    name: str
    spellings: tuple[str, ...]
    numbers: dict[int, int]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who stood for an office, with neutral forms of address."""

    name: str
    nicknames: tuple[str, ...]

    @property
    def single_words(self) -> tuple[str, ...]:
        """Return the words each of which alone names the person."""
        return tuple(form for form in (self.name, *self.nicknames) if form.isalpha() and len(form) >= _SHORTEST)

    @property
    def written(self) -> tuple[str, ...]:
        """Return the ways people write the name in two words and more: whole, first and last, the first two, the last two."""
        words = self.name.split()
        if len(words) == 1:
            return ()
        pairs = ((words[0], words[-1]), (words[0], words[1]), (words[-2], words[-1]))
        return tuple(dict.fromkeys([self.name, *(" ".join(pair) for pair in pairs)]))


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a race: its ballot number, its two persons, what the pair was called and what its supporters wrote."""

    number: int
    persons: tuple[Person, Person]
    pairs: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Race:
    """An election for one office, with all its sides."""

    election: str
    year: int
    region: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """A province and the ways people write it."""

    name: str
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """A person who does not exist; `faith` and `people` say what the name is coded to for an Indonesian reader."""

    name: str
    short: str
    gender: Gender
    faith: str
    people: str

    @property
    def address(self) -> str:
        """Return the polite form of address."""
        return f"{'Pak' if self.gender is Gender.MAN else 'Bu'} {self.short}"


@dataclass(frozen=True, slots=True)
class InventedParty:
    """A party that does not exist."""

    name: str
    short: str


@dataclass(frozen=True, slots=True)
class Invented:
    """Everything that slots may be filled with and that does not exist."""

    persons: tuple[InventedPerson, ...]
    parties: tuple[InventedParty, ...]
    tags: tuple[str, ...]
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The whole list, as the ballots stood on `as_of`."""

    as_of: dt.date
    number_forms: tuple[str, ...]
    number_words: tuple[str, ...]
    parties: tuple[Party, ...]
    races: tuple[Race, ...]
    regions: tuple[Region, ...]
    invented: Invented
    measured_only: tuple[str, ...] = ()
    """Invented persons that nothing is trained on: how a post about somebody unknown is judged."""

    def pool(self, kind: NameType, *, real: bool = True, invented: bool = True) -> tuple[str, ...]:
        """Return the distinct fillings of a slot type, sorted; regions and ballot numbers are real in either case."""
        found: set[str] = set()
        if real or kind in {NameType.NOMOR, NameType.DAERAH}:
            found.update(self._real(kind))
        if invented:
            found.update(self._invented(kind))
        return tuple(sorted(found))

    def pools(self, *, real: bool = True, invented: bool = True) -> dict[NameType, tuple[str, ...]]:
        """Return the fillings of every slot type."""
        return {kind: self.pool(kind, real=real, invented=invented) for kind in NameType}

    def written(self, number: int) -> tuple[str, ...]:
        """Return the ways people write a ballot number."""
        word = self.number_words[number - 1]
        return tuple(form.format(n=number, word=word) for form in self.number_forms)

    def _real(self, kind: NameType) -> Iterator[str]:
        sides = [side for race in self.races for side in race.sides]
        match kind:
            case NameType.CALON:
                yield from (form for side in sides for who in side.persons for form in (who.name, *who.nicknames))
            case NameType.PASANGAN:
                yield from (pair for side in sides for pair in side.pairs)
            case NameType.PARTAI:
                yield from (form for party in self.parties for form in (party.name, *party.spellings))
            case NameType.NOMOR:
                yield from (form for number in {side.number for side in sides} for form in self.written(number))
            case NameType.TAGAR:
                yield from (tag for side in sides for tag in side.tags)
            case NameType.TIM:
                # The teams' true names are too uneven to treat all sides alike, so one rule names them all.
                yield from (f"{what} {pair}" for side in sides for pair in side.pairs for what in ("tim", "relawan"))
            case NameType.DAERAH:
                yield from (form for region in self.regions for form in (region.name, *region.spellings))

    def _invented(self, kind: NameType) -> Iterator[str]:
        persons = self.invented.persons
        match kind:
            case NameType.CALON:
                yield from (form for person in persons for form in (person.name, person.address))
            case NameType.PASANGAN:
                # Neighbours in the list share a people; the other half of the list gives pairs across those lines.
                half = len(persons) // 2
                yield from (f"{one.short}-{other.short}" for one, other in zip(persons, persons[half:], strict=False))
            case NameType.PARTAI:
                yield from (form for party in self.invented.parties for form in (party.name, party.short))
            case NameType.TAGAR:
                yield from self.invented.tags
            case NameType.TIM:
                yield from self.invented.teams
            case NameType.NOMOR | NameType.DAERAH:
                return


def read_names(path: Path) -> Names:
    """Read the list; raises DataError naming table and field."""
    top = open_toml(path)
    as_of = top.value("as_of")
    if not isinstance(as_of, dt.date):
        raise top.bad("as_of", f"{as_of!r} is not a date")
    names = Names(
        as_of=as_of,
        number_forms=top.texts("number_forms"),
        number_words=top.texts("number_words"),
        parties=tuple(_party(table) for table in top.tables("party")),
        races=tuple(_race(table) for table in top.tables("race")),
        regions=tuple(_region(table) for table in top.tables("region")),
        invented=_invented(top.table("invented")),
        measured_only=top.texts("measured_only"),
    )
    top.close()
    highest = max((side.number for race in names.races for side in race.sides), default=0)
    if highest > len(names.number_words):
        raise top.bad("number_words", f"a side has the ballot number {highest}")
    return names


def _party(table: Table) -> Party:
    numbers = table.table("numbers")
    years = numbers.fields()
    if not years or not all(year.isdigit() for year in years):
        raise table.bad("numbers", "not a ballot number for each of some years")
    party = Party(
        name=table.text("name"),
        spellings=table.texts("spellings"),
        numbers={int(year): numbers.number(year, 1) for year in years},
    )
    table.close()
    return party


def _race(table: Table) -> Race:
    race = Race(
        election=table.text("election"),
        year=table.number("year", 1955),
        region=table.text("region"),
        sides=tuple(_side(side) for side in table.tables("side")),
    )
    table.close()
    if len(race.sides) < 2:
        raise table.bad("side", "a race needs all its sides, two at least")
    if repeated := _on_two_sides(race.sides):
        raise table.bad("side", f"{repeated!r} stands on two sides")
    return race


def _on_two_sides(sides: Iterable[Side]) -> str | None:
    owner: dict[str, int] = {}
    for side in sides:
        persons = (form for person in side.persons for form in (person.name, *person.nicknames))
        for form in (f"number {side.number}", *persons, *side.pairs, *side.tags):
            if owner.setdefault(form.lower(), id(side)) != id(side):
                return form
    return None


def _side(table: Table) -> Side:
    persons = [_person(person) for person in table.tables("persons")]
    if len(persons) != PERSONS_OF_A_SIDE:
        raise table.bad("persons", f"{len(persons)} instead of {PERSONS_OF_A_SIDE}")
    side = Side(
        number=table.number("number", 1),
        persons=(persons[0], persons[1]),
        pairs=table.texts("pairs"),
        tags=table.texts("tags"),
    )
    table.close()
    return side


def _person(table: Table) -> Person:
    person = Person(table.text("name"), table.texts("nicknames"))
    table.close()
    return person


def _region(table: Table) -> Region:
    region = Region(table.text("name"), table.texts("spellings"))
    table.close()
    return region


def _invented(table: Table) -> Invented:
    invented = Invented(
        persons=tuple(_invented_person(person) for person in table.tables("persons")),
        parties=tuple(_invented_party(party) for party in table.tables("parties")),
        tags=table.texts("tags"),
        teams=table.texts("teams"),
    )
    table.close()
    return invented


def _invented_person(table: Table) -> InventedPerson:
    gender = table.text("gender")
    if gender not in set(Gender):
        raise table.bad("gender", f"{gender!r} is not one of {', '.join(Gender)}")
    person = InventedPerson(
        name=table.text("name"),
        short=table.text("short"),
        gender=Gender(gender),
        faith=table.text("faith"),
        people=table.text("people"),
    )
    table.close()
    return person


def _invented_party(table: Table) -> InventedParty:
    party = InventedParty(table.text("name"), table.text("short"))
    table.close()
    return party
