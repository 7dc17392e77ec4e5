"""Model versions kept in the data folder, and which of them is in use: one small file names it and is replaced as a whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilah_data.errors import InputError, PilahError
from pilah_model.artefacts import ArtefactError, ArtefactFiles, Manifest, read_manifest, shipped_artefact

MODELS_FOLDER = "models"
CHOICE_FILE = "in-use.json"
SHIPPED = "shipped"
"""How the model that came with this Pilah is named among the kept ones."""
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_REPORT = ".gate.json"


class ShelfError(PilahError):
    """What is kept of the models cannot be used; the message says what and what to do."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model is in use and which was before it, by their ids."""

    current: str = SHIPPED
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A model at hand: its id, what its manifest says (empty if it is damaged, `fault` then tells why), and its gate report."""

    id: str
    folder: Path
    name: str = ""
    version: str = ""
    sha256: str = ""
    fault: str | None = None
    gate: Mapping[str, Any] | None = None


class Shelf:
    """The models of one data folder; nothing is made before a model is added or chosen."""

    def __init__(self, home: Path):
        """Take the data folder."""
        self.root = home / MODELS_FOLDER

    def choice(self) -> Choice:
        """Return what is in use: the shipped model unless another was chosen. Raises ShelfError for a damaged note."""
        path = self.root / CHOICE_FILE
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            current, previous = str(body["current"]), body["previous"]
            _checked_id(current)
            return Choice(current, None if previous is None else _checked_id(str(previous)))
        except FileNotFoundError:
            return Choice()
        except (OSError, ValueError, KeyError, TypeError, InputError):
            raise ShelfError(f"{path} is damaged; run: pilah model use {SHIPPED}") from None

    def present(self) -> Choice:
        """Return the choice; a damaged note counts as none, so that another model can be put in use."""
        try:
            return self.choice()
        except ShelfError:
            return Choice(current="")

    def folder(self, model_id: str) -> Path:
        """Return where a model lies. Raises InputError for one that is not kept."""
        if model_id == SHIPPED:
            return shipped_artefact()
        folder = self.root / _checked_id(model_id)
        if not folder.is_dir():
            raise InputError(f"no model {model_id[:80]!r} is kept here; see: pilah model list")
        return folder

    def kept(self) -> list[Kept]:
        """Return the models at hand, the shipped one first, then by id; each was checked file by file."""
        ids = sorted(path.name for path in self.root.glob("*") if path.is_dir() and _ID.fullmatch(path.name))
        return [self.look(model_id) for model_id in (SHIPPED, *ids)]

    def look(self, model_id: str) -> Kept:
        """Return one model with what is known of it. Raises InputError for one that is not kept."""
        folder = self.folder(model_id)
        try:
            manifest = read_manifest(folder)
        except ArtefactError as error:
            return Kept(model_id, folder, fault=str(error))
        gate = None if model_id == SHIPPED else _report(self.root / f"{model_id}{_REPORT}")
        return Kept(model_id, folder, manifest.name, manifest.version, manifest.sha256, gate=gate)

    def add(self, artefact: Path, report: Path | None = None) -> Kept:
        """Keep a copy of an artefact, and its gate report; one that is kept already stays as it is.

        Raises ArtefactError for a damaged artefact, InputError for a report of another one or of one that was refused.
        """
        manifest = read_manifest(artefact)
        if report is not None:
            _check_report(report, manifest)
        model_id = _id_of(manifest)
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (self.root / model_id).exists():
            self._copy(artefact, manifest, self.root / model_id)
        if report is not None:
            _write(self.root / f"{model_id}{_REPORT}", report.read_text(encoding="utf-8"))
        return self.look(model_id)

    def choose(self, model_id: str) -> Choice:
        """Put a model in use at the next load and remember the one before it; return the new choice. Raises InputError."""
        self.folder(model_id)
        before = self.present().current
        choice = Choice(model_id, before if before not in ("", model_id) else None)
        self.note(choice)
        return choice

    def note(self, choice: Choice) -> None:
        """Write which model is in use."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = {"current": choice.current, "previous": choice.previous}
        _write(self.root / CHOICE_FILE, json.dumps(body) + "\n")

    def _copy(self, artefact: Path, manifest: Manifest, target: Path) -> None:
        files = ArtefactFiles(artefact)
        with tempfile.TemporaryDirectory(dir=self.root, prefix=".incoming-") as place:
            incoming = Path(place) / target.name
            incoming.mkdir()
            for name in (*manifest.files, files.manifest):
                shutil.copyfile(files.path(name), incoming / name)
            read_manifest(incoming)
            incoming.rename(target)


def _id_of(manifest: Manifest) -> str:
    plain = re.sub(r"[^a-z0-9._-]+", "-", f"{manifest.name}-{manifest.version}".lower()).strip("-.")[:100]
    return f"{plain or 'model'}-{manifest.sha256[:12]}"


def _checked_id(model_id: str) -> str:
    # Also keeps an id from leading out of the folder.
    if not _ID.fullmatch(model_id):
        raise InputError(f"{model_id[:80]!r} is no id of a kept model; see: pilah model list")
    return model_id


def _check_report(path: Path, manifest: Manifest) -> None:
    body = _report(path)
    candidate = body.get("candidate") if body else None
    if not isinstance(candidate, dict) or candidate.get("sha256") != manifest.sha256:
        raise InputError(f"{path} is not the gate report of this model; name the one that pilah promote wrote for it")
    if body is None or body.get("passed") is not True:
        raise InputError(f"{path} says that this model did not pass the gate; it is not put in use")


def _report(path: Path) -> Mapping[str, Any] | None:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return body if isinstance(body, dict) else None


def _write(path: Path, text: str) -> None:
    """Replace a small file so that a reader finds the old or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
