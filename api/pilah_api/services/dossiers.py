"""The right to see: everything that is held on the person concerned by a case, in one archive."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from pilah_api.services.keeping import EVIDENCE_FOLDER
from pilah_api.store.audit import Origin
from pilah_api.store.dossiers import Dossier
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from pilah_model.artefacts import file_sha256

DATA_FILE, NOTE_FILE = "data.json", "BACA-SAYA.txt"
_NOTE = """\
Berkas ini memuat semua yang disimpan Pilah tentang satu kasus, untuk orang yang bersangkutan.
  {data}     kasus, kiriman, usulan mesin beserta model dan ambangnya, penilaian para penelaah, daftar bukti, catatan audit
  {evidence}/     berkas bukti asli, bernama SHA-256-nya
Teks kiriman disimpan dengan NIK, NIP, telepon, surel, nama akun dan tautan yang disamarkan. Petugas disebut menurut perannya.
Identitas pelapor tidak disertakan karena merupakan data pribadi orang lain.
Usulan mesin bukan putusan. Keberatan, koreksi dan penghapusan diajukan kepada instansi yang memberikan berkas ini.

This archive holds everything that Pilah keeps on one case, for the person concerned. Staff are named by their roles,
the reporter is left out. A machine's proposal is not a ruling.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an archive holds by kind, and in sentences which evidence files it lacks."""

    counts: dict[str, int]
    missing: tuple[str, ...]


def export_case(store: Store, home: Path, case_id: str, archive: Path, origin: Origin) -> Exported:
    """Write everything that is held on a case to a ZIP archive, which appears only when it is whole.

    The export is recorded in the audit before the archive is written. Raises NotFoundError, and InputError if the archive is there already.
    """
    if archive.exists():
        raise InputError(f"{archive} exists; name another file")
    with store.writing(origin) as unit:
        # First, so that the archive tells of this export too; a case that is not there undoes it.
        unit.audit.append("case.exported", f"case:{case_id}")
        dossier = unit.dossiers.read(case_id)
    whole, missing = _evidence(home, dossier)
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".dossier-") as folder:
        partial = Path(folder) / "archive"
        _write(partial, dossier, whole, missing)
        partial.replace(archive)
    return Exported({"case": 1, **dossier.counts, "audit": len(dossier.audit), "files": len(whole)}, missing)


def _evidence(home: Path, dossier: Dossier) -> tuple[list[Path], tuple[str, ...]]:
    """Return the evidence files that are as they were, and a sentence for each of the others."""
    whole, missing = [], []
    for sha256 in dossier.evidence:
        path = home / EVIDENCE_FOLDER / sha256
        try:
            found = file_sha256(path)
        except OSError as error:
            missing.append(f"{EVIDENCE_FOLDER}/{sha256} cannot be read ({error.strerror}); bring it back from a backup")
            continue
        if found == sha256:
            whole.append(path)
        else:
            missing.append(f"{EVIDENCE_FOLDER}/{sha256} was altered; bring it back from a backup")
    return whole, tuple(missing)


def _write(target: Path, dossier: Dossier, evidence: list[Path], missing: tuple[str, ...]) -> None:
    content = {"case": dossier.case, **dossier.parts, "audit": dossier.audit, "missing_files": list(missing)}
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NOTE_FILE, _NOTE.format(data=DATA_FILE, evidence=EVIDENCE_FOLDER))
        archive.writestr(DATA_FILE, json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True))
        for path in evidence:
            archive.write(path, f"{EVIDENCE_FOLDER}/{path.name}")
        archive.close()
        raw.flush()
        os.fsync(raw.fileno())
