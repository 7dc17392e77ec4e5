"""The fields of a case, declared once: section, where each is kept, and what it may hold; pages, API and papers read them here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pilah_data.taxonomy import FORMS


class Group(StrEnum):
    """Where a field is kept; all but columns and facts are encrypted."""

    COLUMN = "column"
    FACTS = "facts"
    IDENTITY = "identity"
    REPORTER = "reporter"
    CONTENT = "content"

    @property
    def sealed(self) -> bool:
        """Return whether a field of this group may lead to a person."""
        return self not in (Group.COLUMN, Group.FACTS)


class Kind(StrEnum):
    """What a field holds; `moment` is an hour of the day, `election` the id of one in the list, `case` the number of another case."""

    LINE = "line"
    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    CHOICE = "choice"
    CHOICES = "choices"
    NIP = "nip"
    NIK = "nik"
    LINK = "link"
    ELECTION = "election"
    CASE = "case"


class Section(StrEnum):
    """A part of a case that is filled in one form."""

    ASAL = "asal"
    TERLAPOR = "terlapor"
    AKUN = "akun"
    PERISTIWA = "peristiwa"
    KIRIMAN = "kiriman"
    DINAS = "dinas"
    KLARIFIKASI = "klarifikasi"
    REKOMENDASI = "rekomendasi"
    HASIL = "hasil"
    KEBERATAN = "keberatan"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: name in the API, section, where it is kept, kind, the values it may have, and its longest text."""

    name: str
    section: Section
    group: Group
    kind: Kind
    options: tuple[str, ...] = ()
    longest: int = 300
    ahead: bool = False
    """Whether a date lies ahead, and not behind."""


YES_NO = ("tidak", "ya", "tidak_jelas")
ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}
"""Hours before UTC of Indonesia's three zones."""
PLATFORMS = ("facebook", "instagram", "tiktok", "x", "youtube", "whatsapp", "telegram", "lainnya")
FORWARDS = ("ppk", "majelis", "bawaslu", "sbt")
"""Recommendations that pass a case on to another body."""
_LONG = 20_000

_S, _G, _K = Section, Group, Kind

