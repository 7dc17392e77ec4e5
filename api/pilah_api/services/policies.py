"""Which thresholds judge: an administrator's for this very model, or the artefact's own; the one place where that is decided."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pilah_api.access import ConflictError
from pilah_api.services.act_reasons import checked_reason
from pilah_api.store.engine import StoreUnavailableError
from pilah_api.store.policies import StoredPolicy
from pilah_api.store.units import Store, Unit
from pilah_data.errors import InputError
from pilah_model.decision import DecisionPolicy
from pilah_model.judge import Judge
from pilah_model.moving import move

LOOK_AGAIN = 1.0
"""Seconds after which a server asks the store anew: how late a move made at another server may reach this one."""
RETRY_AFTER = 5.0
"""Seconds for which a store that did not answer is left alone."""

log = logging.getLogger("pilah.policies")


class Source(StrEnum):
    """Where the thresholds in force come from."""

    ARTEFACT = "artefact"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class InForce:
    """The policy in force, the artefact's own, and the last move, if there ever was one."""

    policy: DecisionPolicy
    artefact: DecisionPolicy
    last: StoredPolicy | None = None

    @property
    def source(self) -> Source:
        """Return where the thresholds come from."""
        return Source.ARTEFACT if self.policy == self.artefact else Source.ADMINISTRATOR

    @property
    def seen(self) -> str:
        """Return what a form carries, so that a move made meanwhile is noticed: the last move's id, or nothing."""
        return self.last.id if self.last else ""

    def as_json(self) -> dict[str, object]:
        """Return the policy as plain JSON values, with its source, since when, and the artefact's own."""
        moved = self.source is Source.ADMINISTRATOR
        since = self.last.created_at.isoformat() if self.last and moved else None
        return {
            **self.policy.as_json(),
            "source": self.source.value,
            "since": since,
            "artefact": self.artefact.as_json(),
        }


class PolicyBook:
    """Knows the thresholds in force without asking the store for every post; safe to share between threads.

    While the store does not answer, the last known ones stay in force; before it ever answered, the artefact's.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        """Begin without any knowledge."""
        self._clock, self._lock = clock, threading.Lock()
        self._known: dict[str, StoredPolicy | None] = {}
        self._asked: dict[str, float] = {}
        self._applied: tuple[Judge, StoredPolicy | None, Judge] | None = None

    def in_force(self, judge: Judge, store: Store | None) -> InForce:
        """Return the policy in force for a model as its artefact brought it."""
        return _in_force(judge, self._last(judge.info.sha256, store))

    def apply(self, judge: Judge, store: Store | None) -> Judge:
        """Return a model under the policy in force: the same object for as long as that is the same."""
        last = self._last(judge.info.sha256, store)
        before = self._applied
        if before is not None and before[0] is judge and before[1] is last:
            return before[2]
        now = _in_force(judge, last)
        applied = judge if now.source is Source.ARTEFACT else judge.with_policy(now.policy)
        self._applied = (judge, last, applied)
        return applied

    def is_fresh(self, judge: Judge) -> bool:
        """Return whether the policy in force is known without asking the store, so that `apply` does not wait."""
        with self._lock:
            return self._clock() < self._asked.get(judge.info.sha256, 0.0)

    def forget(self) -> None:
        """Ask the store anew at the next use; called after a move."""
        with self._lock:
            self._asked.clear()

    def _last(self, sha256: str, store: Store | None) -> StoredPolicy | None:
        with self._lock:
            fresh = self._clock() < self._asked.get(sha256, 0.0)
            known = self._known.get(sha256)
        if fresh or store is None:
            return known
        wait = LOOK_AGAIN
        try:
            with store.reading() as unit:
                known = unit.policies.latest(sha256)
        except StoreUnavailableError:
            wait = RETRY_AFTER
            log.warning("thresholds not read: the last known ones stay in force")
        with self._lock:
            self._known[sha256], self._asked[sha256] = known, self._clock() + wait
        return known


def read_in_force(unit: Unit, judge: Judge) -> InForce:
    """Return the policy in force as the store knows it at this moment."""
    return _in_force(judge, unit.policies.latest(judge.info.sha256))


def under(judge: Judge, thresholds: Mapping[str, float]) -> Judge:
    """Return a model under recorded thresholds, as work goes on that began with them; `judge` is as its artefact brought it.

    Raises InputError for thresholds that cannot be.
    """
    policy = move(judge.policy, thresholds["lolos_below"], thresholds["tinjau_from"])
    return judge if policy == judge.policy else judge.with_policy(policy)


def move_thresholds(
    unit: Unit, judge: Judge, thresholds: tuple[float, float] | None, reason: str, seen: str, actor: str
) -> InForce:
    """Put thresholds in force for a model, or the artefact's own again for None; `judge` is as its artefact brought it.

    Raises InputError for thresholds or a reason that cannot be taken, and ConflictError if another move came since `seen`,
    or if these thresholds are in force already.
    """
    cleaned = checked_reason(reason, "the change")
    # One at a time: what is compared below must still be the last one when this is stored.
    unit.audit.hold()
    before = read_in_force(unit, judge)
    if before.seen != seen:
        raise ConflictError("the thresholds were changed meanwhile; look at the present ones and decide anew")
    policy = before.artefact if thresholds is None else move(before.artefact, *thresholds)
    if policy == before.policy:
        raise ConflictError("these thresholds are in force already; nothing was changed")
    stored = unit.policies.add(
        (judge.info.sha256, judge.info.version),
        None if policy == before.artefact else (policy.lolos_below, policy.tinjau_from),
        cleaned,
        actor,
    )
    after = InForce(policy, before.artefact, stored)
    detail = {
        "model": judge.info.sha256,
        "version": judge.info.version,
        "old": {**before.policy.thresholds, "source": before.source.value},
        "new": {**after.policy.thresholds, "source": after.source.value},
        "reason": cleaned,
    }
    unit.audit.append("thresholds.moved", f"model:{judge.info.sha256[:12]}", detail)
    return after


def _in_force(judge: Judge, last: StoredPolicy | None) -> InForce:
    artefact = judge.policy
    if last is None or last.lolos_below is None or last.tinjau_from is None:
        return InForce(artefact, artefact, last)
    try:
        return InForce(move(artefact, last.lolos_below, last.tinjau_from), artefact, last)
    except InputError:
        log.warning("stored thresholds of another rule are left aside: the artefact's own judge")
        return InForce(artefact, artefact, last)
