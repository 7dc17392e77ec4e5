"""Reads every listed contestant, pair, party, province and ballot number as a stand-in, so that no camp can be told from another.

The first contestant of a text becomes `calon a` whoever it is, the second `calon b`; so do pairs, parties, provinces and ballot numbers,
each counted by itself: rivals stay two, and a judgement of a listed name is the judgement of every other one by construction. The list is
`data/names.toml`; it travels inside the artefact. Names that are in no list are read as they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pilah_data.errors import DataError
from pilah_data.names import COMMON_PARTY_WORDS, NATIONAL, Names, Person
from pilah_data.normalise import normalise, normalise_text
from pilah_data.normalise.mapped import Edit, apply_edits

VERSION = "1"
"""Of the rules in this module; written with the list and compared on load, for a network was trained on what they make of a text."""


class Kind(StrEnum):
    """What a listed name stands for; the value is the word that its stand-in begins with."""

    CONTESTANT = "calon"
    PAIR = "pasangan"
    PARTY = "partai"
    PROVINCE = "provinsi"


_Words = tuple[str, ...]
_LETTERS = "abcdefghijklmnopqrst"
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[^\w\s]{0,2}|\s?[^\w\s]?\s?")
"""What may stand between the words of one name: a space, a hyphen, an apostrophe."""
_JOINED = re.compile(r"\s?[-\u2013&/+]?\s?")
"""What stands between the two of a pair."""
# In lower case these cannot be told from common words: they count where the post writes them as a name.
_CAREFUL = COMMON_PARTY_WORDS | {"pd", "p3", "amin", "diy"}
_ALL_CAPITALS = frozenset({"pan", "pbb", "pd", "p3", "amin", "diy"})
# One word of a long name that names nobody else.
_SURNAMES = frozenset({"subianto", "baswedan", "sandiaga", "muhaimin", "rakabuming"})

_NUMBER_WORDS = ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_BALLOT = re.compile(
    r"\b(?:(?:no|nomor|nomer|nmr)\.? ?(?:urut)?|paslon|capres|cagub|urut) ?(?:(?P<zero>0?)(?P<digit>[1-9])(?![\d:/]|[.,]\d)|"
    rf"(?P<word>{'|'.join(_NUMBER_WORDS)})\b)"
    r"|(?<![\d.,:/-])0(?P<bare>[1-9])(?![\d:/-]|[.,]\d)"
)


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    kind: Kind
    who: str
    words: _Words


class StandIns:
    """The listed names, ready to be read as stand-ins; holds no state between calls."""

    def __init__(self, listed: Mapping[Kind, Mapping[str, str]]):
        """Take, by kind, the spellings and whom each stands for."""
        self.listed = {kind: dict(spellings) for kind, spellings in listed.items()}
        self._by_first: dict[str, list[tuple[_Words, Kind, str]]] = {}
        for kind, spellings in self.listed.items():
            for spelling, who in spellings.items():
                words = tuple(_WORD.findall(normalise_text(spelling)))
                if words:
                    self._by_first.setdefault(words[0], []).append((words, kind, who))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    @classmethod
    def of(cls, names: Names) -> StandIns:
        """Collect the spellings of a list of names; one word alone names a contestant only of a national race."""
        return cls({
            Kind.CONTESTANT: dict(_contestants(names)),
            Kind.PAIR: dict(_pairs(names)),
            Kind.PARTY: {form: p.name for p in names.parties for form in (p.name, *p.spellings)},
            Kind.PROVINCE: {form: r.name for r in names.regions for form in (r.name, *r.spellings)},
        })  # fmt: skip

    @classmethod
    def read(cls, path: Path) -> StandIns:
        """Read a written list. Raises DataError for a damaged one and for one of other rules."""
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            version, listed = body["version"], {Kind(kind): dict(forms) for kind, forms in body["listed"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"the list of names cannot be read ({error}); restore the model", file=str(path)) from error
        if version != VERSION:
            raise DataError(
                f"names are read by rules {version}, this program has {VERSION}; train the model again", file=str(path)
            )
        return cls(listed)

    def write(self, path: Path) -> None:
        """Write the list as JSON."""
        body = {"version": VERSION, "listed": {kind.value: forms for kind, forms in self.listed.items()}}
        path.write_text(json.dumps(body, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")

    def __call__(self, original: str) -> str:
        """Return the normalised text with every listed name and ballot number read as its stand-in."""
        text = normalise_text(original)
        return apply_edits(text, self.edits(text, original))

    def edits(self, text: str, original: str) -> list[Edit]:
        """Return the edits of a normalised text, sorted; `original` is looked at only for words that a capital tells apart."""
        edits = [*self._names(text, original), *_numbers(text)]
        edits.sort()
        kept: list[Edit] = []
        for edit in edits:
            if not kept or edit[0] >= kept[-1][1]:
                kept.append(edit)
        return kept

    def _names(self, text: str, original: str) -> Iterator[Edit]:
        order: dict[tuple[Kind, str], int] = {}
        counts: dict[Kind, int] = dict.fromkeys(Kind, 0)
        is_name = _capitals(original)
        for found in _paired(text, (f for f in self._search(text) if not _common(text, f, is_name))):
            key = (found.kind, found.who)
            if key not in order:
                order[key] = counts[found.kind]
                counts[found.kind] += 1
            letter = _LETTERS[order[key] % len(_LETTERS)]
            yield found.start, found.end, f"{found.kind.value} {letter}"

    def _search(self, text: str) -> Iterator[_Found]:
        """Yield the listed names in a text, the longest at each place."""
        if self._by_first.keys().isdisjoint(_WORD.findall(text)):
            return
        words = [(m.group(), m.start(), m.end()) for m in _WORD.finditer(text)]
        at = 0
        while at < len(words):
            found = self._at(text, words, at)
            if found is None:
                at += 1
            else:
                yield found
                at += len(found.words)

    def _at(self, text: str, words: Sequence[tuple[str, int, int]], at: int) -> _Found | None:
        for wanted, kind, who in self._by_first.get(words[at][0], ()):
            last = at + len(wanted) - 1
            if last < len(words) and all(words[at + i][0] == word for i, word in enumerate(wanted)):
                gaps = (text[words[i][2] : words[i + 1][1]] for i in range(at, last))
                if all(_GAP.fullmatch(gap) for gap in gaps):
                    return _Found(words[at][1], words[last][2], kind, who, wanted)
        return None


def _common(text: str, found: _Found, is_name: Callable[[_Found], bool]) -> bool:
    """Return whether what was found is a common word here, and no name."""
    if found.words == ("sandi",):
        return text[: found.start].endswith(("kata ", "kode "))
    return len(found.words) == 1 and found.words[0] in _CAREFUL and not is_name(found)


def _paired(text: str, all_found: Iterator[_Found]) -> Iterator[_Found]:
    """Make one pair of two contestants who stand side by side, listed as a pair or not: any two of them read alike."""
    before: _Found | None = None
    for found in all_found:
        if before is None:
            before = found
        elif (
            before.kind is found.kind is Kind.CONTESTANT
            and before.who != found.who
            and _JOINED.fullmatch(text[before.end : found.start])
        ):
            who = f"{before.who} {found.who}"
            yield _Found(before.start, found.end, Kind.PAIR, who, before.words + found.words)
            before = None
        else:
            yield before
            before = found
    if before is not None:
        yield before


def _contestants(names: Names) -> Iterator[tuple[str, str]]:
    for race in names.races:
        for side in race.sides:
            for person in side.persons:
                yield from ((form, person.name) for form in person.written)
                if race.region == NATIONAL:
                    yield from ((form, person.name) for form in _short_forms(person))


def _pairs(names: Names) -> Iterator[tuple[str, str]]:
    """Yield what pairs were called; a coined word only of a national race, for others are common words."""
    for race in names.races:
        for side in race.sides:
            yield from ((form, side.pairs[0]) for form in side.pairs if "-" in form or race.region == NATIONAL)


def _short_forms(person: Person) -> Iterator[str]:
    """Yield what a person is called in one word, and in two where the second alone would be taken for something else."""
    surnames = [word for word in person.name.split() if word.lower() in _SURNAMES]
    words, single = (*person.nicknames, *surnames), {word.lower() for word in (*person.single_words, *surnames)}
    # Of "Pak Prabowo" only the name is one: the address stays, as it does before a name that no list knows.
    yield from (
        word for word in words if word.lower() in single or (" " in word and word.lower().split()[-1] not in single)
    )


def _capitals(original: str) -> Callable[[_Found], bool]:
    """Return a test of whether the original writes a found word as a name; the way back to it is found only when asked."""
    mapped = None

    def is_name(found: _Found) -> bool:
        nonlocal mapped
        mapped = mapped or normalise(original)
        start, end = mapped.original_span(found.start, found.end)
        written = original[start:end]
        if found.words[0] in _ALL_CAPITALS:
            return written.isupper() and not original.isupper()
        begins = not original[:start].strip() or original[:start].rstrip()[-1] in ".!?\n"
        return written[:1].isupper() and not begins and not original.isupper()

    return is_name


def _numbers(text: str) -> Iterator[Edit]:
    order: dict[int, int] = {}
    for match in _BALLOT.finditer(text):
        group = next(name for name in ("digit", "word", "bare") if match.group(name))
        value = _NUMBER_WORDS.index(match.group(group)) + 1 if group == "word" else int(match.group(group))
        n = order.setdefault(value, len(order) % len(_NUMBER_WORDS) + 1)
        yield match.start(group), match.end(group), _NUMBER_WORDS[n - 1] if group == "word" else str(n)
