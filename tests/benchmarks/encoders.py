"""Encoders at equal compute: masking, start, optimiser, head and size, each a short pretraining with the same number of operations.

    python tests/benchmarks/encoders.py --packed build/packed --shared ../shared --out build/encoders --device cuda --flops 2e15
    python tests/benchmarks/encoders.py --out build/encoders --speed
    python tests/benchmarks/encoders.py --out build/encoders --table docs/encoder-comparison.md

Every variant writes one JSON as soon as it is done, so that several calls (`--only`) can share the work and a call that is repeated goes
on. Measured are the held-out loss (20 % of the tokens masked, whole words, for all alike), and the validation posts after fine-tuning the
whole network and after fine-tuning the heads alone ("frozen"). `--speed` says how many posts a second networks of each size judge in int8.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
from tokenizers import Tokenizer
from transformers import BertModel

from pilah_model.encoder import OnnxScorer
from pilah_model.int8_graph import int8_graph
from pilah_model.material import Material
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.loop import pretrain
from pilah_model.pretraining.network import Shape, load_model
from pilah_model.pretraining.packing import Packed, load_packed
from pilah_model.pretraining.probe import held_out_pieces, measure
from pilah_model.pretraining.throughput import flops_per_token
from pilah_model.quantisation import products_of
from pilah_model.scoring import Encoded
from pilah_model.tokens import TextEncoder
from pilah_model.training.config import TrainConfig
from pilah_model.training.network import PostClassifier
from pilah_model.training.run import train

ROOT = Path(__file__).parents[2]
BASE = "4x256, 20 % masked"
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    BASE: {},
    "15 % masked": {"mask_rate": 0.15},
    "30 % masked": {"mask_rate": 0.3},
    "40 % masked": {"mask_rate": 0.4},
    "skip-gram start": {},
    "output embeddings of its own": {"untied": True},
    "Muon": {"optimiser": "muon"},
    "4x312": {"shape": Shape(4, 312, 3, 1248)},
    "6x384": {"shape": Shape(6, 384, 6, 1536)},
}
"""What each variant changes in `model/configs/pretrain_mini.toml`; the skip-gram start is a folder given by `--skipgram`."""
EPOCHS, SEEDS = 2, (1, 2)
SHAPES: Mapping[str, Shape] = {
    "4x256": Shape(),
    "4x312": Shape(4, 312, 3, 1248),
    "6x384": Shape(6, 384, 6, 1536),
    "8x512": Shape(8, 512, 8, 2048),
}
POSTS, MEAN_TOKENS, ROUNDS = 4096, 30.7, 5
"""Invented token rows of a speed run; their lengths are spread as those of posts are."""
FROZEN_RATE = 1e-9
"""A learning rate of the encoder that leaves it as it is."""
COOL = 0.3
SPEED = "speed.json"


def file_of(out: Path, name: str) -> Path:
    """Return where a variant's figures are written."""
    return out / ("".join(c if c.isalnum() else "_" for c in name) + ".json")


