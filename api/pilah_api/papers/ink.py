"""Fonts and styles of the papers, out of the library itself, and text made fit for them."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_FONTS = Path(reportlab.__file__).parent / "fonts"
_FACES = {"Vera": "Vera.ttf", "Vera-Bold": "VeraBd.ttf", "Vera-Italic": "VeraIt.ttf", "Vera-BoldItalic": "VeraBI.ttf"}
INK, SOFT, LINE, WASH = (colors.HexColor(code) for code in ("#16202b", "#4a5868", "#c9d1da", "#f2f5f8"))

# Shown by an emoji before it; alone it has no shape.
_WITHOUT_SHAPE = "\ufe0f\u200d"


def printable(text: str) -> str:
    """Return text as markup of the library; a sign that the font lacks is written by its Unicode code and name."""
    glyphs = _glyphs()
    pieces = []
    for sign in text:
        if sign == "\n":
            pieces.append("<br/>")
        elif ord(sign) in glyphs or sign == "\t":
            pieces.append(escape(sign))
        elif sign not in _WITHOUT_SHAPE:
            name = unicodedata.name(sign, "")
            pieces.append(f"[U+{ord(sign):04X}{' ' + name if name else ''}]")
    return "".join(pieces)


@cache
def _glyphs() -> frozenset[int]:
    face = TTFont("Vera", str(_FONTS / _FACES["Vera"])).face
    return frozenset(face.charToGlyph) - set(range(32))


@cache
def styles() -> dict[str, ParagraphStyle]:
    """Return the styles by name; the first call registers the fonts."""
    for name, file in _FACES.items():
        pdfmetrics.registerFont(TTFont(name, str(_FONTS / file)))
    pdfmetrics.registerFontFamily(
        "Vera", normal="Vera", bold="Vera-Bold", italic="Vera-Italic", boldItalic="Vera-BoldItalic"
    )
    body = ParagraphStyle(
        "body", fontName="Vera", fontSize=8.6, leading=12.4, textColor=INK, spaceAfter=2 * mm, splitLongWords=1
    )

    def style(name: str, **changes: Any) -> ParagraphStyle:
        return ParagraphStyle(name, parent=body, **changes)

    made = (
        body,
        style("title", fontName="Vera-Bold", fontSize=12.5, leading=17, alignment=TA_CENTER, spaceAfter=1 * mm),
        style("subtitle", textColor=SOFT, alignment=TA_CENTER, spaceAfter=0.5 * mm),
        style("part", fontName="Vera-Bold", fontSize=9.6, leading=13, spaceBefore=4 * mm, spaceAfter=1 * mm),
        style("name", textColor=SOFT, spaceAfter=0),
        style("value", spaceAfter=0),
        style("hash", fontSize=7.4, spaceAfter=0),
        style("quote", leftIndent=3 * mm, spaceBefore=1 * mm),
        style("head", fontName="Vera-Bold", fontSize=7.6, leading=10, spaceAfter=0),
        style("cell", fontSize=7.6, leading=10.4, spaceAfter=0),
        style("note", fontSize=8.2, leading=11.6, spaceAfter=0),
        style(
            "point", leftIndent=6 * mm, bulletIndent=0, bulletFontName="Vera", bulletFontSize=8.6, spaceAfter=1.2 * mm
        ),
        style("sign", alignment=TA_CENTER, spaceAfter=0),
    )
    return {one.name: one for one in made}
