"""The fairness gate: how far judgements move when a post is told of another side, and whether a side fares worse than another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pilah_data.errors import InputError
from pilah_data.names import Names
from pilah_data.records import AuthoredPost, Example
from pilah_data.taxonomy import PARTISAN_OUTPUT, PREDICTED, Label
from pilah_model.bars import Bar
from pilah_model.classifier import Classifier
from pilah_model.intervals import SMALL, Figure, Rate, mean, number
from pilah_model.scoring import Floats, score
from pilah_model.swaps import WORDING, Variation, authored_variations, public_variations

MOST_FLIPS = 0.01
MOST_MOVED = 0.02
_LEAST_SIDE = 10
"""A side with fewer posts says nothing of a gap between sides."""
_LAWFUL = {Label.BUKAN_POLITIK, Label.POLITIK_NETRAL}


@dataclass(frozen=True)
class Swapped:
    """What one kind of swap does: by post, how far p(partisan) moves and how often decision and label flip; by side, both error rates."""

    posts: int
    texts: int
    moved: Figure
    decisions: Figure
    labels: Figure
    recall: Mapping[str, Rate] = field(default_factory=dict)
    false_positives: Mapping[str, Rate] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values; the gaps name the sides with the lowest and the highest rate."""
        return {
            "posts": self.posts,
            "texts": self.texts,
            "small": self.posts < SMALL,
            "moved": self.moved.as_json(),
            "decision_flips": self.decisions.as_json(),
            "label_flips": self.labels.as_json(),
            "recall": {side: rate.as_json() for side, rate in self.recall.items()},
            "false_positives": {side: rate.as_json() for side, rate in self.false_positives.items()},
            "recall_gap": _gap(self.recall),
            "false_positives_gap": _gap(self.false_positives),
        }


@dataclass(frozen=True)
class Fairness:
    """The swaps by origin and kind, and all of those together in which only a name changes."""

    kinds: Mapping[str, Swapped]
    together: Swapped

    def bars(self) -> list[Bar]:
        """Return what the gate asks: of all name swaps together and of every kind with enough posts."""
        asked = {"all name swaps": self.together} | {
            name: swapped for name, swapped in self.kinds.items() if WORDING not in name and swapped.posts >= SMALL
        }
        return [
            bar
            for name, swapped in asked.items()
            for bar in (
                Bar(f"decisions flipped, {name}", swapped.decisions.value, MOST_FLIPS, at_most=True),
                Bar(f"labels flipped, {name}", swapped.labels.value, MOST_FLIPS, at_most=True),
                Bar(f"mean |Δp|, {name}", swapped.moved.value, MOST_MOVED, at_most=True),
            )
        ]

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "together": self.together.as_json(),
            "kinds": {name: swapped.as_json() for name, swapped in self.kinds.items()},
            "holds": all(bar.holds for bar in self.bars()),
        }


def measure_fairness(
    classifier: Classifier,
    authored: Sequence[AuthoredPost],
    public: Sequence[Example],
    names: Names | None,
    log: Callable[[str], None],
) -> Fairness:
    """Swap the sides of posts and judge every text; raises InputError when no post names a side."""
    if names is None:
        raise InputError("no names to swap; run in a checkout with data/names.toml")
    variations = [*authored_variations(authored, names), *public_variations(public, names)]
    if not any(variation.kind != WORDING for variation in variations):
        raise InputError("no post names a side, so fairness cannot be measured; give more posts")
    judged = _judge(classifier, variations)
    log(f"fairness: {len(variations)} posts told of other sides, {len(judged)} texts")
    kinds: dict[str, list[Variation]] = defaultdict(list)
    for variation in variations:
        kinds[f"{variation.kind}, {variation.origin}"].append(variation)
    together = _moves([v for v in variations if v.kind != WORDING], judged, classifier)
    return Fairness({name: _swapped(members, judged, classifier) for name, members in kinds.items()}, together)


def as_text(fairness: Fairness) -> list[str]:
    """Return the figures as lines for a terminal."""
    lines = ["fairness: the same post told of another side (95 % intervals)"]
    rows = {"all name swaps": fairness.together, **fairness.kinds}
    for name, s in rows.items():
        small = " (few posts)" if s.posts < SMALL else ""
        lines.append(f"  {name:34} {s.posts:5} posts{small}")
        lines.append(f"    mean |Δp| {s.moved}, decisions flipped {s.decisions}, labels flipped {s.labels}")
        for what, rates in (("recall", s.recall), ("false positives", s.false_positives)):
            if gap := _gap(rates):
                lines.append(f"    {what} by side: {gap['low']:.1%} to {gap['high']:.1%}, gap {gap['gap']:.1%}")
    return lines


def _judge(classifier: Classifier, variations: Iterable[Variation]) -> dict[str, Floats]:
    """Return the calibrated label probabilities of every distinct text."""
    texts = list(dict.fromkeys(t for v in variations for t in (v.base, *(text for _, text in v.told))))
    scores, _ = score(classifier.scorer, texts)
    return dict(zip(texts, classifier.calibration(scores).labels, strict=True))


def _swapped(members: Sequence[Variation], judged: Mapping[str, Floats], classifier: Classifier) -> Swapped:
    recall: dict[str, list[bool]] = defaultdict(list)
    false: dict[str, list[bool]] = defaultdict(list)
    for variation in members:
        for side, text in variation.told:
            partisan = int(judged[text].argmax()) == PARTISAN_OUTPUT
            if variation.label is Label.PARTISAN:
                recall[side].append(partisan)
            elif variation.label in _LAWFUL:
                false[side].append(partisan)
    moves = _moves(members, judged, classifier)
    return Swapped(moves.posts, moves.texts, moves.moved, moves.decisions, moves.labels, _rates(recall), _rates(false))


def _moves(members: Sequence[Variation], judged: Mapping[str, Floats], classifier: Classifier) -> Swapped:
    """Return what moves between the text of a post and its variants; a post counts once, however many sides it is told of."""
    by_post: dict[str, list[npt.NDArray[np.float64]]] = defaultdict(list)
    for variation in members:
        base = judged[variation.base]
        for text in {text for _, text in variation.told} - {variation.base}:
            by_post[variation.post].append(_change(base, judged[text], classifier))
    rows = [np.mean(changes, axis=0) for changes in by_post.values()]
    columns = np.asarray(rows, dtype=np.float64).reshape(-1, 3).T
    texts = sum(len(changes) for changes in by_post.values())
    moved, decisions, labels = (mean(column) for column in columns)
    return Swapped(len(rows), texts, moved, decisions, labels)


def _change(base: Floats, other: Floats, classifier: Classifier) -> npt.NDArray[np.float64]:
    moved = abs(float(base[PARTISAN_OUTPUT]) - float(other[PARTISAN_OUTPUT]))
    decisions = classifier.policy.decide(base) is not classifier.policy.decide(other)
    labels = PREDICTED[int(base.argmax())] is not PREDICTED[int(other.argmax())]
    return np.asarray([moved, decisions, labels], dtype=np.float64)


def _rates(hits: Mapping[str, list[bool]]) -> dict[str, Rate]:
    return {side: Rate(sum(found), len(found)) for side, found in sorted(hits.items())}


def _gap(rates: Mapping[str, Rate]) -> dict[str, float] | None:
    """Return the largest gap between two sides of enough posts, None with fewer than two of them."""
    values = [rate.value for rate in rates.values() if rate.checks >= _LEAST_SIDE]
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    return {"gap": number(high - low) or 0.0, "low": number(low) or 0.0, "high": number(high) or 0.0}
