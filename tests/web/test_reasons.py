"""Sentences of readers, jobs and notes in the words of the pages: all of them are known, and none speaks of a command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from pilah_api.jobs.reading import without_dashes
from pilah_api.web.reason_templates import TEMPLATES
from pilah_api.web.reasons import worded
from pilah_api.web.texts import Language, Texts
from pilah_api.web.wording import TEXTS
from pilah_data.feeds import opening, workbook

INDONESIAN, ENGLISH = Texts(Language.ID), Texts(Language.EN)
CALLS = frozenset(
    {"FeedError", "NoPostsError", "ColumnError", "ChoiceError", "RowProblem", "TooMuchError", "MixedError"}
)
# What stands for an expression; a digit fits every place, and some hold words.
VALUES = {
    "_REMEDY": (workbook._REMEDY,),
    "_after(reached())": ("", " after row 7"),
    "advice": tuple(advice for _, advice in opening._STRANGERS),
    "why": (": umpan.csv is empty; export it again", "; known are .csv, .tsv"),
    "hint": (
        "name the right one with --encoding",
        "save it as UTF-8, or name its encoding, for example --encoding cp1252",
    ),
    "listed": ("a, b",),
}
# No upload leads to these.
NEVER = ("name a file", "save it to a file first", "unknown format", "lists and objects")


def spoken(root: Path) -> Iterator[str]:
    """Yield the sentences that stand in the sources of readers and jobs, with something in every place."""
    places = [*(root / "data/pilah_data/feeds").glob("*.py"), root / "model/pilah_model/batch/intake.py"]
    places += [root / "api/pilah_api/jobs" / f"{name}.py" for name in ("reading", "looking", "steps", "folder")]
    for place in places:
        for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            at = 1 if name == "RowProblem" else 0
            if len(node.args) <= at or not (
                name in CALLS or name == "say" or (name == "count" and "notes" in ast.unparse(node.func))
            ):
                continue
            for said in _filled(node.args[at]):
                yield f"7 {said} left out" if name == "count" else said


def _filled(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(said)):
            return [said]
        case ast.JoinedStr(values=parts):
            return ["".join(chosen) for chosen in product(*map(_filled, parts))]
        case ast.FormattedValue(value=value):
            return _filled(value) or list(VALUES.get(ast.unparse(value), ("7",)))
        case ast.BinOp(left=left, right=right):
            return ["".join(chosen) for chosen in product(_filled(left), _filled(right))]
        case ast.IfExp(body=body, orelse=other):
            both = _filled(body), _filled(other)
            return [*both[0], *both[1]] if all(both) else []
        case _:
            return []


def test_every_sentence_of_the_readers_and_jobs_has_words_on_the_pages(root: Path) -> None:
    said = [one for one in spoken(root) if re.search("[a-z]{2}", one) and not any(word in one for word in NEVER)]
    assert len(said) > 90
    unknown = {
        one for one in said if worded(one, INDONESIAN).foreign or worded(without_dashes(one), INDONESIAN).foreign
    }
    assert unknown == set(), "say them in web/reason_templates.py and web/wording/berkas_alasan.py or berkas_baris.py"


@pytest.mark.parametrize(
    ("sentence", "indonesian"),
    [
        (
            "nul.csv is not a text file (it holds zero bytes); export it as CSV or JSON lines in UTF-8",
            "nul.csv bukan berkas teks.",
        ),
        ("nul.csv: pdf is a PDF; ask for the data as a table (CSV or XLSX)", "nul.csv: pdf adalah PDF."),
        (
            "a.zip: b.csv: column 'x' occurs twice in the header; rename one",
            "Dalam a.zip: b.csv kolom 'x' muncul dua kali.",
        ),
        (
            "b.xlsx: there is no sheet 'Mei'; its sheets are Juni, Juli (option sheet)",
            "b.xlsx tidak memiliki lembar 'Mei'.",
        ),
        ("b.csv: there is no column 'x'; its columns are a, b (option text_column)", "Kolom yang ada: a, b."),
        ("a.zip holds no feed that can be read: a.zip: b.csv is empty; export it again", "a.zip: b.csv kosong."),
        (
            "a.zip: isi/b.csv unpacks to 1012 times its size, as zip bombs do; if you trust it, unpack it yourself and name the file",
            "jangan dibuka",
        ),
        (
            "there are more than 1,000,000 rows (PILAH_MAX_BATCH_ROWS); send them in several files",
            "lebih dari 1.000.000 baris",
        ),
        ("part 3 could not be judged in 5 attempts", "gagal 5 kali"),
        ("the step plan failed in 5 attempts", "gagal 5 kali"),
        (
            "this server cannot read a.parquet: pyarrow is not installed. This command needs it: pip install 'pilah[parquet]'",
            "Server ini tidak dapat membaca",
        ),
        (
            "a.csv has a column 'pilah_label'; names in pilah_ are for what scoring adds, so it looks scored. "
            "Remove or rename it, or score the original",
            "sudah pernah diperiksa",
        ),
        (
            "the text has 12,000 characters, at most 10,000 are judged; split it",
            "12.000 karakter; yang dinilai paling banyak 10.000",
        ),
        (
            "a quote that opens in this row is not closed where its cell ends: lines 3 to 1,207, the end of the file, were "
            "read as one row, and none of it is judged; close the quote, or double it inside a text",
            "baris 3 sampai 1.207 terbaca",
        ),
        (
            "column 'teks' is blank or holds only invisible characters; where a program shows a text there, it is a formula "
            "whose result the file does not hold: open the file there and save it again",
            "itu rumus yang hasilnya tidak tersimpan",
        ),
        ("not valid JSON (Expecting value: line 1 column 1 (char 0))", "Bukan JSON yang benar"),
        ("field 'pilah_label' looks like one that scoring added; remove or rename it", "seperti hasil Pilah"),
        (
            "sub/chat.txt: 1,234 lines of the system (members, encryption, calls) left out",
            "sub/chat.txt: 1.234 baris dari aplikasi",
        ),
        (
            "buku.xlsx: sheet 'Mei' is read; the others are Juni (option sheet)",
            "buku.xlsx: Yang dibaca hanya lembar 'Mei'",
        ),
        ("the text is read from column 'isi'", "Teks dibaca dari kolom 'isi'."),
        ("the text is read from column 'isi' (3 of 5 files)", "Dalam 3 dari 5 berkas"),
        ("{file} is empty; export it again", "{file} kosong"),
        ("a\nb.csv is empty; export it again", "a\nb.csv kosong"),
    ],
)
def test_a_sentence_is_said_in_indonesian_with_its_values(sentence: str, indonesian: str) -> None:
    found = worded(sentence, INDONESIAN)
    assert not found.foreign
    assert indonesian.lower() in found.text.lower()
    assert not worded(sentence, ENGLISH).foreign


@pytest.mark.parametrize(
    "sentence", ["a wholly new reason (7); do this", "", "x" * 100_000, ": is empty; export it again" * 140 + "!"]
)
def test_what_is_not_known_stays_as_it_is_and_is_marked(sentence: str) -> None:
    found = worded(sentence, INDONESIAN)
    assert (found.text, found.foreign) == (sentence, True)


@pytest.mark.parametrize("code", TEMPLATES)
def test_every_template_has_the_values_of_its_text_and_no_text_speaks_of_a_command_line(code: str) -> None:
    pair = TEXTS[f"reason.{code}"]
    wanted = set(re.findall(r"\{(\w+)\}", pair[0]))
    for template in TEMPLATES[code]:
        assert wanted <= set(re.findall(r"\{(\w+)\}", template)), template
    for text in pair:
        assert not re.search(r"--\w|\boption\b|PILAH_|_column|command", text), text
