"""The records of the data: a labelled reading, an authored post, and the example a model learns from."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pilah_data.taxonomy import Direction, Label

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
Span = tuple[int, int]


class Register(StrEnum):
    """The kind of place a post was written for."""

    TWEET = "tweet"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    WHATSAPP = "whatsapp"


class Language(StrEnum):
    """The kind of Indonesian (ragam)."""

    BAKU = "baku"
    GAUL = "gaul"
    CAMPUR_KODE = "campur_kode"
    DAERAH = "daerah"


class Context(StrEnum):
    """The working life that a post comes from."""

    LAPAS = "lapas"
    IMIGRASI = "imigrasi"
    POLRI = "polri"
    SEKOLAH = "sekolah"
    KESEHATAN = "kesehatan"
    DESA = "desa"
    KEMENTERIAN = "kementerian"
    PEMDA = "pemda"
    UMUM = "umum"


class NameType(StrEnum):
    """What a contestant slot holds."""

    CALON = "calon"
    PASANGAN = "pasangan"
    PARTAI = "partai"
    NOMOR = "nomor"
    TAGAR = "tagar"
    TIM = "tim"
    DAERAH = "daerah"


class NameRole(StrEnum):
    """How a post treats the name in a slot."""

    DUKUNG = "dukung"
    SERANG = "serang"
    NETRAL = "netral"


class Relation(StrEnum):
    """What a post is to the first one of its counterfactual group."""

    DASAR = "dasar"
    TUKAR_NAMA = "tukar_nama"
    BALIK = "balik"
    NEGASI = "negasi"
    KUTIPAN = "kutipan"
    BERITA = "berita"
    HOMONIM = "homonim"
    TUGAS = "tugas"
    EDUKASI = "edukasi"
    AMBIGU = "ambigu"


_MASKS = re.compile(r"HTTPURL|@USER")


def text_id(text: str) -> str:
    """Return the id of a public post: 12 hex digits of SHA-256 over its letters and digits.

    The text is NFKC-normalised and lower-cased, and the masks HTTPURL and @USER are left out.
    """
    bare = unicodedata.normalize("NFKC", _MASKS.sub("", text)).lower()
    letters = "".join(c for c in bare if c.isalnum())
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader's judgement of a public post, found by its id; the text is never kept with it.

    `evidence` is a half-open character span of the post's text, or None.
    """

    id: str
    label: Label
    forms: tuple[str, ...]
    direction: Direction | None
    subtype: str | None
    evidence: Span | None
    split: Split
    source: str
    round: str


@dataclass(frozen=True, slots=True)
class Name:
    """A contestant slot: a span of the text, what it holds and how the post treats it."""

    start: int
    end: int
    type: NameType
    role: NameRole


@dataclass(frozen=True, slots=True)
class AuthoredPost:
    """A post written for this project, with its labels, its place in a counterfactual group and its contestant slots."""

    id: str
    text: str
    label: Label
    register: Register
    language: Language
    context: Context
    split: Split
    forms: tuple[str, ...] = ()
    direction: Direction | None = None
    subtype: str | None = None
    evidence: tuple[Span, ...] = ()
    group: str | None = None
    relation: Relation | None = None
    names: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """What a model learns from or is measured on: a text and its labels, whatever their origin."""

    id: str
    text: str
    label: Label
    forms: tuple[str, ...]
    direction: Direction | None
    subtype: str | None
    evidence: tuple[Span, ...]
    split: Split
    source: str
    group: str | None = None
    extra: dict[str, str] = field(default_factory=dict)
