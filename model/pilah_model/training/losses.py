"""The losses of fine-tuning: of labelled posts, and of pieces with soft labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from pilah_data.taxonomy import PARTISAN_OUTPUT
from pilah_model.training.config import TrainConfig
from pilah_model.training.network import Logits
from pilah_model.training.soft import SoftLabels
from pilah_model.training.targets import Targets


def moved(array: npt.NDArray[np.generic], device: torch.device) -> torch.Tensor:
    """Return an array as a tensor on a device; on CUDA without waiting for the copy, which needs pinned memory."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


@dataclass(frozen=True)
class LabelledLoss:
    """Labels, forms and directions of posts, with the targets on the device from the start.

    labels (n, 3), forms (n, 10), form_mask, directions (-1 for none) and weights (n,).
    """

    config: TrainConfig
    labels: torch.Tensor
    forms: torch.Tensor
    form_mask: torch.Tensor
    directions: torch.Tensor
    weights: torch.Tensor

    @classmethod
    def of(
        cls, targets: Targets, weights: npt.NDArray[np.float32], config: TrainConfig, device: torch.device
    ) -> LabelledLoss:
        """Move the targets to the device."""
        arrays = (targets.labels, targets.forms, targets.form_mask, targets.directions, weights)
        return cls(config, *(moved(array, device) for array in arrays))

    def __call__(self, logits: Logits, chosen: torch.Tensor) -> torch.Tensor:
        """Return the loss (scalar) of logits for the posts `chosen` (rows,)."""
        weight = self.weights[chosen]
        labels = functional.cross_entropy(logits.labels, self.labels[chosen], reduction="none")
        forms = functional.binary_cross_entropy_with_logits(logits.forms, self.forms[chosen], reduction="none").sum(1)
        directions = self.directions[chosen]
        directed = functional.cross_entropy(logits.directions, directions, ignore_index=-1, reduction="sum")
        # Not the mean of the library, which is no number without a direction; asking whether there is one makes a GPU wait.
        directed = directed / (directions >= 0).sum().clamp(min=1)
        loss = (labels * weight).mean() + self.config.forms_weight * (forms * self.form_mask[chosen] * weight).mean()
        return loss + self.config.direction_weight * directed


def disagreement(one: torch.Tensor, other: torch.Tensor, rows: int) -> torch.Tensor:
    """Return how far two views of the same posts are judged apart: symmetric divergence of logits (pairs, labels), summed over `rows`."""
    first, second = functional.log_softmax(one, 1), functional.log_softmax(other, 1)
    apart = ((first.exp() - second.exp()) * (first - second)).sum()
    return apart / (2 * rows)


@dataclass(frozen=True)
class SoftLoss:
    """How far a student is from its teachers (Hinton et al. 2015): labels (n, 3), forms (n, 10), directions (n, 3) on the device.

    Directions count as far as the teachers take a piece for partisan; elsewhere they were never learnt.
    """

    config: TrainConfig
    labels: torch.Tensor
    forms: torch.Tensor
    directions: torch.Tensor

    @classmethod
    def of(cls, soft: SoftLabels, config: TrainConfig, device: torch.device) -> SoftLoss:
        """Move the soft labels to the device."""
        return cls(config, *(moved(array, device) for array in (soft.labels, soft.forms, soft.directions)))

    def __call__(self, logits: Logits, chosen: torch.Tensor) -> torch.Tensor:
        """Return the loss (scalar, before `pool_weight`) of logits for the pool rows `chosen` (rows,)."""
        labels, forms, directions = (part[chosen].float() for part in (self.labels, self.forms, self.directions))
        by_label = functional.cross_entropy(logits.labels, labels, reduction="none")
        by_form = functional.binary_cross_entropy_with_logits(logits.forms, forms, reduction="none").sum(1)
        by_direction = functional.cross_entropy(logits.directions, directions, reduction="none")
        directed = labels[:, PARTISAN_OUTPUT] * by_direction
        return (by_label + self.config.forms_weight * by_form + self.config.direction_weight * directed).mean()
