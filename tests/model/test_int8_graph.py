"""The fast int8 graph: what it is made of, how near it is to fp32, and that a post is judged alike in any company."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from pilah_model.calibration import Calibration
from pilah_model.encoder import OnnxScorer
from pilah_model.export import export_graphs, round_weights
from pilah_model.int8_graph import fits
from pilah_model.material import Material
from pilah_model.quantisation import _rounded, products_of
from pilah_model.scoring import score
from pilah_model.tokens import TextEncoder
from pilah_model.training.network import PostClassifier
from pilah_model.training.run import load_trained

Trained = tuple[PostClassifier, TextEncoder, list[list[int]], list[str]]


@pytest.fixture(scope="module")
def trained(tiny_trained: Path, few: Material) -> Trained:
    network, encoder, _ = load_trained(tiny_trained)
    round_weights(network)
    texts = [example.text for example in few.split("train")[1]]
    return network, encoder, [list(map(int, row)) for row in encoder(texts).rows], texts


@pytest.fixture(scope="module")
def graphs(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> tuple[OnnxScorer, OnnxScorer]:
    """The scorer of the fp32 graph and that of the fast one."""
    network, encoder, rows, _ = trained
    place = tmp_path_factory.mktemp("graphs")
    export_graphs(network, place / "a.onnx", place / "b.onnx", rows)
    return tuple(OnnxScorer(place / name, encoder, engine=name, threads=1) for name in ("a.onnx", "b.onnx"))  # type: ignore[return-value]


def kinds(path: Path) -> set[str]:
    return {node.op_type for node in onnx.load(str(path)).graph.node}


def test_the_fast_graph_multiplies_in_int8_and_the_one_by_blocks_is_there_for_others(
    trained: Trained, tmp_path: Path
) -> None:
    network, _, rows, _ = trained
    fast, blocks = tmp_path / "fast.onnx", tmp_path / "blocks.onnx"
    export_graphs(network, tmp_path / "fp32.onnx", fast, rows)
    assert {"QAttention", "MatMulIntegerToFloat"} <= kinds(fast)
    assert "MatMulNBits" not in kinds(fast)
    export_graphs(network, tmp_path / "fp32.onnx", blocks, rows, by_blocks=True)
    assert "MatMulNBits" in kinds(blocks)
    export_graphs(network, tmp_path / "fp32.onnx", blocks)
    assert "MatMulNBits" in kinds(blocks)


def test_the_fast_graph_says_nearly_what_fp32_says(graphs: tuple[OnnxScorer, OnnxScorer], few: Material) -> None:
    texts = [example.text for example in few.split("validation")[1]]
    exact, fast = (Calibration()(score(scorer, texts)[0]) for scorer in graphs)
    assert np.abs(exact.labels - fast.labels).max() < 0.03
    assert np.abs(exact.forms - fast.forms).max() < 0.05


def test_a_post_is_judged_alike_alone_and_beside_longer_ones(graphs: tuple[OnnxScorer, OnnxScorer]) -> None:
    texts = ["gas coblos nomor dua", "apel pagi", "harga beras naik terus nih " * 12]
    together = score(graphs[1], texts)[0].labels
    alone = np.concatenate([score(graphs[1], [text])[0].labels for text in texts])
    np.testing.assert_allclose(together, alone, atol=0.02)


def test_every_product_has_a_form_and_feeds_the_next_in_its_order(trained: Trained) -> None:
    network, _, rows, _ = trained
    products = products_of(network, rows[:40])
    assert set(products) == {(layer, kind) for layer in range(2) for kind in ("qkv", "out", "up", "down")}
    up, down = products[0, "up"], products[0, "down"]
    weight = network.encoder.encoder.layer[0].intermediate.dense.weight.detach().numpy().T
    made = up.weights * up.weight_scales / up.scales[:, None]
    np.testing.assert_allclose(made, weight[:, down.order], atol=0.1 * np.abs(weight).max())
    assert down.side is not None
    assert not down.weights[-len(down.side) :].any()


def test_rounding_with_the_inputs_in_mind_is_better_than_rounding() -> None:
    rng = np.random.default_rng(0)
    inputs = (rng.standard_normal((2000, 8)) @ rng.standard_normal((8, 48))).astype(np.float32)
    weights = rng.standard_normal((48, 16)).astype(np.float32)
    scales = np.abs(weights).max(0) / np.float32(7)

    def error(integers: np.ndarray) -> float:
        return float((((integers * scales) - weights).T @ inputs.T).var())

    second = (inputs.T @ inputs / len(inputs)).astype(np.float32)
    assert error(_rounded(weights, second, scales)) < 0.5 * error(np.round(weights / scales))


def test_another_activation_is_left_to_the_graph_by_blocks(trained: Trained) -> None:
    network = trained[0]
    assert fits(network)
    config = network.encoder.config
    config.hidden_act = "relu"
    try:
        assert not fits(network)
    finally:
        config.hidden_act = "gelu"
