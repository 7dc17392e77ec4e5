"""Counts for the rate limits, in memory: what `limits` asks of a store, without the threads of its own one."""

from __future__ import annotations

import time

from limits.storage import Storage

_SWEEP_FROM = 1024
_NOBODY = (0, 0.0)


class Counts(Storage):
    """Counters that end with their window; used from the event loop alone.

    The library's own store starts a thread up to a hundred times a second while requests come, and the event loop waits for each.
    """

    STORAGE_SCHEME = ["pilah+memory"]  # noqa: RUF012 - the library declares it so

    def __init__(self) -> None:
        """Begin with no counters."""
        super().__init__()
        self._counts: dict[str, tuple[int, float]] = {}
        self._sweep_at = _SWEEP_FROM

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what the store may raise."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and return the count; the first of a window starts it."""
        now = time.time()
        count, until = self._counts.get(key, _NOBODY)
        if until <= now:
            count, until = 0, now + expiry
            if len(self._counts) >= self._sweep_at:
                self._sweep(now)
        self._counts[key] = count + amount, until
        return count + amount

    def get(self, key: str) -> int:
        """Return the count of the present window."""
        count, until = self._counts.get(key, _NOBODY)
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the present window ends, by the wall clock."""
        return max(self._counts.get(key, _NOBODY)[1], time.time())

    def check(self) -> bool:
        """Return that the store works."""
        return True

    def clear(self, key: str) -> None:
        """Forget a counter."""
        self._counts.pop(key, None)

    def reset(self) -> int:
        """Forget all counters, and return how many there were."""
        found = len(self._counts)
        self._counts.clear()
        return found

    def _sweep(self, now: float) -> None:
        """Forget windows that ended; done ever more seldom the more callers there are, so that each pays a constant share."""
        self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}
        self._sweep_at = max(_SWEEP_FROM, 2 * len(self._counts))
