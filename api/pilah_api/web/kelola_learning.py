"""The page *Kelola › Belajar*: what reviewers decided goes out masked, and the model versions with the way back."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response

from pilah_api.access import ConflictError
from pilah_api.dependencies import OriginHere, SettingsHere, StoreHere, find_judge
from pilah_api.opening import exchange_judge
from pilah_api.services.judging import JudgingQueue
from pilah_api.services.learning import count_ready, export_feedback
from pilah_api.services.loading import open_folder
from pilah_api.services.model_use import use_model
from pilah_api.services.shelf import Shelf
from pilah_api.settings import Settings
from pilah_api.store.audit import Wanted
from pilah_api.store.units import Store
from pilah_api.web.kelola_frame import Text, Told, attachment, confirmed, done, people_of, show, texts_of, written
from pilah_data.errors import InputError
from pilah_data.taxonomy import LABELS, Label
from pilah_model.artefacts import ArtefactError
from pilah_model.judge import Judge

router = APIRouter(include_in_schema=False)

PATH = "/kelola/belajar"
_HISTORY = 10


@router.get("/kelola/belajar")
def show_learning(request: Request, store: StoreHere, settings: SettingsHere) -> Response:
    """Show the steps of the loop, what an export would hold, and the model versions at hand."""
    return _page(request, store, settings)


@router.post("/kelola/belajar/ekspor")
def send_feedback(
    request: Request,
    store: StoreHere,
    settings: SettingsHere,
    origin: OriginHere,
    alasan: Text = "",
    yakin: Text = "",
    kasus: Text = "",
) -> Response:
    """Send reviewed posts, masked, as a file for `pilah train --feedback`; the act is recorded with its reason."""
    texts = texts_of(request)
    if not confirmed(yakin):
        return _page(request, store, settings, told=Told(texts("manage.confirm_first"), bad=True), status=422)
    try:
        file = written(lambda write: export_feedback(store, write, alasan, origin, with_cases=kasus == "ya"))
    except InputError:
        return _page(request, store, settings, told=Told(texts("limits.no_reason"), bad=True), status=422)
    return attachment(file, f"pilah-umpan-balik-{store.now():%Y%m%dT%H%M%SZ}.jsonl")


@router.post("/kelola/belajar/model")
def change_model(
    request: Request,
    store: StoreHere,
    settings: SettingsHere,
    origin: OriginHere,
    model: Text = "",
    alasan: Text = "",
    dilihat: Text = "",
    yakin: Text = "",
) -> Response:
    """Put another kept model in use: it is loaded first, then the record is written, then this server judges by it."""
    texts = texts_of(request)
    if not confirmed(yakin):
        return _page(request, store, settings, told=Told(texts("manage.confirm_first"), bad=True), status=422)
    queue: JudgingQueue = request.app.state.queue

    def opened(settings: Settings, folder: Path) -> Judge:
        return queue.adopt(open_folder(settings, folder))

    try:
        judge = use_model(store, settings, model, alasan, origin, seen=dilihat, load=opened)
    except ConflictError:
        words, status = texts("versions.fixed") if settings.model else texts("versions.meanwhile"), 409
    except ArtefactError:
        words, status = texts("versions.damaged"), 409
    except InputError:
        words, status = texts("versions.unknown") if alasan.strip() else texts("limits.no_reason"), 422
    else:
        exchange_judge(request.app, judge)
        return done(PATH, "model")
    return _page(request, store, settings, told=Told(words, bad=True), status=status)


def _page(
    request: Request, store: Store, settings: Settings, *, told: Told | None = None, status: int = 200
) -> Response:
    shelf, judge = Shelf(settings.home), find_judge(request)
    choice = shelf.present()
    with store.reading() as unit:
        changes = unit.audit.page(None, _HISTORY, only=Wanted(action="model.changed"))
        exports = unit.audit.page(None, _HISTORY, only=Wanted(action="feedback.exported"))
        names = people_of(unit, (record.actor for record in (*changes, *exports)))
    return show(
        request,
        "kelola_belajar.html",
        told=told,
        status=status,
        found=count_ready(store),
        labels={label.value: LABELS[label] for label in Label},
        kept=shelf.kept(),
        choice=choice,
        fixed=settings.model,
        loaded=judge.info.sha256 if judge is not None else "",
        history=sorted([*changes, *exports], key=lambda record: -record.seq)[:_HISTORY],
        names=names,
    )
