"""The page *Berkas*: upload a feed, watch it being judged, read and download the results."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePath

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, StreamingResponse

from pilah_api import permissions
from pilah_api.access import Caller, ConflictError, NotFoundError
from pilah_api.attachments import kept_as
from pilah_api.dependencies import CallerHere, LanguageHere, OriginHere, SettingsHere, StoreHere
from pilah_api.jobs.exports import MEDIA_TYPES, ResultFormat
from pilah_api.jobs.folder import BatchFolder
from pilah_api.jobs.looking import UploadError
from pilah_api.jobs.reading import without_dashes
from pilah_api.jobs.results import Results
from pilah_api.jobs.terms import BatchOptions
from pilah_api.problems import RefusedError
from pilah_api.routes.paging import read_cursor, write_cursor
from pilah_api.services.batch_queue import count_to_review, send_to_queue
from pilah_api.services.batches import (
    BATCHES_LAST,
    Uploaded,
    cancel_batch,
    list_batches,
    may_read,
    note_download,
    open_results,
    see_batch,
)
from pilah_api.services.drafts import keep_draft, preview_draft
from pilah_api.settings import Settings
from pilah_api.store.batches import Progress
from pilah_api.store.columns import new_id
from pilah_api.store.units import Store
from pilah_api.uploads import receive
from pilah_api.web.berkas_view import bar, charts, size, table
from pilah_api.web.problem_list import problem_lines
from pilah_api.web.reasons import worded
from pilah_api.web.render import page
from pilah_api.web.texts import Language, Texts
from pilah_data.taxonomy import DECISIONS, Decision

router = APIRouter(prefix="/berkas", include_in_schema=False)
_SEE_OTHER = 303
_LISTED = 20


@router.get("")
def show_files(
    request: Request, store: StoreHere, caller: CallerHere, settings: SettingsHere, language: LanguageHere
) -> Response:
    """Show the form for uploads, and the batches that the caller sees."""
    return _files(request, store, caller, settings, language)


@router.post("")
async def upload_file(
    request: Request,
    store: StoreHere,
    caller: CallerHere,
    settings: SettingsHere,
    language: LanguageHere,
) -> Response:
    """Take a file and go on to choosing its columns."""
    batch_id, texts = new_id(store.now()), Texts(language)
    try:
        upload = await receive(request, BatchFolder(settings.home, batch_id))
    except RefusedError as error:
        if error.slug != "invalid-input":
            raise
        return await run_in_threadpool(_files, request, store, caller, settings, language, texts("files.no_file"))
    uploaded = Uploaded(batch_id, upload.name, upload.size, upload.sha256)
    await run_in_threadpool(_keep, settings, uploaded, caller.actor)
    return RedirectResponse(f"/berkas/{batch_id}/pilih", _SEE_OTHER)


@router.get("/{batch_id}")
def show_file(
    batch_id: str,
    request: Request,
    store: StoreHere,
    caller: CallerHere,
    settings: SettingsHere,
    language: LanguageHere,
) -> Response:
    """Show how far a batch is, or what came of it."""
    with store.reading() as unit:
        batch = see_batch(unit, caller, batch_id)
        workers = unit.workers.alive()
    results = _results(store, caller, settings, batch)
    texts = Texts(language)
    decisions = dict(results.summary["tally"]["decisions"]) if results else {}
    return page(
        request,
        "berkas_satu.html",
        batch=batch,
        readable=may_read(caller, batch),
        bar=bar(batch, texts) if batch.is_open else None,
        no_worker=batch.is_open and not workers,
        reason=worded(batch.error, texts) if batch.error else None,
        results=results,
        notes=[worded(without_dashes(note), texts) for note in results.summary["notes"]] if results else [],
        judged=sum(decisions.values()),
        counts=[(d.value, texts.of(DECISIONS[d].title, DECISIONS[d].title_en), decisions.get(d, 0)) for d in Decision],
        to_review=count_to_review(results) if results else 0,
        charts=charts(results, texts) if results else [],
        table=table(results, request.query_params, texts) if results else None,
        formats=[kind.value for kind in ResultFormat],
    )


@router.post("/{batch_id}/batal")
def cancel_file(
    batch_id: str, store: StoreHere, caller: CallerHere, settings: SettingsHere, origin: OriginHere
) -> Response:
    """Cancel a batch; one that has just finished shows its results."""
    with suppress(ConflictError):
        cancel_batch(store, settings.home, caller, batch_id, origin)
    return RedirectResponse(f"/berkas/{batch_id}", _SEE_OTHER)


@router.post("/{batch_id}/antrean")
def send_file(
    batch_id: str, store: StoreHere, caller: CallerHere, settings: SettingsHere, origin: OriginHere
) -> Response:
    """Send what needs a review to the queue; pressed twice, it sends once."""
    with suppress(ConflictError):
        send_to_queue(store, settings.home, caller, batch_id, origin)
    return RedirectResponse(f"/berkas/{batch_id}#antrean", _SEE_OTHER)


@router.get("/{batch_id}/masalah")
def list_problems(
    batch_id: str,
    store: StoreHere,
    caller: CallerHere,
    settings: SettingsHere,
    origin: OriginHere,
    language: LanguageHere,
) -> Response:
    """Return the rows that could not be judged, with the reasons in the language of the pages, for a spreadsheet. Recorded."""
    with store.reading() as unit:
        batch, results = open_results(unit, settings.home, caller, batch_id)
    note_download(store, batch_id, "errors", origin)
    texts = Texts(language)
    name = f"{PurePath(batch.name).stem or 'pilah'}.{texts('files.problem_file')}.csv"
    return StreamingResponse(
        problem_lines(results.errors, texts), media_type=MEDIA_TYPES[ResultFormat.CSV], headers=kept_as(name)
    )


def _keep(settings: Settings, uploaded: Uploaded, owner: str) -> None:
    """Keep an upload as a draft and take the first look into it, while whoever sent it waits anyway."""
    keep_draft(settings.home, uploaded, owner)
    with suppress(UploadError):
        preview_draft(settings.home, uploaded, BatchOptions(), settings.bounds)


def _files(
    request: Request, store: Store, caller: Caller, settings: Settings, language: Language, error: str | None = None
) -> Response:
    before = read_cursor(request.query_params.get("cursor"))
    with store.reading() as unit:
        found = list_batches(unit, caller, before, _LISTED + 1)
    rule, texts = permissions.find_rule("POST", "/berkas"), Texts(language)
    return page(
        request,
        "berkas.html",
        status=422 if error else 200,
        error=error,
        may_upload=rule is not None and rule.allows(caller, local=False),
        most=size(settings.max_upload_bytes, texts),
        days=BATCHES_LAST.days,
        batches=found[:_LISTED],
        older=write_cursor(found[_LISTED - 1].id) if len(found) > _LISTED else None,
        first=before is None,
    )


def _results(store: Store, caller: Caller, settings: Settings, batch: Progress) -> Results | None:
    if batch.state != "done" or not may_read(caller, batch):
        return None
    try:
        with store.reading() as unit:
            return open_results(unit, settings.home, caller, batch.id)[1]
    except NotFoundError:
        return None
