"""Whether a feed still looks like the posts that a model was calibrated on, or like an earlier feed; counts only, never a text.

The population stability index compares two histograms: below 0.1 alike, up to 0.25 moved, beyond it another population (the custom of
credit scoring; Siddiqi 2006).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pilah_data.errors import DataError, InputError
from pilah_data.feeds import FeedOptions, FeedRow, open_feed
from pilah_data.taxonomy import Decision
from pilah_model.artefacts import ArtefactError, ArtefactFiles
from pilah_model.classifier import Classifier
from pilah_model.intervals import number
from pilah_model.profile import Profile, unknown_id
from pilah_model.scoring import score

MOVED, ANOTHER = 0.1, 0.25
_FEW = 200
_SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Reference:
    """What an artefact keeps of the posts it was calibrated on, and the hashed hashtags of its training posts."""

    profile: Profile
    hashtags: frozenset[str]

    @classmethod
    def read(cls, artefact: Path) -> Reference:
        """Read it; raises ArtefactError for an artefact without one, DataError for a damaged one."""
        files = ArtefactFiles(artefact)
        path = files.path(files.reference)
        if not path.is_file():
            raise ArtefactError(f"{artefact} keeps no reference to compare a feed with; export the model again")
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            return cls(Profile.from_json(body["profile"]), frozenset(map(str, body["hashtags"])))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"no reference ({error}); export the model again", file=str(path)) from error


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


def write_reference(artefact: Path, profile: Profile, hashtags: Sequence[str]) -> None:
    """Write the reference into an artefact that is being made."""
    files = ArtefactFiles(artefact)
    body = {"profile": profile.as_json(), "hashtags": list(hashtags)}
    files.path(files.reference).write_text(json.dumps(body) + "\n", encoding="utf-8")


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


def stability_index(now: Sequence[int], then: Sequence[int]) -> float:
    """Return the population stability index of two histograms over the same bins; empty bins count half a post."""
    shares = [np.asarray(counts, dtype=np.float64) + _SMOOTHING for counts in (now, then)]
    here, there = (share / share.sum() for share in shares)
    return float(((here - there) * np.log(here / there)).sum())


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
