"""One fine-tuning run from labelled posts to a trained folder: weights, tokenizer, and a record of how it was made."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, AutoTokenizer

from pilah_data.errors import DataError, InputError
from pilah_data.normalise import NORMALISER_VERSION
from pilah_data.records import Example
from pilah_data.stand_ins import StandIns
from pilah_data.taxonomy import TAXONOMY_VERSION
from pilah_model.artefacts import file_sha256
from pilah_model.calibration import Calibration
from pilah_model.evaluation import METRICS, sample
from pilah_model.folders import empty_beside, put_in_place, refuse_other_folder
from pilah_model.material import Material, years_of
from pilah_model.pretraining.checkpoint import RECORD as PRETRAINING
from pilah_model.pretraining.checkpoint import tokens_in_all
from pilah_model.pretraining.packing import load_packed
from pilah_model.pretraining.vocabulary import SPECIAL
from pilah_model.scoring import Encoded
from pilah_model.tokens import TextEncoder
from pilah_model.training.augment import NameSwapper
from pilah_model.training.config import TrainConfig
from pilah_model.training.loop import Log, TorchScorer, TrainData, fine_tune
from pilah_model.training.network import PostClassifier, first_line, load_encoder
from pilah_model.training.pool import Pool
from pilah_model.training.soft import SoftLabels

_MADE_FOR = {"taxonomy": TAXONOMY_VERSION, "normaliser": NORMALISER_VERSION}
_WEIGHTS, RECORD, TOKENIZER = "network.safetensors", "training.json", "tokenizer.json"
"""The record of a trained folder, and its tokenizer."""
STAND_INS = "stand_ins.json"
"""The list of names in a trained folder; there is none where names are read as they stand."""


def train(
    base: str,
    material: Material,
    config: TrainConfig,
    out: Path,
    log: Log,
    device: str = "cpu",
    *,
    soft: tuple[Path, Path] | None = None,
    workers: int = 1,
    start: Path | None = None,
) -> Path:
    """Fine-tune `base` on the training split and write the trained folder; validation figures are logged every epoch.

    `soft` names a folder of soft labels to learn from, too, and their packed folder; `workers` processes prepare the texts.
    With `start`, a trained folder on the same base, its network goes on being trained instead of a fresh one.
    """
    refuse_other_folder(out, RECORD, "trained network")
    torch.manual_seed(config.seed)
    tokenizer, pretraining = load_tokenizer(base), _pretraining(base)
    text_encoder = TextEncoder(tokenizer, _stand_ins(material) if config.stand_ins else None)
    network = PostClassifier(load_encoder(base, config.dropout, tokenizer.get_vocab_size()), config.head_dropout)
    origin: dict[str, object] = {}
    if start is not None:
        begun, _, origin["start"] = load_trained(start)
        network.load_state_dict(begun.state_dict())
    public, authored = material.split("train")
    public = [post for post in public if not set(years_of(post)) & set(config.leave_out_years)]
    examples = [*public, *authored]
    if not examples:
        raise InputError("no training posts; point --shared at the public posts or run in a checkout with data/corpora")
    pool = _pool(*soft, tokenizer) if soft else None
    weights = np.asarray([1.0] * len(public) + [config.authored_weight] * len(authored), dtype=np.float32)
    log(f"{len(public)} public and {len(authored)} authored posts; {dict(Counter(e.label.value for e in examples))}")
    if pool:
        log(f"pool of {len(pool.soft.pieces)} pieces with soft labels")
    record: dict[str, object] = {
        "config": dataclasses.asdict(config),
        "base": pretraining,
        **origin,
        **({"soft_labels": dict(pool.soft.manifest)} if pool else {}),
        "posts": {"public": len(public), "authored": len(authored)},
        **_MADE_FOR,
    }
    curve: list[dict[str, object]] = []
    sets = validation_sets(material, text_encoder)

    def watch(epoch: int, net: PostClassifier) -> None:
        figures = validation_figures(TorchScorer(net, text_encoder, device), sets)
        curve.append({"epoch": epoch, **figures})
        log(f"  validation {json.dumps(figures)}")
        # After every epoch, so that a run that is killed leaves its last one.
        write_trained(
            net, tokenizer, text_encoder.stand_ins, {**record, "epochs_done": epoch, "validation": curve}, out
        )

    data = TrainData(
        examples, weights, NameSwapper([post for post in material.authored if post.split == "train"], material.names)
    )
    fine_tune(network, text_encoder, data, config, log, device, watch, pool=pool, workers=workers)
    log(f"trained network written to {out}")
    return out


def _stand_ins(material: Material) -> StandIns:
    if material.names is None:
        raise InputError("stand-ins need a list of names; run in a checkout with data/names.toml")
    return StandIns.of(material.names)


def write_trained(
    network: PostClassifier,
    tokenizer: Tokenizer,
    stand_ins: StandIns | None,
    record: Mapping[str, object],
    out: Path,
) -> None:
    """Write a trained folder in place of an earlier one; a kill in the middle leaves that in `out.old`."""
    fresh = empty_beside(out)
    save_file({k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}, fresh / _WEIGHTS)
    network.encoder.config.save_pretrained(fresh)
    tokenizer.save(str(fresh / TOKENIZER))
    if stand_ins is not None:
        stand_ins.write(fresh / STAND_INS)
    (fresh / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    put_in_place(fresh, out)


def _pool(soft: Path, packed: Path, tokenizer: Tokenizer) -> Pool:
    pieces = load_packed(packed)
    return Pool.of(SoftLabels.load(soft, pieces), pieces, tokenizer)


def validation_sets(material: Material, text_encoder: TextEncoder) -> dict[str, tuple[list[Example], Encoded]]:
    """Return the public and the authored validation posts, as far as there are any, with their token rows."""
    sets = zip(("public", "authored"), material.split("validation"), strict=True)
    return {name: (examples, text_encoder([e.text for e in examples])) for name, examples in sets if examples}


def validation_figures(
    scorer: TorchScorer, sets: Mapping[str, tuple[list[Example], Encoded]]
) -> dict[str, dict[str, float]]:
    """Return the uncalibrated figures on each of the sets."""
    figures = {}
    for name, (examples, encoded) in sets.items():
        s = sample(examples, Calibration()(scorer.post(encoded, scorer.core(encoded))))
        figures[name] = {key: round(metric(s), 4) for key, metric in METRICS.items()}
    return figures


def load_tokenizer(base: str) -> Tokenizer:
    """Return the fast tokenizer of a folder or, with a network, of a hub name.

    Raises InputError when there is none, when it is damaged, or when it is not a BERT's.
    """
    local = Path(base) / TOKENIZER
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
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
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
    return network.eval(), TextEncoder.from_file(folder / TOKENIZER, folder / STAND_INS), record


def weights_sha256(folder: Path) -> str:
    """Return the SHA-256 of the weights of a trained folder, in hex."""
    return file_sha256(folder / _WEIGHTS)


def _pretraining(base: str) -> dict[str, object]:
    """Return what is known of how the encoder was pretrained; raises InputError for a damaged record."""
    path = Path(base) / PRETRAINING
    if not path.is_file():
        return {"name": Path(base).name}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return {
            "name": Path(base).name,
            "tokens": tokens_in_all(record),
            "seconds": record["seconds"],
            "device": record.get("device", "cpu"),
            "skipgram": record["config"]["skipgram"],
            "held_out": record["held_out"][-1],
            "shape": record["config"]["shape"],
            "packed_tokens": record["packed"]["tokens"],
        }
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}: {error}); remove it or pretrain again") from error
