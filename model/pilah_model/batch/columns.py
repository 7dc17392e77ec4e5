"""What scoring adds to a row, as cells of a table and as JSON values, and how cells are kept from being formulas.

In delimited text a cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line end, and is no
plain number) gets an apostrophe in front. Within a cell, = + - @ get one behind a line end and behind the comma, semicolon
or tab that does not separate the cells of this file: a double click on commas splits at semicolons where Windows has them
for lists, and there no quotes hold the cell together. The offsets in `pilah_evidence` count the post without these
apostrophes. `raw` writes the cells as they are. JSON lines are never altered, nor are workbooks, where every text is
marked as one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache

from pilah_data.feeds import FeedRow
from pilah_data.taxonomy import PREDICTED
from pilah_model.judgement import Judgement

PREFIX = "pilah_"
"""How the names of all added columns begin; no column of an input may."""
NUMBERS = ("pilah_confidence", *(f"pilah_p_{label.value}" for label in PREDICTED))
"""The added columns that hold numbers."""
COLUMNS = (
    "pilah_label",
    *NUMBERS,
    "pilah_decision",
    "pilah_forms",
    "pilah_direction",
    "pilah_evidence",
    "pilah_truncated",
    "pilah_model",
)
"""What scoring adds to the columns of the input."""
EXTRA = "pilah_extra"
"""The last column of a table made from JSON lines: the fields of a row that the first object did not have, as JSON."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SEPARATORS = ",;\t"
_SIGNED = re.compile(r"[+-][0-9].*")
# Digits that are no number or date for themselves.
_SUM = re.compile(r"(?![0-9.,:/ TZ+-]*\Z)[0-9]")
_NUMBER = re.compile(r"[+-](?:[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?%?")


def cells(judgement: Judgement) -> tuple[str, ...]:
    """Return the added columns of one row as text."""
    j = judgement
    evidence = (
        json.dumps([[e.start, e.end, e.text] for e in j.evidence], ensure_ascii=False) if j.evidence is not None else ""
    )
    return (
        j.label.value,
        f"{j.confidence:.4f}",
        *(f"{j.probabilities[label]:.4f}" for label in PREDICTED),
        j.decision.value,
        ";".join(f"{f.code}:{f.probability:.2f}" for f in j.forms),
        j.direction.value if j.direction else "",
        evidence,
        "true" if j.truncated else "false",
        _model(j),
    )


def values(judgement: Judgement) -> tuple[object, ...]:
    """Return the added columns of one row as JSON values; evidence as in `Judgement.as_json`, null if none was asked for."""
    j = judgement
    return (
        j.label.value,
        round(j.confidence, 4),
        *(round(j.probabilities[label], 4) for label in PREDICTED),
        j.decision.value,
        [{"code": f.code, "probability": round(f.probability, 4)} for f in j.forms],
        j.direction.value if j.direction else None,
        j.as_json()["evidence"],
        j.truncated,
        _model(j),
    )


def guarded(cell: str, own: str = ",") -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection); plain numbers stay as they are.

    `own` is what separates the cells of the file; it may be read with another separator as well.
    """
    cell = _inner(own).sub("\\g<0>'", cell)
    return "'" + cell if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


def guarded_row(row: Sequence[str], own: str) -> list[str]:
    """Return the guarded cells of a row."""
    made = [guarded(cell, own) for cell in row]
    # -2 and 1+A1 beside one another are -2,1+A1 to whom the comma is decimal.
    if own == "," and len(made) > 1 and _SIGNED.fullmatch(made[0]) and _SUM.match(made[1]):
        made[0] = "'" + made[0]
    return made


@cache
def _inner(own: str) -> re.Pattern[str]:
    """Return where another reading may begin a cell with a formula: quotes at its beginning are taken away there."""
    others = "".join(one for one in _SEPARATORS if one != own)
    return re.compile(rf'[{others}\r\n](?=["{re.escape(own)}]*[=+\-@＝＋－＠])')


def extra_of(row: FeedRow, known: frozenset[str]) -> str:
    """Return the fields of a row beside the known columns as JSON, empty if there are none."""
    extra = {name: value for name, value in row.fields.items() if name not in known}
    return json.dumps(extra, ensure_ascii=False) if extra else ""


def printable(text: str) -> str:
    """Replace lone surrogates (legal in JSON escapes, not in UTF-8) so that a row is never lost on writing."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _model(judgement: Judgement) -> str:
    return f"{judgement.model.name}/{judgement.model.version}/{judgement.model.engine}"
