"""Where the documents lie that ship with the package: the data card, its figures and its plots."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

DATA_CARD, MEASURED, PLOTS = "DATA_CARD.md", "measured.json", "plots"


def shipped_document(name: str) -> Path:
    """Return the path of a document of the data, inside the installed package or in a checkout."""
    packaged = Path(str(importlib.resources.files("pilah_data"))) / "shipped" / name
    return packaged if packaged.exists() else Path(__file__).resolve().parents[1] / name
