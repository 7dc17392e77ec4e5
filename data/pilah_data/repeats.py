"""Recognises texts that repeat others: test posts, which stay out of pretraining, and what was read before."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection

SHINGLE_WORDS = 8
"""A text sharing this many consecutive words with a test post is taken for its near-duplicate."""
SHORTEST_RUN = 4
"""A test post of this many words and more, but fewer than a shingle, is looked for as a run; a shorter one only as a whole text."""

REPEATED_SHARE = 0.8
"""A text of which this share of the runs of eight words was read before repeats it."""

_LETTERS = re.compile(r"[^\W_]+")
_FORWARDED = ["rt", "user"]
"""What `RT @USER:` in front of a post leaves of its words."""


def fingerprint(text: str) -> int:
    """Hash the letters and digits of a text, so that spacing, case and punctuation do not make a new one."""
    bare = "".join(_LETTERS.findall(text.lower())).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(bare, digest_size=8).digest(), "big")


def own_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without the sign that somebody forwards it."""
    words = _LETTERS.findall(text.lower())
    while words[:2] == _FORWARDED:
        words = words[2:]
    return words


class Exclusion:
    """Recognises texts that repeat any of the given ones: whole, in a run of eight words, or around a post of four to seven."""

    def __init__(self, texts: Collection[str]):
        """Index the texts to keep out (the test split)."""
        self._whole: set[int] = set()
        # By their first words, so that a text is walked through once, whatever the lengths of the runs.
        self._runs: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
        for words in map(own_words, texts):
            self._whole.add(fingerprint(" ".join(words)))
            length = min(len(words), SHINGLE_WORDS)
            if length >= SHORTEST_RUN:
                for i in range(len(words) - length + 1):
                    self._runs[tuple(words[i : i + SHORTEST_RUN])].add(tuple(words[i : i + length]))

    def __contains__(self, text: str) -> bool:
        """Say whether the text repeats an excluded one."""
        words = own_words(text)
        if fingerprint(" ".join(words)) in self._whole:
            return True
        return any(
            tuple(words[i : i + len(run)]) == run
            for i in range(len(words) - SHORTEST_RUN + 1)
            for run in self._runs.get(tuple(words[i : i + SHORTEST_RUN]), ())
        )


class Repeats:
    """Recognises texts that repeat what it was shown before: the same letters and digits, or most of their runs of eight words.

    Runs are kept as two bits each of a table (Bloom 1970), 128 MB whatever the number of texts. 22 million runs fill 4 % of it, so
    that one run in 600 seems known by chance, which moves no text over the share.
    """

    def __init__(self, bits: int = 1 << 30):
        """Begin with nothing read; `bits` is the size of the table, a multiple of 8."""
        self._bits, self._table = bits, bytearray(bits // 8)
        self._whole: set[int] = set()

    def take(self, text: str) -> bool:
        """Say whether a text is new, and keep it in mind if it is."""
        key = fingerprint(text)
        if key in self._whole:
            return False
        self._whole.add(key)
        places = [self._places(run) for run in _runs(own_words(text))]
        known = sum(all(self._table[at >> 3] >> (at & 7) & 1 for at in pair) for pair in places)
        if places and known / len(places) >= REPEATED_SHARE:
            return False
        for pair in places:
            for at in pair:
                self._table[at >> 3] |= 1 << (at & 7)
        return True

    def _places(self, run: str) -> tuple[int, int]:
        digest = hashlib.blake2b(run.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        return int.from_bytes(digest[:8], "big") % self._bits, int.from_bytes(digest[8:], "big") % self._bits


def _runs(words: list[str]) -> list[str]:
    return [" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1)]
