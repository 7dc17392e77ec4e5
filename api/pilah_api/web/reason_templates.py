"""The English sentences of readers, jobs and notes that pages say in their own words, by a code; see `reasons`."""

from __future__ import annotations

from collections.abc import Mapping

_SAVE = "open it in an office program and save it again, or as CSV"
_OUTSIDE = "delete what stands far outside the table, or save it as CSV"
_QUOTE = "a quote that opens in this row is not closed where its cell ends"
_UNJUDGED = "were read as one row, and none of it is judged; close the quote, or double it inside a text"
_SCORED = "has a column {column}; names in {prefix} are for what scoring adds, so it looks scored. Remove or rename"
_BYTES = "holds bytes that are no text in the encoding of the file; name it with --encoding"

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    # The file as a whole.
    "empty": (
        "{file} is empty; export it again",
        "{file} is empty; it needs a header line with the names of its columns",
        "{file} is empty; it needs a sheet with a header row and the texts below it",
        "{file} is empty; it needs a list of objects with a text each",
    ),
    "no_posts": ("{file} holds no posts",),
    "private": (
        "{file} holds private messages; they are not read from an account's export",
        "{file} holds messages of a conversation; they are not read",
    ),
    "other_list": (
        "{file} holds {what}, not posts; choose data/tweets.js of the archive",
        "{file} holds {what}, not posts; choose the files of posts and of comments",
        "{file} holds {what}, not posts; choose the files of posts and of comments, or name its format with --format",
    ),
    "pdf": ("{file} is a PDF; ask for the data as a table (CSV or XLSX)",),
    "database": ("{file} is a database; export the table with the posts as CSV",),
    "page": ("{file} is a web page or XML; ask for the export as JSON or CSV instead",),
    "packed": (
        "{file} is packed with gzip; unpack it first",
        "{file} is a 7z archive; unpack it, or pack it as zip",
        "{file} is a RAR archive; unpack it, or pack it as zip",
        "{file} is an archive within an archive; unpack it first",
    ),
    "unknown": (
        "{file} is no export that is known; known are {kinds}. Name its format with --format",
        "{file} is no file of an X archive; if it holds posts, name its format with --format",
    ),
    "alone": ("{file} is no table of two columns or more; if it holds posts, name it alone",),
    "not_as": ("{file} cannot be read as {format} here (option --format)",),
    "damaged": (
        "{file} is a damaged archive ({why}); fetch it again",
        "{file} is damaged ({why}); fetch it again",
        "{file} is damaged ({why}); fetch it again, or save it anew",
        "{file} holds a file without a name; it is damaged, fetch it again",
        "{file}, line {row}: damaged JSON ({why}); export or download it again",
        "{file} is no Parquet file that can be read; export it again",
        "{file} is no WhatsApp chat; export the chat again as a text file",
        "{file} is no file of an X archive; it must begin with window.YTD.tweets.part0 =",
    ),
    "damaged_after": (
        "{file} is damaged after row {row} ({why}); fetch it again",
        "{file} is damaged after row {row}; export it again",
    ),
    "unreadable": ("{file} cannot be read ({why})", "{file} cannot be read after row {row} ({why})"),
    "not_unpacked": ("{file} cannot be unpacked ({why}); unpack the archive with another program",),
    "encrypted": (
        "{file} is encrypted; unpack it with its password first",
        "{file} is encrypted; write it again without encryption",
        "{file} is encrypted; remove its password in an office program (save as, without password)",
    ),
    "zero_bytes": ("{file} is not a text file (it holds zero bytes); export it as CSV or JSON lines in UTF-8",),
    "encoding": (
        "{file} is not {encoding} throughout; name its encoding with --encoding",
        "{file}, line {row}: byte {at} is not {encoding}; name the right one with --encoding",
        "{file}, line {row}: byte {at} is not {encoding}; save it as UTF-8, or name its encoding, for example --encoding cp1252",
        "{file}, after row {row}: byte {at} is not {encoding}; name it with --encoding",
        "{file}: byte {at} is not {encoding}; name it with --encoding",
    ),
    "unknown_encoding": ("unknown encoding {encoding}; try utf-8, utf-16 or cp1252 (option --encoding)",),
    # Columns and sheets.
    "no_column": ("{file}: there is no column {column}; its columns are {columns} (option --{option})",),
    "no_text_column": (
        "{file}: no column looks like the text of a post; its columns are {columns}. Name one with --text-column",
        "{file}: no column looks like the text of a post; its columns are {columns}. Name one with --text-column; does the "
        "first line hold the names?",
        "{file}: no column seems to hold the text of a post ({seen}); its columns are {columns}. Name one with --text-column",
        "{file} holds no list of objects with a text; the columns seen are {columns}. Name the one of the text with "
        "--text-column",
    ),
    "which_column": (
        "{file}: the text of a post may stand in column {column}. Name the one to judge with --text-column",
    ),
    "column_twice": (
        "{file}: column {column} occurs twice in the header; rename one",
        "{file}: column {column} occurs twice; rename one",
    ),
    "own_column": (
        "{file} has a column {column}, where the name of each file is written; rename it, or score the file alone",
    ),
    "scored": (
        f"{{file}} {_SCORED} it, or score the original",
        f"{{file}} {_SCORED} the column, or take the file out of the input",
    ),
    "header_quote": ("{file}: a quote in the header is not closed; its first line is no list of column names",),
    "no_object": ('{file} holds no JSON object; each line must be one, such as {"text": "…"}',),
    "no_sheets": ("{file} is no workbook and has no sheets; leave out --sheet",),
    "no_sheet": ("{file}: there is no sheet {sheet}; its sheets are {sheets} (option --sheet)",),
    "save_again": (
        f"{{file}} is no spreadsheet that can be read ({{why}}); {_SAVE}",
        f"{{file}}: no sheet can be read; {_SAVE}",
        f"{{file}} is damaged; {_SAVE}",
        "{file} is a binary workbook (XLSB); save it as XLSX or CSV",
    ),
    "too_wide": (
        f"{{file}} spans more cells than fit, or is damaged; {_OUTSIDE}",
        f"{{file}}: a sheet spans {{rows}} rows and {{width}} columns, more than fit; {_OUTSIDE}",
        "{file} takes longer than {seconds} s to open; save it as CSV",
        "{file} takes longer than {seconds} s to open; send it as CSV",
        "{file} cannot be opened: it is damaged, or needs more memory than it may have; send it as CSV",
    ),
    # Archives and sizes.
    "no_feed": ("{file} holds no feed that can be read; known are {kinds}",),
    "no_feed_because": ("{file} holds no feed that can be read: {reason}",),
    "too_large": (
        "{file} holds {count} files, more than {most}; unpack what you need into a folder",
        "{file} would unpack to more than {most} GB; unpack what you need into a folder",
        "{file} unpacks to more than {most} GB; save it as CSV",
        "the file unpacks to more than {most} bytes; send the part that is needed",
    ),
    "harmful": (
        "{file} unpacks to {count} times its size, as zip bombs do; if you trust it, unpack it yourself and name the file",
        "{file} holds a file whose name leads out of the archive; it was made to do harm, do not open it",
        "{file} declares entities in its XML, as no office program does; it was made to do harm",
    ),
    "too_many_rows": ("there are more than {most} rows (PILAH_MAX_BATCH_ROWS); send them in several files",),
    # What only a server says.
    "no_library": ("this server cannot read {file}: {why}",),
    "stopped": (
        "part {part} could not be judged in {count} attempts",
        "the step {step} failed in {count} attempts",
    ),
    "mixed": (
        "the program, its model or its engine changed before this batch was finished, and no worker has the former one any "
        "more; judgements of two kinds are not mixed: upload the file again",
        "the uploaded file is not what it was when it was uploaded; upload it again",
        "the judgements of part {part} are missing, damaged or of other texts; upload the file again",
        "the texts of part {part} are missing; upload the file again",
        "{what} of this batch belongs to another model, input or set of options; judgements of two kinds are not mixed: "
        "upload the file again",
    ),
    # Rows.
    "row.blank": ("column {column} is blank or holds only invisible characters",),
    "row.formula": (
        "column {column} is blank or holds only invisible characters; where a program shows a text there, it is a formula "
        "whose result the file does not hold: open the file there and save it again",
    ),
    "row.no_text": ("field {column} is missing or not a text",),
    "row.context": ("field {column}, the context, is not a text",),
    "row.bytes": (_BYTES, f"line {{row}} {_BYTES}"),
    "row.no_object": ("not a JSON object", "not valid JSON ({why})"),
    "row.invalid": ("not a valid row ({why})",),
    "row.quote": (
        f"{_QUOTE}: lines {{first}} to {{last}} {_UNJUDGED}",
        f"{_QUOTE}: lines {{first}} to {{last}}, the end of the file, {_UNJUDGED}",
    ),
    "row.quote_line": (
        f"{_QUOTE}: line {{first}} {_UNJUDGED}",
        f"{_QUOTE}: line {{first}}, the end of the file, {_UNJUDGED}",
    ),
    "row.cells": ("{count} cells where the header has {width}",),
    "row.unnamed": ("a cell stands under a column without a name; name the column in the header, or empty the cell",),
    "row.scored": ("field {column} looks like one that scoring added; remove or rename it",),
    "row.long": ("the {what} has {count} characters, at most {most} are judged; split it",),
    # How it was read, and what was left out.
    "note.list": (
        "the posts are read from the list {path}",
        "the posts are read from the lists {path}, and numbered through them",
    ),
    "note.other_list": ("the list {path} has a column {column} and is not read ({count} entries)",),
    "note.column_files": ("the text is read from column {column} ({count} of {most} files)",),
    "note.column": ("the text is read from column {column}",),
    "note.sheet": ("sheet {sheet} is read; the others are {sheets} (option --sheet)",),
    "note.day_first": ("dates are read as day/month/year",),
    "note.month_first": ("dates are read as month/day/year",),
    "note.cp1252": (
        "the file is no UTF-8 and is read as Windows-1252; if letters look wrong, name it with --encoding",
    ),
    "note.unnamed": ("{count} columns without a name are not read",),
    "note.lettered": ("columns without a name are called by their letters: {columns}",),
    "note.numbers": (
        "numbers beyond 2^53 (16 digits and more) are read, of which a spreadsheet does not keep every digit; do not rely on "
        "ids among them, export them as text",
    ),
    "note.links": ("{count} links to other places left out",),
    "note.without_ending": ("{count} files of another kind (without an ending) left out",),
    "note.other_kind": ("{count} files of another kind ({ending}) left out",),
    "note.without_posts": ("{count} files without posts left out",),
    "note.above": ("{count} rows above the header left out",),
    "note.without_text": (
        "{count} entries without text (photos, shares, links) left out",
        "{count} messages without text (media, deleted) left out",
    ),
    "note.system": (
        "{count} lines of the system (members, encryption, calls) left out",
        "{count} service messages left out",
    ),
    "note.above_chat": ("{count} lines above the first message left out",),
    "note.of_two": ("{count} conversations of two left out",),
}
"""By code, the sentences that say it; what stands in braces differs, and an option may be named as the interface names it."""
