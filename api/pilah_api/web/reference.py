"""The pages for developers: the interface's documentation, rendered from its own OpenAPI, and the kinds of problem."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from pilah_api.problem_types import PROBLEM_TYPES
from pilah_api.problems import RefusedError
from pilah_api.web.render import page
from pilah_api.web.texts import Language

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """A call as the documentation shows it."""

    method: str
    path: str
    summary: str
    description: str
    body: str | None
    answers: tuple[tuple[str, str, str | None], ...]
    example: str


@dataclass(frozen=True, slots=True)
class Property:
    """A field of a schema: name, type in words, the schema it refers to, whether it must be there, what it means."""

    name: str
    type: str
    link: str | None
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema as the documentation shows it."""

    name: str
    description: str
    properties: tuple[Property, ...]
    values: tuple[str, ...]


@router.get("/docs")
async def documentation(request: Request) -> Response:
    """Show every call and schema; no script and no outside asset, so it works offline under the strict policy."""
    document = request.app.openapi()
    base = str(request.base_url).rstrip("/")
    return page(
        request,
        "docs.html",
        language=Language.EN,
        info=document["info"],
        operations=list(operations(document, base)),
        schemas=list(schemas(document)),
    )


@router.get("/problems")
async def problem_index(request: Request) -> Response:
    """List the kinds of problem."""
    return page(request, "problem_types.html", kinds=list(PROBLEM_TYPES.values()))


@router.get("/problems/{slug}")
async def problem_type(request: Request, slug: str) -> Response:
    """Explain one kind of problem."""
    if slug not in PROBLEM_TYPES:
        raise RefusedError("not-found", "There is no such kind of problem; /problems lists them all.")
    return page(request, "problem_types.html", kinds=[PROBLEM_TYPES[slug]])


def operations(document: Mapping[str, Any], base: str) -> Iterator[Operation]:
    """Yield the calls of an OpenAPI document in its order."""
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            accepts = call.get("requestBody", {}).get("content", {})
            body = accepts.get("application/json", {}).get("schema")
            name = _referred(body) if body else None
            answers = tuple(
                (status, answer["description"], _content(answer)) for status, answer in call["responses"].items()
            )
            yield Operation(
                method.upper(),
                path,
                call.get("summary", ""),
                call.get("description", ""),
                name,
                answers,
                _example(document, base + path, name, takes_file="multipart/form-data" in accepts),
            )


def schemas(document: Mapping[str, Any]) -> Iterator[Schema]:
    """Yield the schemas of an OpenAPI document in its order."""
    for name, schema in document["components"]["schemas"].items():
        required = schema.get("required", ())
        properties = tuple(
            Property(field, _type(part), _referred(part), field in required, part.get("description", ""))
            for field, part in schema.get("properties", {}).items()
        )
        yield Schema(name, schema.get("description", ""), properties, tuple(schema.get("enum", ())))


def _example(document: Mapping[str, Any], address: str, name: str | None, *, takes_file: bool = False) -> str:
    """Return a command line that makes the call."""
    if takes_file:
        return f"curl {address} \\\n  -H 'Authorization: Bearer <key>' \\\n  -F file=@umpan.csv"
    if name is None:
        return f"curl {address}"
    examples = document["components"]["schemas"][name].get("examples") or [{}]
    body = json.dumps(examples[0], ensure_ascii=False, indent=2)
    return f"curl {address} \\\n  -H 'Content-Type: application/json' \\\n  -d {shlex.quote(body)}"


def _content(answer: Mapping[str, Any]) -> str | None:
    for content in answer.get("content", {}).values():
        return _referred(content.get("schema", {}))
    return None


def _referred(schema: Mapping[str, Any]) -> str | None:
    """Return the name of the schema that this one is, lists or may be."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    parts = [*schema.get("anyOf", ()), *schema.get("allOf", ()), schema.get("items") or {}]
    return next((name for part in parts if part and (name := _referred(part))), None)


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(_referred(schema))
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return str(schema.get("type", "any"))
