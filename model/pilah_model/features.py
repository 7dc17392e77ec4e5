"""The TF-IDF features of the yardstick and of the audit: words 1-2 and characters 2-5 within words."""

from __future__ import annotations

from typing import Any

from pilah_data.errors import MissingExtraError


def tfidf_vectorisers() -> list[Any]:
    """Return the two unfitted vectorisers, which expect normalised texts; raises MissingExtraError without scikit-learn."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("train", "scikit-learn") from error
    return [
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"\S+", lowercase=False),  # noqa: S106 - no password
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, lowercase=False, max_features=300_000
        ),
    ]
