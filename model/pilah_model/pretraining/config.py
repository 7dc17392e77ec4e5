"""The configuration of a pretraining run, and the budget of one call of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pilah_data.errors import InputError
from pilah_data.raw_texts import DOMAINS
from pilah_model.pretraining.network import Shape
from pilah_model.pretraining.packing import Packed

Optimiser = Literal["adamw", "muon"]
_OPTIMISERS = ("adamw", "muon")


def _mixture() -> dict[str, float]:
    return {"social": 0.65, "news": 0.23, "other": 0.12}


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
        """Check the settings; raises InputError naming the first that is out of its range."""
        shares = self.mixture.values()
        checks: dict[str, bool] = {
            "mixture": set(self.mixture) == set(DOMAINS) and min(shares) >= 0 and abs(sum(shares) - 1) < 1e-6,
            "mask_rate": 0 < self.mask_rate < 1,
            "batch_tokens": self.batch_tokens >= self.shape.positions,
            "learning_rate": self.learning_rate > 0,
            "weight_decay": self.weight_decay >= 0,
            "warmup_steps": self.warmup_steps >= 1,
            "optimiser": self.optimiser in _OPTIMISERS,
            "shape": self.shape.hidden % self.shape.heads == 0,
        }
        for name, holds in checks.items():
            if not holds:
                raise InputError(f"pretraining setting {name} = {getattr(self, name)!r} is out of its range")

    @classmethod
    def from_file(cls, path: Path) -> PretrainConfig:
        """Read a TOML file, the shape as table `[shape]`; raises InputError naming the file and the setting at fault."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            if "shape" in values:
                values["shape"] = Shape(**values["shape"])
            return cls(**values)
        except (OSError, ValueError, TypeError, InputError) as error:
            known = ", ".join(item.name for item in dataclasses.fields(cls))
            raise InputError(f"configuration {path}: {error}; known settings are {known}") from error

    def fingerprint(self, packed: Packed) -> str:
        """Identify configuration and data; a checkpoint of another fingerprint is refused."""
        text = json.dumps([dataclasses.asdict(self), packed.manifest["sha256"]], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


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

    def used(self, seconds: float, steps: int) -> float:
        """Return which share of the budget is used up after so many seconds and steps of this call; 1 and more is all."""
        return max(seconds / (self.minutes * 60), steps / self.max_steps if self.max_steps else 0.0)
