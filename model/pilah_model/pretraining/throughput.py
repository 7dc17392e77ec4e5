"""How much of a device a pretraining run uses: operations per token beside the measured ceiling of its matrix product."""

from __future__ import annotations

import time

import torch

from pilah_model.pretraining.network import Shape

_SIZE, _ROUNDS = 8192, 10


def flops_per_token(shape: Shape, vocabulary: int, mask_rate: float, width: int = 128) -> float:
    """Return the floating-point operations of forward and backward pass per token of a full row (twice as many back as forth)."""
    head = mask_rate * (shape.hidden**2 + shape.hidden * vocabulary)
    return 3 * 2 * (products_of_layers(shape, width) + head)


def products_of_layers(shape: Shape, width: int = 128) -> float:
    """Return the multiply-adds of the forward pass through all layers, per token of a full row."""
    layer = 4 * shape.hidden**2 + 2 * shape.hidden * shape.intermediate + 2 * width * shape.hidden
    return shape.layers * layer


def matmul_ceiling(device: str, size: int = _SIZE) -> float:
    """Measure the operations per second of a square bf16 matrix product on random data."""
    left, right = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        left @ right
    _wait(device)
    began = time.perf_counter()
    for _ in range(_ROUNDS):
        left @ right
    _wait(device)
    return 2.0 * size**3 * _ROUNDS / (time.perf_counter() - began)


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
