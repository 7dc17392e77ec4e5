"""Saves and restores a pretraining run: safetensors and JSON, written beside and swapped in, never pickle."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from pilah_data.errors import DataError
from pilah_model.artefacts import file_sha256
from pilah_model.folders import kept
from pilah_model.pretraining.cooldown import Cooldown
from pilah_model.pretraining.network import MaskedLanguageModel
from pilah_model.pretraining.writing import replacing

RECORD = "pretraining.json"
"""The record of a run, beside the encoder that came of it."""
STABLE, COOLING = "stable", "cooling"
"""The checkpoint from which a run can be prolonged, and the one of a cool-down under way."""
PROGRESS = "progress.json"
_TENSORS = ("model.safetensors", "optimiser.safetensors")
FILES = (*_TENSORS, "config.json", PROGRESS)
"""All files of a checkpoint."""


@dataclass
class Progress:
    """Where a run stands: steps, tokens and seconds so far, and its curve as [tokens, loss, tokens per second] points.

    Points of old checkpoints have no tokens per second. `device` names every kind of device the run has been on, `origin` the
    tokens and the last held-out losses of the run whose encoder this one began from, and the hashes of its packed folder if that
    was another. `cooldown` is there while the rate falls.
    """

    fingerprint: str
    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    device: str = "cpu"
    curve: list[list[float]] = field(default_factory=list)
    held_out: list[dict[str, float]] = field(default_factory=list)
    origin: dict[str, Any] = field(default_factory=dict)
    cooldown: Cooldown | None = None

    @classmethod
    def from_json(cls, text: str) -> Progress:
        """Read what `save` wrote, now or in a former version; settings that are gone since are passed over."""
        values = json.loads(text)
        if values.get("cooldown"):
            values["cooldown"] = Cooldown(**values["cooldown"])
        return cls(**{f.name: values[f.name] for f in dataclasses.fields(cls) if f.name in values})


def tokens_in_all(record: Mapping[str, Any]) -> int:
    """Return the tokens of a run, from its record, with those of the run whose encoder it began from."""
    return int(record["tokens"] + record.get("origin", {}).get("tokens", 0))


def save(
    folder: Path, model: MaskedLanguageModel, optimisers: Sequence[torch.optim.Optimizer], progress: Progress
) -> None:
    """Write the whole state into `folder`; a crash in the middle leaves the former state there or in `folder.old`.

    Raises DataError when the disk does not take it.
    """
    moments: dict[str, torch.Tensor] = {}
    for name, parameter in model.named_parameters():
        for optimiser in optimisers:
            for key, value in optimiser.state.get(parameter, {}).items():
                moments[f"{name}/{key}"] = value.detach().clone()
    weights = {k: v.contiguous() for k, v in model.state_dict().items()}
    with replacing(folder) as fresh:
        for name, tensors in zip(_TENSORS, (weights, moments), strict=True):
            save_file(tensors, fresh / name)
        model.bert.config.save_pretrained(fresh)
        state = dataclasses.asdict(progress) | {"sha256": {name: file_sha256(fresh / name) for name in _TENSORS}}
        (fresh / PROGRESS).write_text(json.dumps(state), encoding="utf-8")


def read_progress(folder: Path) -> Progress | None:
    """Return where the checkpoint of a folder stands, and None where there is none; raises DataError when it is damaged."""
    place = kept(folder)
    return _read(place)[0] if place else None


def load(
    folder: Path, model: MaskedLanguageModel, optimisers: Sequence[torch.optim.Optimizer], fingerprint: str
) -> Progress:
    """Restore a saved state; raises DataError when it is damaged or belongs to another configuration."""
    folder = kept(folder) or folder
    progress, hashes = _read(folder)
    if progress.fingerprint != fingerprint:
        raise DataError(
            f"checkpoint belongs to another configuration or packed folder ({progress.fingerprint}, now {fingerprint}); "
            "use its own or another output folder",
            file=str(folder),
        )
    # Checkpoints of former versions have no hashes.
    for name, expected in hashes.items():
        if (folder / name).is_file() and file_sha256(folder / name) != expected:
            raise _unreadable(folder, f"{name} is damaged")
    try:
        weights, moments = (load_file(folder / name) for name in _TENSORS)
        model.load_state_dict(weights)
    except Exception as error:
        raise _unreadable(folder, error) from error
    owners = {id(p): o for o in optimisers for group in o.param_groups for p in group["params"]}
    for name, parameter in model.named_parameters():
        state = {k.rsplit("/", 1)[1]: v for k, v in moments.items() if k.rsplit("/", 1)[0] == name}
        owner = owners[id(parameter)]
        if state:
            # The step counter stays on the CPU, unless the optimiser is fused and keeps it beside the weights.
            on_device = bool(owner.defaults.get("fused"))
            owner.state[parameter] = {
                k: v if k == "step" and not on_device else v.to(parameter.device) for k, v in state.items()
            }
    return progress


def _read(folder: Path) -> tuple[Progress, Mapping[str, str]]:
    try:
        text = (folder / PROGRESS).read_text(encoding="utf-8")
        return Progress.from_json(text), json.loads(text).get("sha256", {})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _unreadable(folder, error) from error


def _unreadable(folder: Path, error: object) -> DataError:
    way = "begin the cool-down again" if folder.name.startswith(COOLING) else "start anew"
    return DataError(f"checkpoint cannot be read ({error}); remove it to {way}", file=str(folder))
