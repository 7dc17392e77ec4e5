"""From a fine-tuned network to the files that serving needs: ONNX fp32 and int8, small on disk, with a parity report.

Word embeddings are stored as int8 rows with a scale, other matrices of the fp32 graph as float16; both graphs compute in
float32 (the int8 one multiplies matrices in int8). What is stored is what is measured: the network is rounded first.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from pilah_data.errors import InputError
from pilah_model.calibration import Calibration
from pilah_model.decision import DecisionPolicy
from pilah_model.scoring import Scorer, score
from pilah_model.training.network import PostClassifier

_BIG = 1024
_OUTPUTS = ("labels", "forms", "directions")


def round_weights(network: PostClassifier) -> None:
    """Round the network in place to what the artefact can store: int8 rows of embeddings, float16 elsewhere."""
    embedding = network.encoder.get_input_embeddings()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())
        integers, scales = _int8_rows(embedding.weight.numpy())
        embedding.weight.copy_(torch.from_numpy(integers.astype(np.float32) * scales))


def _int8_rows(matrix: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    scales = np.maximum(np.abs(matrix).max(axis=1, keepdims=True), 1e-8).astype(np.float32) / np.float32(127)
    return np.round(matrix / scales).astype(np.int8), scales


class _Positional(nn.Module):
    """Gives the exporter plain tensors in and out."""

    def __init__(self, network: PostClassifier):
        super().__init__()
        self.network = network

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(self.network(input_ids, attention_mask))


def export_graphs(network: PostClassifier, fp32: Path, int8: Path) -> None:
    """Write both graphs; the network must have been rounded with `round_weights`."""
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
    onnx.save(model, str(raw))
    quantize_dynamic(
        str(raw),
        str(int8),
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gemm"],
        nodes_to_exclude=_sensitive(model, network),
    )
    raw.unlink()
    _shrink(model, network)
    onnx.save(model, str(fp32))
    quantised = onnx.load(str(int8))
    _shrink(quantised, network)
    onnx.save(quantised, str(int8))


def _sensitive(model: onnx.ModelProto, network: PostClassifier) -> list[str]:
    """Name the matrix product that must stay in float: the first layer's feed-forward output.

    Its inputs are the most skewed of all; with it in int8, 1.7 % of posts moved by more than 0.02, without 0.3 %.
    """
    config = network.encoder.config
    shape = [config.intermediate_size, config.hidden_size]
    shapes = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    outputs = [n.name for n in model.graph.node if n.op_type == "MatMul" and shapes.get(n.input[1]) == shape]
    return outputs[:1]


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
    integers, scales = _int8_rows(array)
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

    Parity holds when 99 % of the texts differ by at most 0.02 in every label and at most 0.5 % change their label or decision.
    """
    first, second = (calibration(score(s, texts)[0]).labels for s in (reference, other))
    gap = np.abs(first - second).max(axis=1)
    flips = float((first.argmax(1) != second.argmax(1)).mean())
    changed = [policy.decide(a) is not policy.decide(b) for a, b in zip(first, second, strict=True)]
    decisions = float(np.mean(changed))
    within = float((gap <= 0.02).mean())
    return {
        "texts": len(texts),
        "engines": [reference.engine, other.engine],
        "mean_gap": float(gap.mean()),
        "gap_99": float(np.quantile(gap, 0.99)),
        "max_gap": float(gap.max()),
        "within_0.02": within,
        "label_flips": flips,
        "decision_flips": decisions,
        "holds": bool(within >= 0.99 and flips <= 0.005 and decisions <= 0.005),
    }
