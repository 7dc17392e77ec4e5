"""The configuration of a pretraining run, and the budget of one call of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pilah_data.errors import InputError
from pilah_data.raw_texts import DOMAINS
from pilah_model.pretraining.network import Shape
from pilah_model.pretraining.packing import PIECE_TOKENS, Packed
from pilah_model.ranges import FLAG, FROM_0, PART, RATE, Range, is_number, must_hold, number, whole

Optimiser = Literal["adamw", "muon"]
_OPTIMISERS = ("adamw", "muon")
_LARGEST_SEED = 2**32 - 1


def _mixture() -> dict[str, float]:
    return {"social": 0.65, "news": 0.23, "other": 0.12}


def _is_mixture(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != set(DOMAINS) or not all(map(is_number, value.values())):
        return False
    return min(value.values()) >= 0 and abs(sum(value.values()) - 1) < 1e-6


_RANGES: Mapping[str, Range] = {
    "mixture": (f"shares of {', '.join(DOMAINS)} that sum to 1", _is_mixture),
    # Of fewer tokens hardly a batch would hold one to predict.
    "mask_rate": number("a number from 0.01 and below 1", lambda v: 0.01 <= v < 1),
    "batch_tokens": whole(1),
    "learning_rate": RATE,
    "weight_decay": FROM_0,
    "warmup_steps": whole(1),
    "seed": whole(0, _LARGEST_SEED),
    "skipgram": FLAG,
    "rows": FLAG,
    "optimiser": (f"one of {', '.join(_OPTIMISERS)}", lambda v: v in _OPTIMISERS),
    "untied": FLAG,
}
_SHAPE_RANGES: Mapping[str, Range] = {
    "layers": whole(1),
    "hidden": whole(1),
    "heads": whole(1),
    "intermediate": whole(1),
    "positions": whole(PIECE_TOKENS + 2),
    "dropout": PART,
}


@dataclass(frozen=True)
class PretrainConfig:
    """What decides a pretraining run; times are not part of its identity.

    `mixture` is each domain's share of the tokens, `mask_rate` the share of tokens to predict. With `rows`, posts are packed
    into rows of 128 without attention across posts, which suits a CUDA device; otherwise posts of like length share a batch,
    which suits a CPU. With `untied`, the head has output embeddings of its own. `muon` (Jordan et al. 2024, scaled as Liu et
    al. 2025) updates the matrices of the layers, AdamW the rest.
    """

    shape: Shape = field(default_factory=Shape)
    mixture: dict[str, float] = field(default_factory=_mixture)
    mask_rate: float = 0.2
    batch_tokens: int = 4096
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup_steps: int = 300
    seed: int = 1
    skipgram: bool = True
    rows: bool = False
    optimiser: Optimiser = "adamw"
    untied: bool = False

    def __post_init__(self) -> None:
        """Check the settings; raises InputError naming the first that is out of its range, or at odds with another."""
        must_hold(self, _RANGES, "pretraining setting ")
        must_hold(self.shape, _SHAPE_RANGES, "pretraining setting shape.")
        for odds in self._at_odds():
            raise InputError(f"pretraining setting {odds}")

    def _at_odds(self) -> Iterator[str]:
        shape = self.shape
        if shape.hidden % shape.heads:
            yield f"shape.hidden = {shape.hidden} must be a multiple of shape.heads = {shape.heads}"
        if self.batch_tokens < shape.positions:
            yield f"batch_tokens = {self.batch_tokens} must be at least shape.positions = {shape.positions}"
        if self.rows and shape.dropout:
            yield f"shape.dropout = {shape.dropout} must be 0 with rows = true, which know no dropout"

    @classmethod
    def from_file(cls, path: Path) -> PretrainConfig:
        """Read a TOML file, the shape as table `[shape]`; raises InputError naming the file and the setting at fault."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"configuration {path} cannot be read ({error})") from error
        shape = values.pop("shape", {})
        if not isinstance(shape, dict):
            raise InputError(f"configuration {path}: shape = {shape!r} must be a table ([shape])")
        for found, owner in ((values, cls), (shape, Shape)):
            if unknown := sorted(set(found) - set(_names(owner))):
                known = f"{', '.join(n for n in _names(cls) if n != 'shape')}; in [shape]: {', '.join(_names(Shape))}"
                raise InputError(f"configuration {path}: unknown setting {unknown[0]!r}; known are {known}")
        try:
            return cls(shape=Shape(**shape), **values)
        except InputError as error:
            raise InputError(f"configuration {path}: {error}") from error

    def fingerprint(self, packed: Packed) -> str:
        """Identify configuration and data; a checkpoint of another fingerprint is refused."""
        text = json.dumps([dataclasses.asdict(self), packed.manifest["sha256"]], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _names(settings: type[PretrainConfig | Shape]) -> list[str]:
    return [item.name for item in dataclasses.fields(settings)]


@dataclass(frozen=True)
class Budget:
    """Wall-clock minutes of this call, of which the last `cooldown_minutes` lower the rate to zero (0: none).

    With `max_steps`, the call ends after that many steps if they take less than its minutes; the cool-down takes the same
    share of them. Every `report_seconds` a point is added to the curve. `compiled` has torch compile the network first.
    """

    minutes: float
    cooldown_minutes: float = 0.0
    checkpoint_minutes: float = 5.0
    device: str = "cpu"
    report_seconds: float = 30.0
    max_steps: int | None = None
    compiled: bool = False

    def __post_init__(self) -> None:
        """Check the minutes; raises InputError for what is no number of them, or a cool-down longer than all."""
        if not (is_number(self.minutes) and self.minutes > 0):
            raise InputError(f"{self.minutes} is no number of minutes to train (option --max-minutes)")
        if not (is_number(self.cooldown_minutes) and 0 <= self.cooldown_minutes <= self.minutes):
            raise InputError(
                f"a cool-down of {self.cooldown_minutes:g} minutes must be from 0 to the {self.minutes:g} minutes of the whole call "
                "(options --cooldown-minutes and --max-minutes)"
            )

    @property
    def cool_from(self) -> float:
        """The share of the budget after which the rate falls; 1 without a cool-down."""
        return 1.0 - self.cooldown_minutes / self.minutes

    def used(self, seconds: float, steps: int) -> float:
        """Return which share of the budget is used up after so many seconds and steps of this call; 1 and more is all."""
        return max(seconds / (self.minutes * 60), steps / self.max_steps if self.max_steps else 0.0)
