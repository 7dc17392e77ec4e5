"""The page *Kelola › Kunci*: programs' keys, shown once, revoked at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from pilah_api.access import Scope, parse_scopes
from pilah_api.dependencies import OriginHere, StoreHere
from pilah_api.services.keys import LONGEST_DAYS, USUAL_DAYS, make_key, revoke_key
from pilah_api.services.retries import Answer, once
from pilah_api.store.units import Store, Unit
from pilah_api.web.kelola_frame import ROWS, Text, Told, confirmed, done, people_of, retry_of, show, texts_of
from pilah_data.errors import InputError

router = APIRouter(include_in_schema=False)

PATH = "/kelola/kunci"
Scopes = Annotated[list[str], Form()]


@router.get("/kelola/kunci")
def list_keys(request: Request, store: StoreHere, setelah: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Show keys in the order of their creation, and the form for a new one."""
    return _list(request, store, after=setelah)


@router.post("/kelola/kunci")
def make(
    request: Request,
    store: StoreHere,
    origin: OriginHere,
    nama: Text = "",
    cakupan: Scopes = [],  # noqa: B006 - FastAPI copies it
    hari: Text = "",
    kirim: Text = "",
) -> Response:
    """Make a key and show its secret text, this once; a form sent twice makes one key."""
    given = {"nama": nama, "cakupan": sorted(cakupan), "hari": hari}

    def create(unit: Unit) -> Answer:
        key, text = make_key(unit, nama, scopes, days, origin.actor)
        return Answer({"id": key.id, "secret": text}, {"id": key.id})

    try:
        scopes, days = parse_scopes(cakupan), int(hari) if hari.strip().isdecimal() and len(hari) < 6 else 0
        with store.writing(origin) as unit:
            answer, repeated = once(unit, retry_of(request, kirim, given), lambda: create(unit))
    except InputError:
        texts = texts_of(request)
        told = Told(texts("keys.bad", most=LONGEST_DAYS), bad=True)
        return _list(request, store, told=told, given=given, status=422)
    return _list(request, store, secret=answer.get("secret"), repeated=repeated)


@router.post("/kelola/kunci/{key_id}")
def revoke(request: Request, key_id: str, store: StoreHere, origin: OriginHere, yakin: Text = "") -> Response:
    """End a key; revoking it again changes nothing."""
    if not confirmed(yakin):
        texts = texts_of(request)
        told = Told(texts("manage.confirm_first"), bad=True)
        return _list(request, store, told=told, status=422)
    with store.writing(origin) as unit:
        revoke_key(unit, key_id)
    return done(PATH, "dicabut")


def _list(
    request: Request,
    store: Store,
    *,
    after: str = "",
    told: Told | None = None,
    given: Mapping[str, object] | None = None,
    secret: str | None = None,
    repeated: bool = False,
    status: int = 200,
) -> Response:
    with store.reading() as unit:
        found, now = unit.keys.page(after or None, ROWS + 1), unit.now
        keys = found[:ROWS]
        makers = people_of(unit, (key.created_by for key in keys))
    return show(
        request,
        "kelola_kunci.html",
        told=told,
        status=status,
        keys=keys,
        now=now,
        makers=makers,
        following=keys[-1].id if len(found) > ROWS else None,
        given=given or {"nama": "", "cakupan": [], "hari": str(USUAL_DAYS)},
        scopes=list(Scope),
        most_days=LONGEST_DAYS,
        secret=secret,
        repeated=repeated,
    )
