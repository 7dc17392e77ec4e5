"""Advice on an own draft, read from `advice.toml`: what a form may be read as, what stays lawful, and how to say it so."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from pilah_data.errors import DataError
from pilah_data.taxonomy import FORMS, SUBTYPES

FILE = "advice.toml"


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence in Indonesian and in English."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class FormAdvice:
    """What a form of partisanship is told as; `example` is None where no other wording helps, `near` are sub-type codes."""

    sees: Wording
    lawful: Wording
    hint: Wording
    example: Wording | None
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubtypeAdvice:
    """What is allowed in a lawful look-alike, and how it stays so."""

    lawful: Wording
    keep: Wording


@dataclass(frozen=True, slots=True)
class Advice:
    """All advice: by form, by sub-type, for drafts with two readings, what is always lawful, and what the tool cannot see."""

    forms: Mapping[str, FormAdvice]
    subtypes: Mapping[str, SubtypeAdvice]
    unclear: tuple[Wording, ...]
    always: tuple[Wording, ...]
    unseen: tuple[Wording, ...]


@functools.cache
def advice() -> Advice:
    """Return the advice that ships with Pilah. Raises DataError, naming the field, if the file is not whole."""
    return read_advice(files("pilah_data").joinpath(FILE).read_text(encoding="utf-8"))


def read_advice(text: str) -> Advice:
    """Read advice from TOML. Raises DataError for a form or sub-type without one, an unknown code, or a missing sentence."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"is no TOML: {error}", file=FILE) from error
    forms, subtypes = _section(table, "forms", FORMS), _section(table, "subtypes", SUBTYPES)
    return Advice(
        {code: _form(f"forms.{code}", row) for code, row in forms.items()},
        {code: _subtype(f"subtypes.{code}", row) for code, row in subtypes.items()},
        *(_list(table, name) for name in ("unclear", "always", "unseen")),
    )


def _section(table: Mapping[str, object], name: str, codes: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    rows = table.get(name)
    found = rows if isinstance(rows, dict) else {}
    for code in [*codes, *found]:
        if code not in found or code not in codes or not isinstance(found[code], dict):
            raise DataError(
                f"give one table for each of {', '.join(codes)}, and none besides", file=FILE, field=f"{name}.{code}"
            )
    return {code: found[code] for code in codes}


def _form(where: str, row: Mapping[str, object]) -> FormAdvice:
    near = row.get("near")
    if not isinstance(near, list) or not near or not set(near) <= set(SUBTYPES):
        raise DataError("name one or more sub-types N1-N11", file=FILE, field=f"{where}.near")
    example = _wording(f"{where}.example", row["example"]) if "example" in row else None
    sees, lawful, hint = (_wording(f"{where}.{part}", row.get(part)) for part in ("sees", "lawful", "hint"))
    return FormAdvice(sees, lawful, hint, example, tuple(near))


def _subtype(where: str, row: Mapping[str, object]) -> SubtypeAdvice:
    return SubtypeAdvice(*(_wording(f"{where}.{part}", row.get(part)) for part in ("lawful", "keep")))


def _list(table: Mapping[str, object], name: str) -> tuple[Wording, ...]:
    rows = table.get(name)
    if not isinstance(rows, list) or not rows:
        raise DataError("give one or more sentences", file=FILE, field=name)
    return tuple(_wording(f"{name}[{number}]", row) for number, row in enumerate(rows))


def _wording(where: str, row: object) -> Wording:
    if isinstance(row, dict) and set(row) == {"id", "en"}:
        sentences = [row["id"], row["en"]]
        if all(isinstance(sentence, str) and sentence.strip() for sentence in sentences):
            return Wording(*sentences)
    raise DataError("give the sentence in `id` and in `en`", file=FILE, field=where)
