"""An office document as PDF: letterhead, numbered pages, tables of fields and places to sign; with fonts from the library itself."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    HRFlowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from pilah_api.papers.ink import INK, LINE, SOFT, WASH, printable, styles

_SIDE, _TOP, _BOTTOM = 22 * mm, 25 * mm, 21 * mm
_PAD = 6
"""What the library leaves free within its frames."""
_WIDTH = A4[0] - 2 * _SIDE
_VALUES = _WIDTH * 0.68
"""Width of the values that stand beside their names."""
_HIGHEST_CELL = 100 * mm
"""Height from which on a cell is taken apart: the library cannot be relied on to break a row over pages.

What is printed counts: line breaks, and signs that are written by their names, make a short text high.
"""
_BESIDE = 3
"""What a table leaves free at the left and right of a cell."""
NOT_FILLED = "–"
_SIGNS = (
    "Aksara yang tidak ada pada huruf cetak ini (misalnya emoji) ditulis dengan kode dan nama Unicode-nya dalam kurung siku; "
    "teks persisnya ada di kasus.json."
)

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands on every page: the document's title, the case's number, and the state that the paper shows."""

    title: str
    number: str
    status: str


@dataclass(slots=True)
class Sheet:
    """A document being written from top to bottom."""

    heading: Heading
    story: list[Any] = field(default_factory=list)

    def title(self, subtitle: str = "") -> None:
        """Write the document's title."""
        self.story.append(Paragraph(printable(self.heading.title.upper()), styles()["title"]))
        self.story.append(Paragraph(printable(f"Nomor kasus: {self.heading.number}"), styles()["subtitle"]))
        if subtitle:
            self.story.append(Paragraph(printable(subtitle), styles()["subtitle"]))
        self.story.append(Spacer(1, 3 * mm))

    def part(self, name: str, *, room: float = 34) -> None:
        """Begin a part, on a new page if less than `room` millimetres of this one are left."""
        rule = HRFlowable(width="100%", thickness=0.6, color=LINE, spaceBefore=0, spaceAfter=1.5 * mm)
        self.story += [CondPageBreak(room * mm), Paragraph(printable(name), styles()["part"]), rule]

    def words(self, text: str, style: str = "body") -> None:
        """Write a paragraph; line breaks are kept."""
        self.story.append(Paragraph(printable(text), styles()[style]))

    def points(self, sentences: Sequence[str]) -> None:
        """Write numbered sentences."""
        for place, sentence in enumerate(sentences, start=1):
            self.story.append(Paragraph(printable(sentence), styles()["point"], bulletText=f"{place}."))

    def fields(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write names and values side by side; a long value stands below its name."""
        short: list[list[Paragraph]] = []
        for name, value in rows:
            style = "hash" if _HASH.fullmatch(value) else "value"
            cell = Paragraph(printable(value or NOT_FILLED), styles()[style])
            if _height(cell, _VALUES) <= _HIGHEST_CELL:
                short.append([Paragraph(printable(name), styles()["name"]), cell])
                continue
            self._flush(short)
            self.words(name, "name")
            self.words(value, "quote")
        self._flush(short)

    def _flush(self, rows: list[list[Paragraph]]) -> None:
        if rows:
            table = Table(rows[:], colWidths=[_WIDTH - _VALUES, _VALUES], hAlign="LEFT")
            table.setStyle(
                TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_PADDING, ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE)])
            )
            self.story += [table, Spacer(1, 2 * mm)]
            rows.clear()

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """Write a table whose head repeats on every page; widths are shares of the page."""
        columns = [_WIDTH * share for share in widths]
        cells = [[Paragraph(printable(text), styles()["head"]) for text in head]]
        ends = [0]
        for row in rows:
            cells += _pieces([Paragraph(printable(text or NOT_FILLED), styles()["cell"]) for text in row], columns)
            ends.append(len(cells) - 1)
        table = Table(cells, colWidths=columns, repeatRows=1, hAlign="LEFT")
        table.setStyle(
            TableStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("BACKGROUND", (0, 0), (-1, 0), WASH),
                    *(("LINEBELOW", (0, end), (-1, end), 0.3, LINE) for end in ends),
                    ("LINEABOVE", (0, 0), (-1, 0), 0.6, LINE),
                    *_PADDING,
                ]
            )
        )
        self.story.append(table)
        self.story.append(Spacer(1, 2 * mm))

    def note(self, text: str) -> None:
        """Write a remark that must not be overlooked."""
        table = Table([[Paragraph(printable(text), styles()["note"])]], colWidths=[_WIDTH], hAlign="LEFT")
        table.setStyle(
            TableStyle([("BACKGROUND", (0, 0), (-1, -1), WASH), ("LINEBEFORE", (0, 0), (0, -1), 2, INK), *_WIDE])
        )
        self.story += [Spacer(1, 2 * mm), table, Spacer(1, 2 * mm)]

    def signatures(self, place: str, people: Sequence[str]) -> None:
        """Leave room for signatures, side by side; the papers are signed by hand."""
        heads = [Paragraph(printable(who), styles()["sign"]) for who in people]
        lines = [Paragraph("(………………………………)", styles()["sign"]) for _ in people]
        table = Table(
            [heads, [""] * len(people), lines],
            rowHeights=[None, 17 * mm, None],
            colWidths=[_WIDTH / len(people)] * len(people),
        )
        when = Paragraph(printable(f"{place or '………………………'}, tanggal ………………………"), styles()["body"])
        self.story.append(KeepTogether([Spacer(1, 6 * mm), when, Spacer(1, 3 * mm), table]))

    def explain_signs(self, text: str) -> None:
        """Say how signs are written that the font lacks, if one of these texts holds any."""
        if "[U+" in printable(text):
            self.words(_SIGNS, "name")

    def pdf(self) -> bytes:
        """Return the document; no clock and no chance is in it."""
        out = io.BytesIO()
        document = SimpleDocTemplate(
            out,
            pagesize=A4,
            leftMargin=_SIDE - _PAD,
            rightMargin=_SIDE - _PAD,
            topMargin=_TOP,
            bottomMargin=_BOTTOM,
            title=f"{self.heading.title} {self.heading.number}",
            author="Pilah",
            lang="id",
            invariant=1,
        )
        document.build(self.story, canvasmaker=lambda *given, **options: _Numbered(self.heading, *given, **options))
        return out.getvalue()


_PADDING = [
    ("LEFTPADDING", (0, 0), (-1, -1), _BESIDE),
    ("RIGHTPADDING", (0, 0), (-1, -1), _BESIDE),
    ("TOPPADDING", (0, 0), (-1, -1), 2.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
]
_WIDE = [
    ("LEFTPADDING", (0, 0), (-1, -1), 8),
    ("RIGHTPADDING", (0, 0), (-1, -1), 8),
    ("TOPPADDING", (0, 0), (-1, -1), 5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
]


def _height(cell: Paragraph, width: float) -> float:
    height: float = cell.wrap(width - 2 * _BESIDE, _HIGHEST_CELL)[1]
    return height


def _pieces(row: list[Paragraph], widths: Sequence[float]) -> list[list[Paragraph]]:
    """Return a row as rows of which none is too high for a page; the parts of a cell stand one below the other."""
    found: list[list[Paragraph]] = []
    while any(_height(cell, width) > _HIGHEST_CELL for cell, width in zip(row, widths, strict=True)):
        parts: list[list[Any]] = [
            cell.split(width - 2 * _BESIDE, _HIGHEST_CELL) if _height(cell, width) > _HIGHEST_CELL else [cell]
            for cell, width in zip(row, widths, strict=True)
        ]
        found.append([part[0] for part in parts])
        row = [part[1] if len(part) > 1 else Paragraph("", styles()["cell"]) for part in parts]
    return [*found, row]


class _Numbered(Canvas):
    """Writes head and foot of every page once the number of pages is known."""

    def __init__(self, heading: Heading, *given: Any, **options: Any):
        super().__init__(*given, **options)
        self._heading = heading
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - the library calls it so
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the library's own way to count pages first

    def save(self) -> None:
        count = len(self._pages)
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self._frame(number, count)
            super().showPage()
        super().save()

    def _frame(self, number: int, count: int) -> None:
        left, right, top = _SIDE, A4[0] - _SIDE, A4[1] - 17 * mm
        self.setFillColor(SOFT)
        self.setStrokeColor(LINE)
        self.setLineWidth(0.6)
        self.setFont("Vera-Bold", 7.5)
        self.drawString(left, top, "SATGAS NETRALITAS ASN")
        self.setFont("Vera", 7.5)
        self.drawRightString(right, top, "RAHASIA · memuat data pribadi")
        self.line(left, top - 2.5 * mm, right, top - 2.5 * mm)
        foot = 13 * mm
        self.line(left, foot + 4 * mm, right, foot + 4 * mm)
        self.drawString(left, foot, f"{self._heading.number} · {self._heading.status}")
        self.drawRightString(right, foot, f"Halaman {number} dari {count}")
