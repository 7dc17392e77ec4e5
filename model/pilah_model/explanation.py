"""Evidence by whole-word occlusion: which words of the original text carry the partisan score.

Every word is left out once, all variants are scored in one batch, and a span counts only if leaving it out lowers the
partisan probability (leave-one-out faithfulness; Li, Monroe and Jurafsky 2016; DeYoung et al. 2020).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from pilah_model.judgement import Evidence

MAX_VARIANTS = 40
"""Texts of more words are occluded in chunks of several words, so that one batch stays small."""
MAX_SPANS = 3
_SHARE_OF_BEST = 0.25
_LEAST = 0.01

Span = tuple[int, int]
PartisanScore = Callable[[Sequence[str]], npt.NDArray[np.float64]]
"""Calibrated partisan probability of each text, in one batch."""


def explain(text: str, partisan: float, score: PartisanScore) -> tuple[Evidence, ...]:
    """Return up to three spans, strongest first, whose removal lowers `partisan`, the probability of the whole text."""
    chunks = _chunks(text)
    if len(chunks) < 2:
        # Nothing can be left out of a single word: it is the evidence.
        return tuple(Evidence(s, e, text[s:e], partisan) for s, e in chunks)
    drops = partisan - score([without(text, [chunk]) for chunk in chunks])
    spans = _merge(chunks, drops)
    if not spans:
        return ()
    # A merged span is measured as a whole: words may carry each other.
    weights = partisan - score([without(text, [span]) for span in spans])
    found = [Evidence(s, e, text[s:e], float(w)) for (s, e), w in zip(spans, weights, strict=True) if w > 0]
    return tuple(sorted(found, key=lambda e: -e.weight)[:MAX_SPANS])


def without(text: str, spans: Sequence[Span]) -> str:
    """Return the text with the given spans left out."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        pieces.append(text[at:start])
        at = end
    pieces.append(text[at:])
    return " ".join(piece.strip() for piece in pieces if piece.strip())


def _chunks(text: str) -> list[Span]:
    words = [match.span() for match in re.finditer(r"\S+", text)]
    size = max(1, -(-len(words) // MAX_VARIANTS))
    return [(words[i][0], words[min(i + size, len(words)) - 1][1]) for i in range(0, len(words), size)]


def _merge(chunks: list[Span], drops: npt.NDArray[np.float64]) -> list[Span]:
    """Join neighbouring chunks that matter; a chunk matters with a quarter of the strongest drop."""
    floor = max(_LEAST, _SHARE_OF_BEST * float(drops.max()))
    spans: list[Span] = []
    joined = False
    for (start, end), drop in zip(chunks, drops, strict=True):
        matters = bool(drop >= floor)
        if matters and joined:
            spans[-1] = (spans[-1][0], end)
        elif matters:
            spans.append((start, end))
        joined = matters
    return spans