def run_variant(name: str, asked: argparse.Namespace, packed: Packed, material: Material) -> dict[str, Any]:
    """Pretrain, measure and fine-tune one variant; returns its figures."""
    tokenizer = Tokenizer.from_file(str(asked.packed / "tokenizer.json"))
    base = PretrainConfig.from_file(ROOT / "model" / "configs" / "pretrain_mini.toml")
    config = dataclasses.replace(base, **VARIANTS[name])
    per_token = flops_per_token(config.shape, tokenizer.get_vocab_size(), config.mask_rate)
    steps = max(10, round(asked.flops / (per_token * config.batch_tokens)))
    config = dataclasses.replace(config, warmup_steps=max(1, steps // 10))
    budget = Budget(600.0, COOL * 600.0, 600.0, asked.device, 10.0, steps, compiled=asked.device.startswith("cuda"))
    folder = asked.out / "runs" / file_of(asked.out, name).stem
    start = asked.skipgram if name == "skip-gram start" else None
    encoder = pretrain(config, packed, tokenizer, folder, budget, print, start=start)
    record = json.loads((encoder / "pretraining.json").read_text(encoding="utf-8"))
    model, _ = load_model(encoder)
    fits = {domain: measure(model, tokenizer, pieces) for domain, pieces in held_out_pieces(packed, 600).items()}
    return {
        "variant": name,
        "operations": asked.flops,
        "tokens": record["tokens"],
        "minutes": round(record["seconds"] / 60, 2),
        "device": record["device"],
        "tokens_per_second": record["throughput"].get("tokens_per_second"),
        "loss": {domain: round(fit.loss, 3) for domain, fit in fits.items()},
        "tuned": [_validation(encoder, material, asked, folder, seed, frozen=False) for seed in SEEDS],
        "frozen": [_validation(encoder, material, asked, folder, seed, frozen=True) for seed in SEEDS[:1]],
    }


def _validation(
    encoder: Path, material: Material, asked: argparse.Namespace, folder: Path, seed: int, *, frozen: bool
) -> dict[str, float]:
    config = TrainConfig.from_file(ROOT / "model" / "configs" / "mini.toml")
    config = dataclasses.replace(config, epochs=EPOCHS, seed=seed)
    if frozen:
        config = dataclasses.replace(config, learning_rate=FROZEN_RATE, embedding_lr=FROZEN_RATE)
    out = folder / f"{'frozen' if frozen else 'tuned'}-{seed}"
    train(str(encoder), material, config, out, print, asked.device, workers=asked.workers)
    record = json.loads((out / "training.json").read_text(encoding="utf-8"))
    figures: dict[str, float] = record["validation"][-1]["public"]
    return figures


def speed(place: Path) -> dict[str, dict[str, float]]:
    """Return posts per second of the int8 graph by size, random weights, two scorers of one thread each, and the graph's megabytes."""
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.lognormal(np.log(MEAN_TOKENS) - 0.25, 0.7, POSTS), 4, 128).astype(int)
    rows = [rng.integers(5, 16_000, n).tolist() for n in lengths]
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


def _encoded(rows: Sequence[Sequence[int]]) -> Encoded:
    count = len(rows)
    return Encoded(rows, np.arange(count), np.asarray([len(row) for row in rows]), np.zeros(count, dtype=np.bool_))


def table(out: Path) -> str:
    """Return the figures of all variants that are done as a Markdown page; what was not measured is a dash."""
    speeds = out / SPEED
    found = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(out.glob("*.json")) if p != speeds]
    order = list(VARIANTS)
    found.sort(key=lambda one: order.index(one["variant"]))
    lines = [
        "# Encoders at equal compute",
        "",
        "Written by `python tests/benchmarks/encoders.py --table`; do not edit. Every variant pretrains with the same number of operations",
        f"({found[0]['operations']:.0e}, on {found[0]['device']}), the last {COOL:.0%} of them cooling down, and changes one thing of",
        "`model/configs/pretrain_mini.toml`. Loss in nats on held-out pieces, 20 % of the tokens masked for all alike; then the public",
        f"validation posts after {EPOCHS} epochs of fine-tuning: the whole network (mean and half the range of {len(SEEDS)} seeds), or its",
        "heads alone.",
        "Minutes are by the clock on a device that several runs shared: compare tokens.",
        "",
        "| variant | tokens | minutes | loss social / news / other | tuned: macro-F1 | tuned: partisan F1 | frozen: macro-F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found:
        loss = " / ".join(f"{one['loss'][d]:.3f}" for d in ("social", "news", "other"))
        macro, partisan, frozen = (
            _mean(one[kind], metric)
            for kind, metric in (("tuned", "macro_f1"), ("tuned", "partisan_f1"), ("frozen", "macro_f1"))
        )
        lines.append(
            f"| {one['variant']} | {one['tokens'] / 1e6:.0f} M | {one['minutes']:.1f} | {loss} | {macro} | {partisan} | {frozen} |"
        )
    if speeds.exists():
        lines += [
            "",
            f"In int8 on two cores, {POSTS:,} rows of {MEAN_TOKENS} tokens in the mean, random weights (`--speed`):",
            "",
        ]
        lines += ["| size | posts/s | int8 graph |", "|---|---|---|"]
        for name, one in json.loads(speeds.read_text(encoding="utf-8")).items():
            lines.append(f"| {name} | {one['posts_per_second']:,} | {one['megabytes']} MB |")
    return "\n".join(lines) + "\n"


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
        if file_of(asked.out, name).exists():
            continue
        if name == "skip-gram start" and asked.skipgram is None:
            sys.exit("the skip-gram start needs --skipgram FOLDER, which `pilah pretrain` without --config writes")
        figures = run_variant(name, asked, packed, material)
        file_of(asked.out, name).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
