"""Renders CODEBOOK.md, what a reader follows, from the taxonomy and `codebook.toml`; all examples are invented."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pilah_data.markdown import paragraph, table
from pilah_data.tables import Table, open_toml
from pilah_data.taxonomy import DIRECTIONS, FORMS, LABELS, REFERENCE_NOTE, SUBTYPES, TAXONOMY_VERSION, Form, Stage

SECTIONS = "codebook.toml"


@dataclass(frozen=True, slots=True)
class Examples:
    """Invented texts on both sides of a border."""

    yes: tuple[str, ...]
    no: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A question of the decision tree; a plain yes leads to the next one."""

    question: str
    no: str
    unclear: str


@dataclass(frozen=True, slots=True)
class Precedent:
    """A ruling on a kind of hard case."""

    case: str
    ruling: str
    example: str


@dataclass(frozen=True, slots=True)
class Codebook:
    """What the codebook says beyond the taxonomy."""

    reading: str
    evidence: str
    doubt: str
    steps: tuple[Step, ...]
    forms: dict[str, Examples]
    subtypes: dict[str, Examples]
    precedents: tuple[Precedent, ...]

    def examples(self) -> Iterator[str]:
        """Yield every invented text that is not the taxonomy's own."""
        for shown in (*self.forms.values(), *self.subtypes.values()):
            yield from shown.yes
            if shown.no:
                yield shown.no
        yield from (precedent.example for precedent in self.precedents)


def read_codebook(path: Path) -> Codebook:
    """Read `codebook.toml`; raises DataError for a blank or unknown field, or a code of the taxonomy left out."""
    top = open_toml(path)
    book = Codebook(
        reading=top.text("reading"),
        evidence=top.text("evidence"),
        doubt=top.text("doubt"),
        steps=tuple(Step(t.text("question"), t.text("no"), t.text("unclear")) for t in _closed(top.tables("step"))),
        forms=_examples(top, "form", FORMS, with_no=True),
        subtypes=_examples(top, "subtype", SUBTYPES, with_no=False),
        precedents=tuple(
            Precedent(t.text("case"), t.text("ruling"), t.text("example")) for t in _closed(top.tables("precedent"))
        ),
    )
    top.close()
    return book


def render(data: Path) -> str:
    """Return the codebook of a data folder as Markdown."""
    book = read_codebook(data / SECTIONS)
    parts = [
        f"# Buku kode Pilah (taksonomi {TAXONOMY_VERSION})",
        "How the posts of this data set are read and labelled; in Indonesian, the language of the posts. "
        "Rendered by `pilah data card` from the taxonomy and `data/codebook.toml`; edit those, not this file. "
        "Semua contoh rekaan, begitu pula peserta, partai, dan tempatnya.",
        "## Cara membaca\n\n" + paragraph(book.reading),
        "## Pohon keputusan\n\n" + _tree(book) + "\n\n" + paragraph(book.doubt),
        "## Label\n\n" + "\n\n".join(_labels()),
        f"## Bentuk\n\nUntuk `partisan`; boleh lebih dari satu. Dasar hukum adalah {REFERENCE_NOTE}.\n\n"
        + "\n\n".join(_form(form, book.forms[code]) for code, form in FORMS.items()),
        "## Arah\n\n"
        + table(
            ("kode", "arti", "English"), ((f"`{c}`", p.explanation, p.explanation_en) for c, p in DIRECTIONS.items())
        ),
        "## Subtipe yang sah\n\nMirip, tetapi tidak boleh ditandai.\n\n" + _subtypes(book),
        "## Bukti dan isian lain\n\n" + paragraph(book.evidence),
        "## Preseden\n\n"
        + table(("keadaan", "putusan", "contoh rekaan"), ((p.case, p.ruling, p.example) for p in book.precedents)),
    ]
    return "\n\n".join(parts) + "\n"


def _closed(tables: list[Table]) -> Iterator[Table]:
    """Yield each table, and once its fields were asked for, see that nothing else stands in it."""
    for one in tables:
        yield one
        one.close()


def _examples(top: Table, kind: str, codes: Collection[str], *, with_no: bool) -> dict[str, Examples]:
    found = {
        t.text("code"): Examples(t.texts("yes"), t.text("no") if with_no else None) for t in _closed(top.tables(kind))
    }
    for code in (*codes, *found):
        if code not in found or code not in codes:
            raise top.bad(kind, f"{code} is missing or not in the taxonomy")
    return found


def _tree(book: Codebook) -> str:
    lines = [
        f"{number}. {step.question}\n   - tidak: {step.no}\n   - dua tafsir sama wajar: {step.unclear}"
        for number, step in enumerate(book.steps, start=1)
    ]
    return "\n".join([*lines, f"{len(lines) + 1}. Semuanya ya: `partisan`, dengan bentuk, arah, dan bukti."])


def _labels() -> Iterator[str]:
    for label, info in LABELS.items():
        predicted = "" if info.predicted else " Hanya label baca: model tidak menebaknya, melainkan menahan diri."
        yield (
            f"### `{label}` - {info.title} ({info.title_en})\n\n{info.definition}{predicted}\n\n"
            f"*{info.definition_en}*\n\n{_shown(Examples(info.positive))}\n{_not(info.negative)}"
        )


def _form(form: Form, shown: Examples) -> str:
    recorded = "" if form.predicted else " Tidak pernah ditebak model."
    return (
        f"### {form.code} `{form.name}` ({form.title_en}), bobot {form.severity}\n\n{form.definition}{recorded} "
        f"Bukan: {form.exclusion[0].lower()}{form.exclusion[1:]}\n\n"
        f"Sebelum penetapan: {form.basis[Stage.SEBELUM_PENETAPAN]}. Sesudahnya: {form.basis[Stage.SESUDAH_PENETAPAN]}.\n\n"
        f"{_shown(shown)}\n{_not((shown.no,) if shown.no else ())}"
    )


def _shown(shown: Examples) -> str:
    return "\n".join(f"- ya: {text}" for text in shown.yes)


def _not(texts: tuple[str, ...]) -> str:
    return "\n".join(f"- bukan: {text}" for text in texts)


def _subtypes(book: Codebook) -> str:
    rows = (
        (code, s.title, s.title_en, s.definition, " / ".join(book.subtypes[code].yes)) for code, s in SUBTYPES.items()
    )
    return table(("kode", "subtipe", "English", "isi", "contoh rekaan"), rows)
