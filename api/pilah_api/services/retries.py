"""Makes a creating request safe to repeat: the same Idempotency-Key gets the same answer and creates nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pilah_api.services.keeping import RETRIES_LAST
from pilah_api.store.units import Unit
from pilah_data.errors import PilahError


class RetryMismatchError(PilahError):
    """A retry key came with another request than the one it was first used for."""


@dataclass(frozen=True, slots=True)
class Retry:
    """A request that may come again: whose, to which route, under which key, and the hash of its body."""

    owner: str
    route: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer; `kept` is what is stored for a repetition: without secrets, and no names of people."""

    body: Mapping[str, Any]
    kept: Mapping[str, Any]


def once(
    unit: Unit,
    retry: Retry | None,
    create: Callable[[], Answer],
    rebuild: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
) -> tuple[Mapping[str, Any], bool]:
    """Create and return the body, or that of the first time, which `rebuild` makes of what was kept.

    The flag says whether it is a repetition. Creation and memory share the unit's transaction. Raises RetryMismatchError.
    """
    if retry is None:
        return create().body, False
    if not unit.retries.reserve(retry.owner, retry.route, retry.key, retry.fingerprint, RETRIES_LAST):
        fingerprint, answer = unit.retries.recall(retry.owner, retry.route, retry.key)
        if fingerprint != retry.fingerprint or answer is None:
            raise RetryMismatchError("this Idempotency-Key was used for another request; use a new one")
        return rebuild(answer), True
    made = create()
    unit.retries.remember(retry.owner, retry.route, retry.key, dict(made.kept))
    return made.body, False
