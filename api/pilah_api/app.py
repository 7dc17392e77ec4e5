"""The application, assembled in one visible place; nothing happens on import."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from pilah_api.cookies import Cookies
from pilah_api.gate import Gate, confirm_form
from pilah_api.keyring import load_secret
from pilah_api.metrics import Metrics
from pilah_api.middleware import BodyLimit, RequestContext, SecurityHeaders, note_failure
from pilah_api.openapi import DescribedApp
from pilah_api.opening import open_queue
from pilah_api.problems import problem_from
from pilah_api.request_log import RequestLog
from pilah_api.room import Room
from pilah_api.routes import (
    audit,
    batch_files,
    batches,
    case_files,
    cases,
    classify,
    health,
    keys,
    metrics,
    model,
    people,
    reviews,
    session,
    stats,
    taxonomy,
)
from pilah_api.services.federation import open_provider
from pilah_api.services.loading import end_judge, open_judge
from pilah_api.services.policies import PolicyBook
from pilah_api.settings import Settings
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store
from pilah_api.telemetry import Tracing, open_telemetry
from pilah_api.web import (
    antrean,
    berkas,
    berkas_pilih,
    cek,
    federated,
    kasus,
    kasus_isian,
    kasus_langkah,
    kelola,
    reference,
    ringkasan,
    sending,
    signing,
    telaah,
    tempel,
)
from pilah_api.web.answers import answer
from pilah_api.web.render import STATIC
from pilah_data.errors import PilahError
from pilah_model.judge import Judge

API_VERSION = "1.0"
DESCRIPTION = (
    "Sorts partisan posts from lawful speech in Indonesian. A judgement is a proposal; a person decides. "
    "Every 4xx and 5xx answer is an RFC 9457 problem (ProblemOut). Nothing of a post is logged, and judging "
    "posts stores nothing; an uploaded feed is kept until it is judged, and its results for a week."
)

# The framework would hand request bodies and error messages, which may quote a post, to whatever exporter the environment names.
_SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}

DRAIN_SECONDS = 10
"""How long requests that are under way may take when the server stops; what takes longer is cut off."""
_LAST_SECONDS = 2
"""How long a worker may then take over posts that nobody waits for any more."""

log = logging.getLogger("pilah.app")


def create_app(settings: Settings, classifier: Judge | None = None, store: Store | None = None) -> FastAPI:
    """Assemble the application; a model or store that is not given is opened at start-up as the settings say.

    Raises SettingsError for a network address without its TLS proxy and secret or half a provider, MissingExtraError.
    """
    settings.require_guard()
    provider = open_provider(settings)
    measured, telemetry = Metrics(), open_telemetry(settings)
    app = DescribedApp(
        title="Pilah",
        version=API_VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        dependencies=[Depends(confirm_form)],
        telemetry=_SILENT,
        # From the outside in: the first sees the request first and the answer last.
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(
                RequestContext, answer=answer, note=RequestLog(measured, addresses=settings.log_addresses == "yes")
            ),
            *([Middleware(Tracing, telemetry=telemetry)] if telemetry else []),
            Middleware(Room, settings=settings, answer=answer),
            Middleware(Gate, settings=settings, answer=answer),
            Middleware(
                BodyLimit,
                most=settings.max_body_bytes,
                most_of_uploads=settings.max_upload_bytes,
                seconds=settings.request_seconds,
            ),
        ],
        exception_handlers={
            PilahError: _on_error,
            HTTPException: _on_error,
            RequestValidationError: _on_error,
        },
    )
    app.state.settings = settings
    app.state.metrics, app.state.telemetry = measured, telemetry
    app.state.judge = classifier
    app.state.queue = None
    app.state.policies = PolicyBook()
    app.state.renew_workers = None
    app.state.store = store
    app.state.cookies = None
    app.state.is_stopping = lambda: False
    app.state.provider = provider
    app.state.no_store = "the database is not open yet; try again in a few seconds"
    app.state.not_ready = "The model is not loaded yet; try again in a few seconds."
    for part in (
        classify,
        batches,
        batch_files,
        taxonomy,
        model,
        health,
        metrics,
        tempel,
        berkas_pilih,
        berkas,
        cek,
        reference,
        signing,
        federated,
        session,
        people,
        keys,
        audit,
        stats,
        ringkasan,
        reviews,
        cases,
        case_files,
        # Fixed addresses below /antrean go before those of posts.
        sending,
        antrean,
        telaah,
        kasus,
        kasus_isian,
        kasus_langkah,
    ):
        app.include_router(part.router)
    for router in kelola.ROUTERS:
        app.include_router(router)
    for changing in (session, people, keys, reviews, cases):
        app.include_router(changing.with_body)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    opened = await run_in_threadpool(_open_store, app)
    await run_in_threadpool(_load_model, app)
    app.state.queue = await open_queue(app)
    yield
    await app.state.queue.close(_LAST_SECONDS)
    await end_judge(app.state.judge)
    if app.state.telemetry is not None:
        await run_in_threadpool(app.state.telemetry.close)
    if opened is not None:
        await run_in_threadpool(opened.close)


def _open_store(app: FastAPI) -> Store | None:
    """Open what was not given; return the store if it is ours to close."""
    settings: Settings = app.state.settings
    opened = None
    try:
        if app.state.store is None:
            app.state.store = opened = open_store(settings.home, settings.database, settings.data_keys)
        secret = load_secret(settings.home, settings.secret)
        app.state.cookies = Cookies(secret, secure=settings.public_url is not None)
    except (PilahError, OSError) as error:
        # What stores nothing still answers; /readyz and every call that needs the store say that it is missing.
        app.state.store = None
        app.state.no_store = str(error)
        log.warning("store not opened: %s", error)
    return opened


def _load_model(app: FastAPI) -> None:
    if app.state.judge is not None:
        return
    try:
        settings: Settings = app.state.settings
        app.state.judge = open_judge(settings)
    except PilahError as error:
        # The server stays up to say on /readyz what is wrong; `pilah serve` has loaded the model before and refuses to start.
        app.state.not_ready = f"The model cannot be loaded: {error}"
        log.warning("model not loaded: %s", error)


async def _on_error(request: Request, error: Exception) -> Response:
    problem = problem_from(error)
    if problem.kind.slug == "internal":  # it says that the log knows why
        note_failure(error, request.scope)
    return answer(request, problem)
