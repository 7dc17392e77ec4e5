"""A case as data: the whole of it as JSON, and the field list in the order in which the SBT form asks for it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from pilah_api.papers.matter import WORDS, Matter
from pilah_api.services.cases_evidence import CHECKS
from pilah_api.services.cases_fields import Section, of_section
from pilah_api.store.evidence import Exhibit
from pilah_data.taxonomy import REFERENCE_NOTE
from pilah_model.batch.columns import guarded

# The portal of BKN (SBT, "Pelaporan Publik > Netralitas") has no public interface: officers copy field by field.
_SBT: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("nip_nik_terlapor", "NIP/NIK terlapor", ("nip", "nik")),
    ("nama_terlapor", "Nama terlapor", ("party_name",)),
    ("jabatan_terlapor", "Jabatan terlapor", ("position",)),
    ("status_kepegawaian", "Status kepegawaian", ("status",)),
    ("instansi_unit", "Instansi/unit kerja", ("unit",)),
    ("jenis_pelanggaran", "Jenis dugaan pelanggaran", ("forms",)),
    ("pemilihan", "Pemilihan", ("election",)),
    ("tanggal_kejadian", "Tanggal kejadian", ("happened_on",)),
    ("jam_kejadian", "Jam kejadian", ("happened_at",)),
    ("zona_waktu", "Zona waktu", ("zone",)),
    ("tempat_kejadian", "Tempat kejadian", ("place",)),
    ("tanggal_diketahui", "Tanggal diketahui", ("known_on",)),
    ("uraian", "Uraian kejadian", ("description",)),
    ("media", "Media", ("platform",)),
    ("akun", "Akun", ("account",)),
    ("tautan", "Tautan", ("url",)),
    ("isi_kiriman", "Isi kiriman", ("text",)),
    ("pihak_yang_disebut", "Peserta pemilihan yang disebut", ("contestant",)),
    ("saksi", "Saksi", ("witnesses",)),
    ("sumber", "Sumber laporan", ("kind",)),
    ("nama_pelapor", "Nama pelapor", ("reporter_name",)),
    ("alamat_pelapor", "Alamat pelapor", ("reporter_address",)),
    ("kontak_pelapor", "Kontak pelapor", ("reporter_contact",)),
)


def as_json(value: object) -> bytes:
    """Return a value as the one JSON text that papers use: sorted, indented, ending in a line break."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode("utf-8", "replace")


def case_as_data(matter: Matter) -> dict[str, Any]:
    """Return everything in a case as plain values; people who worked on it stand there by role and reference."""
    seen, case = matter.seen, matter.seen.case
    return {
        "number": matter.number,
        "id": case.id,
        "state": case.state,
        "version": case.version,
        "opened_at": case.created_at.isoformat(),
        "changed_at": case.changed_at.isoformat(),
        "stage": case.stage,
        "sections": {
            section.value: {
                field.name: _plain(seen.values[field.name])
                for field in of_section(section)
                if field.name in seen.values
            }
            for section in Section
        },
        "steps": [
            {
                "number": step.number,
                "from": step.source,
                "to": step.target,
                "role": step.role,
                "person": f"person:{step.person_id}",
                "reason": step.reason,
                "at": step.taken_at.isoformat(),
            }
            for step in seen.steps
        ],
        "evidence": [exhibit_as_data(one) for one in seen.exhibits],
        "references": [{"subject": name, "basis": basis} for name, basis in matter.stage_rows()],
        "references_note": REFERENCE_NOTE,
    }


def exhibit_as_data(one: Exhibit) -> dict[str, Any]:
    """Return a piece of evidence as plain values."""
    return {
        "id": one.id,
        "name": one.name,
        "sha256": one.sha256,
        "bytes": one.bytes,
        "media_type": one.media_type,
        "captured_at": one.captured_at.isoformat() if one.captured_at else None,
        "captured_zone": one.zone,
        "captured_by": one.captured_by,
        "added_at": one.added_at.isoformat(),
        "added_by": f"person:{one.added_by}",
        "checks": {name: bool(one.checks.get(name)) for name in CHECKS},
    }


def sbt_rows(matter: Matter) -> list[tuple[str, str, str]]:
    """Return the SBT fields: code, label, value in words."""
    rows = [
        (code, label, next((text for name in names if (text := matter.value(name))), "")) for code, label, names in _SBT
    ]
    evidence = "\n".join(f"{one.name} (SHA-256 {one.sha256})" for one in matter.seen.exhibits)
    return [*rows, ("bukti", WORDS("kasus.evidence"), evidence)]


def sbt_csv(matter: Matter) -> bytes:
    """Return the SBT fields as CSV for a spreadsheet; a value that one would compute is preceded by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("kode", "isian", "nilai"))
    writer.writerows((code, label, _guarded(value)) for code, label, value in sbt_rows(matter))
    # Spreadsheets take UTF-8 for what it is only with this mark.
    return ("\ufeff" + out.getvalue()).encode("utf-8", "replace")


def _guarded(value: str) -> str:
    # No field is meant as a number: a telephone keeps its plus.
    safe = guarded(value)
    return f"'{safe}" if safe.startswith(("+", "-")) else safe


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
