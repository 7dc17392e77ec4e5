"""Changes training texts without changing their meaning: misspelling tricks, and other names in contestant slots."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from pilah_data.records import AuthoredPost, Name, NameType

_LEET = {"a": "4", "i": "1", "o": "0", "e": "3", "s": "5", "t": "7"}
_CYRILLIC = {"a": "а", "e": "е", "o": "о", "c": "с", "p": "р", "x": "х", "y": "у"}
_WORD = re.compile(r"[A-Za-z]{4,}")


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
    """Puts other names of the same type into the contestant slots of authored posts."""

    def __init__(self, posts: Sequence[AuthoredPost]):
        """Collect the names of the posts by type, and the slots by post."""
        pools: dict[NameType, set[str]] = {kind: set() for kind in NameType}
        self._slots: dict[str, tuple[Name, ...]] = {}
        for post in posts:
            if post.names:
                self._slots[post.id] = tuple(sorted(post.names, key=lambda name: name.start))
            for name in post.names:
                pools[name.type].add(post.text[name.start : name.end])
        self._pools = {kind: sorted(names) for kind, names in pools.items()}

    def swap(self, post_id: str, text: str, rng: random.Random) -> str:
        """Return the text with every name replaced, the same name by the same other one; texts without slots stay."""
        chosen: dict[tuple[NameType, str], str] = {}
        pieces: list[str] = []
        at = 0
        for slot in self._slots.get(post_id, ()):
            if slot.start < at:
                continue  # a name inside a name
            old = text[slot.start : slot.end]
            new = chosen.setdefault((slot.type, old.lower()), rng.choice(self._pools[slot.type]))
            pieces += (text[at : slot.start], new)
            at = slot.end
        return "".join(pieces) + text[at:]
