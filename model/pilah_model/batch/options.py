"""How to score a feed, and what came of it so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pilah_data.feeds import FeedOptions
from pilah_data.taxonomy import Decision

SHARD_ROWS = 1024
"""Rows of a shard: one or two seconds of work, and what is lost at most by each worker when a run is cut off."""


@dataclass(frozen=True)
class ScoreOptions:
    """How to score: evidence or not, which decisions to keep (None keeps all), and table cells guarded or raw."""

    feed: FeedOptions = field(default_factory=FeedOptions)
    explain: bool = False
    only: frozenset[Decision] | None = None
    raw: bool = False
    shard_rows: int = SHARD_ROWS

    def as_json(self, target: Path) -> dict[str, object]:
        """Return everything that shapes the output as plain JSON values."""
        return {
            **asdict(self.feed),
            "explain": self.explain,
            "only": sorted(decision.value for decision in self.only) if self.only is not None else None,
            "raw": self.raw,
            "shard_rows": self.shard_rows,
            "output": target.suffix.lower(),
        }


@dataclass
class Summary:
    """What a run did so far: rows read, taken over from an earlier run, written and refused, and the decisions proposed.

    `fraction` is the share of the input that lies behind, None if it cannot be told; `notes` are the reader's.
    """

    rows: int = 0
    resumed: int = 0
    written: int = 0
    problems: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    fraction: float | None = None
    notes: list[str] = field(default_factory=list)
