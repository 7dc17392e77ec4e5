"""Writes the encoder of a run, with its head, tokenizer and record, so that `--base` and `--start` can take it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from safetensors.torch import save_file
from tokenizers import Tokenizer

from pilah_model.pretraining.checkpoint import RECORD, Progress
from pilah_model.pretraining.config import PretrainConfig
from pilah_model.pretraining.network import HEAD, MaskedLanguageModel
from pilah_model.pretraining.throughput import flops_per_token, matmul_ceiling
from pilah_model.pretraining.writing import replacing

ENCODER, TOKENIZER = "encoder", "tokenizer.json"
"""The folder of the encoder in that of the run, and the tokenizer in it."""
FILES = ("config.json", "model.safetensors", HEAD, TOKENIZER, RECORD)
"""All files of an encoder."""


def write_encoder(
    folder: Path, model: MaskedLanguageModel, tokenizer: Tokenizer, progress: Progress, facts: Mapping[str, object]
) -> None:
    """Write the encoder as it is now, its record made of `facts` and the progress; a kill leaves the one that was there before.

    Raises DataError when the disk does not take it.
    """
    state = {name: value for name, value in dataclasses.asdict(progress).items() if name != "cooldown"}
    with replacing(folder) as fresh:
        model.bert.save_pretrained(fresh)
        save_file(model.head(), fresh / HEAD)
        (fresh / TOKENIZER).write_text(tokenizer.to_str(pretty=True), encoding="utf-8")
        (fresh / RECORD).write_text(json.dumps({**facts, **state}, indent=1) + "\n", encoding="utf-8")


def throughput(
    config: PretrainConfig, vocabulary: int, progress: Progress, device: str, log: Callable[[str], None]
) -> dict[str, float]:
    """Return the median tokens per second of a run on CUDA and what share of the device's matrix product that is."""
    speeds = [point[2] for point in progress.curve if len(point) > 2]
    if not device.startswith("cuda") or not speeds:
        return {}
    speed = float(np.median(speeds))
    used = speed * flops_per_token(config.shape, vocabulary, config.mask_rate)
    ceiling = matmul_ceiling(device)
    log(f"{speed / 1e6:.2f} M tokens/s, {used / 1e12:.0f} of {ceiling / 1e12:.0f} TFLOP/s ({used / ceiling:.0%})")
    return {"tokens_per_second": speed, "flops": used, "matmul_ceiling": ceiling, "share": used / ceiling}
