"""What a pretraining run begins as: refused before any work where it cannot be, else gone on with, or begun from an encoder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from pilah_data.errors import DataError, InputError
from pilah_model.folders import kept, need_writable, refuse_other_folder
from pilah_model.pretraining import checkpoint, exporting
from pilah_model.pretraining.checkpoint import COOLING, PROGRESS, STABLE, Progress
from pilah_model.pretraining.config import Budget, PretrainConfig
from pilah_model.pretraining.network import MaskedLanguageModel, load_model
from pilah_model.pretraining.packing import Packed, tokenizer_hash

Log = Callable[[str], None]
_SIZES = {
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "heads": "num_attention_heads",
    "intermediate": "intermediate_size",
    "positions": "max_position_embeddings",
}
"""Settings of a shape, and how a Hugging Face configuration calls them."""


def check(config: PretrainConfig, budget: Budget, tokenizer: Tokenizer, folder: Path, start: Path | None) -> None:
    """Refuse what would fail or destroy something later: options at odds, the encoder begun from, the folder written to.

    Raises InputError or DataError.
    """
    if budget.compiled and not config.rows:
        raise InputError("only packed rows are compiled: set rows = true (option --config), or leave out --compile")
    refuse_other_folder(folder / exporting.ENCODER, checkpoint.RECORD, "pretrained encoder", exporting.FILES)
    for name in (STABLE, COOLING):
        refuse_other_folder(folder / name, PROGRESS, "checkpoint of a pretraining run", checkpoint.FILES)
    if start is not None and not kept(folder / STABLE):
        _check_encoder(config, tokenizer, start)
    need_writable(folder)


def _check_encoder(config: PretrainConfig, tokenizer: Tokenizer, start: Path) -> None:
    if not start.is_dir():
        raise InputError(f"{start} is no folder; name the encoder folder of a `pilah pretrain` (option --start)")
    found = load_model(start, "--start")[0].bert.config
    theirs = {name: getattr(found, key) for name, key in _SIZES.items()} | {"vocabulary": found.vocab_size}
    ours = {name: getattr(config.shape, name) for name in _SIZES} | {"vocabulary": tokenizer.get_vocab_size()}
    if odd := [name for name, size in ours.items() if theirs[name] != size]:
        here, there = (", ".join(f"{name} {sizes[name]}" for name in odd) for sizes in (ours, theirs))
        raise DataError(
            f"an encoder of another shape cannot be gone on from: it has {there}, this run {here}; take its [shape] (option "
            "--config) and the packed folder of its vocabulary (option --packed), or another encoder (option --start)",
            file=str(start),
        )
    path = start / exporting.TOKENIZER
    if not path.is_file():
        return
    try:
        own = tokenizer_hash(Tokenizer.from_file(str(path)))
    except Exception as error:  # the Rust library raises bare Exception
        raise DataError(f"vocabulary cannot be read ({error}) (option --start)", file=str(path)) from error
    if own != (this := tokenizer_hash(tokenizer)):
        raise DataError(
            f"an encoder that reads with another vocabulary cannot be gone on from: its tokenizer is {own[:12]}, that of the packed "
            f"folder {this[:12]}; take the packed folder of its vocabulary (option --packed), or another encoder (option --start)",
            file=str(path),
        )


def resumed(
    folder: Path,
    model: MaskedLanguageModel,
    optimisers: Sequence[torch.optim.Optimizer],
    fingerprint: str,
    budget: Budget,
    log: Log,
) -> Progress | None:
    """Restore the run of a folder and return where it stands; None when there is none.

    A cool-down that was cut off goes on, unless this call has none: then the run is prolonged from before it.
    """
    stable = checkpoint.read_progress(folder / STABLE)
    if stable is None:
        return None
    cooling = checkpoint.read_progress(folder / COOLING)
    cooldown = cooling.cooldown if cooling else None
    if cooldown is not None and cooldown.began_after != stable.steps:
        cooldown = None  # of a run that was prolonged since
    place = STABLE
    if cooldown is not None and budget.cooldown_minutes:
        place = COOLING
        log(f"going on with the cool-down that was cut off: {cooldown}")
        if (budget.minutes, budget.cooldown_minutes) != (cooldown.minutes, cooldown.cooldown_minutes):
            log("the minutes of this call are not used: the cool-down lasts as long as it was begun with")
    elif cooldown is not None:
        log(f"without --cooldown-minutes the run goes on from before the cool-down that was cut off ({cooldown})")
    progress = checkpoint.load(folder / place, model, optimisers, fingerprint)
    kind = torch.device(budget.device).type
    progress.device = " and ".join(sorted({*progress.device.split(" and "), kind}))
    log(f"resuming after {progress.tokens / 1e6:.1f} M tokens, {progress.steps} steps")
    return progress


def begin_from(start: Path, model: MaskedLanguageModel, packed: Packed, log: Log) -> dict[str, Any]:
    """Give a network the weights of an encoder and return what is known of its run, with a warning if it read another pack."""
    other, own_head = load_model(start, "--start")
    model.start_from(other)
    origin = origin_of(start, packed)
    log(f"beginning from {start}, {origin.get('tokens', 0) / 1e6:.1f} M tokens")
    if not own_head:
        log(f"warning: {start} has no prediction head of its own; a new one begins from random weights")
    if "packed" in origin:
        log(
            f"warning: {start} was trained on another packed folder, which held out other pieces: those held out now may have been "
            "learnt from, and the held-out loss be too low"
        )
    return origin


def origin_of(start: Path, packed: Packed) -> dict[str, Any]:
    """Return tokens and held-out losses of the run that made an encoder, as far as known, and its pack's hashes if that was another."""
    try:
        record = json.loads((start / checkpoint.RECORD).read_text(encoding="utf-8"))
        origin = {"tokens": checkpoint.tokens_in_all(record), "held_out": record["held_out"][-1:]}
        theirs, before = record["packed"]["sha256"], record.get("origin", {}).get("packed")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    if theirs != packed.manifest["sha256"]:
        return {**origin, "packed": theirs}
    return {**origin, "packed": before} if before else origin


def check_probed(record: Mapping[str, Any], packed: Packed, base: Path) -> None:
    """Raise InputError when an encoder was trained on another packed folder, of which other pieces were held out."""
    known = record.get("packed", {})
    if known.get("sha256") != packed.manifest["sha256"]:
        raise InputError(
            f"encoder {base} was trained on another packed folder ({_described(known)}) than {packed.vocabulary.parent} "
            f"({_described(packed.manifest)}), which holds out other pieces; give that one (option --packed)"
        )


def _described(manifest: Mapping[str, Any]) -> str:
    pieces = sum(manifest.get("pieces", {}).values())
    name, digest = next(iter(manifest.get("sha256", {}).items()), ("no shards", ""))
    return f"{pieces:,} pieces, {name} {digest[:12]}"
