"""Exports of a case: each is made from the case as it stands, recorded with its hash, and sent nowhere."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from pilah_api.access import CASE_OFFICERS, Caller, ForbiddenError, Person
from pilah_api.chain import Record
from pilah_api.papers import forms
from pilah_api.papers.lists import as_json, case_as_data, sbt_csv, sbt_rows
from pilah_api.papers.matter import Matter
from pilah_api.papers.pack import write_pack
from pilah_api.services.cases import look, number_of, object_of, require_member
from pilah_api.services.cases_clock import Almanac
from pilah_api.services.evidence_files import read
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store, Unit

_IN_MEMORY = 8 * 1024 * 1024
_CHUNK = 1 << 20
_LOOKING = frozenset({"case.viewed", "case.exported", "case.evidence_read", "case.evidence_verified"})
"""Acts that change nothing; without them, the same case gives the same pack."""


class Paper(StrEnum):
    """What can be exported, by its name in addresses and as a file."""

    LAPORAN = "formulir-laporan.pdf"
    KLARIFIKASI = "berita-acara-klarifikasi.pdf"
    BUKTI = "daftar-bukti.pdf"
    SALINAN = "salinan-yang-bersangkutan.pdf"
    KASUS = "kasus.json"
    SBT_CSV = "sbt.csv"
    SBT_JSON = "sbt.json"
    PAKET = "paket-bukti.zip"

    @property
    def media_type(self) -> str:
        """Return the type as HTTP names it."""
        return _TYPES[self.value.rpartition(".")[2]]


_TYPES = {
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}
_MAKERS: dict[Paper, Callable[[Matter], bytes]] = {
    Paper.LAPORAN: forms.report,
    Paper.KLARIFIKASI: forms.minutes,
    Paper.BUKTI: forms.evidence_list,
    Paper.SALINAN: forms.copy_for_person,
    Paper.KASUS: lambda matter: as_json(case_as_data(matter)),
    Paper.SBT_CSV: sbt_csv,
    Paper.SBT_JSON: lambda matter: as_json({code: value for code, _, value in sbt_rows(matter)}),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished export: the name to save it under, its SHA-256, and a file positioned at its start."""

    name: str
    sha256: str
    size: int
    file: IO[bytes]


def export(
    store: Store, home: Path, person: Person, case_id: str, paper: Paper, almanac: Almanac, origin: Origin
) -> Exported:
    """Make an export and record it. Raises NotFoundError, ForbiddenError, or AlteredError where evidence is not what it was."""
    with store.reading() as unit:
        require_member(unit, person, case_id)
        if not person.roles & CASE_OFFICERS:
            raise ForbiddenError("papers are exported by petugas and penyelia; ask one of them")
        seen = look(unit, Caller(person=person), case_id)
        records = _records(unit, case_id) if paper is Paper.PAKET else []
    matter = Matter(seen, almanac)
    file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the door closes it once it is sent
    try:
        if paper is Paper.PAKET:
            write_pack(file, matter, lambda sha256: read(home, sha256), records)
        else:
            file.write(_MAKERS[paper](matter))
        sha256, size = _measure(file)
        with store.writing(origin) as unit:
            detail = {"paper": paper.value, "version": seen.case.version, "sha256": sha256, "bytes": size}
            unit.audit.append("case.exported", object_of(case_id), detail)
    except BaseException:
        file.close()
        raise
    return Exported(f"{number_of(seen.case)}-{paper.value}", sha256, size, file)


def _measure(file: IO[bytes]) -> tuple[str, int]:
    file.seek(0)
    digest = hashlib.sha256()
    size = 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    return digest.hexdigest(), size


def _records(unit: Unit, case_id: str) -> list[Record]:
    """Return the audit's records of what changed a case, oldest first; each can be checked against the exported audit."""
    found: list[Record] = []
    before: int | None = None
    while page := unit.audit.page(before, 500, object_of(case_id)):
        found += page
        before = page[-1].seq
    return [record for record in reversed(found) if record.action not in _LOOKING]
