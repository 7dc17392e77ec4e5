"""The evidence pack: all papers of a case, its original files and their hashes in one ZIP whose bytes depend on the case alone."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Sequence
from typing import IO

from pilah_api.chain import Record
from pilah_api.papers import forms
from pilah_api.papers.lists import as_json, case_as_data, sbt_csv, sbt_rows
from pilah_api.papers.matter import Matter
from pilah_api.services.evidence_types import MediaType

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a ZIP can name; the true ones stand in the papers."""


def write_pack(out: IO[bytes], matter: Matter, read: Callable[[str], bytes], records: Sequence[Record]) -> None:
    """Write the pack; `read` returns an original by its SHA-256. Raises what `read` raises."""
    sums: list[tuple[str, int, str]] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:

        def put(name: str, content: bytes) -> None:
            archive.writestr(_member(name), content)
            sums.append((name, len(content), hashlib.sha256(content).hexdigest()))

        for name, content in _papers(matter):
            put(name, content)
        put("audit.json", as_json([record.as_json() for record in records]))
        for place, one in enumerate(matter.seen.exhibits, start=1):
            put(f"bukti/{place:02}-{one.sha256[:12]}{MediaType(one.media_type).endings[0]}", read(one.sha256))
        manifest = {
            "case": matter.number,
            "version": matter.seen.case.version,
            "files": [{"path": path, "bytes": size, "sha256": sha256} for path, size, sha256 in sums],
        }
        put(MANIFEST, as_json(manifest))
        listed = "".join(f"{sha256}  {path}\n" for path, _, sha256 in sums)
        archive.writestr(_member(SUMS), listed.encode("ascii"))


def _papers(matter: Matter) -> list[tuple[str, bytes]]:
    papers = [
        ("kasus.json", as_json(case_as_data(matter))),
        ("formulir-laporan.pdf", forms.report(matter)),
        ("daftar-bukti.pdf", forms.evidence_list(matter)),
        ("sbt.csv", sbt_csv(matter)),
        ("sbt.json", as_json({code: value for code, _, value in sbt_rows(matter)})),
    ]
    if matter.seen.values.get("clarified"):
        papers.append(("berita-acara-klarifikasi.pdf", forms.minutes(matter)))
    return papers


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.create_system, member.external_attr = 3, 0o100600 << 16
    return member
