"""The cards of the model in use and of the data, as they ship with the program: read offline, told apart by hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilah_data.documents import DATA_CARD, MEASURED, PLOTS
from pilah_data.documents import shipped_document as data_document
from pilah_model.artefacts import FIGURES, MODEL_CARD
from pilah_model.artefacts import shipped_document as model_document


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The card of a model in Markdown, and its measured figures: by set of posts, and the bars that it meets or not."""

    markdown: str
    figures: Mapping[str, Mapping[str, Any]]
    bars: tuple[Mapping[str, Any], ...]


def model_card(sha256: str) -> ModelCard | None:
    """Return the card of the model with this manifest hash, or None if the card that ships is another model's."""
    try:
        body = json.loads(model_document(FIGURES).read_text(encoding="utf-8"))
        if body["model"]["sha256"] != sha256:
            return None
        figures = {name: next(iter(of_set.values())) for name, of_set in body["figures"].items()}
        return ModelCard(model_document(MODEL_CARD).read_text(encoding="utf-8"), figures, tuple(body["bars"]))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None


def data_card() -> tuple[str, Mapping[str, Mapping[str, int]]] | None:
    """Return the data card in Markdown and how many readings are used, by split and label; None where it did not ship."""
    try:
        used = json.loads(data_document(MEASURED).read_text(encoding="utf-8"))["used"]
        return data_document(DATA_CARD).read_text(encoding="utf-8"), used
    except (OSError, ValueError, KeyError, TypeError):
        return None


def plot(name: str) -> Path | None:
    """Return the file of a plot of the data card, or None if there is none of that name."""
    return next((path for path in data_document(PLOTS).glob("*.svg") if path.name == name), None)
