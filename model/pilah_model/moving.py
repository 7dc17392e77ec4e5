"""What becomes of a policy when its thresholds are moved: the new policy, and which of its promises still hold.

A promise was chosen by risk control at the artefact's own thresholds (see `pilah_model.thresholds`). Sending fewer posts to review
can only lower the shares of lawful and ambiguous posts among them, so those bounds outlast a higher `tinjau_from`. The share of
partisan posts among those passed was bounded at its own threshold and is promised at no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pilah_data.errors import InputError
from pilah_model.decision import HIGHEST_PASS, LOWEST_REVIEW, DecisionPolicy

NOT_GUARANTEED = "not guaranteed"


class PledgeKind(StrEnum):
    """What a promise bounds."""

    PARTISAN_PASSED = "partisan_passed"
    LAWFUL_REVIEWED = "lawful_reviewed"
    AMBIGUOUS_REVIEWED = "ambiguous_reviewed"


@dataclass(frozen=True, slots=True)
class Pledge:
    """One promise of an artefact: what it bounds, the limit as written (`5.0%`), and whether it holds in force."""

    kind: PledgeKind
    limit: str
    holds: bool

    @property
    def sentence(self) -> str:
        """Say in English what is promised."""
        return _SENTENCES[self.kind].format(limit=self.limit)


@dataclass(frozen=True, slots=True)
class Basis:
    """Under which confidence and on how many calibration posts, of which how many are partisan, promises were made; as written."""

    confidence: str
    posts: str
    partisan: str


_SENTENCES = {
    PledgeKind.PARTISAN_PASSED: "of posts marked lolos at most {limit} are partisan",
    PledgeKind.LAWFUL_REVIEWED: "of lawful posts at most {limit} are marked tinjau",
    PledgeKind.AMBIGUOUS_REVIEWED: "of ambiguous posts at most {limit} are marked tinjau",
}
_GROUND = "with {confidence} confidence, under the distribution of the {posts} calibration posts, of which {partisan} are partisan"
_BASIS = re.compile(
    _GROUND.format(confidence=r"(?P<confidence>[\d.]+%)", posts=r"(?P<posts>\d+)", partisan=r"(?P<partisan>[\d.]+%)")
)


def state(limits: Mapping[PledgeKind, str], on: Basis) -> str:
    """Write the promise of an artefact: its limits (`5.0%`) by what they bound, and on what they stand. `pledges` and `basis` read it."""
    text = "; ".join(_SENTENCES[kind].format(limit=limit) for kind, limit in limits.items())
    return f"{text[0].upper()}{text[1:]}: each {_ground(on)}."


def _ground(on: Basis) -> str:
    return _GROUND.format(confidence=on.confidence, posts=on.posts, partisan=on.partisan)


def move(artefact: DecisionPolicy, lolos_below: float, tinjau_from: float) -> DecisionPolicy:
    """Return the artefact's policy with other thresholds, whose promise says what is no longer guaranteed.

    Raises InputError for thresholds under which label and decision could contradict one another.
    """
    if not 0.0 < lolos_below <= HIGHEST_PASS or not LOWEST_REVIEW <= tinjau_from < 1.0:
        raise InputError(
            f"lolos_below must lie above 0 and at most at {HIGHEST_PASS}, tinjau_from between {LOWEST_REVIEW} and below 1: "
            "otherwise a post that the model reads as partisan could pass, or a lawful one be sent to review"
        )
    moved = DecisionPolicy(lolos_below, tinjau_from, artefact.form_from, artefact.promise)
    return artefact if moved == artefact else DecisionPolicy(*_thresholds(moved), _restated(artefact, moved))


def pledges(artefact: DecisionPolicy, in_force: DecisionPolicy) -> list[Pledge]:
    """Return the promises that an artefact states, and whether each holds under the policy in force."""
    holds = {
        PledgeKind.PARTISAN_PASSED: in_force.lolos_below == artefact.lolos_below,
        PledgeKind.LAWFUL_REVIEWED: in_force.tinjau_from >= artefact.tinjau_from,
        PledgeKind.AMBIGUOUS_REVIEWED: in_force.tinjau_from >= artefact.tinjau_from,
    }
    return [Pledge(kind, limit, holds[kind]) for kind, limit in _stated(artefact.promise)]


def basis(promise: str) -> Basis | None:
    """Return on what a promise stands, or None for a promise in other words."""
    found = _BASIS.search(promise)
    return Basis(**found.groupdict()) if found else None


def _thresholds(policy: DecisionPolicy) -> tuple[float, float, float]:
    return policy.lolos_below, policy.tinjau_from, policy.form_from


def _stated(promise: str) -> Iterator[tuple[PledgeKind, str]]:
    for kind, sentence in _SENTENCES.items():
        before, after = sentence.split("{limit}")
        found = re.search(rf"{before}([\d.]+%){after}", promise, re.IGNORECASE)
        if found:
            yield kind, found[1]


def _restated(artefact: DecisionPolicy, moved: DecisionPolicy) -> str:
    stated = pledges(artefact, moved)
    broken = [pledge.sentence for pledge in stated if not pledge.holds]
    kept = [pledge.sentence for pledge in stated if pledge.holds]
    if not stated:
        return f"Moved by an administrator, so {NOT_GUARANTEED}: {artefact.promise}"
    text = f"Moved by an administrator. {NOT_GUARANTEED.capitalize()}: {'; '.join(broken)}." if broken else ""
    if kept:
        text = text or "Moved by an administrator."
        on = basis(artefact.promise)
        text += f" Still guaranteed: {'; '.join(kept)}{f', {_ground(on)}' if on else ''}."
    return text
