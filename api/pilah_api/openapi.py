"""The API's description of itself: FastAPI's, with the two things that FastAPI does not say of its own accord."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI

from pilah_api.problems import MEDIA_TYPE

_PROBLEM = {"$ref": "#/components/schemas/ProblemOut"}


class DescribedApp(FastAPI):
    """An application whose OpenAPI names the media type of problems and the optional key."""

    def openapi(self) -> dict[str, Any]:
        """Return the description; repeated calls return the same."""
        document = super().openapi()
        document.setdefault("components", {})["securitySchemes"] = {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "The server's PILAH_API_KEY. On the machine itself no key is needed; a wrong one is refused.",
            }
        }
        document["security"] = [{}, {"key": []}]
        for methods in document["paths"].values():
            for call in methods.values():
                for answer in call["responses"].values():
                    _name_media_type(answer)
        return document


def as_text(app: FastAPI) -> str:
    """Return the description as it is committed in `api/openapi.json`."""
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def _name_media_type(answer: dict[str, Any]) -> None:
    content = answer.get("content", {})
    if content.get("application/json", {}).get("schema") == _PROBLEM:
        content[MEDIA_TYPE] = content.pop("application/json")
