"""Chooses the thresholds of a decision policy by risk control on calibration posts.

Each promise is an upper Clopper-Pearson bound at 95 % confidence; thresholds are scanned from the safe side and the scan stops
at the first one whose bound breaks the promise (fixed-sequence testing, as in Learn then Test; Angelopoulos et al. 2021).
Posts are taken for independent: of a counterfactual group only one may be among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pilah_data.errors import InputError
from pilah_data.taxonomy import PARTISAN_OUTPUT
from pilah_model.decision import HIGHEST_PASS, LOWEST_REVIEW, DecisionPolicy
from pilah_model.moving import Basis, PledgeKind, state


@dataclass(frozen=True)
class Promise:
    """What the thresholds must keep: shares in (0, 1), at the given confidence, under the calibration distribution.

    Calibration posts were mostly chosen because a model was unsure of them, and a third is partisan: where one post in fifty is,
    the share of partisan posts among those passed is more than ten times smaller.
    """

    partisan_among_lolos: float = 0.05
    lawful_sent_to_tinjau: float = 0.02
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

    `lolos_below` is the largest threshold, at most 1/3, under which the share of partisan posts stays promised; `tinjau_from` the
    smallest one, at least 1/2, over which neither lawful nor ambiguous posts exceed their promised shares. So a post whose most
    probable label is partisan never passes, and one with another label is never sent to review.
    Raises InputError when the calibration posts cannot bear a promise.
    """
    low = _largest_passing(partisan, gold, promise)
    groups = {
        PledgeKind.LAWFUL_REVIEWED: ((gold != PARTISAN_OUTPUT) & (gold >= 0), promise.lawful_sent_to_tinjau),
        PledgeKind.AMBIGUOUS_REVIEWED: (gold < 0, promise.ambiguous_sent_to_tinjau),
    }
    # A group without a single post bears no promise, and none is stated.
    kept = {kind: (group, limit) for kind, (group, limit) in groups.items() if group.any()}
    high = _smallest_review(partisan, list(kept.values()), promise)
    limits = {PledgeKind.PARTISAN_PASSED: promise.partisan_among_lolos} | {
        kind: limit for kind, (_, limit) in kept.items()
    }
    on = Basis(f"{promise.confidence:.0%}", f"{len(gold)}", f"{(gold == PARTISAN_OUTPUT).mean():.0%}")
    text = state({kind: f"{limit:.1%}" for kind, limit in limits.items()}, on)
    return DecisionPolicy(round(low, 4), round(high, 4), form_from, text)


_START = 0.25
"""The first threshold tried passes a quarter of the posts: chosen without their labels, and with enough posts to bear some noise."""


def _largest_passing(partisan: npt.NDArray[np.float64], gold: npt.NDArray[np.int64], promise: Promise) -> float:
    found = None
    first = min(float(np.quantile(partisan, _START)), HIGHEST_PASS) if len(partisan) else 0.0
    for threshold in np.unique([first, *np.arange(0.005, HIGHEST_PASS, 0.005), HIGHEST_PASS]):
        if threshold < first or threshold <= 0.0:
            continue
        passed = partisan < threshold
        errors = int((gold[passed] == PARTISAN_OUTPUT).sum())
        if upper_bound(errors, int(passed.sum()), promise.confidence) > promise.partisan_among_lolos:
            break
        found = float(threshold)
    if found is None:
        raise InputError(
            f"no threshold keeps the promise of at most {promise.partisan_among_lolos:.1%} partisan posts among those passed on "
            f"{len(gold)} calibration posts; calibrate on more posts or promise less"
        )
    return found


def _smallest_review(
    partisan: npt.NDArray[np.float64], groups: list[tuple[npt.NDArray[np.bool_], float]], promise: Promise
) -> float:
    found = None
    for threshold in np.arange(0.995, LOWEST_REVIEW - 1e-9, -0.005):
        bounds = [
            (upper_bound(int((partisan[group] >= threshold).sum()), int(group.sum()), promise.confidence), limit)
            for group, limit in groups
        ]
        if any(bound > limit for bound, limit in bounds):
            break
        found = float(threshold)
    if found is None:
        raise InputError(
            f"no threshold keeps lawful and ambiguous posts out of review as promised ({promise}); calibrate on more posts, "
            "promise less, or look for wrong labels among the highest scores"
        )
    return found
