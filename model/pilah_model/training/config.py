"""The configuration of a fine-tuning run: TOML to a frozen dataclass, copied into the artefact's card."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pilah_data.errors import InputError


@dataclass(frozen=True)
class TrainConfig:
    """What decides a fine-tuning run.

    `ambiguous` is the soft target of `perlu_konteks` over the predicted labels. `embedding_lr` applies to the word
    embeddings, `head_lr` to the new layers. `obfuscate` and `swap` are the shares of texts augmented in an epoch.
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
    ambiguous: tuple[float, float, float] = (0.1, 0.5, 0.4)
    label_smoothing: float = 0.02
    forms_weight: float = 0.5
    direction_weight: float = 0.2
    authored_weight: float = 1.0
    obfuscate: float = 0.15
    swap: float = 0.5
    consistency_weight: float = 0.0
    seed: int = 1

    @classmethod
    def from_file(cls, path: Path) -> TrainConfig:
        """Read a TOML file; raises InputError naming an unknown or missing setting."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"configuration {path} cannot be read ({error})") from error
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := set(values) - known:
            raise InputError(
                f"configuration {path}: unknown setting {sorted(unknown)[0]!r}; known are {', '.join(sorted(known))}"
            )
        if "ambiguous" in values:
            values["ambiguous"] = tuple(values["ambiguous"])
        return cls(**values)
