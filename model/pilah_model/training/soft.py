"""Soft labels: what trained networks say of pieces of a packed folder, for a student to learn from.

A folder of soft labels holds `pieces.npy` (int64), `labels.npy`, `forms.npy`, `directions.npy` (float16) and `manifest.json` (hashes
of these files and of the packed folder, the vocabulary, and the teachers with the hash of their weights). They are training targets,
never data: nothing is measured against them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pilah_data.errors import DataError
from pilah_data.taxonomy import DIRECTIONS_IN_ORDER, PREDICTED, PREDICTED_FORMS, TAXONOMY_VERSION
from pilah_model.artefacts import file_sha256
from pilah_model.pretraining.packing import Packed

_ARRAYS: Mapping[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "pieces": (np.int64, ()),
    "labels": (np.float16, (len(PREDICTED),)),
    "forms": (np.float16, (len(PREDICTED_FORMS),)),
    "directions": (np.float16, (len(DIRECTIONS_IN_ORDER),)),
}
_MANIFEST = "manifest.json"
_AGAIN = "make the soft labels again with `pilah teach`"


@dataclass(frozen=True)
class SoftLabels:
    """Probabilities by piece: pieces (n,) are indices into a packed folder, labels (n, 3), forms (n, 10), directions (n, 3).

    `manifest` says what they were made from and by which teachers.
    """

    pieces: npt.NDArray[np.int64]
    labels: npt.NDArray[np.float16]
    forms: npt.NDArray[np.float16]
    directions: npt.NDArray[np.float16]
    manifest: Mapping[str, object] = field(default_factory=dict)

    def made_by(self, teachers: Sequence[Mapping[str, str]], packed: Packed) -> SoftLabels:
        """Return the same labels with a manifest that names the teachers (name and sha256 each) and the packed folder."""
        manifest = {
            "taxonomy": TAXONOMY_VERSION,
            "packed": packed.manifest["sha256"],
            "vocabulary": packed.manifest["vocabulary"],
            "teachers": [dict(teacher) for teacher in teachers],
            "pieces": len(self.pieces),
        }
        return dataclasses.replace(self, manifest=manifest)

    def save(self, folder: Path) -> SoftLabels:
        """Write the folder and return the labels with the hashes of their files in the manifest."""
        folder.mkdir(parents=True, exist_ok=True)
        # Without its manifest a folder is refused, so a run that is stopped half-way leaves nothing that looks whole.
        (folder / _MANIFEST).unlink(missing_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)
        hashes = {f"{name}.npy": file_sha256(folder / f"{name}.npy") for name in _ARRAYS}
        manifest = {**self.manifest, "sha256": hashes}
        (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        return dataclasses.replace(self, manifest=manifest)

    @classmethod
    def load(cls, folder: Path, packed: Packed) -> SoftLabels:
        """Read a folder; raises DataError naming the file that is damaged, or what else it was made for than `packed`."""
        manifest = _read_manifest(folder / _MANIFEST)
        made_for = {
            "taxonomy": ("taxonomy", TAXONOMY_VERSION),
            "packed": ("packed folder", packed.manifest["sha256"]),
            "vocabulary": ("vocabulary", packed.manifest["vocabulary"]),
        }
        for key, (what, here) in made_for.items():
            if manifest[key] != here:
                raise DataError(
                    f"soft labels made for another {what}; name the packed folder that `pilah teach` read, or {_AGAIN}",
                    file=str(folder / _MANIFEST),
                    field=key,
                )
        hashes = manifest["sha256"]
        soft = cls(**{name: _read(folder / f"{name}.npy", name, hashes) for name in _ARRAYS}, manifest=manifest)
        soft._check(folder, len(packed.lengths))
        return soft

    def _check(self, folder: Path, pieces: int) -> None:
        for name in _ARRAYS:
            if len(getattr(self, name)) != len(self.pieces):
                raise DataError(
                    f"{len(getattr(self, name))} rows for {len(self.pieces)} pieces; {_AGAIN}",
                    file=str(folder / f"{name}.npy"),
                )
        if len(self.pieces) and not 0 <= self.pieces.min() <= self.pieces.max() < pieces:
            raise DataError(f"a piece beyond the {pieces} packed ones; {_AGAIN}", file=str(folder / "pieces.npy"))


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for key in ("taxonomy", "packed", "vocabulary", "teachers"):
            manifest[key]
        for name in _ARRAYS:
            manifest["sha256"][f"{name}.npy"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"no manifest of soft labels ({type(error).__name__}: {error}); {_AGAIN}", file=str(path)
        ) from error
    return manifest


def _read(path: Path, name: str, hashes: Mapping[str, str]) -> npt.NDArray[Any]:
    kind, columns = _ARRAYS[name]
    if not path.is_file() or file_sha256(path) != hashes[path.name]:
        raise DataError(f"missing or damaged; {_AGAIN}", file=str(path))
    try:
        array: npt.NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read ({error}); {_AGAIN}", file=str(path)) from error
    if array.dtype != kind or array.shape[1:] != columns or array.ndim != 1 + len(columns):
        raise DataError(f"holds {array.dtype} of shape {array.shape}; {_AGAIN}", file=str(path))
    return array
