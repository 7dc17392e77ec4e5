"""Chooses the int8 form of a network's matrix products: static scales by channel, weights rounded with their inputs in mind.

Inputs are scaled channel by channel before they are rounded (Xiao et al. 2023, SmoothQuant), so that one step serves all; the steps are
fixed at export, so that a post is judged alike in any company. Weights are rounded one channel after the other, each error passed on
to the channels that can make up for it (Frantar et al. 2023, GPTQ). A few channels of the feed-forward layers are many times the others;
their part of the product stays in float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

from pilah_model.rows import padded, token_batches
from pilah_model.training.network import PostClassifier

Matrix = npt.NDArray[np.float32]
KINDS = ("qkv", "out", "up", "down")
"""The products of a layer: queries, keys and values; what attention gives out; into the feed-forward layer and back."""
_SIDE = 32
"""Channels of the feed-forward layer whose part of the product stays in float32."""
_LEAST_GELU = 0.17
"""GELU is never below minus this."""
_BELOW = 0.2
"""Share of the range of a channel behind GELU that lies below zero at most."""
_DAMPING = 0.01
_TOKENS = 1024
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Product:
    """A product in int8: inputs (…, K) are divided by `scales` (K), then by `step`, rounded and moved by `zero` into 0 to 255.

    `weights` (K, N) are integers that times `weight_scales` (N) are the weights of the scaled inputs. The last rows of `weights` are
    zero where `side` (n, N) multiplies the last n unscaled inputs in float32. `order` says which input of the network each one is.
    """

    scales: Matrix
    step: float
    zero: int
    weights: npt.NDArray[np.int8]
    weight_scales: Matrix
    bias: Matrix
    order: npt.NDArray[np.int64]
    side: Matrix | None = None


def products_of(network: PostClassifier, rows: Sequence[Sequence[int]]) -> dict[tuple[int, str], Product]:
    """Return the int8 form of every product of a BERT, by layer and kind, fitted to token rows such as the network will see."""
    linears = _linears(network)
    limits = _limits(network, linears, rows)
    plans = {key: _plan(key[1], *_weights(linears[key]), *limits[key]) for key in linears}
    moments = _moments(network, linears, rows, plans)
    products = {key: _product(plan, moments[key]) for key, plan in plans.items()}
    for layer in range(len(linears) // len(KINDS)):
        products[layer, "up"] = _reordered(products[layer, "up"], products[layer, "down"].order)
    return products


@dataclass(frozen=True, slots=True)
class _Plan:
    """How inputs are rounded, and the weights and bias that the rounded form has to imitate; `whole` inputs are multiplied in int8."""

    weights: Matrix
    bias: Matrix
    scales: Matrix
    step: float
    zero: int
    order: npt.NDArray[np.int64]
    whole: int

    def rounded(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the scaled inputs as the int8 product sees them."""
        steps = (inputs / torch.from_numpy(self.scales) / self.step).round() + self.zero
        return (steps.clamp(0, 255) - self.zero) * self.step


def _linears(network: PostClassifier) -> dict[tuple[int, str], list[nn.Linear]]:
    found: dict[tuple[int, str], list[nn.Linear]] = {}
    for number, one in enumerate(cast(BertModel, network.encoder).encoder.layer):
        layer = cast(BertLayer, one)
        own = layer.attention.self
        parts = [own.query, own.key, own.value], [layer.attention.output.dense], [layer.intermediate.dense]
        found.update({(number, kind): part for kind, part in zip(KINDS, (*parts, [layer.output.dense]), strict=True)})
    return found


def _weights(linears: Sequence[nn.Linear]) -> tuple[Matrix, Matrix]:
    """Return the weights (K, N) and the bias (N) of linear layers side by side."""
    with torch.no_grad():
        weights = torch.cat([linear.weight for linear in linears]).T.contiguous().numpy()
        return weights, torch.cat([linear.bias for linear in linears]).numpy()


