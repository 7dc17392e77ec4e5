"""Writes one sheet of an Office Open XML workbook, row by row (ECMA-376, part 1).

Every cell is an inline string or a number, never a formula. The same rows give the same bytes: neither the archive nor
the workbook carries a time. Libraries that write this format keep one or cannot be told; so the few parts are made here.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Collection, Sequence
from typing import BinaryIO
from xml.sax.saxutils import escape

from pilah_model.batch.errors import WriteError

CELL_LIMIT = 32_767
"""Characters that a cell may hold."""
_ROW_LIMIT = 1_048_576
_TIME = (1980, 1, 1, 0, 0, 0)
# What XML 1.0 cannot hold is written _xHHHH_, and so is whatever already looks like that (ECMA-376, 22.9.2.19).
_ODD = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="pilah" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


class Sheet:
    """A workbook of one sheet whose first row stays in sight; raises OSError when the disk does not take it."""

    def __init__(self, out: BinaryIO):
        """Begin a workbook in an opened file."""
        self._zip, self._rows = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED), 0
        for name, body in _PARTS.items():
            self._zip.writestr(_entry(name), _HEAD + body)
        self._sheet = self._zip.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True)
        self._write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
        )

    def row(self, cells: Sequence[str], numbers: Collection[int] = ()) -> None:
        """Write a row; the places in `numbers` hold numbers. Raises WriteError beyond what a sheet holds."""
        if self._rows == _ROW_LIMIT:
            raise WriteError(
                f"a sheet of .xlsx holds {_ROW_LIMIT - 1:,} posts and there are more; write .csv or .jsonl"
            )
        self._rows += 1
        made = (f"<c><v>{cell}</v></c>" if at in numbers else _text(cell) for at, cell in enumerate(cells))
        self._write(f"<row>{''.join(made)}</row>")

    def finish(self) -> None:
        """Write what belongs behind the rows; the file stays open."""
        self._write("</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()

    def abandon(self) -> None:
        """Let go of a workbook that will not be finished."""
        with contextlib.suppress(OSError, ValueError):  # the disk may be full, or all of it closed
            self._sheet.close()
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()

    def _write(self, text: str) -> None:
        self._sheet.write(text.encode("utf-8"))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _text(cell: str) -> str:
    if not cell:
        return "<c/>"
    safe = escape(_ODD.sub(lambda found: f"_x{ord(found.group()):04X}_", cell))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{safe}</t></is></c>'
