"""Messages of a WhatsApp chat export: the text file that Android and iOS write, in Indonesian or English.

WhatsApp describes the export (https://faq.whatsapp.com/1180414079177245) but not its shape; the shapes read here are those
that https://github.com/Pustur/whatsapp-chat-parser and https://github.com/lucasrodes/whatstk document: `31/12/2023 09.15 - `
(Android, Indonesian), `12/31/23, 9:15 PM - ` (Android, English), `[31/12/23 09.15.22] ` and `[31/12/2023, 09:15:22] ` (iOS).
A line that begins otherwise goes on with the message above it. What the application writes itself, in the words of its own
tables, is gathered in https://github.com/starkdmi/whats_json (lib/src/patterns.dart). Names of senders are not kept.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

from pilah_data.feeds.decoding import text_of
from pilah_data.feeds.rows import (
    ID_COLUMNS,
    Feed,
    FeedError,
    FeedRow,
    Notes,
    RowProblem,
    find_column,
    make_row,
    text_column,
    undecoded,
)
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

COLUMNS = ("created_at", "text")
_MARKS = "\u200e\u200f\u202a\u202c\ufeff"
_DATE = r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})"
_TIME = r"(\d{1,2})[.:](\d{2})(?:[.:](\d{2}))?(?:[ \u202f\xa0]?([AaPp])\.?[ \u202f\xa0]?[Mm]\.?)?"
_START = re.compile(
    rf"[{_MARKS}]*(?:\[{_DATE},? (?:pukul |at )?{_TIME}\] |{_DATE},? (?:pukul |at )?{_TIME} [-–] )", re.ASCII
)
# 9.15 PM is how a telephone writes that is set to Indonesia and to twelve hours.
_DOTTED = re.compile(r"\d\.\d{2}[ \u202f\xa0]?[AaPp]")
_SYSTEM = re.compile(
    r"\b(?:membuat grup|menambahkan|mengeluarkan|mengubah|mengganti|keluar|bergabung|menyematkan|(?:ter|di)?enkripsi|"
    r"kode keamanan|created group|added|removed|changed|left|joined|pinned|end-to-end encrypt\w+|security code)\b",
    re.IGNORECASE,
)
# Whole sentences: people write of calls and of encryption, too.
_SENTENCE = re.compile(
    r"(?:Pesan dan (?:panggilan|telepon) (?:ter|di)enkripsi(?: secara)? end-to-end|"
    r"Pesan (?:yang Anda kirim )?(?:ke|di) (?:chat|grup) ini (?:dan (?:panggilan|telepon) )?(?:sekarang |kini )?"
    r"(?:diamankan|dilindungi) dengan enkripsi end-to-end|"
    r"Messages and calls are end-to-end encrypted|"
    r"Messages (?:you send )?to this (?:chat|group|conversation)(?: and calls)? are (?:now )?secured with end-to-end encryption)"
    r"\.?(?: (?:Tidak|Hanya|Ketuk|Pelajari|No one|Only|Tap|Learn) [^\n]*)?|"
    r"(?:Panggilan (?:suara|video)(?: grup)? tak terjawab|Missed (?:group )?(?:voice|video) call)\.?",
    re.IGNORECASE,
)
# What a telephone writes behind an invisible mark of a call that was taken, or missed and can be returned.
_CALL = re.compile(
    r"(?:Panggilan (?:suara|video|grup)|(?:Missed |Silenced )?(?:group )?(?:voice|video) call)\b[^\n]*", re.IGNORECASE
)
# What stands in place of something that is no text, in both languages.
_PLACEHOLDER = re.compile(
    r"<Media (?:omitted|tidak disertakan)>|"
    r"(?:image|video|audio|sticker|document|GIF|Contact card|video note) omitted|"
    r"(?:gambar|video|audio|stiker|dokumen|GIF|kartu kontak|catatan video) (?:tidak disertakan|dihilangkan)|"
    r"<(?:attached|terlampir): [^>]*>|[^\n]{1,200} \((?:file attached|file terlampir)\)|"
    r"(?:This message was deleted|You deleted this message|Pesan ini (?:telah )?dihapus|Anda (?:telah )?menghapus pesan ini)"
    r"(?: (?:oleh|by) admin[^\n]{0,100})?\.?|"
    r"(?:Lokasi|Location): https://maps\.google\.com/\?q=[\d.,-]+|Lokasi terkini dibagikan|live location shared|null",
    re.IGNORECASE,
)
# The file of a message whose caption follows in the lines below.
_FILE = re.compile(
    r"<Media (?:omitted|tidak disertakan)>|<(?:attached|terlampir): [^>]*>|"
    r"[^\n]{1,200} \((?:file attached|file terlampir)\)",
    re.IGNORECASE,
)
# On an iPhone whatever the message holds may stand in front of it: a caption, or the name of a document and its pages.
_OMITTED = re.compile(
    r"\s*\u200e(?:<(?:attached|terlampir): [^>\n]*>|[^\u200e\n]{1,40} (?:tidak disertakan|dihilangkan|omitted))\.?\s*\Z",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"(?:[^\n]{1,200}\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|txt|csv|zip|rar|apk|vcf|jpe?g|png|mp[34])|[^\n]{1,200}(?= • ))"
    r"(?: • \u200e?[\d.,]+ ?(?:halaman|pages?|[KkMGB]+))?",
    re.IGNORECASE,
)
# The text may begin in the line below its sender.
_SENDER = re.compile(r"([^\n]*?):(?: |\r?\n)")
_QUOTE = re.compile('["“”]')
_EDITED = re.compile(r"\s*<(?:Pesan ini diedit|This message was edited)>\s*$", re.IGNORECASE)
# Of the lines of a chat at least one in so many begins a message.
_LINES = 20


def _claims(sample: Sample) -> bool:
    lines = [line for line in sample.text.splitlines() if line.strip()]
    begun = [at for at, line in enumerate(lines) if _START.match(line)]
    if len(begun) < min(2, max(len(lines), 1)):
        return False
    return begun[0] == 0 or len(begun) * _LINES >= len(lines)


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    with source.open() as raw, text_of(raw, source.name, options.encoding) as head:
        order = _order(head.read(1 << 18).splitlines())
    if order is None:
        raise FeedError(f"{source.name} is no WhatsApp chat; export the chat again as a text file")
    text_field = text_column(options.text_column, COLUMNS, source.name)
    id_field = find_column(options.id_column, ID_COLUMNS, COLUMNS, source.name, "--id-column")
    notes = Notes()
    notes.say(f"dates are read as {'day/month' if order == 'dmy' else 'month/day'}/year")
    stream = stack.enter_context(text_of(source.open(), source.name, options.encoding))
    return Feed(COLUMNS, _rows(stream, order, notes, text_field, id_field), notes=notes)


def _order(lines: list[str]) -> str | None:
    """Return the order of day and month that the first dates tell; day first, as in Indonesia, where none tells."""
    found = [match for line in lines if (match := _START.match(line))]
    if not found:
        return None
    dates = [_parts(match) for match in found]
    if any(int(day) > 12 for day, *_ in dates):
        return "dmy"
    american = any(int(month) > 12 for _, month, *_ in dates)
    # 9:15 PM after a year of two digits is how an American telephone writes.
    dotted = any(_DOTTED.search(match[0]) for match in found)
    clock = not dotted and all(half and len(year) == 2 for _, _, year, *_, half in dates)
    return "mdy" if american or clock else "dmy"


def _parts(match: re.Match[str]) -> tuple[str, ...]:
    groups = match.groups(default="")
    return groups[:7] if groups[0] else groups[7:]


def _rows(
    stream: TextIO, order: str, notes: Notes, text_field: str, id_field: str | None
) -> Iterator[FeedRow | RowProblem]:
    start: re.Match[str] | None = None
    began, body = 0, list[str]()
    for number, line in enumerate(stream, start=1):
        if found := _START.match(line):
            if start is not None and (row := _message(began, start, "".join(body), order, notes)):
                yield row if isinstance(row, RowProblem) else make_row(began, row, text_field, id_field)
            start, began, body = found, number, [line[found.end() :]]
        elif start is not None:
            body.append(line)
        elif line.strip():
            notes.count("lines above the first message")
    if start is not None and (row := _message(began, start, "".join(body), order, notes)):
        yield row if isinstance(row, RowProblem) else make_row(began, row, text_field, id_field)


def _message(
    number: int, start: re.Match[str], body: str, order: str, notes: Notes
) -> dict[str, object] | RowProblem | None:
    """Return the fields of a message, its problem, or None for what nobody wrote, which is counted."""
    if not body.isascii() and undecoded(body):
        return RowProblem(number, "holds bytes that are no text in the encoding of the file; name it with --encoding")
    sender = _SENDER.match(body)
    text = body[sender.end() :].replace("\r\n", "\n").strip() if sender else ""
    if sender is None or _is_system(sender[1], text):
        notes.count("lines of the system (members, encryption, calls)")
        return None
    bare = _EDITED.sub("", text)
    if "\u200e" in bare:
        bare, omitted = _OMITTED.subn("", bare)
        bare = "" if omitted and _DOCUMENT.fullmatch(bare.strip(_MARKS + " ")) else bare
    bare = bare.strip(_MARKS + " ")
    first, _, caption = bare.partition("\n")
    if caption and _FILE.fullmatch(first.strip(_MARKS + " ")):
        bare = caption.strip(_MARKS + " \n")
    if not bare or _PLACEHOLDER.fullmatch(bare):
        notes.count("messages without text (media, deleted)")
        return None
    return {"created_at": _moment(_parts(start), order), "text": bare}


def _is_system(author: str, text: str) -> bool:
    """Return whether what looks like a sender and a text is a line that the application wrote."""
    bare = text.lstrip(_MARKS)
    if _SENTENCE.fullmatch(bare):
        return True
    # A renamed group has its names, which may hold a colon, in quotes; iOS puts an invisible mark in front.
    if _SYSTEM.search(author) and _QUOTE.search(author):
        return True
    # A poll begins with the mark, too, and what is asked stands below.
    first = bare.partition("\n")[0]
    return text.startswith("\u200e") and (
        _CALL.fullmatch(bare) is not None
        or (
            _SYSTEM.search(first) is not None
            and not _PLACEHOLDER.fullmatch(bare.rstrip(_MARKS + " "))
            and not _OMITTED.search(text)
        )
    )


def _moment(parts: tuple[str, ...], order: str) -> str:
    """Return date and time as ISO 8601; as they were written where they are none."""
    first, second, third, hour, minute, second_hand, half = parts
    written = f"{first}/{second}/{third} {hour}:{minute}"
    day, month, year = (third, second, first) if len(first) == 4 else (first, second, third)
    if order == "mdy" and len(first) < 4:
        day, month = month, day
    clock = int(hour) % 12 + (12 if half.lower() == "p" else 0) if half else int(hour)
    century = 2000 if len(year) <= 2 else 0
    try:
        moment = datetime(century + int(year), int(month), int(day), clock, int(minute), int(second_hand or 0))
    except ValueError:
        return written
    return moment.isoformat()


READER = Reader("whatsapp", _claims, _read)