def _plan(kind: str, weights: Matrix, bias: Matrix, low: Matrix, high: Matrix) -> _Plan:
    most = np.maximum(np.maximum(high, -low), 1e-6)
    if kind != "down":
        # From minus one to one, in steps of 1/127.5.
        return _Plan(weights, bias, most, 2 / 255, 128, np.arange(len(weights)), len(weights))
    order = np.argsort(np.abs(weights).max(1) * most, kind="stable")
    scales = np.maximum(high[order], _LEAST_GELU / _BELOW).astype(np.float32)
    step = (1 + _BELOW) / 255
    return _Plan(
        weights[order], bias, scales, step, round(_BELOW / step), order, len(weights) - min(_SIDE, len(weights) // 8)
    )


# --- what the network sees ----------------------------------------------------------------------------------------


def _limits(
    network: PostClassifier, linears: Mapping[tuple[int, str], list[nn.Linear]], rows: Sequence[Sequence[int]]
) -> dict[tuple[int, str], tuple[Matrix, Matrix]]:
    """Return the least and the greatest input of every channel of every product."""
    found: dict[tuple[int, str], tuple[torch.Tensor, torch.Tensor]] = {}

    def see(key: tuple[int, str], inputs: torch.Tensor) -> None:
        low, high = found.get(key, (inputs[0], inputs[0]))
        found[key] = torch.minimum(low, inputs.amin(0)), torch.maximum(high, inputs.amax(0))

    with _watched(linears, see) as run:
        run(network, rows)
    return {key: (low.numpy(), high.numpy()) for key, (low, high) in found.items()}


@dataclass(slots=True)
class _Moments:
    """Sums over tokens: of the inputs, of the rounded inputs, and of the latter's products with one another."""

    count: int
    exact: torch.Tensor
    rounded: torch.Tensor
    products: torch.Tensor


def _moments(
    network: PostClassifier,
    linears: Mapping[tuple[int, str], list[nn.Linear]],
    rows: Sequence[Sequence[int]],
    plans: Mapping[tuple[int, str], _Plan],
) -> dict[tuple[int, str], _Moments]:
    found: dict[tuple[int, str], _Moments] = {}

    def see(key: tuple[int, str], inputs: torch.Tensor) -> None:
        plan = plans[key]
        ordered = inputs[:, torch.from_numpy(plan.order)]
        rounded = plan.rounded(ordered)
        one = found.setdefault(key, _Moments(0, *(torch.zeros(()) for _ in range(3))))
        one.count += len(inputs)
        one.exact, one.rounded = one.exact + ordered.sum(0), one.rounded + rounded.sum(0)
        one.products = one.products + rounded.T @ rounded

    with _watched(linears, see) as run:
        run(network, rows)
    return found


@contextmanager
def _watched(linears: Mapping[tuple[int, str], list[nn.Linear]], see: Any) -> Iterator[Any]:
    """Yield what runs a network over rows and shows the inputs of each product at real tokens, shape (tokens, K)."""
    seen: list[torch.Tensor] = []

    def hook(key: tuple[int, str]) -> Any:
        return lambda _, inputs: see(key, inputs[0][seen[-1]])

    def run(network: PostClassifier, rows: Sequence[Sequence[int]]) -> None:
        lengths = np.asarray([len(row) for row in rows], dtype=np.int64)
        for batch in token_batches(lengths, _TOKENS):
            ids, mask = map(torch.from_numpy, padded([rows[i] for i in batch], int(lengths[batch].max())))
            seen.append(mask.bool())
            with torch.no_grad():
                network(ids, mask)

    with ExitStack() as stack:
        for key, parts in linears.items():
            stack.callback(parts[0].register_forward_pre_hook(hook(key)).remove)
        yield run


# --- weights ------------------------------------------------------------------------------------------------------


def _product(plan: _Plan, moments: _Moments) -> Product:
    scaled = plan.weights * plan.scales[:, None]
    whole, count = plan.whole, moments.count
    weight_scales = np.maximum(np.abs(scaled[:whole]).max(0), 1e-8) / np.float32(127)
    integers = np.zeros_like(scaled)
    second: Matrix = (moments.products / count).numpy()[:whole, :whole]
    integers[:whole] = _rounded(scaled[:whole], second, weight_scales)
    side = plan.weights[whole:] if whole < len(scaled) else None
    # What rounding moves on average goes back into the bias.
    said = (moments.rounded.numpy() / count) @ (integers * weight_scales)
    meant = (moments.exact.numpy() / count)[:whole] @ plan.weights[:whole]
    bias = (plan.bias - (said - meant)).astype(np.float32)
    return Product(plan.scales, plan.step, plan.zero, integers.astype(np.int8), weight_scales, bias, plan.order, side)


def _rounded(weights: Matrix, second: Matrix, scales: Matrix) -> Matrix:
    """Return integer weights (K, N) that, times their scales, give the least squared error on inputs with these second moments."""
    left, count = weights.copy(), len(weights)
    damped = second.astype(np.float64) + np.eye(count) * (_DAMPING * np.trace(second) / count + 1e-12)
    factor = np.linalg.cholesky(np.linalg.inv(damped)).T.astype(np.float32)
    integers = np.zeros_like(left)
    for start in range(0, count, _BLOCK):
        end = min(start + _BLOCK, count)
        errors = np.zeros((end - start, left.shape[1]), dtype=np.float32)
        for row in range(start, end):
            integers[row] = np.clip(np.round(left[row] / scales), -127, 127)
            error = (left[row] - integers[row] * scales) / factor[row, row]
            left[row:end] -= np.outer(factor[row, row:end], error)
            errors[row - start] = error
        left[end:] -= factor[start:end, end:].T @ errors
    return integers


def _reordered(product: Product, order: npt.NDArray[np.int64]) -> Product:
    """Return a product whose outputs stand in another order."""
    return Product(
        product.scales,
        product.step,
        product.zero,
        np.ascontiguousarray(product.weights[:, order]),
        product.weight_scales[order],
        product.bias[order],
        product.order,
        product.side,
    )
