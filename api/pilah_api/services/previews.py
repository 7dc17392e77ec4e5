"""What moving the thresholds would change: on the model's calibration posts, and on the posts that are stored now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pilah_api.services.policies import InForce
from pilah_api.store.units import Store
from pilah_data.errors import PilahError
from pilah_data.taxonomy import Decision
from pilah_model.artefacts import read_manifest
from pilah_model.decision import DecisionPolicy
from pilah_model.judge import Judge
from pilah_model.moving import Pledge, move, pledges
from pilah_model.profile import Profile


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many of the calibration posts get each decision, now and then; `then` is estimated from counts by score bin."""

    posts: int
    now: Mapping[Decision, int]
    then: Mapping[Decision, int]


@dataclass(frozen=True, slots=True)
class Moves:
    """How many stored posts there are, which would get another decision (old, new), and how many another model judged."""

    posts: int
    changed: Mapping[tuple[Decision, Decision], int]
    by_others: int

    @property
    def total(self) -> int:
        """Return how many would get another decision."""
        return sum(self.changed.values())


@dataclass(frozen=True, slots=True)
class Preview:
    """What thresholds would mean: the policy, which promises would hold, and what would change where."""

    policy: DecisionPolicy
    pledges: tuple[Pledge, ...]
    estimate: Estimate | None
    moves: Moves


def preview(
    store: Store, judge: Judge, in_force: InForce, folder: Path, lolos_below: float, tinjau_from: float
) -> Preview:
    """Look ahead; nothing is changed. `folder` is the artefact of `judge`. Raises InputError for thresholds that cannot be."""
    policy = move(in_force.artefact, lolos_below, tinjau_from)
    return Preview(
        policy,
        tuple(pledges(in_force.artefact, policy)),
        _estimate(folder, judge.info.sha256, in_force, policy),
        _moves(store, judge.info.sha256, policy),
    )


def _estimate(folder: Path, sha256: str, in_force: InForce, policy: DecisionPolicy) -> Estimate | None:
    try:
        # Another model may have been put in use for the next start.
        profile = Profile.of_artefact(folder) if read_manifest(folder).sha256 == sha256 else None
    except PilahError:
        return None  # the model judges without it; a missing figure is said on the page
    if profile is None:
        return None
    counts = {
        decision: _counted(profile, in_force.artefact, chosen)
        for decision, chosen in (("now", in_force.policy), ("then", policy))
    }
    return Estimate(profile.posts, counts["now"], counts["then"])


def _counted(profile: Profile, artefact: DecisionPolicy, policy: DecisionPolicy) -> dict[Decision, int]:
    """Estimate decisions: the counts that the artefact keeps, shifted by what lies between its thresholds and these."""
    passed = profile.decisions[Decision.LOLOS.value] + round(
        profile.below(policy.lolos_below) - profile.below(artefact.lolos_below)
    )
    reviewed = profile.decisions[Decision.TINJAU.value] + round(
        profile.below(artefact.tinjau_from) - profile.below(policy.tinjau_from)
    )
    return {
        Decision.LOLOS: passed,
        Decision.BUTUH_KONTEKS: profile.posts - passed - reviewed,
        Decision.TINJAU: reviewed,
    }


def _moves(store: Store, sha256: str, policy: DecisionPolicy) -> Moves:
    with store.reading() as unit:
        decided = unit.policies.decided(sha256, policy.lolos_below, policy.tinjau_from)
        by_others = unit.policies.judged_by_others(sha256)
    changed = Counter[tuple[Decision, Decision]]()
    for old, number, below, above in decided:
        then = {Decision.LOLOS: below, Decision.TINJAU: above, Decision.BUTUH_KONTEKS: number - below - above}
        changed.update({(Decision(old), new): n for new, n in then.items() if n and new != old})
    return Moves(sum(number for _, number, _, _ in decided), changed, by_others)