FIELDS: tuple[Field, ...] = (
    Field("kind", _S.ASAL, _G.FACTS, _K.CHOICE, ("temuan", "laporan")),
    Field("known_on", _S.ASAL, _G.COLUMN, _K.DATE),
    Field("reporter_name", _S.ASAL, _G.REPORTER, _K.LINE),
    Field("reporter_address", _S.ASAL, _G.REPORTER, _K.LINE),
    Field("reporter_contact", _S.ASAL, _G.REPORTER, _K.LINE),
    Field("reporter_conflict", _S.ASAL, _G.FACTS, _K.CHOICE, YES_NO),
    Field("reporter_conflict_note", _S.ASAL, _G.REPORTER, _K.TEXT, longest=2000),
    Field("duplicate_of", _S.ASAL, _G.FACTS, _K.CASE),
    Field("malicious", _S.ASAL, _G.FACTS, _K.CHOICE, ("tidak", "diduga", "ya")),
    Field("party_name", _S.TERLAPOR, _G.IDENTITY, _K.LINE),
    Field("nip", _S.TERLAPOR, _G.IDENTITY, _K.NIP),
    Field("nik", _S.TERLAPOR, _G.IDENTITY, _K.NIK),
    Field("status", _S.TERLAPOR, _G.FACTS, _K.CHOICE, ("pns", "pppk", "ppnpn", "lainnya")),
    Field("position", _S.TERLAPOR, _G.IDENTITY, _K.LINE),
    Field("unit", _S.TERLAPOR, _G.COLUMN, _K.LINE, longest=200),
    Field("platform", _S.AKUN, _G.FACTS, _K.CHOICE, PLATFORMS),
    Field("account", _S.AKUN, _G.IDENTITY, _K.LINE),
    Field("url", _S.AKUN, _G.IDENTITY, _K.LINK, longest=2000),
    Field("visibility", _S.AKUN, _G.FACTS, _K.CHOICE, ("publik", "terbatas", "pribadi")),
    Field(
        "identified_by", _S.AKUN, _G.FACTS, _K.CHOICE, ("daftar_resmi", "pengakuan", "profil_nip", "saksi", "lainnya")
    ),
    Field("identified_note", _S.AKUN, _G.IDENTITY, _K.TEXT, longest=2000),
    Field("fake_account", _S.AKUN, _G.FACTS, _K.CHOICE, ("tidak", "diduga", "ya", "belum_diperiksa")),
    Field("fake_account_note", _S.AKUN, _G.IDENTITY, _K.TEXT, longest=2000),
    Field("happened_on", _S.PERISTIWA, _G.COLUMN, _K.DATE),
    Field("happened_at", _S.PERISTIWA, _G.FACTS, _K.MOMENT),
    Field("zone", _S.PERISTIWA, _G.FACTS, _K.CHOICE, tuple(ZONES)),
    Field("place", _S.PERISTIWA, _G.CONTENT, _K.LINE),
    Field("election", _S.PERISTIWA, _G.FACTS, _K.ELECTION),
    Field("outside_reason", _S.PERISTIWA, _G.CONTENT, _K.TEXT, longest=2000),
    Field("description", _S.PERISTIWA, _G.CONTENT, _K.TEXT, longest=_LONG),
    Field("text", _S.KIRIMAN, _G.CONTENT, _K.TEXT, longest=100_000),
    Field("parent", _S.KIRIMAN, _G.CONTENT, _K.TEXT, longest=_LONG),
    Field("picture", _S.KIRIMAN, _G.CONTENT, _K.TEXT, longest=5000),
    Field("contestant", _S.KIRIMAN, _G.CONTENT, _K.LINE),
    Field("forms", _S.KIRIMAN, _G.FACTS, _K.CHOICES, tuple(FORMS)),
    Field("uniform", _S.DINAS, _G.FACTS, _K.CHOICE, YES_NO),
    Field("office_hours", _S.DINAS, _G.FACTS, _K.CHOICE, YES_NO),
    Field("facility", _S.DINAS, _G.FACTS, _K.CHOICE, YES_NO),
    Field("office_note", _S.DINAS, _G.CONTENT, _K.TEXT, longest=5000),
    Field("witnesses", _S.DINAS, _G.REPORTER, _K.TEXT, longest=5000),
    Field("clarified", _S.KLARIFIKASI, _G.FACTS, _K.CHOICE, ("diberikan", "menolak", "tidak_hadir")),
    Field("clarified_on", _S.KLARIFIKASI, _G.FACTS, _K.DATE),
    Field("clarified_at_place", _S.KLARIFIKASI, _G.CONTENT, _K.LINE),
    Field("accidental", _S.KLARIFIKASI, _G.FACTS, _K.CHOICE, ("tidak", "ya", "tidak_dijelaskan")),
    Field("clarification", _S.KLARIFIKASI, _G.CONTENT, _K.TEXT, longest=_LONG),
    Field("recommendation", _S.REKOMENDASI, _G.FACTS, _K.CHOICE, ("ditutup", "pembinaan", *FORWARDS)),
    Field("recipient", _S.REKOMENDASI, _G.CONTENT, _K.LINE),
    Field("recommendation_reason", _S.REKOMENDASI, _G.CONTENT, _K.TEXT, longest=_LONG),
    Field(
        "result",
        _S.HASIL,
        _G.FACTS,
        _K.CHOICE,
        ("bukan_pelanggaran", "pembinaan", "sanksi_moral", "disiplin_ringan", "disiplin_sedang", "disiplin_berat"),
    ),
    Field("result_on", _S.HASIL, _G.FACTS, _K.DATE),
    Field("result_by", _S.HASIL, _G.CONTENT, _K.LINE),
    Field("result_number", _S.HASIL, _G.CONTENT, _K.LINE),
    Field("result_note", _S.HASIL, _G.CONTENT, _K.TEXT, longest=_LONG),
    Field("retain_until", _S.HASIL, _G.COLUMN, _K.DATE, ahead=True),
    Field("objection_on", _S.KEBERATAN, _G.FACTS, _K.DATE),
    Field("objection_to", _S.KEBERATAN, _G.CONTENT, _K.LINE),
    Field("objection_reason", _S.KEBERATAN, _G.CONTENT, _K.TEXT, longest=_LONG),
    Field("objection_result", _S.KEBERATAN, _G.FACTS, _K.CHOICE, ("menunggu", "dikabulkan", "sebagian", "ditolak")),
    Field("objection_result_on", _S.KEBERATAN, _G.FACTS, _K.DATE),
    Field("appeal_on", _S.KEBERATAN, _G.FACTS, _K.DATE),
    Field("appeal_to", _S.KEBERATAN, _G.CONTENT, _K.LINE),
    Field("appeal_result", _S.KEBERATAN, _G.FACTS, _K.CHOICE, ("menunggu", "dikabulkan", "sebagian", "ditolak")),
    Field("appeal_result_on", _S.KEBERATAN, _G.FACTS, _K.DATE),
)
"""All fields, in the order of forms and papers. None names a party that a model thinks favoured: `contestant` is written by hand."""

BY_NAME = {field.name: field for field in FIELDS}


def of_section(section: Section) -> tuple[Field, ...]:
    """Return the fields of a section in their order."""
    return tuple(field for field in FIELDS if field.section is section)
