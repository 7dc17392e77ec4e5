"""Turns pasted text into posts, and a judged post into pieces that a page or terminal can mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pilah_api.services.classification import Judged
from pilah_model.judgement import Evidence


class Split(StrEnum):
    """How a paste is cut into posts."""

    AUTO = "auto"
    LINES = "baris"
    WHOLE = "utuh"


_BLANK_LINE = re.compile(r"\n(?:[^\S\n]*\n)+")


def split_paste(paste: str, how: Split = Split.AUTO) -> list[str]:
    """Cut a paste into posts: at blank lines, or, if there are none, at every line; blank pieces are left out."""
    text = paste.replace("\r\n", "\n").replace("\r", "\n").strip()
    if how is Split.WHOLE:
        pieces = [text]
    elif how is Split.AUTO and _BLANK_LINE.search(text):
        pieces = _BLANK_LINE.split(text)
    else:
        pieces = text.split("\n")
    return [piece.strip() for piece in pieces if piece.strip()]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a post's text; `evidence` is set where the model was swayed by it."""

    text: str
    evidence: Evidence | None = None


def pieces(judged: Judged) -> Iterator[Piece]:
    """Yield the post's whole text in order, cut at its evidence; joined, the pieces are the text again."""
    at = 0
    for evidence in sorted(judged.judgement.evidence or (), key=lambda e: e.start):
        if evidence.start < at or evidence.end > len(judged.text):
            continue  # an overlapping or foreign span must never repeat or lose text on the page
        if evidence.start > at:
            yield Piece(judged.text[at : evidence.start])
        yield Piece(judged.text[evidence.start : evidence.end], evidence)
        at = evidence.end
    if at < len(judged.text):
        yield Piece(judged.text[at:])
