"""Invented workbooks (XLSX, ODS, XLS), most of them written part by part as no office program would; no text is anyone's post."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SHEET = '<?xml version="1.0"?>{dtd}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
_OFFICE = "http://schemas.openxmlformats.org"
_XLSX = {
    "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{_OFFICE}/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
    "_rels/.rels": f'<?xml version="1.0"?><Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{_OFFICE}/spreadsheetml/2006/main" '
    f'xmlns:r="{_OFFICE}/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<?xml version="1.0"?><Relationships xmlns="{_OFFICE}/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}


def raw_xlsx(rows: str, dtd: str = "") -> bytes:
    """Return an XLSX file of one sheet with the given rows of XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _XLSX.items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", _SHEET.format(dtd=dtd, rows=rows))
    return out.getvalue()


def write_xlsx(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def ods(rows: str) -> bytes:
    """Return an ODS file of one sheet with the given rows of XML."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content xmlns:office="{office}:office:1.0" xmlns:table="{office}:table:1.0" '
            f'xmlns:text="{office}:text:1.0"><office:body><office:spreadsheet><table:table table:name="A">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{office}:manifest:1.0"/>')
    return out.getvalue()


def ods_row(*cells: str) -> str:
    inner = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
    )
    return f"<table:table-row>{inner}</table:table-row>"


def xls(rows: Sequence[Sequence[str | float]], far: tuple[int, int] | None = None) -> bytes:
    """Return a BIFF8 workbook of one sheet in an OLE container (MS-XLS 2.1, MS-CFB 2)."""
    bof = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    end = struct.pack("<HH", 0x000A, 0)
    bound_size = 4 + 8 + 1
    name = struct.pack("<IHBB", len(bof) + bound_size + len(end), 0, 1, 0) + b"A"
    stream = bof + struct.pack("<HH", 0x0085, len(name)) + name + end
    stream += struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                data = struct.pack("<HHHHB", at, column, 0, len(cell), 1) + cell.encode("utf-16-le")
                stream += struct.pack("<HH", 0x0204, len(data)) + data
            else:
                stream += struct.pack("<HHHHHd", 0x0203, 14, at, column, 0, cell)
    if far is not None:
        stream += struct.pack("<HHHHHd", 0x0203, 14, *far, 0, 1.0)
    return ole("Workbook", stream + end)


def ole(name: str, stream: bytes) -> bytes:
    """Return an OLE container that holds one stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    free, end, of_table, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
    sectors = len(stream) // 512
    tables = -(-(sectors + 2) // 127)
    assert tables <= 109
    # Sectors: the tables of what follows what, the folder, the stream.
    first = tables + 1
    chain = [of_table] * tables + [end, *range(first + 1, first + sectors), end]
    chain += [free] * (tables * 128 - len(chain))

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = title.encode("utf-16-le")
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw) + 2 if title else 0, kind, 1, none, none, child)
            + bytes(16 + 4 + 16)
            + struct.pack("<IQ", start, size)
        )

    folder = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, none, first, len(stream)) + entry("", 0, none, 0, 0) * 2
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", *range(tables), *([free] * (109 - tables)))
    return header + struct.pack(f"<{len(chain)}I", *chain) + folder + stream
