"""Cases for tests: people who work on them, values that fill every section, and small real files of every type."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zlib
from pathlib import Path

from pilah_api.access import Person, Role
from pilah_api.services.cases import join_case, open_case
from pilah_api.services.cases_clock import Almanac, almanac_of
from pilah_api.services.cases_evidence import CHECKS, Upload
from pilah_api.services.cases_fields import Section, of_section
from pilah_api.store.units import Store
from tests.api.stores import START, TEST, person

TEXT = "Fix butuh perubahan ✌️🔥 gas coblos nomor 2 ya gaes #WiSunMenang"
NIP = "198704122010121003"
NIK = "3201015204870002"
OPENING = {"kind": "laporan", "unit": "Lapas Sukamaju", "known_on": "2026-11-24"}
INTAKE: dict[str, object] = {
    **OPENING,
    "reporter_name": "Wati Pelapor",
    "reporter_address": "Jl. Kenanga 5, Sukamaju",
    "reporter_contact": "wati@example.org",
    "reporter_conflict": "tidak",
    "malicious": "tidak",
    "party_name": "Darto Terlapor",
    "nip": NIP,
    "status": "pns",
    "position": "Penjaga tahanan",
    "platform": "facebook",
    "account": "darto.sukamaju",
    "url": "https://facebook.example/darto/1",
    "visibility": "publik",
    "identified_by": "pengakuan",
    "identified_note": "Mengaku pada apel pagi, 25 November.",
    "fake_account": "tidak",
    "happened_on": "2024-10-03",
    "happened_at": "19:45",
    "zone": "WITA",
    "place": "Sukamaju",
    "election": "pilkada-2024",
    "description": "Kiriman terlihat di beranda umum, dibagikan ke grup warga.",
    "text": TEXT,
    "parent": "tidak ada",
    "picture": "tidak ada",
    "contestant": "Wirya-Sundari",
    "forms": ["B02", "B05"],
    "uniform": "tidak",
    "office_hours": "tidak",
    "facility": "tidak",
    "witnesses": "Joko Saksi",
}
CLARIFICATION = {
    "clarified": "diberikan",
    "clarified_on": "2026-11-25",
    "clarified_at_place": "Ruang rapat Lapas Sukamaju",
    "accidental": "tidak",
    "clarification": "Mengaku menulis sendiri dan menyesal.",
}
RECOMMENDATION = {
    "recommendation": "majelis",
    "recipient": "Majelis Kode Etik Kanwil",
    "recommendation_reason": "Ajakan memilih di akun terbuka, diakui.",
}
RESULT = {
    "result": "sanksi_moral",
    "result_on": "2026-11-25",
    "result_by": "Majelis Kode Etik Kanwil",
    "result_number": "12/MKE/2026",
    "retain_until": "2031-12-31",
}


def almanac() -> Almanac:
    """The lists that come with Pilah."""
    return almanac_of(Path("/nowhere"))


def crew(store: Store) -> dict[str, Person]:
    """One person for each part of the work."""
    return {
        "petugas": person(store, Role.PETUGAS, login="sari"),
        "penelaah": person(store, Role.PENELAAH, login="bayu"),
        "penyelia": person(store, Role.PENYELIA, login="nur"),
        "auditor": person(store, Role.AUDITOR, login="agus"),
    }


def opened(store: Store, people: dict[str, Person], values: dict[str, object] | None = None) -> str:
    """A case that the officer opened and that reader and supervisor joined."""
    with store.writing(TEST) as unit:
        case_id = open_case(unit, people["petugas"], values or INTAKE, almanac())
        for name in ("penelaah", "penyelia"):
            join_case(unit, people[name], case_id, no_interest=True)
    return case_id


def names(section: Section) -> list[str]:
    """The fields of a section."""
    return [field.name for field in of_section(section)]


def upload(content: bytes, name: str = "tangkapan.png", **changes: object) -> Upload:
    """A file with everything that goes with it."""
    given: dict[str, object] = {
        "name": name,
        "content": content,
        "captured_by": "Sari",
        "captured_at": f"{START - dt.timedelta(hours=3):%Y-%m-%dT%H:%M}",
        "zone": "WIB",
        "checks": dict.fromkeys(CHECKS, True),
    }
    return Upload(**{**given, **changes})  # type: ignore[arg-type]


def png(width: int = 2, height: int = 2, after: bytes = b"") -> bytes:
    """A real picture of one colour, with something behind it if a test wants that."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\x00" + b"\x20\x60\xa0" * min(width, 4000) for _ in range(min(height, 4000)))
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body + after


def jpeg(after: bytes = b"") -> bytes:
    """A real picture, written by the imaging library that comes with the papers' one."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), (32, 96, 160)).save(out, "JPEG")
    return out.getvalue() + after


def mp4(after: bytes = b"") -> bytes:
    """The boxes that every such video has."""

    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", 8 + len(body)) + kind + body

    return box(b"ftyp", b"isom\x00\x00\x02\x00isom") + box(b"moov", b"\x00" * 8) + box(b"mdat", b"\x00" * 64) + after


def pdf() -> bytes:
    """A document of one page."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.drawString(100, 700, "kiriman")
    canvas.save()
    return out.getvalue()


def html() -> bytes:
    """A saved page."""
    return b"<!doctype html>\n<html><body><p>kiriman</p><script>alert(1)</script></body></html>\n"
