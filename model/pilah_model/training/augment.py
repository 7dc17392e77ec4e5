"""Changes training texts without changing their meaning: misspelling tricks, and other names in contestant slots."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from pilah_data.names import NATIONAL, Names
from pilah_data.records import AuthoredPost, Name, NameRole, NameType
from pilah_model.swaps import WRITTEN_NUMBER, WRITTEN_NUMBERS, one_word_parties
from pilah_model.written_people import any_of, in_case_of

_LEET = {"a": "4", "i": "1", "o": "0", "e": "3", "s": "5", "t": "7"}
_CYRILLIC = {"a": "а", "e": "е", "o": "о", "c": "с", "p": "р", "x": "х", "y": "у"}
# Masks are no words: misspelt, they would be something else.
_WORD = re.compile(r"(?<![@\w])(?!HTTPURL)[A-Za-z]{4,}")


def _leet(word: str, rng: random.Random) -> str:
    inner = [i for i in range(1, len(word) - 1) if word[i].lower() in _LEET]
    return _replace(word, rng.sample(inner, min(len(inner), 2)), _LEET)


def _look_alike(word: str, rng: random.Random) -> str:
    return _replace(word, [i for i in range(len(word)) if word[i] in _CYRILLIC and rng.random() < 0.6], _CYRILLIC)


def _replace(word: str, where: Sequence[int], table: dict[str, str]) -> str:
    return "".join(table.get(c.lower(), c) if i in where else c for i, c in enumerate(word))


def _stretched(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word))
    return word[: at + 1] + word[at] * rng.randint(2, 4) + word[at + 1 :]


def _spelled(word: str, rng: random.Random) -> str:
    return rng.choice(" .-").join(word)


def _vowelless(word: str, _: random.Random) -> str:
    return word[0] + re.sub(r"[aiueo]", "", word[1:-1]) + word[-1]


def _typo(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _dropped(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word))
    return word[:at] + word[at + 1 :]


def _doubled_zero_width(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word))
    return word[:at] + "\u200b" + word[at:]


TRICKS: dict[str, Callable[[str, random.Random], str]] = {
    "leet": _leet,
    "look_alike": _look_alike,
    "stretched": _stretched,
    "spelled": _spelled,
    "vowelless": _vowelless,
    "typo": _typo,
    "dropped": _dropped,
    "zero_width": _doubled_zero_width,
}
"""Misspelling tricks by name, as the behaviour tests and the evaluation use them too."""


def obfuscate(text: str, rng: random.Random, share: float = 0.3, trick: str | None = None) -> str:
    """Return the text with a share of its longer words misspelt by one trick (a random one unless named)."""
    change = TRICKS[trick or rng.choice(list(TRICKS))]
    return _WORD.sub(lambda m: change(m.group(), rng) if rng.random() < share else m.group(), text)


class NameSwapper:
    """Puts other names into texts, so that no name, party or number can become a reason.

    Authored posts have typed slots, filled from the corpus and the dated list of real and invented contestants. Public posts have
    none: there, national contestants and parties known by one word are exchanged for one another and for invented ones.
    """

    def __init__(self, posts: Sequence[AuthoredPost], names: Names | None = None):
        """Collect the slots by post and the fillings by type; tags and teams, which take a side, also by role."""
        pools: dict[_Pool, set[str]] = defaultdict(set)
        self._slots: dict[str, tuple[Name, ...]] = {}
        for post in posts:
            if post.names:
                self._slots[post.id] = tuple(sorted(post.names, key=lambda name: name.start))
            for name in post.names:
                pools[_pool(name)].add(post.text[name.start : name.end])
        if names is not None:
            for kind, fillings in names.pools().items():
                # Listed tags and teams speak for a side: they may stand where one is supported or merely mentioned.
                for role in (NameRole.DUKUNG, NameRole.NETRAL) if kind in _SIDED else (None,):
                    pools[kind, role].update(fillings)
        self._pools = {key: sorted(fillings) for key, fillings in pools.items()}
        self._known = _known(names) if names is not None else []

    def swap(self, post_id: str, text: str, rng: random.Random) -> str:
        """Return the text with every name in a slot replaced, the same name by the same other one."""
        chosen: dict[tuple[_Pool, str], str] = {}
        pieces: list[str] = []
        at = 0
        for slot in self._slots.get(post_id, ()):
            if slot.start < at:
                continue  # a name inside a name
            old = text[slot.start : slot.end]
            key = (_pool(slot), old.lower())
            if key not in chosen:
                chosen[key] = _other(self._pools[_pool(slot)], chosen.values(), rng)
            new = chosen[key]
            pieces += (text[at : slot.start], new)
            at = slot.end
        return "".join(pieces) + text[at:]

    def swap_known(self, text: str, rng: random.Random) -> str:
        """Return the text with known national contestants, parties and ballot numbers exchanged, each by one of its kind.

        The same one becomes the same other one, in the case it had.
        """
        for pattern, fillings in self._known:
            text = _exchanged(text, pattern, fillings, rng)
        return text

    def rename(self, post_id: str, text: str, rng: random.Random) -> str:
        """Return the text with all its names replaced: those in slots, or the known ones of a text without slots."""
        swapped = self.swap(post_id, text, rng)
        return swapped if post_id in self._slots else self.swap_known(swapped, rng)


def _exchanged(text: str, pattern: re.Pattern[str], fillings: Sequence[str], rng: random.Random) -> str:
    others: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        old = match.group()
        if old.lower() not in others:
            unlike = [filling for filling in fillings if filling.lower() != old.lower()]
            others[old.lower()] = _other(unlike, others.values(), rng)
        return in_case_of(others[old.lower()], old)

    return pattern.sub(other, text)


def _other(pool: Sequence[str], taken: Iterable[str], rng: random.Random) -> str:
    """Draw a filling that no other name of the text has got: two rivals must not become one."""
    used = set(taken)
    return rng.choice([filling for filling in pool if filling not in used] or list(pool))


_Pool = tuple[NameType, NameRole | None]
_SIDED = (NameType.TAGAR, NameType.TIM)


def _pool(name: Name) -> _Pool:
    return name.type, name.role if name.type in _SIDED else None


def _known(names: Names) -> list[tuple[re.Pattern[str], list[str]]]:
    """Return what can be exchanged in a text without slots, kind by kind: contestants, parties, ballot numbers.

    Invented ones are among the fillings, for a contestant whom no list knows must be judged like one that everybody knows.
    """
    contestants, parties = _one_word_contestants(names), set(one_word_parties(names))
    persons = {form for person in names.invented.persons for form in (person.name, person.short, person.address)}
    unknown = {form for party in names.invented.parties for form in (party.name, party.short)}
    kinds = ((contestants, contestants | persons), (parties, parties | unknown))
    found = [(any_of(sorted(kind)), sorted(fillings)) for kind, fillings in kinds]
    return [*found, (WRITTEN_NUMBER, WRITTEN_NUMBERS)]


def _one_word_contestants(names: Names) -> set[str]:
    """Return how contestants of national races are called in one word; common words and short forms are left alone."""
    national = (side for race in names.races if race.region == NATIONAL for side in race.sides)
    return {word for side in national for person in side.persons for word in person.single_words}
