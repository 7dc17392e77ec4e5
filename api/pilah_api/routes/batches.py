"""`/v1/batches`: feeds to be judged, made by upload, watched and cancelled."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from pilah_api.access import Caller
from pilah_api.batch_schemas import UPLOAD_BODY, BatchesPage, BatchOut, batch_out
from pilah_api.cookies import TOKEN_FIELD
from pilah_api.dependencies import (
    CallerHere,
    JudgeHere,
    OriginHere,
    SettingsHere,
    StoreHere,
    check_retry_key,
    retry_of,
)
from pilah_api.jobs.folder import BatchFolder
from pilah_api.problems import FieldError, RefusedError, SafeJSONResponse
from pilah_api.routes.paging import Cursor, Limit, answer_page, read_cursor
from pilah_api.routes.shared import problems
from pilah_api.services.batches import (
    OptionError,
    Uploaded,
    cancel_batch,
    list_batches,
    make_batch,
    read_options,
    see_batch,
    summary_of,
)
from pilah_api.store.columns import new_id
from pilah_api.store.engine import StoreUnavailableError
from pilah_api.store.shards import OPEN_STATES
from pilah_api.store.units import Store
from pilah_api.uploads import Upload, receive
from pilah_data.errors import PilahError

router = APIRouter(prefix="/v1/batches", tags=["batches"])
_REFUSALS = ("unauthorized", "forbidden", "store-unavailable")
_TICK, _QUIET, _LONGEST = 1.0, 15.0, 600.0
"""Seconds between looks, after which a silent stream says that it lives, and after which a reader must come again."""


@router.post(
    "",
    status_code=202,
    response_model=BatchOut,
    summary="Have a feed judged",
    response_description="The batch, which waits for a worker",
    responses=problems(
        *_REFUSALS,
        "bad-request",
        "conflict",
        "too-large",
        "unsupported-media-type",
        "invalid-input",
        "not-ready",
        "storage-full",
    ),
    openapi_extra=UPLOAD_BODY,
)
async def post_batch(
    request: Request,
    store: StoreHere,
    judge: JudgeHere,
    settings: SettingsHere,
    origin: OriginHere,
    idempotency_key: Annotated[
        str | None, Header(description="1 to 200 visible characters; a repetition gets the first answer again.")
    ] = None,
) -> Response:
    """Upload a feed; workers judge it, and `Location` says where to watch.

    Its columns are kept and its order too. The file is deleted once it is judged, the results after a week.
    """
    key = None if idempotency_key is None else check_retry_key(idempotency_key)
    batch_id = new_id(store.now())
    folder = BatchFolder(settings.home, batch_id)
    upload = await receive(request, folder)
    try:
        options = read_options(upload.fields)
        retry = None if key is None else retry_of(request, key, _said(upload))
        uploaded = Uploaded(batch_id, upload.name, upload.size, upload.sha256)
        made = await run_in_threadpool(
            make_batch, store, settings.home, judge, uploaded, options, settings.bounds, origin, retry
        )
    except OptionError as error:
        folder.remove()
        raise RefusedError(
            "invalid-input", f"/{error.field}: {error}", errors=[FieldError(f"/{error.field}", str(error))]
        ) from None
    except StoreUnavailableError:
        raise  # whether the batch is stored is not known; files that nothing refers to are found by the next purge
    except PilahError:
        folder.remove()
        raise
    return SafeJSONResponse(batch_out(made), 202, headers={"Location": f"/v1/batches/{made.id}"})


@router.get(
    "",
    response_model=BatchesPage,
    summary="List batches",
    response_description="A page of batches",
    responses=problems(*_REFUSALS, "invalid-input"),
)
def get_batches(
    request: Request, store: StoreHere, caller: CallerHere, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Return one's own batches, newest first; a penyelia and an administrator see all. Decisions and notes are left out."""
    before = read_cursor(cursor)
    with store.reading() as unit:
        found = list_batches(unit, caller, before, limit + 1)
    return answer_page(request, found, limit, lambda batch: batch.id, batch_out)


@router.get(
    "/{batch_id}",
    response_model=BatchOut,
    summary="One batch",
    response_description="How far it is",
    responses=problems(*_REFUSALS, "not-found"),
)
def get_batch(batch_id: str, store: StoreHere, caller: CallerHere, settings: SettingsHere) -> Response:
    """Return the state of a batch, rows done and in total, rate and time left."""
    with store.reading() as unit:
        found = see_batch(unit, caller, batch_id)
    return SafeJSONResponse(batch_out(found, summary_of(settings.home, found)))


@router.delete(
    "/{batch_id}",
    response_model=BatchOut,
    summary="Cancel a batch",
    response_description="The batch as it is now",
    responses=problems(*_REFUSALS, "not-found", "conflict"),
)
def delete_batch(
    batch_id: str, store: StoreHere, caller: CallerHere, settings: SettingsHere, origin: OriginHere
) -> Response:
    """Stop a batch that is not finished and delete its files; cancelling it again changes nothing."""
    return SafeJSONResponse(batch_out(cancel_batch(store, settings.home, caller, batch_id, origin)))


@router.get(
    "/{batch_id}/events",
    response_class=StreamingResponse,
    summary="Watch a batch",
    response_description="Server-sent events: `progress` with a batch as JSON whenever it moves on, `end` with the last one",
    responses={200: {"content": {"text/event-stream": {}}}, **problems(*_REFUSALS, "not-found")},
)
async def get_events(
    batch_id: str, request: Request, store: StoreHere, caller: CallerHere, settings: SettingsHere
) -> Response:
    """Stream how far a batch is until it ends. A stream lasts ten minutes at most; browsers come again by themselves."""
    first = await run_in_threadpool(_state, store, settings.home, caller, batch_id)
    return StreamingResponse(
        _events(request, store, settings.home, caller, first),
        media_type="text/event-stream",
        # Proxies that collect answers would hold back what is new.
        headers={"x-accel-buffering": "no"},
    )


async def _events(
    request: Request, store: Store, home: Path, caller: Caller, state: dict[str, object]
) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    shown: dict[str, object] = {}
    silent = passed = 0.0
    while passed < _LONGEST and not request.app.state.is_stopping():
        over = state["state"] not in OPEN_STATES
        if over or state != shown:
            yield f"event: {'end' if over else 'progress'}\ndata: {json.dumps(state)}\n\n"
            shown, silent = state, 0.0
        elif silent >= _QUIET:
            yield ": still here\n\n"
            silent = 0.0
        if over:
            return
        await asyncio.sleep(_TICK)
        silent, passed = silent + _TICK, passed + _TICK
        try:
            state = await run_in_threadpool(_state, store, home, caller, str(state["id"]))
        except PilahError:
            return  # whoever comes again is told why


def _state(store: Store, home: Path, caller: Caller, batch_id: str) -> dict[str, object]:
    with store.reading() as unit:
        found = see_batch(unit, caller, batch_id)
    return batch_out(found, summary_of(home, found))


def _said(upload: Upload) -> bytes:
    """Return what stands for the content of an upload: its fields but the form token, and the hash of its file."""
    fields = sorted((name, values) for name, values in upload.fields.items() if name != TOKEN_FIELD)
    return hashlib.sha256(json.dumps([fields, upload.name, upload.sha256]).encode("ascii")).digest()
