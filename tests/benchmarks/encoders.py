"""Encoders at equal compute: masking, start, optimiser, head and size, each a short pretraining with the same number of operations.

On a CUDA device with the recipe of `model/configs/pretrain_mini.toml`, on a CPU with what `pilah pretrain` does without `--config`.

    python tests/benchmarks/encoders.py --packed build/packed --shared ../shared --out build/encoders --device cuda --flops 2e15
    python tests/benchmarks/encoders.py --packed build/packed --shared ../shared --out build/encoders --flops 6e13 --seeds 1
    python tests/benchmarks/encoders.py --out build/encoders --speed
    python tests/benchmarks/encoders.py --out build/encoders --table docs/encoder-comparison.md

Every variant writes one JSON as soon as it is done, named after device, operations and what it changes, so that several calls (`--only`)
can share the work; a call that is repeated does what is missing, and what was only half done from its beginning. Measured are the held-out
loss (20 % of the tokens masked, whole words, for all alike), and the validation posts after fine-tuning the whole network and after
fine-tuning the heads alone ("frozen"). `--speed` says how many posts a second networks of each size judge in int8.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import onnx
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import BertModel

from pilah_model.encoder import OnnxScorer
from pilah_model.int8_graph import int8_graph
from pilah_model.material import Material
from pilah_model.pretraining.checkpoint import RECORD
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.loop import pretrain, skipgram_vectors
from pilah_model.pretraining.network import HEAD, MaskedLanguageModel, Shape, load_model
from pilah_model.pretraining.packing import Packed, load_packed
from pilah_model.pretraining.probe import held_out_pieces, measure
from pilah_model.pretraining.throughput import flops_per_token
from pilah_model.quantisation import products_of
from pilah_model.scoring import Encoded
from pilah_model.tokens import TextEncoder
from pilah_model.training.config import TrainConfig
from pilah_model.training.network import PostClassifier
from pilah_model.training.run import train

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))

from tests.benchmarks.replaced_tokens import operations_per_token, pretrain_replaced  # noqa: E402 - the path comes first

BASE, SKIPGRAM, REPLACED = "4x256, 20 % masked", "skip-gram start", "replaced tokens"
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    BASE: {},
    f"{BASE}, another seed": {"seed": 2},
    "15 % masked": {"mask_rate": 0.15},
    "30 % masked": {"mask_rate": 0.3},
    "40 % masked": {"mask_rate": 0.4},
    SKIPGRAM: {},
    "output embeddings of its own": {"untied": True},
    REPLACED: {},
    "Muon": {"optimiser": "muon"},
    "4x312": {"shape": Shape(4, 312, 3, 1248)},
    "6x384": {"shape": Shape(6, 384, 6, 1536)},
}
"""What each variant changes in the recipe of its device; the skip-gram start, which every run on a CPU has, is a folder given by
`--skipgram`."""
EPOCHS = 2
Vectors = npt.NDArray[np.float32]
SHAPES: Mapping[str, Shape] = {
    "4x256": Shape(),
    "4x312": Shape(4, 312, 3, 1248),
    "6x384": Shape(6, 384, 6, 1536),
    "8x512": Shape(8, 512, 8, 2048),
}
POSTS, MEDIAN_TOKENS, ROUNDS = 4096, 23.91, 5
"""Invented token rows of a speed run; their lengths are spread as those of posts are."""
COOL = 0.3
SPEED = "speed.json"


def file_of(asked: argparse.Namespace, name: str) -> Path:
    """Return where a variant's figures are written."""
    named = f"{asked.device.partition(':')[0]} {asked.flops:.0e} {name}"
    out: Path = asked.out / ("".join(c if c.isalnum() else "_" for c in named) + ".json")
    return out


