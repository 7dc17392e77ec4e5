"""Teaches: trained networks score the unlabelled pieces of a packed folder, and their mean becomes soft labels (Hinton et al. 2015)."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from pilah_data.errors import InputError
from pilah_data.normalise import normalise_text
from pilah_data.raw_texts import DOMAINS
from pilah_data.taxonomy import DIRECTIONS_IN_ORDER, PREDICTED, PREDICTED_FORMS
from pilah_model.folders import refuse_other_folder
from pilah_model.material import Material
from pilah_model.pretraining.packing import PIECE_TOKENS, Packed, tokenizer_hash
from pilah_model.rows import token_batches
from pilah_model.tokens import WINDOW, window_starts
from pilah_model.training.loop import BATCH_TOKENS, Log
from pilah_model.training.losses import moved
from pilah_model.training.network import PostClassifier
from pilah_model.training.pool import Marks, piece_rows
from pilah_model.training.run import load_tokenizer, load_trained, weights_sha256
from pilah_model.training.soft import SoftLabels

SHORTEST = 5
"""Pieces of fewer tokens are no posts that one could judge."""
_SIZES = (len(PREDICTED), len(PREDICTED_FORMS), len(DIRECTIONS_IN_ORDER))
_REPORT_SECONDS = 30.0


def teach(
    trained: Sequence[Path],
    packed: Packed,
    material: Material,
    out: Path,
    log: Log,
    device: str = "cpu",
    domains: Sequence[str] = ("social",),
) -> SoftLabels:
    """Score the pieces of some domains with every trained network and write the mean of their probabilities to `out`.

    Pieces that are a labelled post of another split than train stay out, so that measuring stays honest. Raises InputError when a
    teacher reads with another vocabulary than the packed folder, or when no piece is left.
    """
    refuse_other_folder(out, "pieces.npy", "soft labels")
    tokenizer = _common_tokenizer(trained, packed)
    teachers = [load_trained(folder)[0].to(device).eval() for folder in trained]
    pieces = _candidates(packed, domains)
    measured = _is_one_of(packed, pieces, measured_pieces(material, tokenizer))
    pieces = pieces[~measured]
    if not len(pieces):
        raise InputError(
            f"no piece of {', '.join(domains)} with {SHORTEST} tokens and more; name another packed folder"
        )
    log(
        f"{len(pieces)} pieces of {', '.join(domains)}; {int(measured.sum())} that are posts to measure on are left out"
    )
    labels, forms, directions = _mean_probabilities(teachers, packed, pieces, Marks.of(tokenizer), device, log)
    names = [{"name": folder.resolve().name, "sha256": weights_sha256(folder)} for folder in trained]
    soft = SoftLabels(pieces, labels, forms, directions).made_by(names, packed).save(out)
    log(_summary(soft))
    log(f"soft labels written to {out}")
    return soft


def measured_pieces(material: Material, tokenizer: Tokenizer) -> set[bytes]:
    """Return the token ids (uint16, as bytes) of all posts that are measured on: their windows, and how packing cuts them."""
    posts = [e.text for e in material.public if e.split != "train"]
    posts += [post.text for post in material.authored if post.split != "train"]
    found: set[bytes] = set()
    for encoding in tokenizer.encode_batch_fast([normalise_text(text) for text in posts], add_special_tokens=False):
        ids = np.asarray(encoding.ids, dtype=np.uint16)
        found.update(ids[at : at + WINDOW].tobytes() for at in window_starts(len(ids)))
        found.update(ids[at : at + PIECE_TOKENS].tobytes() for at in range(0, len(ids), PIECE_TOKENS))
    return found


def _common_tokenizer(trained: Sequence[Path], packed: Packed) -> Tokenizer:
    if not trained:
        raise InputError("no teacher; name at least one folder written by `pilah train` (option --trained)")
    tokenizers = [load_tokenizer(str(folder)) for folder in trained]
    for folder, tokenizer in zip(trained, tokenizers, strict=True):
        if tokenizer_hash(tokenizer) != packed.manifest["vocabulary"]:
            raise InputError(
                f"teacher {folder} reads with another vocabulary than the packed folder; take a teacher whose base was "
                "pretrained on that folder (option --trained), or name the other folder (option --packed)"
            )
    return tokenizers[0]


def _candidates(packed: Packed, domains: Sequence[str]) -> npt.NDArray[np.int64]:
    if unknown := set(domains) - set(DOMAINS):
        raise InputError(f"unknown domain {sorted(unknown)[0]!r}; known are {', '.join(DOMAINS)}")
    wanted = np.isin(packed.domains, [DOMAINS.index(domain) for domain in domains])
    return np.flatnonzero(wanted & (packed.lengths >= SHORTEST)).astype(np.int64)


def _is_one_of(packed: Packed, pieces: npt.NDArray[np.int64], known: Collection[bytes]) -> npt.NDArray[np.bool_]:
    # Slices of one buffer: a million small arrays would take longer than the teachers do.
    flat, size = np.ascontiguousarray(packed.tokens, dtype=np.uint16).tobytes(), np.dtype(np.uint16).itemsize
    starts = packed.starts[pieces] * size
    ends = starts + packed.lengths[pieces].astype(np.int64) * size
    return np.fromiter((flat[a:b] in known for a, b in zip(starts.tolist(), ends.tolist(), strict=True)), np.bool_)


def _mean_probabilities(
    teachers: Sequence[PostClassifier],
    packed: Packed,
    pieces: npt.NDArray[np.int64],
    marks: Marks,
    device: str,
    log: Log,
) -> list[npt.NDArray[np.float16]]:
    """Return labels (n, 3), forms (n, 10) and directions (n, 3) in the order of the pieces."""
    where = torch.device(device)
    # All of them on the device until the end: fetching each batch would make a GPU wait.
    result = torch.zeros(len(pieces), sum(_SIZES), device=where)
    began = said = time.monotonic()
    done = 0
    lengths = packed.lengths[pieces].astype(np.int64) + 2
    for batch in token_batches(lengths, BATCH_TOKENS[where.type] * (1 if where.type == "cuda" else 2)):
        ids, mask = (moved(a, where) for a in piece_rows(packed, pieces[batch], marks))
        result[moved(batch, where)] = _probabilities(teachers, ids, mask)
        done += len(batch)
        if time.monotonic() - said >= _REPORT_SECONDS:
            said = time.monotonic()
            log(f"{done} of {len(pieces)} pieces scored, {done / (said - began):.0f}/s")
    parts = np.split(result.cpu().numpy().astype(np.float16), np.cumsum(_SIZES)[:-1], axis=1)
    return [np.ascontiguousarray(part) for part in parts]


@torch.inference_mode()
def _probabilities(teachers: Sequence[PostClassifier], ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    total = torch.zeros(len(ids), sum(_SIZES), device=ids.device)
    for teacher in teachers:
        with torch.autocast(ids.device.type, dtype=torch.bfloat16):
            labels, forms, directions = (part.float() for part in teacher(ids, mask))
        total += torch.cat([labels.softmax(1), forms.sigmoid(), directions.softmax(1)], dim=1)
    return total / len(teachers)


def _summary(soft: SoftLabels) -> str:
    likeliest = np.bincount(soft.labels.argmax(1), minlength=len(PREDICTED)) / len(soft.pieces)
    shares = ", ".join(f"{label.value} {share:.1%}" for label, share in zip(PREDICTED, likeliest, strict=True))
    return f"likeliest label: {shares}; mean confidence {float(soft.labels.max(1).astype(np.float32).mean()):.3f}"
