"""Measures pilah beside what else would judge a feed: a BERT-base in the Transformers pipeline and in ONNX Runtime int8, and TF-IDF.

One run, the same invented posts (about 30 tokens, all distinct), the same cores; what is compared runs in turns, so that other load
meets all of it. The BERT-base has IndoBERT's shape (12 layers of 768, a vocabulary of 50,000) and random weights: its labels mean
nothing, its speed is that of the real one. Beside the rates stands the machine's ceiling: the fastest int8 matrix product that
ONNX Runtime reaches here, and the share of it that the scorer's own products make. Writes build/benchmarks/comparison.json and
comparison.md. Run by `make bench`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import onnxruntime
import torch
import transformers
from onnx import TensorProto, helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / folder) for folder in ("data", "model", "api"))]
os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:4])

from pilah_model.artefacts import ArtefactFiles, shipped_artefact  # noqa: E402 - the paths come first
from pilah_model.baseline import TfidfScorer  # noqa: E402
from pilah_model.classifier import Classifier  # noqa: E402
from pilah_model.judgement import Post  # noqa: E402
from pilah_model.material import Material  # noqa: E402
from pilah_model.training.config import TrainConfig  # noqa: E402
from tests.benchmarks.batch import CHUNK, CORES, OUT, Bench, Sizes, posts, scorers, table  # noqa: E402
from tests.benchmarks.indobert_shape import checkpoint  # noqa: E402

OURS = 64 * CHUNK
"""Posts of a round of ours, so that starting up is a small part of it, as in a real feed."""
THEIRS = 256
TABLE = 4096
BATCH, LONGEST = 32, 128
SHAPES = ((512, 256, 1024), (512, 1024, 256), (1024, 1024, 1024), (2048, 768, 3072))
"""Rows, inner width and columns of the products that the ceiling is sought among."""
BARS = {
    "end_to_end_to_pipeline": "at least 60",
    "end_to_end_to_scorer": "at least 0.85",
    "scorer_share_of_int8_ceiling": "at least 0.30",
}


# --- the others ---------------------------------------------------------------------------------------------------


class BertBase:
    """A BERT-base with three labels and random weights, as a Transformers pipeline and as an int8 ONNX graph."""

    def __init__(self, place: Path, texts: Sequence[str]):
        checkpoint(place / "base", list(texts))
        config = transformers.BertConfig.from_pretrained(place / "base", num_labels=3)
        self._network = transformers.BertForSequenceClassification(config).eval()
        tokenizer = Tokenizer.from_file(str(place / "base" / "tokenizer.json"))
        self._tokenizer = transformers.PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
        )
        self._pipeline = transformers.pipeline(
            "text-classification", model=self._network, tokenizer=self._tokenizer, device=-1
        )
        self._session = onnxruntime.InferenceSession(self._int8(place), _options(CORES))

    def pipeline(self, texts: Sequence[str]) -> None:
        """Judge texts as the documentation of Transformers shows it: fp32, batches of 32."""
        said = self._pipeline(list(texts), batch_size=BATCH, truncation=True, max_length=LONGEST)
        assert len(said) == len(texts)

    def int8(self, texts: Sequence[str]) -> None:
        """Judge texts with the dynamically quantised graph, batches of 32."""
        for at in range(0, len(texts), BATCH):
            ids, mask = self._rows(list(texts[at : at + BATCH]))
            (labels,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
            assert labels.shape == (len(ids), 3)

    def _rows(self, texts: list[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        rows = self._tokenizer(texts, padding=True, truncation=True, max_length=LONGEST, return_tensors="np")
        return rows["input_ids"].astype(np.int64), rows["attention_mask"].astype(np.int64)

    def _int8(self, place: Path) -> Path:
        ids, mask = map(torch.from_numpy, self._rows(["contoh pendek", "contoh yang sedikit lebih panjang"]))

        class Logits(torch.nn.Module):
            def __init__(self, network: Any):
                super().__init__()
                self.network = network

            def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
                return cast(torch.Tensor, self.network(input_ids=input_ids, attention_mask=attention_mask).logits)

        shape = {0: torch.export.Dim("posts", min=2, max=4096), 1: torch.export.Dim("tokens", min=2, max=LONGEST)}
        torch.onnx.export(
            Logits(self._network),
            (ids, mask),
            place / "base.onnx",
            input_names=["input_ids", "attention_mask"],
            dynamic_shapes=(shape, shape),
            dynamo=True,
            verbose=False,
        )
        # Shapes of a batch of two are recorded in the graph, and the quantiser believes them.
        graph = onnx.load(place / "base.onnx")
        del graph.graph.value_info[:]
        onnx.save(graph, place / "plain.onnx", save_as_external_data=True)
        quantize_dynamic(place / "plain.onnx", place / "int8.onnx", weight_type=QuantType.QInt8)
        return place / "int8.onnx"


def yardstick() -> TfidfScorer:
    """Return TF-IDF with logistic regression, fitted to the authored posts."""
    _, authored = Material.read(ROOT / "data", None).split("train")
    return TfidfScorer(authored, ambiguous=TrainConfig().ambiguous)


# --- the ceiling --------------------------------------------------------------------------------------------------


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return options


def ceiling(place: Path) -> dict[str, float]:
    """Return the multiply-adds a second, in billions, of int8 and fp32 products on all cores, best of the shapes."""
    found: dict[str, float] = {}
    for kind in ("int8", "fp32"):
        for shape in SHAPES:
            session = onnxruntime.InferenceSession(_product(place, kind, shape), _options(CORES))
            given = {"a": np.ones(shape[:2], dtype=np.uint8 if kind == "int8" else np.float32)}
            rate = max(_rate(session, given, shape) for _ in range(5))
            found[kind] = max(found.get(kind, 0.0), rate)
    return {kind: round(rate / 1e9, 1) for kind, rate in found.items()}


def _rate(session: onnxruntime.InferenceSession, given: dict[str, Any], shape: tuple[int, int, int]) -> float:
    times = max(3, int(3e10 / np.prod(shape)))
    session.run(None, given)
    began = time.perf_counter()
    for _ in range(times):
        session.run(None, given)
    return times * float(np.prod(shape)) / (time.perf_counter() - began)


def _product(place: Path, kind: str, shape: tuple[int, int, int]) -> Path:
    rows, inner, columns = shape
    integer = kind == "int8"
    weights = np.ones((inner, columns), dtype=np.int8 if integer else np.float32)
    node = helper.make_node("MatMulInteger" if integer else "MatMul", ["a", "b"], ["c"])
    of = (TensorProto.UINT8, TensorProto.INT32) if integer else (TensorProto.FLOAT, TensorProto.FLOAT)
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("a", of[0], [rows, inner])],
        [helper.make_tensor_value_info("c", of[1], [rows, columns])],
        [onnx.numpy_helper.from_array(weights, "b")],
    )
    path = place / f"{kind}-{rows}-{inner}-{columns}.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


def products_of_a_post(model: Path, tokens: float) -> float:
    """Return the multiply-adds of the matrix products of the shipped encoder for a post; padding and the heads do not count."""
    shape = json.loads(ArtefactFiles(model).path("card.json").read_text(encoding="utf-8"))["training"]["base"]["shape"]
    width, inner = shape["hidden"], shape["intermediate"]
    by_token = 4 * width * width + 2 * width * inner + 2 * tokens * width
    return float(tokens * shape["layers"] * by_token)


# --- the run ------------------------------------------------------------------------------------------------------


def in_turns(bench: Bench, texts: Sequence[str], rounds: int) -> tuple[dict[str, list[float]], float]:
    """Return posts per second of each, round by round, and the mean tokens of a post."""
    base, other = BertBase(bench.place, texts[:TABLE]), yardstick()
    classifier = Classifier.load(bench.model, engine="int8", threads=CORES)
    feed, tokens, rates = bench.feed(OURS), 0.0, dict[str, list[float]]()
    given = [Post(text) for text in texts[:OURS]]

    command = bench.score(feed, bench.place / "out.csv", "--workers", str(CORES), "--threads", "1", "--restart")

    def end_to_end() -> None:
        subprocess.run(command, check=True, capture_output=True)

    def timed(name: str, what: Callable[[], object], count: int) -> None:
        began = time.perf_counter()
        what()
        rates.setdefault(name, []).append(count / (time.perf_counter() - began))

    base.pipeline(texts[:BATCH])
    for _ in range(rounds):
        timed("transformers_pipeline_fp32", lambda: base.pipeline(texts[:THEIRS]), THEIRS)
        timed("bert_base_onnx_int8", lambda: base.int8(texts[:THEIRS]), THEIRS)
        timed("tfidf_lr", lambda: other.core(other.pre(texts[:TABLE])), TABLE)
        timed("pilah_classifier_one_process", lambda: classifier.classify(given[:TABLE]), TABLE)
        rate, tokens = scorers(bench, feed, CORES)
        rates.setdefault("pilah_scorer_alone", []).append(rate)
        timed("pilah_end_to_end", end_to_end, OURS)
    return rates, tokens


def measure(place: Path, rounds: int) -> dict[str, Any]:
    """Run everything and return the figures beside their bars."""
    bench = Bench(shipped_artefact(), "int8", place, Sizes())
    before = ceiling(place)
    rates, tokens = in_turns(bench, list(posts(OURS)), rounds)
    after = ceiling(place)
    most = {kind: max(before[kind], after[kind]) for kind in before}
    middle = {name: statistics.median(found) for name, found in rates.items()}
    work = products_of_a_post(bench.model, tokens)
    ratios = {
        "end_to_end_to_pipeline": round(middle["pilah_end_to_end"] / middle["transformers_pipeline_fp32"], 1),
        "end_to_end_to_bert_base_int8": round(middle["pilah_end_to_end"] / middle["bert_base_onnx_int8"], 1),
        "end_to_end_to_scorer": round(middle["pilah_end_to_end"] / middle["pilah_scorer_alone"], 3),
        "scorer_share_of_int8_ceiling": round(middle["pilah_scorer_alone"] * work / (most["int8"] * 1e9), 3),
    }
    return {
        "posts": OURS,
        "mean_tokens": round(tokens, 1),
        "million_multiply_adds_a_post": round(work / 1e6, 1),
        "ceiling_billion_multiply_adds_a_second": most,
        "posts_per_s": {
            name: {"median": round(middle[name], 1), "slowest": round(min(found), 1), "fastest": round(max(found), 1)}
            for name, found in rates.items()
        },
        "ratios": ratios,
        "bars": BARS,
    }


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args(arguments)
    torch.set_num_threads(CORES)
    machine = {
        "cores": CORES,
        "processor": platform.machine(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "onnxruntime": onnxruntime.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    with tempfile.TemporaryDirectory() as place:
        result = {"machine": machine, **measure(Path(place), given.rounds)}
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "comparison.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (given.out / "comparison.md").write_text(table(result), encoding="utf-8")
    print(table(result))  # noqa: T201 - this is a command


if __name__ == "__main__":
    main(sys.argv[1:])
