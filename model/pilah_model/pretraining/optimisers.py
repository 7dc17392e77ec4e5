"""The optimisers of a pretraining run: AdamW for all weights, or Muon for the matrices of the layers and AdamW for the rest."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from pilah_model.pretraining.config import PretrainConfig
from pilah_model.pretraining.network import MaskedLanguageModel

_MUON_DECAY = 0.1


def build_optimisers(model: MaskedLanguageModel, config: PretrainConfig, device: str) -> list[torch.optim.Optimizer]:
    """Return the optimisers that together update every weight once, AdamW first."""
    layers = {id(p) for p in model.bert.encoder.parameters() if p.ndim == 2} if config.optimiser == "muon" else set()
    adamw = build_adamw([p for p in model.parameters() if id(p) not in layers], config, device)
    if not layers:
        return [adamw]
    matrices: list[nn.Parameter] = [p for p in model.parameters() if id(p) in layers]
    # Scaled so that one learning rate suits both optimisers (Liu et al. 2025, "Muon is scalable for LLM training").
    muon = torch.optim.Muon(matrices, lr=config.learning_rate, weight_decay=_MUON_DECAY, adjust_lr_fn="match_rms_adamw")
    return [adamw, muon]


def build_adamw(parameters: Sequence[nn.Parameter], config: PretrainConfig, device: str) -> torch.optim.AdamW:
    """Return AdamW over some weights, of which only matrices decay."""
    return torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": config.weight_decay},
            {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=config.learning_rate,
        betas=(0.9, 0.98),
        eps=1e-6,
        fused=device.startswith("cuda"),
    )


def set_rate(optimisers: Sequence[torch.optim.Optimizer], rate: float) -> None:
    """Set the learning rate of every group."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate
