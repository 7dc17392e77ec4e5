"""Invented exports in each format's true shape, for the tests of the readers and their benchmark; no text is anyone's post."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TEXTS = ("Apel pagi di halaman kantor", "Rapat anggaran ditunda — besok siang", "Selamat hari guru 🎉")


def harmed(value: Any) -> Any:
    """Return a value with its texts written as Facebook and Instagram write them: a character for each byte."""
    if isinstance(value, str):
        return value.encode("utf-8").decode("latin-1")
    if isinstance(value, dict):
        return {key: harmed(inner) for key, inner in value.items()}
    return [harmed(inner) for inner in value] if isinstance(value, list) else value


def x_tweets(texts: tuple[str, ...] = TEXTS, kind: str = "tweets") -> str:
    entries = [
        {
            "tweet": {
                "edit_info": {"initial": {"editTweetIds": [str(9000 + n)], "isEditEligible": False}},
                "retweeted": False,
                "source": '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>',
                "entities": {"hashtags": [], "user_mentions": [{"name": "Nama Rekaan", "screen_name": "rekaan"}]},
                "favorite_count": "0",
                "id_str": str(9000 + n),
                "created_at": "Tue Nov 21 08:15:00 +0000 2023",
                "full_text": text.replace("&", "&amp;").replace("<", "&lt;"),
                "lang": "in",
            }
        }
        for n, text in enumerate(texts)
    ]
    return f"window.YTD.{kind}.part0 = {json.dumps(entries, indent=2, ensure_ascii=False)}"


def x_notes() -> str:
    entries = [
        {"noteTweet": {"noteTweetId": "7", "createdAt": "2024-01-02T03:04:05.000Z", "core": {"text": TEXTS[0]}}},
        {"noteTweet": {"noteTweetId": "8", "noteTweetResults": {"text": TEXTS[1]}}},
    ]
    return "window.YTD.note_tweet.part0 = " + json.dumps(entries)


def facebook_posts(texts: tuple[str, ...] = TEXTS) -> str:
    entries: list[dict[str, Any]] = [
        {
            "timestamp": 1700000000 + n,
            "attachments": [{"data": [{"media": {"uri": "posts/media/1.jpg", "description": "Keterangan gambar"}}]}],
            "data": [{"post": text}, {"update_timestamp": 1700000500}],
            "title": "Orang Rekaan memperbarui statusnya.",
        }
        for n, text in enumerate(texts)
    ]
    entries.append({"timestamp": 1700000900, "data": [], "title": "Orang Rekaan menambahkan foto."})
    return json.dumps(harmed(entries), indent=2)


def facebook_comments() -> str:
    return json.dumps(
        harmed(
            {
                "comments_v2": [
                    {
                        "timestamp": 1700000000,
                        "data": [{"comment": {"timestamp": 1700000000, "comment": TEXTS[1], "author": "Orang Rekaan"}}],
                        "title": "Orang Rekaan mengomentari kiriman.",
                    }
                ]
            }
        )
    )


def facebook_messages() -> str:
    return json.dumps(
        {
            "participants": [{"name": "Orang Rekaan"}, {"name": "Orang Lain"}],
            "messages": [{"sender_name": "Orang Rekaan", "timestamp_ms": 1700000000000, "content": "pesan pribadi"}],
        }
    )


def instagram_posts(texts: tuple[str, ...] = TEXTS) -> str:
    entries: list[dict[str, Any]] = [
        {"media": [{"uri": f"media/{n}.jpg", "creation_timestamp": 1700000000 + n, "title": text}]}
        for n, text in enumerate(texts)
    ]
    two = [{"uri": "media/a.jpg", "creation_timestamp": 1700000100, "title": ""}] * 2
    entries.append({"media": two, "title": "Dua gambar, satu keterangan", "creation_timestamp": 1700000100})
    entries.append({"media": two, "title": "", "creation_timestamp": 1700000200})
    return json.dumps(harmed(entries))


def instagram_comments() -> str:
    data = {
        "Comment": {"value": TEXTS[1]},
        "Media Owner": {"value": "akun_rekaan"},
        "Time": {"timestamp": 1700000000},
    }
    return json.dumps(harmed([{"media_list_data": [{"uri": ""}], "string_map_data": data}]))


def tiktok(texts: tuple[str, ...] = TEXTS) -> str:
    comments = [
        {"date": "2024-01-02 03:04:05", "comment": text, "photo": "N/A", "url": "https://www.tiktok.com/v/1"}
        for text in texts
    ]
    return json.dumps(
        {
            "Your Activity": {"Watch History": {"VideoList": [{"Date": "2024-01-01 00:00:00", "Link": "https://x/1"}]}},
            "Comment": {"Comments": {"App": 1, "CommentsList": comments}},
            "Direct Message": {"Chat History": {"ChatHistory": {"Chat with rekaan:": [{"Content": "pribadi"}]}}},
            "Post": {
                "Posts": {
                    "VideoList": [
                        {"Date": "2024-01-03 00:00:00", "Link": "https://x/2", "Likes": "3", "Title": "Judul video"},
                        {"Date": "2024-01-04 00:00:00", "Link": "https://x/3", "Likes": "3", "Title": ""},
                    ]
                }
            },
        },
        ensure_ascii=False,
    )


def telegram_messages(texts: tuple[str, ...] = TEXTS) -> list[dict[str, Any]]:
    entities: list[Any] = ["Baca ", {"type": "link", "text": "https://contoh.go.id"}, " ya"]
    said: list[Any] = [*texts, entities, ""]
    messages = [
        {
            "id": n,
            "type": "message",
            "date": "2024-01-02T03:04:05",
            "date_unixtime": "1704139445",
            "from": "Orang Rekaan",
            "from_id": "user1",
            "text": text,
            "text_entities": [{"type": "plain", "text": "x"}],
        }
        for n, text in enumerate(said, start=2)
    ]
    service = {
        "id": 1,
        "type": "service",
        "date": "2024-01-02T03:04:05",
        "actor": "Orang Rekaan",
        "action": "create_group",
    }
    return [service, *messages]


def telegram_chat(texts: tuple[str, ...] = TEXTS) -> str:
    chat = {"name": "Grup", "type": "private_group", "id": 42, "messages": telegram_messages(texts)}
    return json.dumps(chat, indent=1, ensure_ascii=False)


def telegram_account() -> str:
    chats = [
        {"name": "Orang Lain", "type": "personal_chat", "id": 1, "messages": telegram_messages()},
        {"name": "Grup", "type": "public_supergroup", "id": 42, "messages": telegram_messages()},
    ]
    about = "Here is the data you requested. Remember: …"
    return json.dumps({"about": about, "personal_information": {"user_id": 1}, "chats": {"about": "", "list": chats}})


TAKEOUT_HEADER = "Comment ID,Channel ID,Comment create timestamp,Price,Parent comment ID,Video ID,Comment text\r\n"


def takeout_comments() -> str:
    return (
        TAKEOUT_HEADER
        + 'c1,UC1,2024-01-02T03:04:05+00:00,0,,v1,"{""takeoutSegments"":[{""text"":""Selamat ""},{""text"":""pagi""}]}"\r\n'
        + 'c2,UC1,2024-01-02T03:04:06+00:00,0,c1,v1,"{""text"":""Terima kasih ""},{""text"":""semua""}"\r\n'
        + 'c3,UC1,2024-01-02T03:04:07+00:00,0,,v1,"Apa adanya, tanpa kurung"\r\n'
        + 'c4,UC1,2024-01-02T03:04:08+00:00,0,,v1,"{""text"":""\\n""}"\r\n'
    )


WHATSAPP_ANDROID_ID = (
    "31/12/2023 09.10 - Pesan dan panggilan terenkripsi secara end-to-end. Hanya orang di chat ini yang dapat membaca.\n"
    '31/12/2023 09.11 - Orang Rekaan membuat grup "Rapat: pagi"\n'
    "31/12/2023 09.15 - Orang Rekaan: Apel pukul 07.00: jangan terlambat\n"
    "bawa topi\n"
    "\n"
    "31/12/2023 09.16 - +62 812-0000-0000: <Media tidak disertakan>\n"
    "31/12/2023 09.17 - Orang Lain: Siap 👍 <Pesan ini diedit>\n"
    "31/12/2023 09.18 - Orang Lain: Pesan ini dihapus\n"
    "31/12/2023 09.19 - Orang Lain keluar\n"
)
WHATSAPP_ANDROID_EN = (
    "12/31/23, 9:10\u202fPM - Messages and calls are end-to-end encrypted. Only people in this chat can read them.\n"
    "12/31/23, 9:15\u202fPM - Orang Rekaan: Apel pagi\n"
    "1/2/24, 12:05\u202fAM - Orang Lain: IMG-1.jpg (file attached)\n"
    "1/2/24, 12:06\u202fAM - Orang Lain: Siap\n"
)
WHATSAPP_IOS_ID = (
    "\u200e[31/12/23 09.10.01] Grup: \u200ePesan dan panggilan terenkripsi secara end-to-end.\r\n"
    "[31/12/23 09.11.22] ~ Orang Rekaan: Apel pagi\r\n"
    "baris dua\r\n"
    "\u200e[31/12/23 09.12.00] Orang Lain: \u200egambar tidak disertakan\r\n"
    "[31/12/23 09.13.00] Orang Lain: \u200eOrang Lain menambahkan Orang Ketiga\r\n"
    "[01/01/24 00.00.59] Orang Lain: Selamat tahun baru\r\n"
)

CROWDTANGLE = (
    "Page Name,User Name,Facebook Id,Page Category,Post Created,Type,Total Interactions,Likes,URL,Message,Link,Final Link,"
    "Image Text,Link Text,Description\r\n"
    '"Halaman Rekaan",rekaan,100,GOVERNMENT,"2024-01-02 03:04:05 WIB",Photo,"1,234",12,https://contoh/1,'
    f'"{TEXTS[0]}",,,Teks gambar,,Bukan ini\r\n'
)
BRANDWATCH = (
    'Report:,"Bulk Mentions Download",,\r\n'
    "Brand:,Kementerian Rekaan,,\r\n"
    'From:,"Mon Jan 01 00:00:00 WIB 2024",,\r\n'
    'To:,"Tue Jan 02 00:00:00 WIB 2024",,\r\n'
    "Label:,Contoh,,\r\n"
    "\r\n"
    "Query Id,Query Name,Date,Title,Snippet,Url,Full Text\r\n"
    f"1,Contoh,2024-01-01 00:00:00.0,Judul,Cuplikan,https://contoh/1,{TEXTS[0]}\r\n"
)
APIFY_CSV = f"id,authorMeta/name,text,createTimeISO,diggCount\n1,akun_rekaan,{TEXTS[0]},2024-01-02T03:04:05.000Z,5\n"


def apify_json(texts: tuple[str, ...] = TEXTS) -> str:
    items = [
        {"id": str(n), "caption": text, "ownerUsername": "akun_rekaan", "likesCount": n, "hashtags": ["a"]}
        for n, text in enumerate(texts)
    ]
    return json.dumps(items, ensure_ascii=False)


# --- spreadsheets -------------------------------------------------------------------------------------------------

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


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()
