"""From a fine-tuned network to the files that serving needs: ONNX fp32 and int8, small on disk, with a parity report.

Word embeddings are stored as int8 rows with a scale, other matrices of the fp32 graph as float16; both graphs compute in
float32 (the int8 one multiplies matrices in int8: `int8_graph`, or by blocks). What is stored is what is measured: the network
is rounded first.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from torch import nn
from transformers import BertModel, PreTrainedModel
from transformers.models.bert.modeling_bert import BertLayer

from pilah_data.errors import InputError
from pilah_model.bars import PARITY_CHANGES, PARITY_GAP, PARITY_SHARE
from pilah_model.calibration import Calibration
from pilah_model.decision import DecisionPolicy
from pilah_model.int8_graph import fits, int8_graph, int8_rows
from pilah_model.quantisation import products_of
from pilah_model.scoring import Scorer, score
from pilah_model.training.network import PostClassifier

_BIG = 1024
_BLOCK, _INT8_PRODUCTS = 32, 4
"""Entries that share a scale, and the level of the operator's accuracy at which it multiplies in int8."""
_OUTPUTS = ("labels", "forms", "directions")


def round_weights(network: PostClassifier) -> None:
    """Round the network in place to what the artefact can store: int8 rows of embeddings, float16 elsewhere."""
    embedding = network.encoder.get_input_embeddings()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())
        integers, scales = int8_rows(embedding.weight.numpy())
        embedding.weight.copy_(torch.from_numpy(integers.astype(np.float32) * scales))


class _States(NamedTuple):
    last_hidden_state: torch.Tensor


