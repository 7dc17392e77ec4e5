"""Serving needs neither torch nor transformers, and the command's help needs none of the libraries of serving."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TRAINING = {"torch", "transformers", "datasets", "sklearn", "gensim", "onnx", "pandas"}
HEAVY = TRAINING | {
    "numpy",
    "onnxruntime",
    "tokenizers",
    "fastapi",
    "uvicorn",
    "ftfy",
    "sqlalchemy",
    "alembic",
    "cryptography",
    "argon2",
}


def loaded_after(root: Path, code: str) -> set[str]:
    program = f"{code}\nimport sys; sys.stderr.write('|'.join(sys.modules))"
    path = os.pathsep.join(str(root / part) for part in ("data", "model", "api"))
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return {name for name in done.stderr.split("|") if "." not in name}


@pytest.mark.parametrize(
    "code",
    [
        "import pilah_api.app, pilah_model.classifier, pilah_model.artefacts",
        "import pilah_api.serve, pilah_api.doctor",
        "import pilah_api.classify_command, pilah_api.command_output, pilah_api.services.loading",
        "from pilah_api.app import create_app; from pilah_api.settings import Settings; create_app(Settings()).openapi()",
    ],
)
def test_serving_needs_no_training_library(root: Path, code: str) -> None:
    assert not loaded_after(root, code) & TRAINING


@pytest.mark.parametrize("arguments", [["--help"], ["version"], ["classify", "--help"], ["train", "--help"]])
def test_help_needs_no_heavy_library(root: Path, arguments: list[str]) -> None:
    assert not loaded_after(root, f"from pilah_api.cli import run; run({arguments!r})") & HEAVY
