"""The API's description of itself: FastAPI's, with what FastAPI does not say of its own accord."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI

from pilah_api.permissions import UNCOUNTED, Door, Rule, find_rule
from pilah_api.problem_types import PROBLEM_TYPES
from pilah_api.problems import MEDIA_TYPE

_PROBLEM = {"$ref": "#/components/schemas/ProblemOut"}
_FRAMEWORK_ERROR = {"$ref": "#/components/schemas/HTTPValidationError"}
_TOO_MANY = {
    "description": PROBLEM_TYPES["rate-limited"].title,
    "headers": {
        "Retry-After": {"description": "Whole seconds until the next is answered.", "schema": {"type": "integer"}},
        "RateLimit": {"description": "What is left, as in every counted answer.", "schema": {"type": "string"}},
        "RateLimit-Policy": {"description": "How many requests a minute.", "schema": {"type": "string"}},
    },
    "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
}
_FORM = "Body_"
"""How FastAPI names the form of an upload."""
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")


class DescribedApp(FastAPI):
    """An application whose OpenAPI names the media type of problems and the credentials of each call."""

    def openapi(self) -> dict[str, Any]:
        """Return the description; repeated calls return the same."""
        document = super().openapi()
        document.setdefault("components", {})["securitySchemes"] = {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "A program's key, or the server's PILAH_API_KEY. A wrong one is refused everywhere.",
            },
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": "pilah_session",
                "description": "Comes from POST /v1/session; behind TLS it is called __Host-pilah. Requests that change something also "
                "carry the session's csrf_token in the header X-CSRF-Token.",
            },
        }
        for path, methods in document["paths"].items():
            for method, call in methods.items():
                call["security"] = _security(find_rule(method.upper(), path))
                if not path.startswith(UNCOUNTED):
                    call["responses"].setdefault("429", _TOO_MANY)
                for answer in call["responses"].values():
                    _name_media_type(answer)
        for name, schema in document["components"]["schemas"].items():
            if name.startswith(_FORM):
                schema.setdefault("description", "The fields of a form that carries a file.")
        for name in _FRAMEWORKS_OWN:
            document["components"]["schemas"].pop(name, None)
        return document


def as_text(app: FastAPI) -> str:
    """Return the description as it is committed in `api/openapi.json`."""
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def _security(rule: Rule | None) -> list[dict[str, list[str]]]:
    if rule is None:
        return []
    ways: list[dict[str, list[str]]] = [] if rule.door is Door.GUARDED else [{}]
    if rule.door is not Door.PUBLIC:
        ways.append({"session": []})
        if rule.scopes:
            ways.append({"key": []})
    return ways


def _name_media_type(answer: dict[str, Any]) -> None:
    content = answer.get("content", {})
    if content.get("application/json", {}).get("schema") == _FRAMEWORK_ERROR:
        # FastAPI's idea of a wrong parameter; it is answered with a problem as everything else.
        answer["description"] = PROBLEM_TYPES["invalid-input"].title
        content["application/json"]["schema"] = dict(_PROBLEM)
    if content.get("application/json", {}).get("schema") == _PROBLEM:
        content[MEDIA_TYPE] = content.pop("application/json")
