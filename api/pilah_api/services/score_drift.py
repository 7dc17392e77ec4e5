"""Watches whether the posts that are judged score as those did on which the thresholds were chosen; counts only."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterable, Sequence

from pilah_data.taxonomy import Label
from pilah_model.judgement import Judgement
from pilah_model.profile import SCORE_BINS
from pilah_model.reference import stability_index

_LATEST = 5000
"""Posts that are compared: a day's worth, so that a new campaign shows before it drowns in what came earlier."""
_FEW = 200
"""With fewer posts the index would speak of chance."""


class ScoreDrift:
    """The partisan probabilities of the latest posts, in bins, beside those of the reference."""

    def __init__(self, reference: Sequence[int] | None):
        """Take the reference's counts by bin; None makes every index undefined."""
        self._reference = reference
        self._latest: deque[int] = deque(maxlen=_LATEST)
        self._lock = threading.Lock()

    def start_again(self, reference: Sequence[int] | None) -> None:
        """Forget the posts so far and compare with another model's reference: its scores are not those of the former."""
        with self._lock:
            self._reference = reference
            self._latest.clear()

    def add(self, judgements: Iterable[Judgement]) -> None:
        """Count judged posts; may be called from several threads."""
        bins = [min(SCORE_BINS - 1, int(j.probabilities[Label.PARTISAN] * SCORE_BINS)) for j in judgements]
        with self._lock:
            self._latest.extend(bins)

    def index(self) -> float:
        """Return the population stability index, NaN without a reference or with few posts."""
        with self._lock:
            latest, reference = list(self._latest), self._reference
        if reference is None or len(latest) < _FEW:
            return math.nan
        return stability_index([latest.count(one) for one in range(SCORE_BINS)], reference)
