"""Model versions for tests: copies of the shipped artefact under other version numbers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pilah_model.artefacts import ArtefactFiles, read_manifest, shipped_artefact


def version(folder: Path, number: str) -> Path:
    """Copy the shipped artefact and give it another version; return its folder."""
    shutil.copytree(shipped_artefact(), folder)
    path = folder / ArtefactFiles(folder).manifest
    body = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**body, "version": number}), encoding="utf-8")
    return folder


def gate_report(path: Path, artefact: Path, *, passed: bool = True) -> Path:
    """Write what `pilah promote` says of an artefact; return the file."""
    body = {
        "when": "2026-11-26T08:00:00+00:00",
        "candidate": {"sha256": read_manifest(artefact).sha256},
        "passed": passed,
    }
    path.write_text(json.dumps(body), encoding="utf-8")
    return path
