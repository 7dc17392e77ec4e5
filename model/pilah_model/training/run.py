"""One fine-tuning run from labelled posts to a trained folder: weights, tokenizer, and a record of how it was made."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, AutoTokenizer

from pilah_data.errors import DataError, InputError
from pilah_model.calibration import Calibration
from pilah_model.evaluation import METRICS, sample
from pilah_model.material import Material
from pilah_model.scoring import score
from pilah_model.tokens import TextEncoder
from pilah_model.training.augment import NameSwapper
from pilah_model.training.config import TrainConfig
from pilah_model.training.loop import Log, TorchScorer, TrainData, fine_tune
from pilah_model.training.network import PostClassifier, load_encoder

_WEIGHTS, _RECORD, _TOKENIZER = "network.safetensors", "training.json", "tokenizer.json"


def train(base: str, material: Material, config: TrainConfig, out: Path, log: Log, device: str = "cpu") -> Path:
    """Fine-tune `base` on the training split and write the trained folder; validation figures are logged every epoch."""
    torch.manual_seed(config.seed)
    tokenizer = load_tokenizer(base)
    text_encoder = TextEncoder(tokenizer)
    network = PostClassifier(load_encoder(base, config.dropout), config.head_dropout)
    public, authored = material.split("train")
    examples = [*public, *authored]
    if not examples:
        raise InputError("no training posts; point --shared at the public posts or run in a checkout with data/corpora")
    weights = np.asarray([1.0] * len(public) + [config.authored_weight] * len(authored), dtype=np.float32)
    log(f"{len(public)} public and {len(authored)} authored posts; {dict(Counter(e.label.value for e in examples))}")
    curve: list[dict[str, object]] = []

    def watch(epoch: int, net: PostClassifier) -> None:
        figures = validation_figures(TorchScorer(net, text_encoder, device), material)
        curve.append({"epoch": epoch, **figures})
        log(f"  validation {json.dumps(figures)}")

    data = TrainData(examples, weights, NameSwapper(material.authored))
    fine_tune(network, text_encoder, data, config, log, device, each_epoch=watch)
    out.mkdir(parents=True, exist_ok=True)
    network.cpu()
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, out / _WEIGHTS)
    network.encoder.config.save_pretrained(out)
    tokenizer.save(str(out / _TOKENIZER))
    record = {
        "config": dataclasses.asdict(config),
        "base": _pretraining(base),
        "validation": curve,
        "posts": {"public": len(public), "authored": len(authored)},
    }
    (out / _RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    log(f"trained network written to {out}")
    return out


def validation_figures(scorer: TorchScorer, material: Material) -> dict[str, dict[str, float]]:
    """Return the uncalibrated figures on the public and on the authored validation posts."""
    figures = {}
    for name, examples in zip(("public", "authored"), material.split("validation"), strict=True):
        if examples:
            scores, _ = score(scorer, [e.text for e in examples])
            s = sample(examples, Calibration()(scores))
            figures[name] = {key: round(metric(s), 4) for key, metric in METRICS.items()}
    return figures


def load_tokenizer(base: str) -> Tokenizer:
    """Return the fast tokenizer of a folder or, with a network, of a hub name; raises InputError."""
    local = Path(base) / _TOKENIZER
    if local.is_file():
        return Tokenizer.from_file(str(local))
    try:
        tokenizer: Tokenizer = AutoTokenizer.from_pretrained(base, trust_remote_code=False).backend_tokenizer
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"base model {base!r} has no fast tokenizer ({str(error).splitlines()[0]})") from error
    return tokenizer


def load_trained(folder: Path) -> tuple[PostClassifier, TextEncoder, dict[str, object]]:
    """Open a trained folder; raises DataError when it is damaged or something else."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        config = AutoConfig.from_pretrained(folder)
        network = PostClassifier(AutoModel.from_config(config))
        network.load_state_dict(load_file(folder / _WEIGHTS))
    except Exception as error:  # three libraries, no common root
        raise DataError(f"not a trained folder ({error}); make one with `pilah train`", file=str(folder)) from error
    return network.eval(), TextEncoder.from_file(folder / _TOKENIZER), record


def _pretraining(base: str) -> dict[str, object]:
    """Return what is known of how the encoder was pretrained."""
    path = Path(base) / "pretraining.json"
    if not path.is_file():
        return {"name": Path(base).name}
    record = json.loads(path.read_text(encoding="utf-8"))
    return {
        "name": Path(base).name,
        "tokens": record["tokens"],
        "seconds": record["seconds"],
        "held_out": record["held_out"][-1],
        "shape": record["config"]["shape"],
        "packed_tokens": record["packed"]["tokens"],
    }
