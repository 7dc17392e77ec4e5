"""Tells the same post of every side: other contestants, pairs, parties, ballot numbers, regions, faiths, office, support or attack.

Authored posts have typed slots, filled from the dated list `data/names.toml`; in public posts the contestants, parties and numbers
that are written there change places. Of the n sides every one stands first in exactly one of the n texts of a post, and rivals
stay two: all camps are treated alike by construction. Made for measuring; training swaps names at random (`training.augment`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pilah_data.names import COMMON_PARTY_WORDS, NATIONAL, Names
from pilah_data.records import AuthoredPost, Example, NameType, Relation
from pilah_data.taxonomy import Label
from pilah_model.written_people import People, Side, any_of, in_case_of

_PER_FAITH = 2
_FAITHS = ("islam", "kristen", "katolik", "hindu", "buddha", "konghucu")
_NUMBERS = 6
# As written of presidential pairs; not within a date, a time or a longer number.
WRITTEN_NUMBER = re.compile(r"(?<![\d.,:/-])0[1-3](?![\d:/-]|[.,]\d)")
WRITTEN_NUMBERS = [f"0{number}" for number in range(1, 4)]
WORDING = "support and attack"
"""The one kind in which more than a name changes: reported, but held to no bar of name swaps."""


@dataclass(frozen=True, slots=True)
class Variation:
    """A post and the texts in which it is told of other sides, each with the side that stands first in it."""

    origin: str
    kind: str
    post: str
    label: Label
    base: str
    told: tuple[Side, ...]


def authored_variations(posts: Sequence[AuthoredPost], names: Names) -> list[Variation]:
    """Return the variations of authored posts with names in slots, and of pairs that support and attack."""
    slots = _slots(names)
    found = []
    for post in posts:
        for kind, (type_, sides) in slots.items():
            if told := tuple(_filled(post, type_, sides)):
                found.append(Variation("authored", kind, post.id, post.label, post.text, told))
        if told := tuple(_renumbered(post, names.number_words)):
            found.append(Variation("authored", "number", post.id, post.label, post.text, told))
        if told := tuple(_with_status(post)):
            found.append(Variation("authored", "incumbent and challenger", post.id, post.label, told[0][1], told))
    return [*found, *_support_and_attack(posts)]


def public_variations(examples: Sequence[Example], names: Names) -> list[Variation]:
    """Return the variations of public posts that name national contestants, parties or ballot numbers."""
    people = People.of(names)
    parties = one_word_parties(names)
    kinds = {"party": (any_of(parties), parties), "number": (WRITTEN_NUMBER, WRITTEN_NUMBERS)}
    found = []
    for post in examples:
        tellings = {kind: _exchanged(post.text, pattern, sides) for kind, (pattern, sides) in kinds.items()}
        tellings["contestant"] = people.exchanged(post.text)
        tellings["unknown contestant"] = people.renamed(post.text, names.measured_only)
        for kind, telling in tellings.items():
            if told := tuple(telling):
                found.append(Variation("public", kind, post.id, post.label, post.text, told))
    return found


def one_word_parties(names: Names) -> list[str]:
    """Return the parties that can be told in a public post: written in one word that is no common one."""
    first = (party.spellings[0] for party in names.parties)
    return [word for word in first if word.isalpha() and word.lower() not in COMMON_PARTY_WORDS]


def _slots(names: Names) -> dict[str, tuple[NameType, list[Side]]]:
    national = [side for race in names.races if race.region == NATIONAL for side in race.sides]
    invented = names.invented.persons
    by_faith = [(faith, [person.name for person in invented if person.faith == faith]) for faith in _FAITHS]
    local = [person.name for person in invented if person.faith not in _FAITHS]
    faiths = [
        (faith, members[i * len(members) // _PER_FAITH])
        for i in range(_PER_FAITH)
        for faith, members in [*by_faith, ("kepercayaan", local)]
        if len(members) >= _PER_FAITH
    ]
    return {
        "contestant": (NameType.CALON, list(_national(names).items())),
        "pair": (NameType.PASANGAN, [(side.pairs[0], side.pairs[0]) for side in national]),
        "party": (NameType.PARTAI, [(party.name, party.spellings[0]) for party in names.parties]),
        "region": (NameType.DAERAH, [(region.name, region.name) for region in names.regions]),
        "religion": (NameType.CALON, faiths),
        "unknown contestant": (NameType.CALON, [(name, name) for name in names.measured_only]),
    }


def _national(names: Names) -> dict[str, str]:
    """Return the contestants of national races by full name, each with the short form that comes first."""
    sides = (side for race in names.races if race.region == NATIONAL for side in race.sides)
    return {person.name: person.nicknames[0] for side in sides for person in side.persons}


def _filled(post: AuthoredPost, type_: NameType, sides: Sequence[Side]) -> Iterator[Side]:
    """Yield one text per side; the second and later names of a post get the sides that follow, so that rivals stay two."""
    places = _places(post, type_)
    distinct = list(dict.fromkeys(old for _, _, old in places))
    if not places or len(distinct) > len(sides):
        return
    for first, (side, _) in enumerate(sides):
        new = {old: sides[(first + i) % len(sides)][1] for i, old in enumerate(distinct)}
        yield side, _replaced(post.text, [(start, end, new[old]) for start, end, old in places])


def _renumbered(post: AuthoredPost, words: Sequence[str]) -> Iterator[Side]:
    """Yield one text per ballot number, written as the post writes it; nothing for a post that writes one in another way."""
    places = [(s, e, _number_in(old, words)) for s, e, old in _places(post, NameType.NOMOR)]
    distinct = list(dict.fromkeys(value for _, _, value in places))
    if not places or None in distinct or len(distinct) > _NUMBERS:
        return
    for first in range(_NUMBERS):
        new = {value: 1 + (first + i) % _NUMBERS for i, value in enumerate(distinct)}
        edits = [(s, e, _rewritten(post.text[s:e], new[value], words)) for s, e, value in places]
        yield str(first + 1), _replaced(post.text, edits)


def _number_in(old: str, words: Sequence[str]) -> int | None:
    if digits := re.search(r"[0-9]+", old):
        return int(digits.group())
    return next((i + 1 for i, word in enumerate(words) if re.search(rf"\b{word}\b", old, re.IGNORECASE)), None)


def _rewritten(old: str, number: int, words: Sequence[str]) -> str:
    if re.search(r"[0-9]", old):
        return re.sub(r"(0?)[0-9]+", lambda m: f"{m.group(1)}{number}", old, count=1)
    return re.sub(rf"\b(?:{'|'.join(words)})\b", words[number - 1], old, count=1, flags=re.IGNORECASE)


def _with_status(post: AuthoredPost) -> Iterator[Side]:
    """Yield the post with its first contestant called the incumbent, and called the challenger."""
    places = _places(post, NameType.CALON)
    if places:
        start, end, _ = places[0]
        for status in ("petahana", "penantang"):
            yield status, _replaced(post.text, [(start, end, f"{post.text[start:end]} ({status})")])


def _support_and_attack(posts: Sequence[AuthoredPost]) -> Iterator[Variation]:
    groups: dict[str, list[AuthoredPost]] = defaultdict(list)
    for post in posts:
        if post.group is not None and post.label is Label.PARTISAN and post.direction is not None:
            groups[post.group].append(post)
    for members in groups.values():
        base = next((post for post in members if post.relation is Relation.DASAR), None)
        turned = [
            post for post in members if post.relation is Relation.BALIK and base and post.direction != base.direction
        ]
        if base is not None and turned:
            told = tuple((str(post.direction), post.text) for post in (base, *turned))
            yield Variation("authored", WORDING, base.id, base.label, base.text, told)


def _exchanged(text: str, pattern: re.Pattern[str], sides: Sequence[str]) -> Iterator[Side]:
    """Yield one text per side, the names that stand in the text moved on by as many places in the list, in the case they had."""
    places = {side.lower(): place for place, side in enumerate(sides)}
    found = pattern.search(text)
    if found is None:
        return
    began = places[found.group().lower()]
    for first, side in enumerate(sides):

        def other(match: re.Match[str], step: int = first - began) -> str:
            old = match.group()
            return in_case_of(sides[(places[old.lower()] + step) % len(sides)], old)

        yield side, pattern.sub(other, text)


def _places(post: AuthoredPost, type_: NameType) -> list[tuple[int, int, str]]:
    """Return start, end and lower-cased words of the slots of a type, names inside names left out."""
    places: list[tuple[int, int, str]] = []
    for name in sorted(post.names, key=lambda name: name.start):
        if name.type is type_ and (not places or name.start >= places[-1][1]):
            places.append((name.start, name.end, post.text[name.start : name.end].lower()))
    return places


def _replaced(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    pieces, at = [], 0
    for start, end, new in edits:
        pieces += [text[at:start], new]
        at = end
    return "".join(pieces) + text[at:]
