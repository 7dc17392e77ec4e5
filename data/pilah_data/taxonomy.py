"""The labels, forms and sub-types of Pilah, declared once; pages, OpenAPI, codebook and cards are rendered from here.

Definitions follow the project's domain study of SKB 5 lembaga 2022 (Keputusan Bersama MenPANRB 2/2022 and others), PP 94/2021,
PP 42/2004, UU 20/2023, UU 7/2017 and UU 10/2016. They are an aid to sorting, not legal advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pilah_data.taxonomy_rows import DECISION_ROWS, DIRECTION_ROWS, FORM_ROWS, LABEL_ROWS, SUBTYPE_ROWS

TAXONOMY_VERSION = "1.0"
"""Written into every artefact and record; a mismatch on load is an error, never a renaming."""

REFERENCE_NOTE = "rujukan yang mungkin relevan, bukan putusan"


class Label(StrEnum):
    """The primary label of a post; exactly one."""

    BUKAN_POLITIK = "bukan_politik"
    POLITIK_NETRAL = "politik_netral"
    PARTISAN = "partisan"
    PERLU_KONTEKS = "perlu_konteks"


PREDICTED = (Label.BUKAN_POLITIK, Label.POLITIK_NETRAL, Label.PARTISAN)
"""The classes of a model, in the order of its outputs; `perlu_konteks` is gold only."""

PARTISAN_OUTPUT = PREDICTED.index(Label.PARTISAN)
"""Where among them `partisan` stands."""


class Decision(StrEnum):
    """What the model proposes to do with a post; a person decides."""

    LOLOS = "lolos"
    BUTUH_KONTEKS = "butuh_konteks"
    TINJAU = "tinjau"


class Direction(StrEnum):
    """Whether a partisan post is for, against, or both; never whom it favours."""

    DUKUNG = "dukung"
    SERANG = "serang"
    CAMPURAN = "campuran"


class Stage(StrEnum):
    """Which rule set applies, computed from the election calendar and never predicted."""

    SEBELUM_PENETAPAN = "sebelum_penetapan"
    SESUDAH_PENETAPAN = "sesudah_penetapan"


@dataclass(frozen=True, slots=True)
class LabelInfo:
    """A label's words for people, in Indonesian and English, with invented examples on both sides of its border."""

    label: Label
    title: str
    title_en: str
    definition: str
    definition_en: str
    positive: tuple[str, str]
    negative: tuple[str, str]
    predicted: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A form of partisanship (bentuk): code, name, definition, and the rules it may touch by stage."""

    code: str
    name: str
    title_en: str
    definition: str
    exclusion: str
    basis: dict[Stage, str]
    severity: int

    @property
    def predicted(self) -> bool:
        """Whether a model predicts it; interactions (B11) are only ever recorded by a person."""
        return self.code != "B11"


@dataclass(frozen=True, slots=True)
class Subtype:
    """A lawful look-alike (N1-N11) that must not be flagged."""

    code: str
    title: str
    title_en: str
    definition: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word of the interface in Indonesian and English."""

    title: str
    title_en: str
    explanation: str
    explanation_en: str


LABELS: dict[Label, LabelInfo] = {Label(row[0]): LabelInfo(Label(row[0]), *row[1:]) for row in LABEL_ROWS}
FORMS: dict[str, Form] = {
    row[0]: Form(*row[:5], {Stage.SEBELUM_PENETAPAN: row[5], Stage.SESUDAH_PENETAPAN: row[6]}, row[7])
    for row in FORM_ROWS
}
SUBTYPES: dict[str, Subtype] = {row[0]: Subtype(*row) for row in SUBTYPE_ROWS}
DECISIONS: dict[Decision, Phrase] = {Decision(row[0]): Phrase(*row[1:]) for row in DECISION_ROWS}
DIRECTIONS: dict[Direction, Phrase] = {Direction(row[0]): Phrase(*row[1:]) for row in DIRECTION_ROWS}

PREDICTED_FORMS = tuple(code for code, form in FORMS.items() if form.predicted)
"""The codes of a model's form outputs, in order."""

DIRECTIONS_IN_ORDER = tuple(Direction)
"""The directions of a model's direction outputs, in order."""


def as_json() -> dict[str, object]:
    """Return the whole taxonomy as plain JSON values, as `GET /v1/taxonomy` serves it."""
    return {
        "version": TAXONOMY_VERSION,
        "labels": [
            {
                "code": i.label.value,
                "title": i.title,
                "title_en": i.title_en,
                "definition": i.definition,
                "definition_en": i.definition_en,
                "examples": list(i.positive),
                "counter_examples": list(i.negative),
                "predicted": i.predicted,
            }
            for i in LABELS.values()
        ],
        "decisions": [{"code": code.value, **_words(phrase)} for code, phrase in DECISIONS.items()],
        "directions": [{"code": code.value, **_words(phrase)} for code, phrase in DIRECTIONS.items()],
        "forms": [
            {
                "code": f.code,
                "name": f.name,
                "title_en": f.title_en,
                "definition": f.definition,
                "exclusion": f.exclusion,
                "severity": f.severity,
                "predicted": f.predicted,
                "basis": {stage.value: text for stage, text in f.basis.items()},
            }
            for f in FORMS.values()
        ],
        "subtypes": [
            {"code": s.code, "title": s.title, "title_en": s.title_en, "definition": s.definition}
            for s in SUBTYPES.values()
        ],
        "note": REFERENCE_NOTE,
    }


def _words(phrase: Phrase) -> dict[str, str]:
    return {
        "title": phrase.title,
        "title_en": phrase.title_en,
        "explanation": phrase.explanation,
        "explanation_en": phrase.explanation_en,
    }
