"""Contestants as people write them: found in a text without slots, and put in one another's place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pilah_data.names import NATIONAL, Names

Side = tuple[str, str]
"""The name of a side, and the words that stand for it in a text."""


def any_of(words: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern of whole words, in any case; of none, one that finds nothing."""
    return re.compile(rf"\b(?:{'|'.join(words) or '(?!)'})\b", re.IGNORECASE)


def in_case_of(new: str, old: str) -> str:
    """Return a name in small letters or capitals where the one it replaces is written so."""
    return new.lower() if old.islower() else new.upper() if old.isupper() else new


@dataclass(frozen=True, slots=True)
class People:
    """Contestants of national races whom one word names: how each is written, and the pattern of all these."""

    short: Sequence[str]
    whole: Sequence[str]
    forms: Mapping[str, int]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, names: Names) -> People:
        """Collect them from the list."""
        sides = (side for race in names.races if race.region == NATIONAL for side in race.sides)
        by_word = {p.single_words[0]: p for side in sides for p in side.persons if p.single_words}
        short = sorted(by_word)
        forms = {form.lower(): n for n, word in enumerate(short) for form in (*by_word[word].written, word)}
        return cls(short, [by_word[word].name for word in short], forms, any_of(sorted(forms, key=len, reverse=True)))

    def exchanged(self, text: str) -> Iterator[Side]:
        """Yield one text per contestant, all of them moved on by as many places, written as long and in the case that they were."""
        found = self.pattern.search(text)
        if found is not None:
            began = self.forms[found.group().lower()]
            for first, side in enumerate(self.short):
                yield side, self._told(text, self._moved_on(first - began))

    def renamed(self, text: str, unknown: Sequence[str]) -> Iterator[Side]:
        """Yield one text per unknown person, who stands in the place of the first contestant; those that follow, for the others."""
        order: dict[int, int] = {}
        for match in self.pattern.finditer(text):
            order.setdefault(self.forms[match.group().lower()], len(order))
        if order and len(order) <= len(unknown):
            for first, side in enumerate(unknown):
                names = {who: unknown[(first + place) % len(unknown)] for who, place in order.items()}
                yield (
                    side,
                    self._told(text, {(who, long): name for who, name in names.items() for long in (True, False)}),
                )

    def _moved_on(self, steps: int) -> dict[tuple[int, bool], str]:
        """Return what each contestant, written long or short, becomes."""
        n = len(self.short)
        return {
            (who, long): (self.whole if long else self.short)[(who + steps) % n]
            for who in range(n)
            for long in (True, False)
        }

    def _told(self, text: str, names: Mapping[tuple[int, bool], str]) -> str:
        def other(match: re.Match[str]) -> str:
            old = match.group()
            return in_case_of(names[self.forms[old.lower()], " " in old], old)

        return self.pattern.sub(other, text)
