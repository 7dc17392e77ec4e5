"""Renders templates: strict about unknown names, everything escaped, the language and the model always at hand."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from pathlib import Path

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from pilah_api.dependencies import find_judge, get_language
from pilah_api.gate import passage_of
from pilah_api.security import is_local
from pilah_api.web.menu import ENTRIES, open_to
from pilah_api.web.moments import moment
from pilah_api.web.texts import Language, Texts

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
YEAR = 365 * 24 * 3600


def page(
    request: Request, template: str, *, status: int = 200, language: Language | None = None, **values: object
) -> HTMLResponse:
    """Render a page in the request's language, and remember the language if it was asked for."""
    language = language or get_language(request)
    judge = find_judge(request)
    passage = passage_of(request)
    html = (
        _environment()
        .get_template(template)
        .render(
            t=Texts(language),
            lang=language.value,
            other_lang=language.other.value,
            path=request.url.path,
            model=judge.info if judge else None,
            menu=open_to(ENTRIES, passage.caller, local=is_local(request.app.state.settings, request.headers)),
            person=passage.caller.person,
            form_token=passage.form_token or "",
            **values,
        )
    )
    # Lone surrogates cannot reach this place, but a page must never fail on a character.
    response = HTMLResponse(html.encode("utf-8", "replace"), status)
    if "lang" in request.query_params:
        response.set_cookie("pilah_lang", language.value, max_age=YEAR, samesite="lax", httponly=True)
    return response


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = _asset
    environment.filters["marked"] = _marked
    environment.filters["moment"] = moment
    environment.filters["recorded"] = dt.datetime.fromisoformat  # as the audit keeps moments
    return environment


def _marked(text: str) -> Markup:
    """Show what stands between backticks as code, the one piece of Markdown that our descriptions use."""
    parts = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


@functools.cache
def _asset(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"
