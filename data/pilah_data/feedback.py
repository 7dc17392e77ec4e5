"""Reviewed posts as training examples: masked text, final label and forms, one JSON object a line; no id of a store, no person.

A line is `{"text": "…", "label": "partisan", "forms": ["B02"]}`. The text is masked (`pilah_data.privacy`); a line whose text still
holds an identifier is refused on reading, so that no file made elsewhere brings one in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pilah_data.blank import is_blank
from pilah_data.errors import DataError, InputError
from pilah_data.privacy import mask
from pilah_data.records import Example, text_id
from pilah_data.taxonomy import PREDICTED_FORMS, Label

SOURCE = "feedback"
_FIELDS = {"text", "label", "forms"}


def to_line(text: str, label: Label, forms: Sequence[str]) -> str:
    """Return one reviewed post as a line of the file, masked once more, with its line end."""
    row = {"text": mask(text), "label": label.value, "forms": [form for form in forms if form in PREDICTED_FORMS]}
    return json.dumps(row, ensure_ascii=False) + "\n"


def read_feedback(path: Path) -> list[Example]:
    """Read reviewed posts as training examples, each text once; raises InputError, and DataError naming file and line."""
    examples: dict[str, Example] = {}
    for number, raw in enumerate(_lines(path), start=1):
        example = _example(raw, str(path), number)
        earlier = examples.setdefault(example.id, example)
        if earlier.label is not example.label:
            message = "this text has another label further up; keep one of them"
            raise DataError(message, file=str(path), line=number, field="label")
    return list(examples.values())


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise InputError(f"feedback file {path} cannot be read ({error.strerror})") from error


def _example(raw: bytes, file: str, number: int) -> Example:
    def bad(message: str, field: str | None = None) -> DataError:
        return DataError(message, file=file, line=number, field=field)

    try:
        row: Any = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise bad(f"not a JSON object in UTF-8 ({error})") from error
    if not isinstance(row, dict) or set(row) != _FIELDS:
        raise bad("not a JSON object with the fields text, label and forms")
    text, label, forms = row["text"], row["label"], row["forms"]
    if not isinstance(text, str) or is_blank(text):
        raise bad("missing or blank", "text")
    if mask(text) != text:
        raise bad("the text holds a number, address, handle or link that is not masked; export it with Pilah", "text")
    if label not in tuple(Label):
        raise bad(f"{label!r} is not a label of the taxonomy", "label")
    if not isinstance(forms, list) or not all(form in PREDICTED_FORMS for form in forms):
        raise bad("not a list of form codes B01-B10", "forms")
    return Example(text_id(text), text, Label(label), tuple(forms), None, None, (), "train", SOURCE)
