"""Averages the weights of networks that went on from the same start with other seeds, and of that start (Wortsman et al. 2022).

The mean of several runs is better calibrated than one of them and as fast: it is one network.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from pilah_data.errors import InputError
from pilah_model.folders import refuse_other_folder
from pilah_model.material import Material
from pilah_model.training.loop import Log, TorchScorer
from pilah_model.training.network import PostClassifier
from pilah_model.training.run import (
    RECORD,
    TOKENIZER,
    load_trained,
    validation_figures,
    validation_sets,
    weights_sha256,
    write_trained,
)

_ALIKE = ("base", "taxonomy", "normaliser", "posts")
"""What the records of networks must share for their mean to be a network that means anything."""


def average(trained: Sequence[Path], material: Material, out: Path, log: Log) -> Path:
    """Write the mean of trained folders as a trained folder, with the figures of its parts and its own on the validation posts.

    Raises InputError for fewer than two folders, and for folders that did not go on from the same network.
    """
    if len(trained) < 2:
        raise InputError("an average needs two trained folders or more; name each (option --trained)")
    refuse_other_folder(out, RECORD, "trained network")
    network, text_encoder, record = load_trained(trained[0])
    total = {name: tensor.double() for name, tensor in network.state_dict().items()}
    parts = [_part(trained[0], record)]
    for folder in trained[1:]:
        other, reader, theirs = load_trained(folder)
        _check(trained[0], record, folder, theirs, alike=text_encoder.same_reading_as(reader))
        for name, tensor in other.state_dict().items():
            total[name] += tensor.double()
        parts.append(_part(folder, theirs))
    _put(network, {name: tensor / len(trained) for name, tensor in total.items()})
    figures = validation_figures(TorchScorer(network, text_encoder), validation_sets(material, text_encoder))
    log(f"mean of {len(trained)}: {figures}")
    tokenizer = Tokenizer.from_file(str(trained[0] / TOKENIZER))
    body = {**record, "averaged": parts, "validation": [{"epoch": "mean", **figures}]}
    write_trained(network, tokenizer, text_encoder.stand_ins, body, out)
    log(f"trained network written to {out}")
    return out


def _put(network: PostClassifier, weights: dict[str, torch.Tensor]) -> None:
    own = network.state_dict()
    network.load_state_dict({name: weights[name].to(own[name].dtype) for name in own})


def _part(folder: Path, record: dict[str, object]) -> dict[str, object]:
    config, curve = record.get("config"), record.get("validation")
    seed = config.get("seed") if isinstance(config, dict) else None
    last = curve[-1] if isinstance(curve, list) and curve else None
    return {"sha256": weights_sha256(folder), "seed": seed, "validation": last}


def _check(first: Path, record: dict[str, object], folder: Path, theirs: dict[str, object], *, alike: bool) -> None:
    differing = [name for name in _ALIKE if record.get(name) != theirs.get(name)]
    begun = (record.get("start"), theirs.get("start"))
    if begun[0] != begun[1] and theirs != begun[0] and record != begun[1]:
        differing.append("start")
    if differing or not alike:
        what = ", ".join(differing) or "tokenizer or stand-ins"
        raise InputError(
            f"{folder} and {first} differ in {what}; average only networks that went on from the same one with other seeds"
        )
    if "start" not in record:
        raise InputError(
            f"{first} began with fresh layers, whose mean means nothing; average networks trained with --start"
        )
