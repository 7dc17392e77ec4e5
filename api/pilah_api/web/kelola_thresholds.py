"""The page *Kelola › Ambang*: the thresholds in force and their promise, a look ahead, a move with its reason, the way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from pilah_api.access import ConflictError
from pilah_api.dependencies import LoadedHere, OriginHere, PoliciesHere, SettingsHere, StoreHere
from pilah_api.services.loading import model_folder
from pilah_api.services.policies import InForce, move_thresholds, read_in_force
from pilah_api.services.previews import Preview, preview
from pilah_api.settings import Settings
from pilah_api.store.units import Store
from pilah_api.web.kelola_frame import Text, Told, done, people_of, show, texts_of
from pilah_data.errors import InputError
from pilah_data.taxonomy import DECISIONS
from pilah_model.decision import HIGHEST_PASS, LOWEST_REVIEW
from pilah_model.judge import Judge
from pilah_model.moving import basis, pledges

router = APIRouter(include_in_schema=False)

PATH = "/kelola/ambang"
BACK = "kembali ke ambang model"
"""The reason that is kept for the way back, which asks for none."""
_HISTORY = 20
Number = Annotated[str, Query(max_length=20)]


@router.get("/kelola/ambang")
def show_thresholds(
    request: Request,
    store: StoreHere,
    settings: SettingsHere,
    judge: LoadedHere,
    lolos: Number = "",
    tinjau: Number = "",
) -> Response:
    """Show what is in force; with thresholds in the address, also what they would change."""
    with store.reading() as unit:
        in_force = read_in_force(unit, judge)
    if not lolos and not tinjau:
        return _page(request, store, judge, in_force)
    return _ahead(request, store, settings, judge, in_force, (lolos, tinjau))


@router.post("/kelola/ambang")
def change(
    request: Request,
    store: StoreHere,
    settings: SettingsHere,
    judge: LoadedHere,
    policies: PoliciesHere,
    origin: OriginHere,
    tindakan: Text = "ubah",
    lolos: Text = "",
    tinjau: Text = "",
    alasan: Text = "",
    dilihat: Text = "",
) -> Response:
    """Put thresholds in force, or the artefact's again; a move made meanwhile in another window is not overwritten."""
    texts = texts_of(request)
    back = tindakan == "asal"
    try:
        wanted = None if back else (_number(lolos), _number(tinjau))
        reason = alasan or (BACK if back else "")
        with store.writing(origin) as unit:
            move_thresholds(unit, judge, wanted, reason, dilihat, origin.actor)
    except InputError:
        told, status = Told(_fault(request, alasan, lolos, tinjau), bad=True), 422
    except ConflictError:
        told, status = Told(texts("limits.meanwhile"), bad=True), 409
    else:
        policies.forget()
        return done(PATH, "asal" if back else "ambang")
    with store.reading() as unit:
        in_force = read_in_force(unit, judge)
    if back:
        return _page(request, store, judge, in_force, told=told, status=status)
    return _ahead(request, store, settings, judge, in_force, (lolos, tinjau), told=told, reason=alasan, status=status)


def _ahead(
    request: Request,
    store: Store,
    settings: Settings,
    judge: Judge,
    in_force: InForce,
    given: tuple[str, str],
    *,
    told: Told | None = None,
    reason: str = "",
    status: int = 200,
) -> Response:
    try:
        ahead = preview(store, judge, in_force, model_folder(settings), *map(_number, given))
    except InputError:
        told, ahead, status = told or Told(_limits(request), bad=True), None, 422
    return _page(request, store, judge, in_force, told=told, ahead=ahead, given=given, reason=reason, status=status)


def _page(
    request: Request,
    store: Store,
    judge: Judge,
    in_force: InForce,
    *,
    told: Told | None = None,
    ahead: Preview | None = None,
    given: tuple[str, str] | None = None,
    reason: str = "",
    status: int = 200,
) -> Response:
    texts = texts_of(request)
    with store.reading() as unit:
        history = unit.policies.page(None, _HISTORY)
        movers = people_of(unit, (move.set_by for move in history))
    policy = in_force.policy
    return show(
        request,
        "kelola_ambang.html",
        told=told,
        status=status,
        model_info=judge.info,
        in_force=in_force,
        pledges=pledges(in_force.artefact, policy),
        basis=basis(in_force.artefact.promise),
        ahead=ahead,
        given=given or (_plain(policy.lolos_below), _plain(policy.tinjau_from)),
        reason=reason,
        limits=(_plain(HIGHEST_PASS), _plain(LOWEST_REVIEW)),
        decisions={decision: texts.of(words.title, words.title_en) for decision, words in DECISIONS.items()},
        history=history,
        movers=movers,
    )


def _fault(request: Request, reason: str, lolos: str, tinjau: str) -> str:
    texts = texts_of(request)
    try:
        _number(lolos), _number(tinjau)
    except InputError:
        return _limits(request)
    return _limits(request) if reason.strip() else texts("limits.no_reason")


def _limits(request: Request) -> str:
    texts = texts_of(request)
    return texts("limits.bad", most=texts.decimal(HIGHEST_PASS, 4), least=texts.decimal(LOWEST_REVIEW, 1))


def _number(text: str) -> float:
    """Read a threshold written with a point or a comma. Raises InputError."""
    plain = text.strip().replace(",", ".", 1)
    if not plain or len(plain) > 10 or not plain.replace(".", "", 1).isdecimal() or not plain.isascii():
        raise InputError("a threshold is a number between 0 and 1")
    return round(float(plain), 4)


def _plain(number: float) -> str:
    return f"{number:.4f}".rstrip("0")