def run_variant(name: str, asked: argparse.Namespace, packed: Packed, material: Material) -> dict[str, Any]:
    """Pretrain, measure and fine-tune one variant; returns its figures."""
    tokenizer = Tokenizer.from_file(str(asked.packed / "tokenizer.json"))
    on_cuda = asked.device.startswith("cuda")
    base = PretrainConfig.from_file(ROOT / "model" / "configs" / "pretrain_mini.toml") if on_cuda else PretrainConfig()
    config = dataclasses.replace(base, **VARIANTS[name])
    if name == REPLACED:
        per_token = operations_per_token(config.shape, tokenizer.get_vocab_size())
    else:
        per_token = flops_per_token(config.shape, tokenizer.get_vocab_size(), config.mask_rate)
    steps = max(10, round(asked.flops / (per_token * config.batch_tokens)))
    config = dataclasses.replace(config, warmup_steps=max(1, steps // 10))
    folder = asked.out / "runs" / file_of(asked, name).stem
    # A run that was stopped would go on with all its steps again, and have more compute than the others.
    shutil.rmtree(folder, ignore_errors=True)
    if name == REPLACED:
        vectors = _vectors(asked.out, config, packed, tokenizer)
        encoder = pretrain_replaced(config, packed, tokenizer, vectors, folder, steps, COOL, print)
        loss = {}
    else:
        budget = Budget(600.0, COOL * 600.0, 600.0, asked.device, 10.0, steps, compiled=on_cuda)
        start = asked.skipgram if name == SKIPGRAM else None
        if config.skipgram:
            start = _start(config, _vectors(asked.out, config, packed, tokenizer), tokenizer, folder)
        encoder = pretrain(config, packed, tokenizer, folder, budget, print, start=start)
        model, _ = load_model(encoder)
        fits = {domain: measure(model, tokenizer, pieces) for domain, pieces in held_out_pieces(packed, 600).items()}
        loss = {domain: round(fit.loss, 3) for domain, fit in fits.items()}
    record = json.loads((encoder / RECORD).read_text(encoding="utf-8"))
    return {
        "variant": name,
        "operations": asked.flops,
        "tokens": record["tokens"],
        "minutes": round(record["seconds"] / 60, 2),
        "device": record["device"],
        "loss": loss,
        "tuned": [_validation(encoder, material, asked, folder, s + 1, frozen=False) for s in range(asked.seeds)],
        "frozen": [_validation(encoder, material, asked, folder, 1, frozen=True)],
    }


def _vectors(out: Path, config: PretrainConfig, packed: Packed, tokenizer: Tokenizer) -> Vectors:
    """Return the skip-gram vectors of a width, trained once for all variants that have it."""
    path = out / "runs" / f"vectors-{config.shape.hidden}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, skipgram_vectors(dataclasses.replace(config, seed=1), packed, tokenizer))
    vectors: Vectors = np.load(path)
    return vectors


def _start(config: PretrainConfig, vectors: Vectors, tokenizer: Tokenizer, folder: Path) -> Path:
    """Write the encoder that a run of this configuration begins as: skip-gram vectors, random layers."""
    torch.manual_seed(config.seed)
    model = MaskedLanguageModel(config.shape.config(tokenizer.get_vocab_size()))
    model.start_from_vectors(vectors)
    start = folder / "start"
    model.bert.save_pretrained(start)
    save_file(model.head(), start / HEAD)
    return start


def _validation(
    encoder: Path, material: Material, asked: argparse.Namespace, folder: Path, seed: int, *, frozen: bool
) -> dict[str, float]:
    config = TrainConfig.from_file(ROOT / "model" / "configs" / "mini.toml")
    config = dataclasses.replace(config, epochs=EPOCHS, seed=seed)
    if frozen:
        config = dataclasses.replace(config, learning_rate=0.0, embedding_lr=0.0)
    out = folder / f"{'frozen' if frozen else 'tuned'}-{seed}"
    train(str(encoder), material, config, out, print, asked.device, workers=asked.workers)
    record = json.loads((out / "training.json").read_text(encoding="utf-8"))
    figures: dict[str, float] = record["validation"][-1]["public"]
    return figures


def speed(place: Path) -> dict[str, dict[str, float]]:
    """Return posts per second of the int8 graph by size, random weights, two scorers of one thread each, and the graph's megabytes."""
    rows = _invented_rows()
    found = {}
    for name, shape in SHAPES.items():
        torch.manual_seed(0)
        network = PostClassifier(BertModel(shape.config(16_384), add_pooling_layer=False)).eval()
        graph = place / f"{name}.onnx"
        onnx.save_model(int8_graph(network, products_of(network, rows[:64])), str(graph))
        scorers = [OnnxScorer(graph, cast(TextEncoder, None), engine="int8", threads=1) for _ in range(2)]
        halves = [_encoded(rows[i::2]) for i in range(2)]
        rates = []
        with ThreadPoolExecutor(2) as pool:
            for _ in range(ROUNDS):
                began = time.perf_counter()
                list(pool.map(lambda one: one[0].core(one[1]), zip(scorers, halves, strict=True)))
                rates.append(POSTS / (time.perf_counter() - began))
        found[name] = {
            "posts_per_second": round(statistics.median(rates)),
            "megabytes": round(graph.stat().st_size / 1e6, 1),
        }
        sys.stdout.write(f"{name}: {found[name]}\n")
    return found


def _invented_rows() -> list[list[int]]:
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.lognormal(np.log(MEDIAN_TOKENS), 0.7, POSTS), 4, 128).astype(int)
    return [rng.integers(5, 16_000, n).tolist() for n in lengths]


def _encoded(rows: Sequence[Sequence[int]]) -> Encoded:
    count = len(rows)
    return Encoded(rows, np.arange(count), np.asarray([len(row) for row in rows]), np.zeros(count, dtype=np.bool_))


def table(out: Path) -> str:
    """Return the figures of all variants that are done as a Markdown page, by compute; what was not measured is a dash."""
    speeds = out / SPEED
    found = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(out.glob("*.json")) if p != speeds]
    order = list(VARIANTS)
    found.sort(key=lambda one: (-one["operations"], order.index(one["variant"])))
    lines = [
        "# Encoders at equal compute",
        "",
        "Written by `python tests/benchmarks/encoders.py --table docs/encoder-comparison.md`; do not edit. The variants of a table",
        f"pretrain with the same number of operations, the last {COOL:.0%} of them cooling down, and change one thing of the",
        "recipe of their device: on CUDA `model/configs/pretrain_mini.toml`, on a CPU what `pilah pretrain` does without",
        "`--config` (batches of 4,096 tokens, embeddings that start as skip-gram vectors). Loss in nats on held-out pieces, 20 %",
        f"of the tokens masked for all alike; then the public validation posts after {EPOCHS} epochs of fine-tuning: the whole",
        "network (mean and, of several seeds, half their range), or its heads alone. Minutes are by the clock on a device that",
        "several runs shared: compare tokens. On CUDA the packed folder was one for travelling, with fewer texts of `other`: its",
        "held-out pieces of `other` are not those of the runs on a CPU.",
    ]
    for (operations, device), group in groupby(found, key=lambda one: (one["operations"], one["device"])):
        lines += ["", f"## {operations:.0e} operations each, on {device}", "", *_rows(list(group))]
    if speeds.exists():
        mean = statistics.mean(map(len, _invented_rows()))
        lines += [
            "",
            "## Speed",
            "",
            f"In int8 on two cores, {POSTS:,} rows of {mean:.1f} tokens in the mean, random weights (`--speed`):",
            "",
        ]
        lines += ["| size | posts/s | int8 graph |", "|---|---|---|"]
        for name, one in json.loads(speeds.read_text(encoding="utf-8")).items():
            lines.append(f"| {name} | {one['posts_per_second']:,} | {one['megabytes']} MB |")
    return "\n".join(lines) + "\n"


