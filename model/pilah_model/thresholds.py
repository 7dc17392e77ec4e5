"""Chooses the thresholds of a decision policy by risk control on calibration posts.

Each promise is an upper Clopper-Pearson bound at 95 % confidence; thresholds are scanned from the safe side and the scan stops
at the first one whose bound breaks the promise (fixed-sequence testing, as in Learn then Test; Angelopoulos et al. 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pilah_data.errors import InputError
from pilah_data.taxonomy import PREDICTED, Label
from pilah_model.decision import DecisionPolicy

_PARTISAN = PREDICTED.index(Label.PARTISAN)


@dataclass(frozen=True)
class Promise:
    """What the thresholds must keep: shares in (0, 1), at the given confidence, under the calibration distribution."""

    partisan_among_lolos: float = 0.02
    neutral_sent_to_tinjau: float = 0.02
    ambiguous_sent_to_tinjau: float = 0.15
    confidence: float = 0.95


def upper_bound(errors: int, trials: int, confidence: float) -> float:
    """Return the one-sided upper Clopper-Pearson bound of an error share; 1 without trials."""
    from scipy.stats import beta  # noqa: PLC0415 - training only

    if trials == 0 or errors >= trials:
        return 1.0
    return float(beta.ppf(confidence, errors + 1, trials - errors))


def choose_policy(
    partisan: npt.NDArray[np.float64], gold: npt.NDArray[np.int64], promise: Promise, *, form_from: float = 0.5
) -> DecisionPolicy:
    """Choose thresholds on the calibrated partisan probability; gold is -1 for `perlu_konteks`.

    `lolos_below` is the largest threshold under which the share of partisan posts stays promised; `tinjau_from` the smallest one
    over which neither neutral nor ambiguous posts exceed their promised shares.
    """
    grid = np.linspace(0.005, 0.995, 199)
    low = None
    for threshold in grid:
        passed = partisan < threshold
        errors = int((gold[passed] == _PARTISAN).sum())
        if upper_bound(0, int(passed.sum()), promise.confidence) > promise.partisan_among_lolos:
            continue  # too few posts below this threshold to promise anything, even without an error
        if upper_bound(errors, int(passed.sum()), promise.confidence) > promise.partisan_among_lolos:
            break
        low = threshold
    if low is None:
        raise InputError(
            f"no threshold keeps the promise of at most {promise.partisan_among_lolos:.1%} partisan posts among those passed on "
            f"{len(gold)} calibration posts; calibrate on more posts or promise less"
        )
    high = grid[-1]
    groups = [(gold != _PARTISAN) & (gold >= 0), gold < 0]
    limits = [promise.neutral_sent_to_tinjau, promise.ambiguous_sent_to_tinjau]
    for threshold in grid[::-1]:
        bounds = [
            upper_bound(int((partisan[group] >= threshold).sum()), int(group.sum()), promise.confidence)
            for group in groups
        ]
        if any(bound > limit for bound, limit in zip(bounds, limits, strict=True)):
            break
        high = threshold
    high = max(high, low)
    text = (
        f"Of posts marked lolos at most {promise.partisan_among_lolos:.1%} are partisan, of lawful posts at most "
        f"{promise.neutral_sent_to_tinjau:.1%} and of ambiguous ones at most {promise.ambiguous_sent_to_tinjau:.0%} are marked tinjau, "
        f"each with {promise.confidence:.0%} confidence, under the distribution of the {len(gold)} calibration posts."
    )
    return DecisionPolicy(round(float(low), 4), round(float(high), 4), form_from, text)
