"""Builds the int8 graph of a BERT classifier by hand, of few and large operators of ONNX Runtime.

Attention is one operator that takes its products in int8 (`QAttention`); every other product rounds its inputs with the fixed steps of
`quantisation` and multiplies, scales and adds its bias in one (`MatMulIntegerToFloat`). All else is computed in float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

from pilah_model.quantisation import Product
from pilah_model.training.network import WORDS_SCALE, PostClassifier

_RUNTIME = "com.microsoft"
_OPSET, _IR = 18, 9


def fits(network: PostClassifier) -> bool:
    """Return whether the encoder is a BERT of the one form that the graph can express."""
    encoder = network.encoder
    if type(encoder) is not BertModel:
        return False
    config = encoder.config
    whole = config.hidden_size % config.num_attention_heads == 0
    return whole and config.hidden_act == "gelu" and not config.is_decoder


def int8_graph(network: PostClassifier, products: Mapping[tuple[int, str], Product]) -> onnx.ModelProto:
    """Return the graph; inputs and outputs are those of the fp32 graph."""
    made = _Graph()
    encoder = cast(BertModel, network.encoder)
    words = made.words(encoder.embeddings.word_embeddings)
    states = _embedded(made, encoder, words)
    seen = made.node("Cast", "attention_mask", to=TensorProto.INT32)
    for number, layer in enumerate(encoder.encoder.layer):
        own = {kind: products[number, kind] for kind in ("qkv", "out", "up", "down")}
        states = _layer(made, cast(BertLayer, layer), own, states, seen, encoder.config.num_attention_heads)
    _heads(made, network, states, words)
    return made.model()


def _embedded(made: _Graph, encoder: BertModel, words: str) -> str:
    table = encoder.embeddings
    types = table.token_type_embeddings.weight[0]
    # Each is stored in half precision, as in the fp32 graph, and their sum is not.
    places = made.node("Add", made.half(table.position_embeddings.weight), made.tensor(types))
    width = made.node("Shape", "input_ids", start=1, end=2)
    near = made.node("Slice", places, made.integers([0]), width, made.integers([0]))
    return made.normal(made.node("Add", words, near), table.LayerNorm)


def _layer(made: _Graph, layer: BertLayer, own: Mapping[str, Product], states: str, seen: str, heads: int) -> str:
    context = made.attention(states, own["qkv"], seen, heads)
    attention = layer.attention.output
    states = made.normal(made.node("Add", made.product(context, own["out"]), states), attention.LayerNorm)
    inner = made.node("Gelu", made.product(states, own["up"]), domain=_RUNTIME)
    return made.normal(made.node("Add", made.product(inner, own["down"]), states), layer.output.LayerNorm)


def _heads(made: _Graph, network: PostClassifier, states: str, words: str) -> None:
    """Add the four views of `PostClassifier` and what the heads make of them."""
    mask = made.node("Unsqueeze", made.node("Cast", "attention_mask", to=TensorProto.FLOAT), made.integers([2]))
    count = made.total(mask)
    hidden = made.node("Mul", made.node("Sub", mask, made.number(1.0)), made.number(1e4))
    views = (
        made.node("Gather", states, made.scalar(0), axis=1),
        made.node("Div", made.total(made.node("Mul", states, mask)), count),
        made.node("ReduceMax", made.node("Add", states, hidden), made.integers([1]), keepdims=0),
        made.node(
            "Mul",
            made.node("Div", made.total(made.node("Mul", words, mask)), count),
            made.number(WORDS_SCALE),
        ),
    )
    mixed = made.node("Gelu", made.linear(made.node("Concat", *views, axis=1), _linear(network.mix)), domain=_RUNTIME)
    for name in ("labels", "forms", "directions"):
        made.linear(mixed, getattr(network, name), name)


def _linear(mix: nn.Sequential) -> nn.Linear:
    return next(part for part in mix if isinstance(part, nn.Linear))


class _Graph:
    """A graph that grows by one node after the other; every method returns the name of what it computes."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: list[onnx.TensorProto] = []

    def node(self, kind: str, *inputs: str, domain: str = "", name: str = "", **attributes: float) -> str:
        out = name or f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [out], name=out, domain=domain, **attributes))
        return out

    def constant(self, array: npt.NDArray[np.generic]) -> str:
        name = f"constant_{len(self._tensors)}"
        self._tensors.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def tensor(self, weights: torch.Tensor | npt.NDArray[np.float32]) -> str:
        array = weights.detach().numpy() if isinstance(weights, torch.Tensor) else weights
        return self.constant(array.astype(np.float32))

    def half(self, weights: torch.Tensor | npt.NDArray[np.float32]) -> str:
        """Store in half precision what was rounded to it before."""
        array = weights.detach().numpy() if isinstance(weights, torch.Tensor) else weights
        return self.node("Cast", self.constant(array.astype(np.float16)), to=TensorProto.FLOAT)

    def integers(self, numbers: Sequence[int]) -> str:
        return self.constant(np.asarray(numbers, dtype=np.int64))

    def scalar(self, number: int) -> str:
        return self.constant(np.asarray(number, dtype=np.int64))

    def number(self, number: float) -> str:
        return self.constant(np.asarray(number, dtype=np.float32))

    def words(self, embedding: nn.Embedding) -> str:
        """Look the tokens up in int8 rows with a scale each, as in the fp32 graph."""
        integers, scales = int8_rows(embedding.weight.detach().numpy())
        found = self.node("Cast", self.node("Gather", self.constant(integers), "input_ids"), to=TensorProto.FLOAT)
        return self.node("Mul", found, self.node("Gather", self.constant(scales), "input_ids"))

    def normal(self, inputs: str, norm: nn.LayerNorm) -> str:
        weight, bias = self.tensor(norm.weight), self.tensor(norm.bias)
        return self.node("LayerNormalization", inputs, weight, bias, epsilon=float(norm.eps))

    def total(self, inputs: str) -> str:
        return self.node("ReduceSum", inputs, self.integers([1]), keepdims=0)

    def linear(self, inputs: str, linear: nn.Linear, name: str = "") -> str:
        return self.node("Gemm", inputs, self.half(linear.weight), self.tensor(linear.bias), name=name, transB=1)

    def rounded(self, inputs: str, product: Product) -> tuple[str, str, str]:
        """Return the inputs as bytes, their step and their zero."""
        step, zero = self.number(product.step), self.constant(np.asarray(product.zero, dtype=np.uint8))
        scaled = self.node("Mul", inputs, self.tensor(np.reciprocal(product.scales)))
        return self.node("QuantizeLinear", scaled, step, zero), step, zero

    def attention(self, states: str, product: Product, seen: str, heads: int) -> str:
        inputs, step, zero = self.rounded(states, product)
        weights, scales, zeros = self._weights(product)
        bias = self.tensor(product.bias)
        return self.node(
            "QAttention", inputs, weights, bias, step, scales, seen, zero, zeros, domain=_RUNTIME, num_heads=heads
        )

    def product(self, states: str, product: Product) -> str:
        inputs, step, zero = self.rounded(states, product)
        weights, scales, zeros = self._weights(product)
        bias = self.tensor(product.bias)
        made = self.node("MatMulIntegerToFloat", inputs, weights, step, scales, zero, zeros, bias, domain=_RUNTIME)
        if product.side is None:
            return made
        count = len(product.weights)
        bounds = (self.integers([at]) for at in (count - len(product.side), count, 2))
        aside = self.node("MatMul", self.node("Slice", states, *bounds), self.half(product.side))
        return self.node("Add", made, aside)

    def _weights(self, product: Product) -> tuple[str, str, str]:
        zeros = np.zeros(product.weights.shape[1], dtype=np.int8)
        return self.constant(product.weights), self.tensor(product.weight_scales), self.constant(zeros)

    def model(self) -> onnx.ModelProto:
        shape = ["posts", "tokens"]
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("input_ids", "attention_mask")
        ]
        outputs = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["posts", None])
            for name in ("labels", "forms", "directions")
        ]
        graph = helper.make_graph(self._nodes, "pilah", inputs, outputs, self._tensors)
        versions = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=_IR)


def int8_rows(matrix: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return integers and a scale for each row, whose products are the matrix rounded to int8."""
    scales = np.maximum(np.abs(matrix).max(axis=1, keepdims=True), 1e-8).astype(np.float32) / np.float32(127)
    return np.round(matrix / scales).astype(np.int8), scales
