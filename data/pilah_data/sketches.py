"""Sketches of texts: a few numbers that near-duplicates are almost sure to share, so that a database can find them by an index.

MinHash in bands (Broder 1997; Indyk and Motwani 1998) over the word triples of `pilah_data.neighbours`. A shared band makes a candidate
only: `neighbours.similarity` decides. `datasketch` does the same with numpy for whole corpora; one text needs these few lines.
"""

from __future__ import annotations

import random
from hashlib import blake2b

from pilah_data.neighbours import shingles

BANDS, ROWS = 8, 2
"""Of pairs at the similarity that counts (0.8), three in ten thousand share no band."""
_PRIME = (1 << 61) - 1
_DRAW = random.Random(1)
# Stored sketches stay true only while these numbers stay the same.
_FACTORS = [(_DRAW.randrange(1, _PRIME), _DRAW.randrange(_PRIME)) for _ in range(BANDS * ROWS)]


def sketch(text: str) -> tuple[int, ...]:
    """Return the bands of a text, each a whole number that fits 63 bits."""
    numbers = [_number(shingle.encode("utf-8", "surrogatepass")) for shingle in shingles(text)]
    least = [min((a * number + b) % _PRIME for number in numbers) for a, b in _FACTORS]
    rows = [least[at : at + ROWS] for at in range(0, len(least), ROWS)]
    return tuple(_number(f"{band}:{row}".encode()) for band, row in enumerate(rows))


def _number(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big") >> 1
