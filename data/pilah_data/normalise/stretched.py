"""Tells stretched letters (gaaas) from words that are written with three equal letters (viii, iiia, ppp, pppk)."""

from __future__ import annotations

import regex

# Roman numerals, grades and classes (IIIa, VIIIb), the party and its faction, PPPK, the ministry and its offices, contractors.
_TRIPLE = regex.compile(
    r"(?<![\p{L}\p{N}])(?:m{0,2}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})|iii[a-d]|(?:xv|v|x)iii[a-k]"
    r"|f?ppp\d*|pppk(?:nya|pw|\d*)|(?:d|dinas|kemen)?pppa(?:kb)?|kkks)(?![\p{L}\p{N}])"
)

# No triple begins so far into one of these words; the limit keeps the search linear on a word of any length.
_REACH = 12


def _is_triple(text: str, start: int) -> bool:
    for at in range(start, max(start - _REACH, 0), -1):
        if not text[at - 1].isalnum():
            return _TRIPLE.match(text, at) is not None
    return start <= _REACH and _TRIPLE.match(text) is not None


def relaxed(match: regex.Match[str]) -> str:
    """Return the short form of a run of letters, marks or laughter (the three groups of the match), or the run as it is."""
    letter, mark, laugh = match.groups()
    if letter and letter in "ixcpk" and len(match.group()) == 3 and _is_triple(match.string, match.start()):
        return str(match.group())
    return str(letter or mark or laugh * 2)
