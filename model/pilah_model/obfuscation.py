"""How much recall misspelling costs: partisan posts in every dress of `training.augment`, which some writers use to stay unseen."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pilah_data.errors import InputError
from pilah_data.records import Example
from pilah_data.taxonomy import PARTISAN_OUTPUT, Label
from pilah_model.bars import Bar
from pilah_model.classifier import Classifier
from pilah_model.intervals import Figure, Rate, mean, rate
from pilah_model.scoring import score
from pilah_model.training.augment import TRICKS, obfuscate

MOST_LOST = 0.05


@dataclass(frozen=True)
class Obfuscation:
    """Recall of the partisan label in plain dress and under each trick, and what each trick costs, paired by post."""

    plain: Rate
    under: Mapping[str, Rate]
    lost: Mapping[str, Figure]

    def bars(self) -> list[Bar]:
        """Return what is asked: the mean of all tricks, and each of them."""
        average = float(np.mean([figure.value for figure in self.lost.values()]))
        named = {"all tricks": average} | {trick: figure.value for trick, figure in self.lost.items()}
        return [Bar(f"recall lost, {name}", value, MOST_LOST, at_most=True) for name, value in named.items()]

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "plain": self.plain.as_json(),
            "tricks": {
                trick: {"recall": self.under[trick].as_json(), "lost": self.lost[trick].as_json()}
                for trick in self.under
            },
        }


def measure_obfuscation(classifier: Classifier, examples: Sequence[Example], log: Callable[[str], None]) -> Obfuscation:
    """Misspell the partisan posts among the examples by each trick; raises InputError when none is partisan."""
    texts = [(e.id, e.text) for e in examples if e.label is Label.PARTISAN]
    if not texts:
        raise InputError("no partisan posts, so recall under misspelling cannot be measured; give more posts")
    log(f"obfuscation: {len(texts)} partisan posts under {len(TRICKS)} tricks")
    plain = _found(classifier, [text for _, text in texts])
    # Seeded by post: the same post is misspelt alike, whatever posts stand beside it.
    found = {
        trick: _found(
            classifier, [obfuscate(text, random.Random(f"{post}{trick}"), trick=trick) for post, text in texts]
        )
        for trick in TRICKS
    }
    lost = {trick: mean(plain.astype(np.float64) - hits.astype(np.float64)) for trick, hits in found.items()}
    return Obfuscation(rate(plain), {trick: rate(hits) for trick, hits in found.items()}, lost)


def as_text(found: Obfuscation) -> list[str]:
    """Return the figures as lines for a terminal."""
    lines = [f"recall of partisan posts under misspelling (95 % intervals); plain {found.plain}"]
    return lines + [f"  {trick:12} lost {figure}" for trick, figure in found.lost.items()]


def _found(classifier: Classifier, texts: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    scores, _ = score(classifier.scorer, texts)
    return np.asarray(classifier.calibration(scores).labels.argmax(1) == PARTISAN_OUTPUT, dtype=np.bool_)