class _FusedBert(nn.Module):
    """BERT with one matrix product for queries, keys and values instead of three: fewer, larger products serve faster."""

    def __init__(self, bert: BertModel):
        super().__init__()
        self.bert, self.heads = bert, bert.config.num_attention_heads
        owns = [cast(BertLayer, layer).attention.self for layer in bert.encoder.layer]
        self.products = nn.ModuleList(_joined([own.query, own.key, own.value]) for own in owns)

    def get_input_embeddings(self) -> nn.Module:
        return cast(nn.Module, self.bert.get_input_embeddings())

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> _States:
        states = self.bert.embeddings(input_ids=input_ids)
        seen = attention_mask[:, None, None, :].bool()
        rows, width, hidden = states.shape
        for layer, product in zip(self.bert.encoder.layer, self.products, strict=True):
            parts = product(states).view(rows, width, 3, self.heads, hidden // self.heads)
            query, key, value = parts.permute(2, 0, 3, 1, 4)
            context = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
            told = layer.attention.output(context.transpose(1, 2).reshape(rows, width, hidden), states)
            states = layer.output(layer.intermediate(told), told)
        return _States(states)


def _joined(linears: Sequence[nn.Linear]) -> nn.Linear:
    weight = torch.cat([linear.weight.detach() for linear in linears])
    joined = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        joined.weight.copy_(weight)
        joined.bias.copy_(torch.cat([linear.bias.detach() for linear in linears]))
    return joined


class _Positional(nn.Module):
    """Gives the exporter plain tensors in and out."""

    def __init__(self, network: PostClassifier):
        super().__init__()
        self.network = copy.deepcopy(network)
        if type(network.encoder) is BertModel:
            self.network.encoder = cast(PreTrainedModel, _FusedBert(network.encoder))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(self.network(input_ids, attention_mask))


def export_graphs(
    network: PostClassifier, fp32: Path, int8: Path, rows: Sequence[Sequence[int]] = (), *, by_blocks: bool = False
) -> None:
    """Write both graphs; the network must have been rounded with `round_weights`.

    `rows` of tokens such as the network will see fit the int8 graph. Without any, for an encoder that the fused graph cannot
    express, or `by_blocks`, it is the fp32 graph with its products by blocks: closer to fp32, and hardly faster.
    """
    network = copy.deepcopy(network).cpu().eval()
    ids = torch.ones((2, 16), dtype=torch.int64)
    dims = {
        0: torch.export.Dim("posts"),
        1: torch.export.Dim("tokens", max=network.encoder.config.max_position_embeddings),
    }
    program = torch.onnx.export(
        _Positional(network).eval(),
        (ids, torch.ones_like(ids)),
        dynamo=True,
        opset_version=18,
        input_names=["input_ids", "attention_mask"],
        output_names=list(_OUTPUTS),
        dynamic_shapes={"input_ids": dims, "attention_mask": dims},
        verbose=False,
    )
    raw = int8.with_suffix(".raw")
    if program is None:
        raise InputError("the network cannot be exported to ONNX; is it a BERT of a supported transformers version?")
    program.save(str(raw), external_data=False)
    model = onnx.load(str(raw))
    # Shapes recorded by the exporter contradict the quantiser's own inference.
    del model.graph.value_info[:]
    # The exporter leaves source lines of this machine in every node: half a megabyte, and nobody's business.
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    raw.unlink()
    if by_blocks or not rows or not fits(network):
        quantised = _in_int8(model)
        _shrink(quantised, network)
    else:
        quantised = int8_graph(network, products_of(network, rows))
    onnx.save(quantised, str(int8))
    _shrink(model, network)
    onnx.save(model, str(fp32))


def _in_int8(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with its matrix products in int8, weights and inputs alike by blocks of 32 with a scale each.

    Inputs are scaled row by row, so that a post is judged alike in any company; one scale for a whole batch, as dynamic quantisation
    has it, moved 29 % of the posts by more than 0.02, since few entries of the feed-forward layers are many times the others.
    """
    quantiser = MatMulNBitsQuantizer(
        copy.deepcopy(model), bits=8, block_size=_BLOCK, is_symmetric=True, accuracy_level=_INT8_PRODUCTS
    )
    quantiser.process()
    quantised: onnx.ModelProto = quantiser.model.model
    return quantised


def _shrink(model: onnx.ModelProto, network: PostClassifier) -> None:
    """Store embeddings as int8 rows and other large float matrices as float16, computed in float32 all the same."""
    vocabulary = tuple(network.encoder.get_input_embeddings().weight.shape)
    for tensor in list(model.graph.initializer):
        if tensor.data_type != onnx.TensorProto.FLOAT or int(np.prod(tensor.dims)) < _BIG:
            continue
        array = numpy_helper.to_array(tensor)
        if array.shape == vocabulary and _gathers(model, tensor.name):
            _store_rows_as_int8(model, tensor.name, array)
        else:
            half = numpy_helper.from_array(array.astype(np.float16), tensor.name + "_half")
            model.graph.initializer.append(half)
            model.graph.node.insert(0, helper.make_node("Cast", [half.name], [tensor.name], to=onnx.TensorProto.FLOAT))
        model.graph.initializer.remove(tensor)
    onnx.checker.check_model(model)


def _gathers(model: onnx.ModelProto, name: str) -> list[onnx.NodeProto]:
    return [node for node in model.graph.node if node.op_type == "Gather" and node.input[0] == name]


def _store_rows_as_int8(model: onnx.ModelProto, name: str, array: npt.NDArray[np.float32]) -> None:
    integers, scales = int8_rows(array)
    model.graph.initializer.append(numpy_helper.from_array(integers, name + "_int8"))
    model.graph.initializer.append(numpy_helper.from_array(scales, name + "_scale"))
    for node in _gathers(model, name):
        at, ids, out = list(model.graph.node).index(node), node.input[1], node.output[0]
        model.graph.node.remove(node)
        for offset, new in enumerate(
            (
                helper.make_node("Gather", [name + "_int8", ids], [out + "_i"], axis=0),
                helper.make_node("Cast", [out + "_i"], [out + "_f"], to=onnx.TensorProto.FLOAT),
                helper.make_node("Gather", [name + "_scale", ids], [out + "_s"], axis=0),
                helper.make_node("Mul", [out + "_f", out + "_s"], [out]),
            )
        ):
            model.graph.node.insert(at + offset, new)


def parity(
    reference: Scorer, other: Scorer, texts: Sequence[str], calibration: Calibration, policy: DecisionPolicy
) -> dict[str, object]:
    """Compare two engines on the same texts: calibrated label probabilities, labels and decisions.

    Parity holds when `PARITY_SHARE` of the texts differ by at most `PARITY_GAP` in every label and at most `PARITY_CHANGES` change
    their label or decision.
    """
    first, second = (calibration(score(s, texts)[0]).labels for s in (reference, other))
    gap = np.abs(first - second).max(axis=1)
    flips = float((first.argmax(1) != second.argmax(1)).mean())
    changed = [policy.decide(a) is not policy.decide(b) for a, b in zip(first, second, strict=True)]
    decisions = float(np.mean(changed))
    within = float((gap <= PARITY_GAP).mean())
    return {
        "texts": len(texts),
        "engines": [reference.engine, other.engine],
        "mean_gap": float(gap.mean()),
        "gap_99": float(np.quantile(gap, 0.99)),
        "max_gap": float(gap.max()),
        f"within_{PARITY_GAP}": within,
        "label_flips": flips,
        "decision_flips": decisions,
        "holds": bool(within >= PARITY_SHARE and max(flips, decisions) <= PARITY_CHANGES),
    }