def _rows(group: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [
        "| variant | tokens | minutes | loss social / news / other | tuned: macro-F1 | tuned: partisan F1 | frozen: macro-F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in group:
        loss = " / ".join(f"{one['loss'][d]:.3f}" for d in ("social", "news", "other") if one["loss"]) or "-"
        macro, partisan, frozen = (
            _mean(one[kind], metric)
            for kind, metric in (("tuned", "macro_f1"), ("tuned", "partisan_f1"), ("frozen", "macro_f1"))
        )
        tokens = f"{one['tokens'] / 1e6:.{0 if one['tokens'] > 2e7 else 1}f} M"
        lines.append(
            f"| {one['variant']} | {tokens} | {one['minutes']:.1f} | {loss} | {macro} | {partisan} | {frozen} |"
        )
    return lines


def _mean(runs: Sequence[Mapping[str, float]], metric: str) -> str:
    values = [run[metric] for run in runs]
    if not values:
        return "-"
    spread = f" (± {(max(values) - min(values)) / 2:.3f})" if len(values) > 1 else ""
    return f"{sum(values) / len(values):.3f}{spread}"


def main() -> None:
    """Run what is asked for and not done yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packed", type=Path, default=ROOT / "build" / "packed")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "encoders")
    parser.add_argument("--skipgram", type=Path, help="Encoder folder of skip-gram vectors and random layers.")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--flops", type=float, default=2e15, help="Operations of each pretraining.")
    parser.add_argument("--seeds", type=int, default=2, help="Seeds of the fine-tuning of the whole network.")
    parser.add_argument("--only", action="append", choices=list(VARIANTS))
    parser.add_argument("--table", type=Path, help="Write the table of what is done here, and run nothing.")
    parser.add_argument("--speed", action="store_true", help="Measure how fast each size serves, and run nothing else.")
    asked = parser.parse_args()
    if asked.table:
        asked.table.write_text(table(asked.out), encoding="utf-8")
        return
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.speed:
        with tempfile.TemporaryDirectory() as place:
            found = speed(Path(place))
        (asked.out / SPEED).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return
    packed, material = load_packed(asked.packed), Material.read(ROOT / "data", asked.shared)
    for name in asked.only or VARIANTS:
        if file_of(asked, name).exists():
            continue
        if name == SKIPGRAM and not asked.device.startswith("cuda"):
            continue
        if name == SKIPGRAM and asked.skipgram is None:
            sys.exit("the skip-gram start needs --skipgram FOLDER, which `pilah pretrain` without --config writes")
        figures = run_variant(name, asked, packed, material)
        file_of(asked, name).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
