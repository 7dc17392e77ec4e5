"""The page *Kelola › Orang*: accounts, their roles and one-time links, by the rules of `services.people`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from pilah_api.access import ConflictError, Person, Role, parse_roles
from pilah_api.dependencies import OriginHere, SettingsHere, StoreHere
from pilah_api.problems import RefusedError
from pilah_api.routes.people import LINK_PATH
from pilah_api.services.people import Invited, add_person, change_person, erase_person, invite
from pilah_api.services.retries import Answer, once
from pilah_api.settings import Settings
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store, Unit
from pilah_api.web.kelola_frame import ROWS, Text, Told, confirmed, done, retry_of, show, texts_of
from pilah_data.errors import InputError

router = APIRouter(include_in_schema=False)

PATH = "/kelola/orang"
Roles = Annotated[list[str], Form()]


@router.get("/kelola/orang")
def list_people(request: Request, store: StoreHere, setelah: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Show accounts in the order of their creation, and the form for a new one."""
    return _list(request, store, after=setelah)


@router.post("/kelola/orang")
def make(
    request: Request,
    store: StoreHere,
    settings: SettingsHere,
    origin: OriginHere,
    login: Text = "",
    nama: Text = "",
    peran: Roles = [],  # noqa: B006 - FastAPI copies it
    kirim: Text = "",
) -> Response:
    """Make an account and show its one-time link, this once; a form sent twice makes one account."""
    given = {"login": login.strip().lower(), "nama": nama, "peran": sorted(peran)}
    texts = texts_of(request)
    try:
        roles = parse_roles(peran)
        with store.writing(origin) as unit:
            answer, repeated = once(
                unit,
                retry_of(request, kirim, given),
                lambda: _answer(add_person(unit, login.strip().lower(), nama, roles)),
            )
    except InputError:
        words = texts("people.bad_roles") if _roles_are_wrong(peran) else texts("people.bad_fields")
        return _list(request, store, told=Told(words, bad=True), given=given, status=422)
    except ConflictError:
        return _list(request, store, told=Told(texts("people.taken"), bad=True), given=given, status=409)
    return _one(request, store, str(answer["id"]), link=_link(answer, request, settings), repeated=repeated)


@router.get("/kelola/orang/{person_id}")
def show_person(request: Request, person_id: str, store: StoreHere) -> Response:
    """Show one account and what may be done with it."""
    return _one(request, store, person_id)


@router.post("/kelola/orang/{person_id}")
def act(
    request: Request,
    person_id: str,
    store: StoreHere,
    settings: SettingsHere,
    origin: OriginHere,
    tindakan: Text = "",
    peran: Roles = [],  # noqa: B006
    yakin: Text = "",
    kirim: Text = "",
) -> Response:
    """Change roles, close, open or erase an account, or make a new link; what cannot be done is said on the page."""
    texts = texts_of(request)
    if tindakan == "hapus" and not confirmed(yakin):
        return _one(request, store, person_id, told=Told(texts("manage.confirm_first"), bad=True), status=422)
    try:
        if tindakan == "tautan":
            return _new_link(request, person_id, store, settings, origin, kirim)
        with store.writing(origin) as unit:
            what = _change(unit, person_id, tindakan, peran)
    except InputError:
        return _one(request, store, person_id, told=Told(texts("people.bad_roles"), bad=True), status=422)
    except ConflictError:
        words = texts("people.closed") if tindakan == "tautan" else texts("people.conflict")
        return _one(request, store, person_id, told=Told(words, bad=True), status=409)
    return done(f"{PATH}/{person_id}", what)


def _change(unit: Unit, person_id: str, act: str, roles: list[str]) -> str:
    match act:
        case "peran":
            change_person(unit, person_id, roles=parse_roles(roles))
            return "diubah"
        case "tutup":
            change_person(unit, person_id, active=False)
            return "ditutup"
        case "buka":
            change_person(unit, person_id, active=True)
            return "dibuka"
        case "hapus":
            erase_person(unit, person_id)
            return "dihapus"
    raise RefusedError("bad-request", "The form names no act that this page knows; reload the page and send it again.")


def _new_link(
    request: Request, person_id: str, store: Store, settings: Settings, origin: Origin, nonce: str
) -> Response:
    retry = retry_of(request, nonce, {"person": person_id})
    with store.writing(origin) as unit:
        answer, repeated = once(unit, retry, lambda: _answer(invite(unit, person_id)))
    return _one(request, store, person_id, link=_link(answer, request, settings), repeated=repeated)


def _answer(made: Invited) -> Answer:
    # No name and no token is kept for a repetition.
    return Answer({"id": made.person.id, "token": made.token}, {"id": made.person.id})


def _link(answer: Mapping[str, Any], request: Request, settings: Settings) -> str | None:
    base = settings.public_url or str(request.base_url).rstrip("/")
    return f"{base}{LINK_PATH}?kode={answer['token']}" if answer.get("token") else None


def _roles_are_wrong(roles: list[str]) -> bool:
    try:
        parse_roles(roles)
    except InputError:
        return True
    return False


def _list(
    request: Request,
    store: Store,
    *,
    after: str = "",
    told: Told | None = None,
    given: Mapping[str, object] | None = None,
    status: int = 200,
) -> Response:
    with store.reading() as unit:
        found = unit.people.page(after or None, ROWS + 1)
    people: list[Person] = found[:ROWS]
    return show(
        request,
        "kelola_orang.html",
        told=told,
        status=status,
        people=people,
        following=people[-1].id if len(found) > ROWS else None,
        given=given or {"login": "", "nama": "", "peran": []},
        roles=list(Role),
    )


def _one(
    request: Request,
    store: Store,
    person_id: str,
    *,
    told: Told | None = None,
    link: str | None = None,
    repeated: bool = False,
    status: int = 200,
) -> Response:
    with store.reading() as unit:
        person = unit.people.get(person_id)
    return show(
        request,
        "kelola_satu_orang.html",
        told=told,
        status=status,
        one=person,
        link=link,
        repeated=repeated,
        roles=list(Role),
    )
