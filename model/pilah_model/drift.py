"""Whether a feed still looks like the posts that a model was calibrated on, or like an earlier feed; counts only, never a text.

The population stability index compares two histograms: below 0.1 alike, up to 0.25 moved, beyond it another population (the custom of
credit scoring; Siddiqi 2006).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pilah_data.errors import InputError
from pilah_data.feeds import FeedOptions, FeedRow, open_feed
from pilah_data.taxonomy import Decision
from pilah_model.artefacts import ArtefactFiles
from pilah_model.classifier import Classifier
from pilah_model.intervals import number
from pilah_model.profile import Profile, unknown_id
from pilah_model.reference import Reference, stability_index
from pilah_model.scoring import score

MOVED, ANOTHER = 0.1, 0.25
_FEW = 200


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, the stability index of their scores and of their decisions, and verdicts in plain words."""

    now: Profile
    then: Profile
    index: Mapping[str, float]
    verdicts: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values; rates are [now, then]."""
        rates = ("unknown_rate", "pieces_per_word", "unknown_hashtag_rate")
        return {
            "posts": [self.now.posts, self.then.posts],
            "stability_index": {name: number(value) for name, value in self.index.items()},
            "rates": {name: [number(getattr(side, name)) for side in (self.now, self.then)] for name in rates},
            "profile": self.now.as_json(),
            "verdicts": list(self.verdicts),
        }


def profile_of_feed(feed: Path, classifier: Classifier, artefact: Path, reference: Reference) -> Profile:
    """Judge the posts of a feed, rows that cannot be judged left out, and count them; raises FeedError, or InputError for an empty one."""
    texts = _texts(feed)
    if not texts:
        raise InputError(f"{feed} holds no post that can be judged; name another feed")
    scores, encoded = score(classifier.scorer, texts)
    labels = classifier.calibration(scores).labels
    files = ArtefactFiles(artefact)
    unknown = unknown_id(files.path(files.tokenizer))
    return Profile.of(texts, labels, encoded, classifier.policy, unknown, reference.hashtags)


def compare(now: Profile, then: Profile) -> Comparison:
    """Compare the counts of a feed with those of the reference or of an earlier feed."""
    index = {
        "scores": stability_index(now.scores, then.scores),
        "decisions": stability_index(*([p.decisions[d.value] for d in Decision] for p in (now, then))),
    }
    return Comparison(now, then, index, tuple(_verdicts(now, then, index)))


def _verdicts(now: Profile, then: Profile, index: dict[str, float]) -> list[str]:
    lines = []
    if now.posts < _FEW:
        lines.append(f"{now.posts} posts are few: differences may be chance (some {_FEW} are needed)")
    for name, value in index.items():
        lines.append(f"{name}: {_words(value)} (index {value:.2f})")
    if max(index.values()) > MOVED:
        lines.append(
            "what the thresholds promise was bounded on other posts: read a sample of this feed before relying on them"
        )
    if now.unknown_rate > 1.5 * then.unknown_rate + 0.002:
        lines.append(f"unknown signs: {now.unknown_rate:.2%} of the pieces, {then.unknown_rate:.2%} before")
    if now.pieces_per_word > 1.15 * then.pieces_per_word:
        lines.append(
            f"words fall into more pieces ({now.pieces_per_word:.2f} a word, {then.pieces_per_word:.2f} before): another "
            "language, register or topic than the vocabulary was made from"
        )
    if now.hashtags and now.unknown_hashtag_rate > then.unknown_hashtag_rate + 0.2:
        lines.append(
            f"hashtags: {now.unknown_hashtag_rate:.0%} are unknown to the training posts, {then.unknown_hashtag_rate:.0%} "
            "before; a new campaign may have begun"
        )
    return lines


def _words(value: float) -> str:
    if value < MOVED:
        return "as before"
    return "moved" if value < ANOTHER else "another population than before"


def _texts(path: Path) -> list[str]:
    feed, stream = open_feed(path, FeedOptions())
    with stream:
        return [row.text for row in feed.rows if isinstance(row, FeedRow)]
