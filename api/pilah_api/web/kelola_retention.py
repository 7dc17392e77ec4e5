"""The page *Kelola › Retensi*: what is kept and for how long, what is due, a purge by hand, and what purges did."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response

from pilah_api.dependencies import OriginHere, SettingsHere, StoreHere
from pilah_api.services.keeping import POSTS_LAST, Purged, foresee, purge
from pilah_api.services.review_rules import LEASE
from pilah_api.settings import Settings
from pilah_api.store.audit import Wanted
from pilah_api.store.units import Store
from pilah_api.web.kelola_frame import Text, Told, confirmed, people_of, show, texts_of

router = APIRouter(include_in_schema=False)

_HISTORY = 10


@router.get("/kelola/retensi")
def show_retention(request: Request, store: StoreHere, settings: SettingsHere) -> Response:
    """Show the periods, what the next purge would delete, and what the last ones did."""
    return _page(request, store, settings)


@router.post("/kelola/retensi")
def purge_now(
    request: Request, store: StoreHere, settings: SettingsHere, origin: OriginHere, yakin: Text = ""
) -> Response:
    """Delete what has had its time, now; doing so twice deletes nothing more."""
    if not confirmed(yakin):
        texts = texts_of(request)
        told = Told(texts("manage.confirm_first"), bad=True)
        return _page(request, store, settings, told=told, status=422)
    return _page(request, store, settings, purged=purge(store, settings.home, origin))


def _page(
    request: Request,
    store: Store,
    settings: Settings,
    *,
    told: Told | None = None,
    purged: Purged | None = None,
    status: int = 200,
) -> Response:
    due = foresee(store, settings.home)
    with store.reading() as unit:
        kept = unit.retention.counts()
        runs = unit.audit.page(None, _HISTORY, only=Wanted(action="purge"))
        erasures = unit.audit.page(None, _HISTORY, only=Wanted(action="erasure"))
        names = people_of(unit, (record.actor for record in (*runs, *erasures)))
    return show(
        request,
        "kelola_retensi.html",
        told=told,
        status=status,
        days={state.value: age.days for state, age in POSTS_LAST.items()},
        minutes=int(LEASE.total_seconds() // 60),
        due=due,
        kept=kept,
        purged=purged,
        runs=[(record, sum(_counts(record.detail).values())) for record in runs],
        erasures=[(record, str(json.loads(record.detail).get("reason", ""))) for record in erasures],
        names=names,
    )


def _counts(detail: str) -> dict[str, int]:
    return {name: value for name, value in json.loads(detail).items() if isinstance(value, int)}
