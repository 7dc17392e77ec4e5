"""Renders the intrinsic checks of an encoder as a Markdown page."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from pilah_data.errors import DataError, InputError
from pilah_data.records import AuthoredPost
from pilah_model.pretraining.checkpoint import RECORD
from pilah_model.pretraining.network import MaskedLanguageModel
from pilah_model.pretraining.packing import Packed
from pilah_model.pretraining.probe import Fit, authored_pieces, fill, held_out_pieces, measure, neighbours

_NEW_HEAD = (
    "The prediction head of the run was not kept; a new one was fitted to the frozen encoder in minutes, which costs most of a nat: "
    "compare rows, not the run."
)


@dataclass(frozen=True)
class Questions:
    """Sentences with one [MASK] each, and words to find the neighbours of."""

    sentences: Sequence[str]
    words: Sequence[str]

    @classmethod
    def from_file(cls, path: Path) -> Questions:
        """Read a TOML file; raises InputError naming the file and the sentence that does not have exactly one [MASK]."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            questions = cls(list(values["sentences"]), list(values["words"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"questions {path} cannot be read ({type(error).__name__}: {error})") from error
        for sentence in questions.sentences:
            if sentence.count("[MASK]") != 1:
                raise InputError(f"questions {path}: {sentence!r} needs exactly one [MASK]")
        return questions


def read_record(folder: Path) -> dict[str, Any]:
    """Return what `pilah pretrain` wrote of its run; raises DataError without it."""
    path = folder / RECORD
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"no record of a pretraining run ({error}); run `pilah pretrain`", file=str(path)) from error
    return record


def report(
    model: MaskedLanguageModel,
    tokenizer: Tokenizer,
    packed: Packed,
    posts: Sequence[AuthoredPost],
    questions: Questions,
    record: Mapping[str, Any],
    *,
    own_head: bool,
    most: int = 2000,
) -> str:
    """Return the page: the run, loss and accuracy by domain, context and language, filled masks, neighbours."""
    fits = {name: measure(model, tokenizer, pieces) for name, pieces in held_out_pieces(packed, most).items()}
    ours = {
        name: measure(model, tokenizer, pieces[:most]) for name, pieces in authored_pieces(posts, tokenizer).items()
    }
    lines = [
        "# The encoder, measured by itself",
        "",
        "Written by `pilah probe`; do not edit. The questions are in `model/configs/probe.toml`.",
        "",
        *_run(record),
        "",
        "## Masked words (20 %, whole words, the same for every encoder)",
        "",
        "" if own_head else _NEW_HEAD,
        "",
        *_fits({f"held out, {name}": fit for name, fit in fits.items()}),
        *_rows({f"authored, {name}": fit for name, fit in ours.items()}),
        "",
        "Authored posts were never read in pretraining. Contexts and languages are those of `data/corpora`.",
        "",
        "## What it fills in",
        "",
        "| sentence | likeliest tokens |",
        "|---|---|",
        *(f"| {sentence} | {_filled(fill(model, tokenizer, sentence))} |" for sentence in questions.sentences),
        "",
        "## Nearest words of the embeddings",
        "",
        "| word | nearest |",
        "|---|---|",
        *(f"| {word} | {', '.join(near)} |" for word, near in neighbours(model, tokenizer, questions.words).items()),
        "",
    ]
    return "\n".join(lines)


def _run(record: Mapping[str, Any]) -> Iterator[str]:
    shape, last = record["config"]["shape"], record["held_out"][-1]
    before = record.get("origin", {}).get("tokens", 0)
    begun = f", begun from an encoder of {before / 1e6:,.0f} M" if before else ""
    yield (
        f"{shape['layers']} layers of {shape['hidden']}, {record['tokens'] / 1e6:,.0f} M tokens in {record['seconds'] / 60:.1f} min on "
        f"{record['device']}{begun}; loss on held-out posts at the end of the run, 600 pieces a domain: "
        + ", ".join(f"{name} {last[name]:.3f}" for name in ("social", "news", "other") if name in last)
        + " nats."
    )
    if record.get("origin", {}).get("packed"):
        yield (
            "\nThe encoder that it was begun from was trained on another packed folder: pieces held out now may have been learnt from."
        )
    if throughput := record.get("throughput"):
        yield (
            f"\n{throughput['tokens_per_second'] / 1e6:.1f} M tokens/s, {throughput['share']:.0%} of the device's matrix product "
            f"({throughput['matmul_ceiling'] / 1e12:.0f} TFLOP/s)."
        )


def _fits(fits: Mapping[str, Fit]) -> Iterator[str]:
    yield "| texts | loss (nats) | accuracy | bits per character | masked |"
    yield "|---|---|---|---|---|"
    yield from _rows(fits)


def _rows(fits: Mapping[str, Fit]) -> Iterator[str]:
    for name, fit in fits.items():
        yield f"| {name} | {fit.loss:.3f} | {fit.accuracy:.1%} | {fit.bits_per_character:.2f} | {fit.predicted} |"


def _filled(tokens: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{token.replace('|', '&#124;')} {share:.0%}" for token, share in tokens)
