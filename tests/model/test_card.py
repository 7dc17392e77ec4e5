"""The model card says what was recorded, of the model that was measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pilah_data.errors import InputError
from pilah_model.artefacts import write_manifest
from pilah_model.card import render

PRETRAINED = {
    "name": "encoder",
    "tokens": 123_400_000,
    "seconds": 9000,
    "device": "cpu",
    "skipgram": True,
    "held_out": {"tokens": 123.4, "social": 3.21},
    "shape": {"layers": 4, "hidden": 256},
}
MADE = "4 layers of 256, pretrained from scratch by masked-language modelling on 123.4 million tokens in 2.5 hours on"


@pytest.fixture
def card(tiny_artefact: Path, root: Path, tmp_path: Path) -> Callable[..., str]:
    """Render the card of a copy of the tiny artefact that was made from the given base."""

    def make(base: dict[str, object], measured: object = None, table: object = None) -> str:
        copy = tmp_path / "artefact"
        copy.mkdir(exist_ok=True)
        for path in tiny_artefact.iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
        facts = json.loads((copy / "card.json").read_text())
        facts["training"]["base"] = base
        (copy / "card.json").write_text(json.dumps(facts))
        manifest = write_manifest(copy, name="pilah-tiny", version="0")
        model = {"name": "pilah-tiny", "version": "0", "sha256": manifest.sha256, "engine": "onnxruntime-fp32"}
        if measured is None:
            measured = {"model": model, "figures": table or {}, "behaviour": {}}
        (tmp_path / "figures.json").write_text(json.dumps(measured))
        return render(copy, tmp_path / "figures.json", root / "model" / "configs" / "card.toml")

    return make


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, f"{MADE} the CPU; its embeddings started from skip-gram vectors of the same texts."),
        ({"device": "cuda", "skipgram": False}, f"{MADE} a CUDA GPU; its embeddings started from random values."),
        ({"device": "cpu and cuda", "seconds": 360_000}, " in 100.0 hours on the CPU and a CUDA GPU; its embeddings"),
    ],
)
def test_how_the_encoder_was_made_is_what_was_recorded(
    card: Callable[..., str], changes: dict[str, object], sentence: str
) -> None:
    assert sentence in card({**PRETRAINED, **changes})


def test_an_old_record_says_nothing_it_does_not_know(card: Callable[..., str]) -> None:
    old = {key: value for key, value in PRETRAINED.items() if key not in ("device", "skipgram")}
    assert f"{MADE} the CPU." in card(old)
    assert "skip-gram" not in card(old)
    assert "- Encoder: indobert-base-p1; nothing more is recorded" in card({"name": "indobert-base-p1"})


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"figures": {}, "behaviour": {}}, "figures of a model it does not name"),
        ({"model": "pilah-tiny", "figures": {}}, "figures of a model it does not name"),
        (
            {"model": {"name": "pilah-mini", "version": "9", "sha256": "0"}},
            "figures of pilah-mini 9, measured on another",
        ),
        ([], "holds no JSON object"),
    ],
)
def test_figures_of_another_model_are_refused(card: Callable[..., str], figures: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        card(PRETRAINED, figures)


def test_a_figure_that_could_not_be_measured_is_a_dash(card: Callable[..., str]) -> None:
    ours = {"posts": 3, "macro_f1": [0.5, 0.4, None], "lolos_of_partisan": [None, None, None], "ece": [0.1, 0.0, 0.2]}
    yardstick = {"posts": 3, "macro_f1": [0.5, 0.4, 0.6]}
    text = card(PRETRAINED, table={"test": {"ours": ours, "yardstick": yardstick}})
    assert "| Macro-F1, three labels | 0.500 [0.400, -] | 0.500 [0.400, 0.600] |" in text
    assert "| Partisan posts marked `lolos` | - | - |" in text
    assert "| Expected calibration error, 15 bins | 0.100 [0.000, 0.200] | - |" in text
