"""Finds near-duplicates: texts whose sets of word triples overlap by a Jaccard similarity of at least 0.8.

Candidates come from MinHash with locality-sensitive hashing (Broder 1997; Indyk and Motwani 1998), as `datasketch` does it;
each is then checked against the true similarity, so nothing is reported that is not one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

from pilah_data.errors import MissingExtraError
from pilah_data.normalise import normalise_text
from pilah_data.privacy import Identifier

THRESHOLD = 0.8
SHINGLE_WORDS = 3

Shingles = frozenset[str]

_PLACEHOLDERS = re.compile("|".join(sorted((kind.value.lower() for kind in Identifier), key=len, reverse=True)))
_WORDS = re.compile(r"[^\W_]+")
_BANDS, _ROWS = 25, 5
"""One pair in twenty thousand at the threshold shares no band and is missed; a false candidate only costs a comparison."""
_PERMUTATIONS = _BANDS * _ROWS


def shingles(text: str) -> Shingles:
    """Return the word triples of a normalised text without its placeholders; a shorter text is one shingle."""
    bare = _PLACEHOLDERS.sub(" ", normalise_text(text))
    # Emoji and marks count only where there is nothing else.
    words = _WORDS.findall(bare) or bare.split()
    if len(words) < SHINGLE_WORDS:
        return frozenset({" ".join(words)})
    return frozenset(" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1))


def similarity(first: Shingles, second: Shingles) -> float:
    """Return the Jaccard similarity of two sets, from 0 to 1."""
    return len(first & second) / len(first | second)


def near_pairs(texts: Sequence[str], sides: Sequence[Hashable]) -> Iterator[tuple[int, int, float]]:
    """Yield (i, j, similarity) with i < j for all near-duplicates that lie on different sides, sorted.

    `sides` says for each text where it belongs (its split); pairs within a side are of no concern.
    """
    holders: dict[Shingles, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        holders[shingles(text)].append(number)
    found: list[tuple[int, int, float]] = []
    for first, second, alike in _similar_sets(list(holders)):
        for i in holders[first]:
            found += [
                (min(i, j), max(i, j), alike)
                for j in holders[second]
                if sides[i] != sides[j] and (first is not second or i < j)
            ]
    yield from sorted(found)


def _similar_sets(sets: Sequence[Shingles]) -> Iterator[tuple[Shingles, Shingles, float]]:
    """Yield each set with itself, and every pair of different sets that are similar enough."""
    try:
        from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("train", "datasketch") from error
    index = MinHashLSH(num_perm=_PERMUTATIONS, params=(_BANDS, _ROWS))
    words = [[shingle.encode("utf-8", "surrogatepass") for shingle in sorted(one)] for one in sets]
    for number, sketch in enumerate(MinHash.generator(words, num_perm=_PERMUTATIONS, seed=1)):
        yield sets[number], sets[number], 1.0
        for other in sorted(index.query(sketch)):
            alike = similarity(sets[number], sets[other])
            if alike >= THRESHOLD:
                yield sets[other], sets[number], alike
        index.insert(number, sketch, check_duplication=False)
