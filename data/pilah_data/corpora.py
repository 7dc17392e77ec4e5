"""Reads and checks the posts written for this project, `data/corpora/*.jsonl`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pilah_data.errors import DataError, InputError
from pilah_data.records import (
    SPLITS,
    AuthoredPost,
    Context,
    Example,
    Language,
    Name,
    NameRole,
    NameType,
    Register,
    Relation,
    Span,
)
from pilah_data.taxonomy import PREDICTED_FORMS, SUBTYPES, Direction, Label

_Enum = TypeVar("_Enum", bound=StrEnum)
_FIELDS = {
    "id",
    "text",
    "label",
    "register",
    "language",
    "context",
    "split",
    "forms",
    "direction",
    "subtype",
    "evidence",
    "group",
    "relation",
    "names",
}


def read_corpus(path: Path) -> Iterator[AuthoredPost]:
    """Yield the posts of one JSON-lines file; raises DataError naming file, line and field."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"corpus file {path} cannot be read ({error.strerror})") from error
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if line.strip():
            yield _parse(line, str(path), number)


def read_corpora(folder: Path) -> list[AuthoredPost]:
    """Read all corpus files of a folder and check what only shows across them: ids and groups."""
    posts: list[AuthoredPost] = []
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for post in read_corpus(path):
            if post.id in seen:
                raise DataError(f"id {post.id} stands in {seen[post.id]} already", file=str(path), field="id")
            seen[post.id] = path.name
            posts.append(post)
    check_groups(posts)
    return posts


def check_groups(posts: Iterable[AuthoredPost]) -> None:
    """Raise DataError for a group of one member or a group across splits."""
    posts = list(posts)
    sizes = Counter(post.group for post in posts if post.group)
    splits: dict[str, str] = {}
    for post in posts:
        if post.group is None:
            continue
        if sizes[post.group] < 2:
            raise DataError(f"group {post.group} has one member ({post.id}); a counterfactual needs two", field="group")
        if splits.setdefault(post.group, post.split) != post.split:
            raise DataError(f"group {post.group} lies in two splits", field="split")


def _parse(line: bytes, file: str, number: int) -> AuthoredPost:
    def bad(field: str, message: str) -> DataError:
        return DataError(message, file=file, line=number, field=field)

    def member(kind: type[_Enum], field: str, value: object) -> _Enum:
        try:
            return kind(str(value))
        except ValueError:
            raise bad(field, f"{value!r} is not one of {', '.join(kind)}") from None

    def span(field: str, value: object, text: str) -> Span:
        if not (isinstance(value, list) and len(value) >= 2 and all(isinstance(v, int) for v in value[:2])):
            raise bad(field, f"{value!r} is not a span [start, end]")
        start, end = value[0], value[1]
        if not 0 <= start < end <= len(text):
            raise bad(field, f"span [{start}, {end}) lies outside the text of {len(text)} characters")
        return start, end

    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DataError(
            f"invalid UTF-8 at byte {error.start} of the line; save it as UTF-8", file=file, line=number
        ) from error
    except ValueError as error:
        raise DataError(f"not a JSON object ({error})", file=file, line=number) from error
    if not isinstance(row, dict):
        raise DataError("not a JSON object", file=file, line=number)
    if unknown := set(row) - _FIELDS:
        raise bad(sorted(unknown)[0], "unknown field")
    for field in ("id", "text", "label", "register", "language", "context", "split"):
        if not isinstance(row.get(field), str) or not row[field].strip():
            raise bad(field, "missing or not a text")
    label = member(Label, "label", row["label"])
    forms = tuple(row.get("forms", ()))
    if not set(forms) <= set(PREDICTED_FORMS):
        raise bad("forms", f"{list(forms)} holds a code that is not B01-B10")
    if row["split"] not in SPLITS:
        raise bad("split", f"{row['split']!r} is not one of {', '.join(SPLITS)}")
    subtype = row.get("subtype")
    if subtype is not None and subtype not in SUBTYPES:
        raise bad("subtype", f"{subtype!r} is not N1-N11")
    evidence = tuple(span("evidence", value, row["text"]) for value in row.get("evidence", ()))
    if label is Label.PARTISAN and not (forms and row.get("direction") and evidence):
        raise bad("evidence", "a partisan post needs forms, a direction and an evidence span")
    names = []
    for value in row.get("names", ()):
        start, end = span("names", value, row["text"])
        if len(value) != 4:
            raise bad("names", f"{value!r} is not [start, end, type, role]")
        names.append(Name(start, end, member(NameType, "names", value[2]), member(NameRole, "names", value[3])))
    return AuthoredPost(
        id=row["id"],
        text=row["text"],
        label=label,
        register=member(Register, "register", row["register"]),
        language=member(Language, "language", row["language"]),
        context=member(Context, "context", row["context"]),
        split=row["split"],
        forms=forms,
        direction=member(Direction, "direction", row["direction"]) if row.get("direction") else None,
        subtype=subtype,
        evidence=evidence,
        group=row.get("group"),
        relation=member(Relation, "relation", row["relation"]) if row.get("relation") else None,
        names=tuple(names),
    )


def to_json_line(post: AuthoredPost) -> str:
    """Return the post as one line of a corpus file, empty fields left out."""
    row = {key: value for key, value in asdict(post).items() if value not in (None, (), [])}
    row["names"] = [[n.start, n.end, n.type.value, n.role.value] for n in post.names]
    if not post.names:
        del row["names"]
    return json.dumps(row, ensure_ascii=False)


def to_example(post: AuthoredPost) -> Example:
    """Return an authored post as an example to learn from."""
    return Example(
        post.id,
        post.text,
        post.label,
        post.forms,
        post.direction,
        post.subtype,
        post.evidence,
        post.split,
        "pilah",
        post.group,
        {"register": post.register.value, "language": post.language.value, "context": post.context.value},
    )
