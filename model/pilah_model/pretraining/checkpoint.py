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
from pilah_model.folders import empty_beside, put_in_place
from pilah_model.pretraining.network import MaskedLanguageModel

RECORD = "pretraining.json"
"""The record of a run, beside the encoder that came of it."""


@dataclass
class Progress:
    """Where a run stands: steps, tokens and seconds so far, and its curve as [tokens, loss, tokens per second] points.

    Points of old checkpoints have no tokens per second. `device` names every kind of device the run has been on, `origin` the
    tokens and the last held-out losses of the run whose encoder this one began from.
    """

    fingerprint: str
    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    device: str = "cpu"
    curve: list[list[float]] = field(default_factory=list)
    held_out: list[dict[str, float]] = field(default_factory=list)
    origin: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, text: str) -> Progress:
        """Read what `save` wrote, now or in a former version; settings that are gone since are passed over."""
        values = json.loads(text)
        return cls(**{f.name: values[f.name] for f in dataclasses.fields(cls) if f.name in values})


def tokens_in_all(record: Mapping[str, Any]) -> int:
    """Return the tokens of a run, from its record, with those of the run whose encoder it began from."""
    return int(record["tokens"] + record.get("origin", {}).get("tokens", 0))


def save(
    folder: Path, model: MaskedLanguageModel, optimisers: Sequence[torch.optim.Optimizer], progress: Progress
) -> None:
    """Write the whole state into `folder`; a crash in the middle leaves the former state there or in `folder.old`."""
    fresh = empty_beside(folder)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, fresh / "model.safetensors")
    moments: dict[str, torch.Tensor] = {}
    for name, parameter in model.named_parameters():
        for optimiser in optimisers:
            for key, value in optimiser.state.get(parameter, {}).items():
                moments[f"{name}/{key}"] = value.detach().clone()
    save_file(moments, fresh / "optimiser.safetensors")
    model.bert.config.save_pretrained(fresh)
    (fresh / "progress.json").write_text(json.dumps(dataclasses.asdict(progress)), encoding="utf-8")
    put_in_place(fresh, folder)


def load(
    folder: Path, model: MaskedLanguageModel, optimisers: Sequence[torch.optim.Optimizer], fingerprint: str
) -> Progress:
    """Restore a saved state; raises DataError when it is damaged or belongs to another configuration."""
    if not folder.exists() and folder.with_name(folder.name + ".old").exists():
        folder = folder.with_name(folder.name + ".old")  # killed between the two renames
    try:
        progress = Progress.from_json((folder / "progress.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
        moments = load_file(folder / "optimiser.safetensors")
    except Exception as error:
        raise DataError(f"checkpoint cannot be read ({error}); remove it to start anew", file=str(folder)) from error
    if progress.fingerprint != fingerprint:
        raise DataError(
            f"checkpoint belongs to another configuration ({progress.fingerprint}, now {fingerprint}); "
            "use its configuration or another output folder",
            file=str(folder),
        )
    model.load_state_dict(weights)
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
