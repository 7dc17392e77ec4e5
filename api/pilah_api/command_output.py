"""Prints judgements: a table on a terminal, tab-separated lines elsewhere, JSON lines on request."""

from __future__ import annotations

import itertools
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pilah_api.services.classification import Judged
from pilah_api.services.pasting import pieces
from pilah_data.taxonomy import Decision
from pilah_model.judgement import Judgement

Show = Callable[[Sequence[Judged]], None]

_STYLES = {Decision.LOLOS: "green", Decision.BUTUH_KONTEKS: "yellow", Decision.TINJAU: "bold magenta"}
# A post must not be able to steer the terminal it is shown on, nor to turn its lines around.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNESCAPED = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printer(*, as_json: bool, explain: bool) -> Show:
    """Choose the way of printing that fits the request and the place that the output goes to."""
    if as_json:
        return _print_json
    if sys.stdout.isatty():
        return _table_printer()
    return _print_lines_explained if explain else _print_lines


def visible(text: str) -> str:
    """Return a text on one line, with characters that would steer a terminal made harmless."""
    return _STEERING.sub("\ufffd", re.sub(r"[\t\r\n]+", " ", text))


def json_line(judged: Judged) -> str:
    """Return a judgement as one line of JSON, readable and without a character that would steer a terminal."""
    line = json.dumps(judged.judgement.as_json(), ensure_ascii=False)
    return _UNESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", line)


def _print_json(judged: Sequence[Judged]) -> None:
    _write(json_line(item) for item in judged)


def _print_lines(judged: Sequence[Judged]) -> None:
    _write("\t".join((*_fields(item.judgement), visible(item.text))) for item in judged)


def _print_lines_explained(judged: Sequence[Judged]) -> None:
    _write("\t".join((*_fields(item.judgement), _evidence(item.judgement), visible(item.text))) for item in judged)


def _write(lines: Iterator[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _table_printer() -> Show:
    console = Console()
    number = itertools.count(1)

    def show(judged: Sequence[Judged]) -> None:
        table = Table("#", "decision", "label", "confidence", "forms", "text", expand=True)
        for item in judged:
            decision, label, confidence, forms, direction = _fields(item.judgement)
            style = _STYLES[item.judgement.decision]
            shown = " ".join(part for part in (forms, direction) if part != "-") or "-"
            table.add_row(str(next(number)), Text(decision, style), label, confidence, shown, _marked(item))
        console.print(table)

    return show


def _fields(judgement: Judgement) -> tuple[str, str, str, str, str]:
    return (
        judgement.decision.value,
        judgement.label.value,
        f"{judgement.confidence:.2f}",
        ",".join(form.code for form in judgement.forms) or "-",
        judgement.direction.value if judgement.direction else "-",
    )


def _evidence(judgement: Judgement) -> str:
    return " | ".join(visible(e.text) for e in judgement.evidence or ()) or "-"


def _marked(judged: Judged) -> Text:
    text = Text()
    for piece in pieces(judged):
        text.append(visible(piece.text), "bold underline" if piece.evidence else "")
    if judged.judgement.truncated:
        text.append(" (truncated: the end was not judged)", "italic")
    return text
