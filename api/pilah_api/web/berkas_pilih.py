"""The page *Berkas* between upload and start: the first rows of a file, masked, and the choice of its columns."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from pilah_api.access import NotFoundError
from pilah_api.dependencies import CallerHere, LanguageHere, MaybeJudge, OriginHere, SettingsHere, StoreHere
from pilah_api.jobs.looking import Look, UploadError
from pilah_api.jobs.terms import BatchOptions
from pilah_api.services.batches import Uploaded, read_options, see_batch
from pilah_api.services.drafts import drop_draft, open_draft, preview_draft, start_draft
from pilah_api.settings import Settings
from pilah_api.web.reasons import worded
from pilah_api.web.render import page
from pilah_api.web.texts import Language, Texts
from pilah_data.feeds import INPUT_FORMATS
from pilah_data.taxonomy import DECISIONS, Decision

router = APIRouter(prefix="/berkas", include_in_schema=False)
_SEE_OTHER = 303
_ACTION, _START, _GIVE_UP = "aksi", "mulai", "buang"


@router.get("/{batch_id}/pilih")
def show_choice(
    batch_id: str, request: Request, caller: CallerHere, settings: SettingsHere, language: LanguageHere
) -> Response:
    """Show the first rows of an upload and the choice of its columns."""
    uploaded = open_draft(settings.home, caller, batch_id)
    return _choice(request, uploaded, BatchOptions(), settings, language)


@router.post("/{batch_id}/pilih")
async def choose(
    batch_id: str,
    request: Request,
    store: StoreHere,
    caller: CallerHere,
    settings: SettingsHere,
    judge: MaybeJudge,
    origin: OriginHere,
    language: LanguageHere,
) -> Response:
    """Start a draft, look at it again, or give it up."""
    form = await request.form()
    fields = {name: [str(value) for value in form.getlist(name)] for name in form if name != _ACTION}
    action, texts = str(form.get(_ACTION, "")), Texts(language)

    def act() -> Response:
        try:
            uploaded = open_draft(settings.home, caller, batch_id)
        except NotFoundError:
            # The button was pressed twice; the first has started it.
            with store.reading() as unit:
                see_batch(unit, caller, batch_id)
            return RedirectResponse(f"/berkas/{batch_id}", _SEE_OTHER)
        if action == _GIVE_UP:
            drop_draft(settings.home, uploaded)
            return RedirectResponse("/berkas", _SEE_OTHER)
        options = read_options(fields)
        if action != _START:
            return _choice(request, uploaded, options, settings, language)
        if judge is None:
            return _choice(request, uploaded, options, settings, language, texts("files.no_model"), status=503)
        try:
            start_draft(store, settings.home, judge, uploaded, options, settings.bounds, origin)
        except UploadError:
            return _choice(request, uploaded, options, settings, language, status=422)
        return RedirectResponse(f"/berkas/{batch_id}", _SEE_OTHER)

    return await run_in_threadpool(act)


def _choice(
    request: Request,
    uploaded: Uploaded,
    options: BatchOptions,
    settings: Settings,
    language: Language,
    error: str | None = None,
    *,
    status: int = 200,
) -> Response:
    texts, reason, guessed = Texts(language), None, True
    look: Look | None = None
    try:
        look = preview_draft(settings.home, uploaded, options, settings.bounds)
    except UploadError as refusal:
        reason, status = worded(str(refusal), texts), 422 if status == 200 else status
        if refusal.columns:
            # The columns are known, only not which of them holds the texts: the person can tell.
            guessed = False
            look = _look_at(refusal.columns, settings, uploaded, options)
    said = error
    if said is None and reason is not None:
        said = texts("files.choose.which") if not guessed else texts("files.unreadable")
    return page(
        request,
        "berkas_pilih.html",
        status=status,
        uploaded=uploaded,
        options=options,
        look=look,
        guessed=guessed,
        error=said,
        reason=reason,
        formats=INPUT_FORMATS,
        decisions=[(d.value, texts.of(DECISIONS[d].title, DECISIONS[d].title_en)) for d in Decision],
    )


def _look_at(columns: tuple[str, ...], settings: Settings, uploaded: Uploaded, options: BatchOptions) -> Look:
    feed = replace(options.feed, text_column=columns[0], id_column=None, context_column=None)
    try:
        found = preview_draft(settings.home, uploaded, replace(options, feed=feed), settings.bounds)
    except UploadError:
        return Look(columns, None, None, ())
    return replace(found, text_column=None)
