"""Renders the model card from the artefact, its measured figures and the sections a person wrote; never a training text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilah_data.errors import InputError
from pilah_data.taxonomy import LABELS, TAXONOMY_VERSION, Label
from pilah_model.artefacts import ArtefactFiles, Manifest, read_manifest
from pilah_model.bars import PARITY_CHANGES, PARITY_GAP, PARITY_SHARE
from pilah_model.decision import DecisionPolicy
from pilah_model.evaluation import TITLES
from pilah_model.fairness import MOST_FLIPS, MOST_MOVED
from pilah_model.obfuscation import MOST_LOST

_SECTIONS = {"intended_use": "Intended use", "out_of_scope": "Out of scope", "limits": "Limits"}


def render(artefact: Path, figures: Path, sections: Path) -> str:
    """Return the card as Markdown; raises InputError naming a blank section, a missing file, or figures of another model."""
    manifest = read_manifest(artefact)
    files = ArtefactFiles(artefact)
    card = _read_json(files.path(files.card))
    policy = DecisionPolicy(**_read_json(files.path(files.policy)))
    written = _sections(sections)
    measured = _of_this_model(figures, manifest)
    parts = [
        f"# Model card: {manifest.name} {manifest.version}",
        "Rendered by `make card` from the artefact, `model/figures.json` and `model/configs/card.toml`; edit those, not this file.",
        *(f"## {title}\n\n{written[key].strip()}" for key, title in _SECTIONS.items()),
        "## Labels\n\n" + _labels(),
        "## How it was made\n\n" + _making(card),
        f"## Thresholds\n\n`lolos` below {policy.lolos_below}, `tinjau` from {policy.tinjau_from}. {policy.promise}",
        "## Engines\n\n" + _engines(card),
        "## Measured\n\n" + _measured(measured["figures"]),
        "## Behaviour cases\n\n" + _behaviour(measured["behaviour"]),
        *_probes(measured),
        f"## Identity\n\nTaxonomy {TAXONOMY_VERSION}, normaliser {manifest.normaliser}, manifest SHA-256 `{manifest.sha256}`.",
    ]
    return "\n\n".join(parts) + "\n"


def _sections(path: Path) -> dict[str, str]:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error})") from error
    for key in _SECTIONS:
        if not str(written.get(key, "")).strip():
            raise InputError(f"{path}: section {key!r} is blank; a person must write it before the model is released")
    return {key: str(written[key]) for key in _SECTIONS}


def _of_this_model(path: Path, manifest: Manifest) -> dict[str, Any]:
    measured = _read_json(path)
    model = measured.get("model")
    if not isinstance(model, dict) or model.get("sha256") != manifest.sha256:
        found = f"{model.get('name')} {model.get('version')}" if isinstance(model, dict) else "a model it does not name"
        raise InputError(
            f"{path} holds figures of {found}, measured on another manifest than that of {manifest.name} "
            f"{manifest.version} ({manifest.sha256[:12]}); measure it with `make evaluate`"
        )
    return measured


def _read_json(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing; write it with `make evaluate`") from error
    except ValueError as error:
        raise InputError(f"{path} is not JSON ({error})") from error
    if not isinstance(body, dict):
        raise InputError(f"{path} holds no JSON object; write it with `make evaluate`")
    return body


def _labels() -> str:
    rows = ["| label | predicted | definition |", "|---|---|---|"]
    rows += [
        f"| `{label.value}` | {'yes' if info.predicted else 'no'} | {info.definition_en} |"
        for label, info in LABELS.items()
    ]
    return (
        "\n".join(rows)
        + f"\n\n`{Label.PERLU_KONTEKS.value}` trains as a soft target; the model answers it by abstaining."
    )


def _making(card: Mapping[str, Any]) -> str:
    training = card["training"]
    base = training["base"]
    posts = training["posts"]
    lines = []
    if "tokens" in base:
        shape = base["shape"]
        lines.append(
            f"- Encoder: BERT, {shape['layers']} layers of {shape['hidden']}, pretrained from scratch by masked-language modelling on "
            f"{base['tokens'] / 1e6:.1f} million tokens in {base['seconds'] / 3600:.1f} hours on {_device(base)}{_start(base)}."
        )
        held = ", ".join(f"{k} {v:.2f}" for k, v in base["held_out"].items() if k != "tokens")
        lines.append(f"- Held-out masked-language loss (nats): {held}.")
    else:
        lines.append(f"- Encoder: {base['name']}; nothing more is recorded of how it was pretrained.")
    lines.append(
        f"- Fine-tuned on {posts['public']} public and {posts['authored']} authored posts; "
        f"{card['calibration_posts']} posts calibrate."
    )
    lines.append(f"- Configuration: `{json.dumps(training['config'])}`")
    return "\n".join(lines)


def _device(base: Mapping[str, Any]) -> str:
    # Records from before devices were recorded come from a CPU.
    kinds = {"cpu": "the CPU", "cuda": "a CUDA GPU"}
    return " and ".join(kinds.get(kind, kind) for kind in base.get("device", "cpu").split(" and "))


def _start(base: Mapping[str, Any]) -> str:
    if "skipgram" not in base:
        return ""
    start = "skip-gram vectors of the same texts" if base["skipgram"] else "random values"
    return f"; its embeddings started from {start}"


def _engines(card: Mapping[str, Any]) -> str:
    parity = card["parity"]
    return (
        f"fp32 is the engine of record. int8 differs from it on {parity['texts']} posts by {parity['gap_99']:.4f} at the 99th percentile "
        f"(largest {parity['max_gap']:.4f}) and changes {parity['label_flips']:.2%} of the labels and "
        f"{parity['decision_flips']:.2%} of the decisions; the bar is {PARITY_GAP} for {100 * PARITY_SHARE:g} % and "
        f"{100 * PARITY_CHANGES:g} % of each. "
        f"It {'holds, so int8 is the default' if parity['holds'] else 'does not hold, so fp32 is the default'}."
    )


def _measured(figures: Mapping[str, Any]) -> str:
    blocks = []
    for name, scorers in figures.items():
        heads = list(scorers)
        rows = [f"**{name}** ({scorers[heads[0]]['posts']} posts; 95 % bootstrap intervals)", ""]
        rows += ["| figure | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
        for key, title in TITLES.items():
            if key in scorers[heads[0]]:
                rows.append(f"| {title} | " + " | ".join(_figure(scorers[h].get(key)) for h in heads) + " |")
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks)


def _behaviour(rates: Mapping[str, Any]) -> str:
    rows = ["| family | met | 95 % interval |", "|---|---|---|"]
    rows += [
        f"| {name} | {met} of {checks} | {low:.1%} to {high:.1%} |" for name, (met, checks, low, high) in rates.items()
    ]
    return "\n".join(rows)


def _probes(measured: Mapping[str, Any]) -> list[str]:
    """Return what was measured of fairness, misspelling and evidence, as far as the figures hold it."""
    parts = []
    if swaps := measured.get("fairness"):
        rows = [
            "| told of another | posts | mean \\|Δp\\| | decisions flipped | labels flipped |",
            "|---|--:|---|---|---|",
        ]
        rows += [
            f"| {name} | {row['posts']} | "
            + " | ".join(_figure(row[key]) for key in ("moved", "decision_flips", "label_flips"))
            + " |"
            for name, row in {"all name swaps": swaps["together"], **swaps["kinds"]}.items()
        ]
        bar = f"The bar ({100 * MOST_FLIPS:g} % flips, {MOST_MOVED}) is " + (
            "met." if swaps["holds"] else "**not met**."
        )
        parts.append("## Fairness\n\n" + "\n".join(rows) + f"\n\n{bar}")
    if tricks := measured.get("obfuscation"):
        lost = ", ".join(f"{name} {_figure(row['lost'])}" for name, row in tricks["tricks"].items())
        parts.append(
            f"## Misspelling\n\nRecall of partisan posts lost under each trick: {lost}. The bar is {MOST_LOST}."
        )
    if (spans := measured.get("evidence")) and spans["explained"]:
        parts.append(
            f"## Evidence\n\nOn {spans['explained']} partisan posts: token F1 {_figure(spans['token_f1'])} against marked evidence "
            f"(random spans {_figure(spans['random_token_f1'])}), comprehensiveness {_figure(spans['comprehensiveness'])}, "
            f"sufficiency {_figure(spans['sufficiency'])}; ahead of random spans by {_figure(spans['more_comprehensive'])} and "
            f"{_figure(spans['more_sufficient'])}."
        )
    return parts


def _figure(value: list[float | None] | None) -> str:
    if value is None or value[0] is None:
        return "-"  # no such figure of this scorer, or not a post to measure it on
    return "{} [{}, {}]".format(*("-" if v is None else f"{v:.3f}" for v in value))
