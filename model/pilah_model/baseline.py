"""The yardstick: TF-IDF of words and characters with logistic regression, under the same `Scorer` protocol.

Words 1-2 and characters 2-5 within words, as in many published Indonesian baselines; soft targets enter as weighted copies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pilah_data.normalise import normalise_text
from pilah_data.records import Example
from pilah_data.taxonomy import PREDICTED, Label
from pilah_model.features import tfidf_vectorisers
from pilah_model.scoring import Encoded, Scores


class TfidfScorer:
    """TF-IDF features and a logistic regression over the three labels; it knows no forms and no directions."""

    engine = "tfidf-lr"

    def __init__(self, examples: Sequence[Example], *, ambiguous: tuple[float, float, float], seed: int = 1):
        """Fit on examples; `perlu_konteks` counts for each label with the given share."""
        self._vectorisers = tfidf_vectorisers()
        from scipy.sparse import hstack, vstack  # noqa: PLC0415 - an extra, proven present by the line above
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

        self._stack = hstack
        texts = [normalise_text(example.text) for example in examples]
        features = hstack([v.fit_transform(texts) for v in self._vectorisers]).tocsr()
        clear = np.asarray([e.label is not Label.PERLU_KONTEKS for e in examples])
        classes = np.asarray([PREDICTED.index(e.label) for e in examples if e.label is not Label.PERLU_KONTEKS])
        unclear = int((~clear).sum())
        # A soft target is one copy of the row per label, weighted by its share.
        x = vstack([features[clear], *(features[~clear] for _ in PREDICTED)])
        y = np.concatenate([classes, *(np.full(unclear, k) for k in range(len(PREDICTED)))])
        weight = np.concatenate([np.ones(len(classes)), *(np.full(unclear, share) for share in ambiguous)])
        self._model = LogisticRegression(C=4.0, max_iter=400, random_state=seed).fit(x, y, sample_weight=weight)

    def pre(self, texts: Sequence[str]) -> Encoded:
        """Normalise texts; each is one row."""
        rows = [normalise_text(text) for text in texts]
        return Encoded(
            rows, np.arange(len(rows)), np.asarray([len(r.split()) for r in rows]), np.zeros(len(rows), dtype=np.bool_)
        )

    def core(self, encoded: Encoded) -> Scores:
        """Return the logarithms of the class probabilities as logits; forms and directions stay 0."""
        scores = Scores.empty(len(encoded.rows))
        if len(encoded.rows):
            features = self._stack([v.transform(encoded.rows) for v in self._vectorisers]).tocsr()
            scores.labels[:] = self._model.predict_log_proba(features)
        return scores

    def post(self, encoded: Encoded, scores: Scores) -> Scores:
        """Return the rows as they are."""
        del encoded
        return scores
