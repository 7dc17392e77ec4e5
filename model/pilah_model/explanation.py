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
_LEAST = 0.1
_EDGE = 1e-6

Span = tuple[int, int]
PartisanScore = Callable[[Sequence[str]], npt.NDArray[np.float64]]
"""Calibrated partisan probability of each text, in one batch."""


def explain(text: str, score: PartisanScore) -> tuple[Evidence, ...]:
    """Return up to three spans, strongest first, whose removal lowers the partisan score of the text.

    A span's weight is the share of the partisan odds that goes with it, in (0, 1]: probabilities near 1 hardly move when one of
    several reasons is left out, odds do.
    """
    chunks = _chunks(text)
    if not chunks:
        return ()
    spans = _merge(chunks, _drops(text, chunks, score))
    if not spans:
        return ()
    # A joined span is measured as a whole: words may carry each other.
    drops = _drops(text, spans, score)
    found = [
        Evidence(s, e, text[s:e], float(1.0 - np.exp(-drop)))
        for (s, e), drop in zip(spans, drops, strict=True)
        if drop >= _LEAST
    ]
    return tuple(sorted(found, key=lambda e: -e.weight)[:MAX_SPANS])


def _drops(text: str, spans: list[Span], score: PartisanScore) -> npt.NDArray[np.float64]:
    """Return how much the log-odds fall without each span; the whole text is scored in the same batch as its variants."""
    p = np.clip(score([text, *(without(text, [span]) for span in spans)]), _EDGE, 1.0 - _EDGE)
    log_odds = np.log(p) - np.log1p(-p)
    return np.asarray(log_odds[0] - log_odds[1:], dtype=np.float64)


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
