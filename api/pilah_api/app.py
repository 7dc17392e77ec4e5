"""The application, assembled in one visible place; nothing happens on import."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from pilah_api.middleware import BodyLimit, Gate, RequestContext, SecurityHeaders
from pilah_api.openapi import DescribedApp
from pilah_api.problems import problem_from
from pilah_api.routes import classify, health, model, taxonomy
from pilah_api.services.classification import Judge
from pilah_api.services.loading import load_judge
from pilah_api.settings import Settings
from pilah_api.web import reference, tempel
from pilah_api.web.answers import answer
from pilah_api.web.render import STATIC
from pilah_data.errors import PilahError

API_VERSION = "1.0"
DESCRIPTION = (
    "Sorts partisan posts from lawful speech in Indonesian. A judgement is a proposal; a person decides. "
    "Every 4xx and 5xx answer is an RFC 9457 problem (ProblemOut). Nothing of a post is stored or logged."
)

log = logging.getLogger("pilah.app")


def create_app(settings: Settings, classifier: Judge | None = None) -> FastAPI:
    """Assemble the application; without a classifier, the model that the settings name is loaded at start-up.

    Raises SettingsError for a network address without a key.
    """
    settings.require_guard()
    app = DescribedApp(
        title="Pilah",
        version=API_VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        # From the outside in: the first sees the request first and the answer last.
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(RequestContext, answer=answer),
            Middleware(Gate, settings=settings, answer=answer),
            Middleware(BodyLimit, most=settings.max_body_bytes),
        ],
        exception_handlers={
            PilahError: _on_error,
            HTTPException: _on_error,
            RequestValidationError: _on_error,
        },
    )
    app.state.settings = settings
    app.state.judge = classifier
    app.state.not_ready = "The model is not loaded yet; try again in a few seconds."
    for part in (classify, taxonomy, model, health, tempel, reference):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    if app.state.judge is None:
        try:
            app.state.judge = await run_in_threadpool(load_judge, app.state.settings)
        except PilahError as error:
            # The server stays up to say on /readyz what is wrong; `pilah serve` has loaded the model before and refuses to start.
            app.state.not_ready = f"The model cannot be loaded: {error}"
            log.warning("model not loaded: %s", error)
    yield


async def _on_error(request: Request, error: Exception) -> Response:
    return answer(request, problem_from(error))
