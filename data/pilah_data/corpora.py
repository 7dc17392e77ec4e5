"""Reads and checks the posts written for this project, `data/corpora/*.jsonl`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

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

_Place = tuple[str, int]
"""File and 1-based line of a post."""
AUTHORED = "pilah"
"""The source of posts written for this project."""
_Enum = TypeVar("_Enum", bound=StrEnum)
_REQUIRED = ("id", "text", "label", "register", "language", "context", "split")
_FIELDS = {*_REQUIRED, "forms", "direction", "subtype", "evidence", "group", "relation", "names"}


def read_corpus(path: Path) -> Iterator[AuthoredPost]:
    """Yield the posts of one JSON-lines file; raises DataError naming file, line and field."""
    return (post for _, post in _numbered(path))


def _numbered(path: Path) -> Iterator[tuple[int, AuthoredPost]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"corpus file {path} cannot be read ({error.strerror})") from error
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if line.strip():
            yield number, _parse(line, _Line(str(path), number))


def read_corpora(folder: Path) -> list[AuthoredPost]:
    """Read all corpus files of a folder and check what only shows across them: ids and groups."""
    posts: list[AuthoredPost] = []
    places: dict[str, _Place] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line, post in _numbered(path):
            if post.id in places:
                first, at = places[post.id]
                raise DataError(
                    f"id {post.id} stands in {first}, line {at} already", file=str(path), line=line, field="id"
                )
            places[post.id] = (str(path), line)
            posts.append(post)
    check_groups(posts, places)
    return posts


def check_groups(posts: Iterable[AuthoredPost], places: Mapping[str, _Place] | None = None) -> None:
    """Raise DataError for a group of one member or a group across splits, naming the post's place where it is known."""
    posts = list(posts)
    sizes = Counter(post.group for post in posts if post.group is not None)
    splits: dict[str, str] = {}
    for post in posts:
        if post.group is None:
            continue
        file, line = (places or {}).get(post.id, (None, None))
        if sizes[post.group] < 2:
            message = f"group {post.group} has one member ({post.id}); a counterfactual needs two"
            raise DataError(message, file=file, line=line, field="group")
        if splits.setdefault(post.group, post.split) != post.split:
            raise DataError(f"group {post.group} lies in two splits", file=file, line=line, field="split")


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a row stands, and how its faults are named."""

    file: str
    number: int

    def bad(self, field: str | None, message: str) -> DataError:
        return DataError(message, file=self.file, line=self.number, field=field)

    def member(self, kind: type[_Enum], field: str, value: object) -> _Enum:
        try:
            return kind(str(value))
        except ValueError:
            raise self.bad(field, f"{value!r} is not one of {', '.join(kind)}") from None

    def span(self, field: str, value: object, text: str, length: int) -> Span:
        if not (isinstance(value, list) and len(value) == length and all(type(v) is int for v in value[:2])):
            expected = "a span [start, end]" if length == 2 else "[start, end, type, role]"
            raise self.bad(field, f"{value!r} is not {expected}")
        start, end = value[0], value[1]
        if not 0 <= start < end <= len(text):
            raise self.bad(field, f"span [{start}, {end}) lies outside the text of {len(text)} characters")
        return start, end


def _parse(raw: bytes, line: _Line) -> AuthoredPost:
    row = _shaped(raw, line)
    text, label = row["text"], line.member(Label, "label", row["label"])
    forms, subtype = tuple(row.get("forms", ())), row.get("subtype")
    if not all(form in PREDICTED_FORMS for form in forms):
        raise line.bad("forms", f"{list(forms)} holds a code that is not B01-B10")
    if row["split"] not in SPLITS:
        raise line.bad("split", f"{row['split']!r} is not one of {', '.join(SPLITS)}")
    if subtype is not None and subtype not in SUBTYPES:
        raise line.bad("subtype", f"{subtype!r} is not N1-N11")
    for field in ("forms", "direction", "evidence"):
        if label is Label.PARTISAN and not row.get(field):
            raise line.bad(field, "a partisan post needs forms, a direction and an evidence span")
    return AuthoredPost(
        id=row["id"],
        text=text,
        label=label,
        register=line.member(Register, "register", row["register"]),
        language=line.member(Language, "language", row["language"]),
        context=line.member(Context, "context", row["context"]),
        split=row["split"],
        forms=forms,
        direction=line.member(Direction, "direction", row["direction"]) if row.get("direction") else None,
        subtype=subtype,
        evidence=tuple(line.span("evidence", value, text, 2) for value in row.get("evidence", ())),
        group=row.get("group"),
        relation=line.member(Relation, "relation", row["relation"]) if row.get("relation") else None,
        names=tuple(_name(value, text, line) for value in row.get("names", ())),
    )


def _shaped(raw: bytes, line: _Line) -> dict[str, Any]:
    """Return the JSON object of a line, whose fields are known and have the right types."""
    try:
        row = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise line.bad(None, f"invalid UTF-8 at byte {error.start} of the line; save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise line.bad(None, f"not a JSON object ({error})") from error
    if not isinstance(row, dict):
        raise line.bad(None, "not a JSON object")
    if unknown := set(row) - _FIELDS:
        raise line.bad(min(unknown), "unknown field")
    for field in _REQUIRED:
        if not isinstance(row.get(field), str) or not row[field].strip():
            raise line.bad(field, "missing or not a text")
    for field in ("forms", "evidence", "names"):
        if not isinstance(row.get(field, []), list):
            raise line.bad(field, "not a list")
    for field in ("direction", "subtype", "group", "relation"):
        if not isinstance(row.get(field), str | None):
            raise line.bad(field, "not a text")
    return row


def _name(value: list[Any], text: str, line: _Line) -> Name:
    start, end = line.span("names", value, text, 4)
    return Name(start, end, line.member(NameType, "names", value[2]), line.member(NameRole, "names", value[3]))


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
        AUTHORED,
        post.group,
        {"register": post.register.value, "language": post.language.value, "context": post.context.value},
    )
