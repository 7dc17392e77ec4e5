"""How many requests a caller may send in a minute: counted by key, by person, and by address for those without credentials."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from pilah_api.services.rate_counts import Counts
from pilah_data.errors import PilahError

_WINDOW = 60
_MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left to a caller: of how many requests, until when in seconds of the wall clock, and under which name."""

    name: str
    most: int
    left: int
    until: float

    @property
    def seconds(self) -> int:
        """Return in how many whole seconds the count begins anew."""
        return max(1, math.ceil(self.until - time.time()))

    def headers(self) -> dict[str, str]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers-11."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.most};w={_WINDOW}',
            "RateLimit": f'"{self.name}";r={self.left};t={self.seconds}',
        }


class RateLimitedError(PilahError):
    """A caller sent more requests in a minute than it may; `quota` says when the count begins anew."""

    def __init__(self, quota: Quota):
        """Keep the quota beside the sentence."""
        super().__init__(
            f"More than {quota.most} requests came within a minute; the next is answered in {quota.seconds} s. "
            "Put several posts into one request, or slow down."
        )
        self.quota = quota


class Rates:
    """Counts requests in fixed windows of a minute, in the memory of this process."""

    def __init__(self, known: int, anonymous: int):
        """Take the most requests a minute of a key or person, and of an address without credentials; 0 sets no limit."""
        self._items = {
            name: RateLimitItemPerMinute(most) if most else None
            for name, most in (("caller", known), ("address", anonymous))
        }
        self._limiter = FixedWindowRateLimiter(Counts())
        self._exhausted: dict[bytes, Quota] = {}

    def count_caller(self, actor: str, credentials: bytes = b"") -> Quota | None:
        """Count a request of a key or person; None without a limit. Raises RateLimitedError.

        `credentials` are remembered once they are exhausted, so that a flood under one key is refused before anything looks it up.
        """
        try:
            return self._count("caller", actor)
        except RateLimitedError as error:
            if credentials:
                self._remember(credentials, error.quota)
            raise

    def count_address(self, address: str) -> Quota | None:
        """Count a request without credentials, or with wrong ones; None without a limit. Raises RateLimitedError."""
        return self._count("address", address)

    def require_unexhausted(self, authorization: str | None) -> bytes:
        """Return what stands for the credentials in a header; raises RateLimitedError for those whose requests are used up."""
        if not authorization:
            return b""
        credentials = hashlib.sha256(authorization.encode("latin-1")).digest()
        quota = self._exhausted.get(credentials)
        if quota is not None and quota.until > time.time():
            raise RateLimitedError(quota)
        if quota is not None:
            del self._exhausted[credentials]
        return credentials

    def _count(self, name: str, whose: str) -> Quota | None:
        item = self._items[name]
        if item is None:
            return None
        allowed = self._limiter.hit(item, name, whose)
        until, left = self._limiter.get_window_stats(item, name, whose)
        quota = Quota(name, item.amount, left, until)
        if not allowed:
            raise RateLimitedError(quota)
        return quota

    def _remember(self, credentials: bytes, quota: Quota) -> None:
        if len(self._exhausted) >= _MOST_REMEMBERED:
            self._exhausted.clear()
        self._exhausted[credentials] = quota
