"""What a shipped model consists of: one frozen object owns every file name, a manifest holds every hash."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilah_data.errors import PilahError
from pilah_data.normalise import NORMALISER_VERSION
from pilah_data.taxonomy import TAXONOMY_VERSION

SHIPPED = "pilah-mini"
MODEL_CARD, FIGURES = "MODEL_CARD.md", "figures.json"
"""The shipped model's card and figures, which travel beside it."""


class ArtefactError(PilahError):
    """An artefact is missing, damaged, or made for another taxonomy or normaliser."""


@dataclass(frozen=True, slots=True)
class ArtefactFiles:
    """The files of an artefact; nothing else in the code spells these names."""

    folder: Path
    graph_fp32: str = "model.onnx"
    graph_int8: str = "model.int8.onnx"
    tokenizer: str = "tokenizer.json"
    calibration: str = "calibration.json"
    policy: str = "policy.json"
    card: str = "card.json"
    stand_ins: str = "stand_ins.json"
    sample: str = "sample.json"
    reference: str = "reference.json"
    manifest: str = "manifest.json"

    def path(self, name: str) -> Path:
        """Return the path of one of the files."""
        return self.folder / name

    @property
    def contents(self) -> tuple[str, ...]:
        """Return the names that the manifest must cover."""
        return (self.graph_fp32, self.graph_int8, self.tokenizer, self.calibration, self.policy, self.card)

    @property
    def additions(self) -> tuple[str, ...]:
        """Return the names of what an artefact may do without: stand-ins, the sample of the self-check, the reference of drift."""
        return (self.stand_ins, self.sample, self.reference)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Name, version and hashes of an artefact, and what it was made for."""

    name: str
    version: str
    taxonomy: str
    normaliser: str
    files: dict[str, str]
    sha256: str


def write_manifest(folder: Path, *, name: str, version: str) -> Manifest:
    """Hash the files of a finished artefact and write its manifest."""
    files = ArtefactFiles(folder)
    present = [*files.contents, *(file for file in files.additions if files.path(file).is_file())]
    body = {
        "name": name,
        "version": version,
        "taxonomy": TAXONOMY_VERSION,
        "normaliser": NORMALISER_VERSION,
        "files": {file: file_sha256(files.path(file)) for file in present},
    }
    files.path(files.manifest).write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    return read_manifest(folder)


def read_manifest(folder: Path) -> Manifest:
    """Read and verify an artefact: every file present and unchanged, taxonomy and normaliser those of this program.

    Raises ArtefactError naming the file and what to do.
    """
    files = ArtefactFiles(folder)
    path = files.path(files.manifest)
    try:
        raw = path.read_bytes()
        manifest = _manifest(json.loads(raw), hashlib.sha256(raw).hexdigest())
    except FileNotFoundError as error:
        raise ArtefactError(
            f"no model at {folder}: {files.manifest} is missing; name the folder of an exported model"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtefactError(f"{path} is damaged ({error}); restore the model from a clean copy") from error
    _compare(folder, "taxonomy", manifest.taxonomy, TAXONOMY_VERSION)
    _compare(folder, "normaliser", manifest.normaliser, NORMALISER_VERSION)
    for name in (*files.contents, *(name for name in files.additions if name in manifest.files)):
        _verify(files.path(name), manifest.files.get(name))
    return manifest


def _manifest(body: dict[str, Any], sha256: str) -> Manifest:
    name, version, taxonomy, normaliser = texts = [body[k] for k in ("name", "version", "taxonomy", "normaliser")]
    files = body["files"]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("name, version, taxonomy and normaliser must be texts")
    if not isinstance(files, dict) or not all(isinstance(hashed, str) for hashed in files.values()):
        raise TypeError("files must be names with their hashes")
    return Manifest(name, version, taxonomy, normaliser, files, sha256)


def _compare(folder: Path, what: str, made_for: str, here: str) -> None:
    if made_for != here:
        raise ArtefactError(
            f"the model in {folder} was made for {what} {made_for}, this program has {here}; "
            "train the model again or install the matching version of pilah"
        )


def _verify(path: Path, expected: str | None) -> None:
    if not path.is_file():
        raise ArtefactError(f"{path} is missing; restore the model from a clean copy")
    if expected != file_sha256(path):
        raise ArtefactError(
            f"{path} is damaged: its SHA-256 differs from the manifest; restore the model from a clean copy"
        )


def shipped_artefact() -> Path:
    """Return the folder of the model that ships, in a checkout or inside the installed package."""
    packaged = Path(str(importlib.resources.files("pilah_model"))) / "shipped" / SHIPPED
    checkout = Path(__file__).resolve().parents[1] / "artefacts" / SHIPPED
    return packaged if packaged.is_dir() else checkout


def shipped_document(name: str) -> Path:
    """Return the path of the shipped model's card or figures, inside the installed package or in a checkout."""
    packaged = Path(str(importlib.resources.files("pilah_model"))) / "shipped" / name
    return packaged if packaged.is_file() else Path(__file__).resolve().parents[1] / name


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
