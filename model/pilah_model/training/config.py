"""The configuration of a fine-tuning run: TOML to a frozen dataclass, copied into the artefact's card."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pilah_data.errors import InputError
from pilah_model.ranges import FLAG, FROM_0, PART, RATE, SHARE, Range, is_number, must_hold, whole


def _is_distribution(value: object) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 3 or not all(map(is_number, value)):
        return False
    return min(value) >= 0 and abs(sum(value) - 1) <= 1e-6


_RANGES: Mapping[str, Range] = {
    "epochs": whole(1),
    "batch": whole(1),
    "learning_rate": FROM_0,
    "embedding_lr": FROM_0,
    "head_lr": RATE,
    "weight_decay": FROM_0,
    "warmup": SHARE,
    "dropout": PART,
    "head_dropout": PART,
    "ambiguous": ("three numbers from 0 that sum to 1", _is_distribution),
    "label_smoothing": SHARE,
    "forms_weight": FROM_0,
    "direction_weight": FROM_0,
    "authored_weight": FROM_0,
    "obfuscate": SHARE,
    "swap": SHARE,
    "swap_known": SHARE,
    "average": PART,
    "pool_batch": whole(1),
    "pool_weight": FROM_0,
    "pool_noise": PART,
    "consistency": FROM_0,
    "stand_ins": FLAG,
    "leave_out_years": ("a list of years", lambda v: isinstance(v, tuple) and all(isinstance(year, int) for year in v)),
    "seed": whole(0),
}


@dataclass(frozen=True)
class TrainConfig:
    """What decides a fine-tuning run.

    `ambiguous` is the soft target of `perlu_konteks` over the predicted labels. `embedding_lr` applies to the word
    embeddings, `head_lr` to the new layers; a rate of 0 leaves what it applies to as it is. `obfuscate`, `swap` (names in
    slots) and `swap_known` (national contestants in public posts) are the shares of texts augmented in an epoch. `average` is
    the decay per step of the running mean of the weights that is kept instead of the last ones (0 keeps the last ones).
    With soft labels, every step also learns from `pool_batch` unlabelled pieces, whose loss counts `pool_weight` times and of
    whose tokens the share `pool_noise` is hidden as [MASK]; without, these settings decide nothing. Above 0, `consistency` weighs
    how far the network judges a post differently when other names stand in it; both are read in the same step. With `stand_ins`
    listed names and ballot numbers are read as stand-ins (`pilah_data.stand_ins`), in training and ever after. Public posts
    of the `leave_out_years` are not learnt from, so that their elections can be measured as unseen ones.
    """

    epochs: int = 5
    batch: int = 32
    learning_rate: float = 3e-4
    embedding_lr: float = 3e-4
    head_lr: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.1
    dropout: float = 0.1
    head_dropout: float = 0.3
    ambiguous: tuple[float, float, float] = (0.1, 0.4, 0.5)
    label_smoothing: float = 0.02
    forms_weight: float = 0.5
    direction_weight: float = 0.2
    authored_weight: float = 1.0
    obfuscate: float = 0.15
    swap: float = 0.5
    swap_known: float = 0.2
    average: float = 0.998
    pool_batch: int = 128
    pool_weight: float = 1.0
    pool_noise: float = 0.1
    consistency: float = 0.0
    stand_ins: bool = False
    leave_out_years: tuple[int, ...] = ()
    seed: int = 1

    def __post_init__(self) -> None:
        """Check every setting; raises InputError naming the first that is out of its range."""
        must_hold(self, _RANGES, "setting ")

    @classmethod
    def from_file(cls, path: Path) -> TrainConfig:
        """Read a TOML file; raises InputError naming the file, and the setting that is unknown or out of its range."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"configuration {path} cannot be read ({error})") from error
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := set(values) - known:
            raise InputError(
                f"configuration {path}: unknown setting {sorted(unknown)[0]!r}; known are {', '.join(sorted(known))}"
            )
        for name in ("ambiguous", "leave_out_years"):
            if isinstance(values.get(name), list):
                values[name] = tuple(values[name])
        try:
            return cls(**values)
        except InputError as error:
            raise InputError(f"configuration {path}: {error}") from error
