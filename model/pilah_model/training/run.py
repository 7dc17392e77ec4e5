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
from pilah_data.normalise import NORMALISER_VERSION
from pilah_data.taxonomy import TAXONOMY_VERSION
from pilah_model.calibration import Calibration
from pilah_model.evaluation import METRICS, sample
from pilah_model.material import Material
from pilah_model.pretraining.vocabulary import SPECIAL
from pilah_model.scoring import score
from pilah_model.tokens import TextEncoder
from pilah_model.training.augment import NameSwapper
from pilah_model.training.config import TrainConfig
from pilah_model.training.loop import Log, TorchScorer, TrainData, fine_tune
from pilah_model.training.network import PostClassifier, first_line, load_encoder

_MADE_FOR = {"taxonomy": TAXONOMY_VERSION, "normaliser": NORMALISER_VERSION}
_WEIGHTS, _RECORD, _TOKENIZER = "network.safetensors", "training.json", "tokenizer.json"


def train(base: str, material: Material, config: TrainConfig, out: Path, log: Log, device: str = "cpu") -> Path:
    """Fine-tune `base` on the training split and write the trained folder; validation figures are logged every epoch."""
    torch.manual_seed(config.seed)
    tokenizer, pretraining = load_tokenizer(base), _pretraining(base)
    text_encoder = TextEncoder(tokenizer)
    network = PostClassifier(load_encoder(base, config.dropout, tokenizer.get_vocab_size()), config.head_dropout)
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

    data = TrainData(
        examples, weights, NameSwapper([post for post in material.authored if post.split == "train"], material.names)
    )
    network = fine_tune(network, text_encoder, data, config, log, device, each_epoch=watch)
    out.mkdir(parents=True, exist_ok=True)
    network.cpu()
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, out / _WEIGHTS)
    network.encoder.config.save_pretrained(out)
    tokenizer.save(str(out / _TOKENIZER))
    record = {
        "config": dataclasses.asdict(config),
        "base": pretraining,
        "validation": curve,
        "posts": {"public": len(public), "authored": len(authored)},
        **_MADE_FOR,
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
    """Return the fast tokenizer of a folder or, with a network, of a hub name.

    Raises InputError when there is none, when it is damaged, or when it is not a BERT's.
    """
    local = Path(base) / _TOKENIZER
    try:
        tokenizer: Tokenizer = (
            Tokenizer.from_file(str(local))
            if local.is_file()
            else AutoTokenizer.from_pretrained(base, trust_remote_code=False).backend_tokenizer
        )
    except Exception as error:  # two libraries, one of which raises bare Exception
        raise InputError(f"base model {base!r} has no readable fast tokenizer ({first_line(error)})") from error
    if set(tokenizer.get_vocab()) <= set(SPECIAL):
        # What the library makes of a folder that holds an encoder alone.
        raise InputError(f"base model {base!r} has no vocabulary; put its tokenizer.json beside it")
    ids = {token: tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]", "[PAD]")}
    for token, found in ids.items():
        if found is None:
            raise InputError(f"base model {base!r}: its tokenizer knows no {token}; take an encoder like BERT")
    if ids["[PAD]"] != 0:
        raise InputError(
            f"base model {base!r}: its tokenizer gives [PAD] the id {ids['[PAD]']}, and rows are padded with 0"
        )
    return tokenizer


def load_trained(folder: Path) -> tuple[PostClassifier, TextEncoder, dict[str, object]]:
    """Open a trained folder; raises DataError when it is damaged or something else."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        config = AutoConfig.from_pretrained(folder)
        network = PostClassifier(AutoModel.from_config(config, add_pooling_layer=False))
        network.load_state_dict(load_file(folder / _WEIGHTS))
    except Exception as error:  # three libraries, no common root
        raise DataError(f"not a trained folder ({error}); make one with `pilah train`", file=str(folder)) from error
    for what, here in _MADE_FOR.items():
        if record.get(what) != here:
            raise DataError(
                f"trained for {what} {record.get(what)}, this program has {here}; train again with `pilah train`",
                file=str(folder),
            )
    return network.eval(), TextEncoder.from_file(folder / _TOKENIZER), record


def _pretraining(base: str) -> dict[str, object]:
    """Return what is known of how the encoder was pretrained; raises InputError for a damaged record."""
    path = Path(base) / "pretraining.json"
    if not path.is_file():
        return {"name": Path(base).name}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return {
            "name": Path(base).name,
            "tokens": record["tokens"],
            "seconds": record["seconds"],
            "device": record.get("device", "cpu"),
            "skipgram": record["config"]["skipgram"],
            "held_out": record["held_out"][-1],
            "shape": record["config"]["shape"],
            "packed_tokens": record["packed"]["tokens"],
        }
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}: {error}); remove it or pretrain again") from error
