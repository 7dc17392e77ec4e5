"""What a batch was made with: its options, the model it belongs to, and the fingerprint that binds both to its input."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from pilah_api.chain import canonical
from pilah_data.feeds import FeedOptions
from pilah_data.normalise import NORMALISER_VERSION
from pilah_data.taxonomy import TAXONOMY_VERSION, Decision
from pilah_model.batch.shards import REMEMBERED
from pilah_model.judge import Judge

_FORMAT = 3
"""How a batch is read, cut and stored; to be raised with every change of these."""
SHARD_ROWS = 256
"""Rows of a shard: half a second to some seconds of work, what a batch moves on by, and what a dead worker costs."""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a feed is read and judged; `only` keeps these decisions in the results, None keeps all."""

    feed: FeedOptions = field(default_factory=FeedOptions)
    explain: bool = False
    only: frozenset[Decision] | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """All that shapes the results of a batch: options, the upload by size and hash, the most characters of a text, thresholds.

    `thresholds` are those in force when the batch was made, by which all of it is judged; None are the artefact's own.
    """

    options: BatchOptions
    size: int
    sha256: str
    most_characters: int
    thresholds: Mapping[str, float] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values, from which `of_json` makes equal terms."""
        options = self.options
        return {
            **asdict(options.feed),
            "explain": options.explain,
            "only": sorted(options.only) if options.only is not None else None,
            "bytes": self.size,
            "sha256": self.sha256,
            "most_characters": self.most_characters,
            "shard_rows": SHARD_ROWS,
            **({"thresholds": dict(self.thresholds)} if self.thresholds is not None else {}),
        }

    @classmethod
    def of_json(cls, body: Mapping[str, Any]) -> Terms:
        """Return the terms that `as_json` described."""
        feed = FeedOptions(**{one.name: body[one.name] for one in fields(FeedOptions)})
        only = None if body["only"] is None else frozenset(map(Decision, body["only"]))
        options = BatchOptions(feed, body["explain"], only)
        return cls(options, body["bytes"], body["sha256"], body["most_characters"], body.get("thresholds"))

    def fingerprint(self, model: str) -> str:
        """Return what must be equal wherever judgements are put together."""
        return _hashed({"terms": self.as_json(), "model": model})


def model_key(judge: Judge) -> str:
    """Return what must be equal in workers that share a batch: program, model with its own thresholds, and engine.

    The model's hash covers its own thresholds; moved ones are part of the batch's terms.
    """
    program = [_FORMAT, REMEMBERED, TAXONOMY_VERSION, NORMALISER_VERSION]
    return _hashed({"program": program, "model": asdict(judge.info)})


def _hashed(body: Mapping[str, object]) -> str:
    return hashlib.sha256(canonical(body).encode("utf-8", "surrogatepass")).hexdigest()
