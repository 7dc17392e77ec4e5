"""The page *Antrean*: what waits for review, what one holds and has decided, and for those who watch the state of all."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from pilah_api.access import OFFICERS, Person
from pilah_api.dependencies import DeadlinesHere, LanguageHere, OriginHere, SignedInHere, StoreHere
from pilah_api.services.claiming import take_next
from pilah_api.services.deciding import erase_due
from pilah_api.services.review_rules import WATCHERS, rounds_of
from pilah_api.store.units import Unit
from pilah_api.web.antrean_view import lines, own_lines, tiles, watched_lines
from pilah_api.web.render import page
from pilah_api.web.review_words import URGENT_DAYS
from pilah_api.web.texts import Texts
from pilah_data.taxonomy import Label

router = APIRouter(include_in_schema=False)

PATH = "/antrean"
SEE_OTHER = 303
VIEWS = ("terbuka", "selesai", Label.PARTISAN.value, Label.PERLU_KONTEKS.value)
NOTICES = ("terkirim", "lepas", "hubungan", "kosong", "not_open", "held", "lost", "too_late")
_LISTED, _WATCHED, _OWN = 12, 25, 8


@router.get("/antrean")
def show_queue(
    request: Request,
    store: StoreHere,
    signed_in: SignedInHere,
    language: LanguageHere,
    deadlines: DeadlinesHere,
    lihat: str = VIEWS[0],
    setelah: Annotated[str, Query(max_length=60)] = "",
    kabar: str = "",
    n: Annotated[str, Query(max_length=6)] = "",
    lolos: Annotated[str, Query(max_length=6)] = "",
) -> Response:
    """Show the queue; `lihat` and `setelah` choose a part of the list for those who watch."""
    person, _ = signed_in
    erase_due(store)
    texts = Texts(language)
    with store.reading() as unit:
        values = _overview(unit, person, deadlines, texts)
        watching = bool(person.roles & WATCHERS)
        values |= _watched(unit, deadlines, texts, lihat, setelah) if watching else {}
    return page(
        request,
        "antrean.html",
        reviews=bool(person.roles & OFFICERS),
        watching=watching,
        notice=_notice(texts, kabar, n, lolos),
        **values,
    )


@router.post("/antrean/ambil")
def take_the_next(store: StoreHere, signed_in: SignedInHere, origin: OriginHere) -> Response:
    """Give the person the next post, or the one they hold already."""
    person, _ = signed_in
    erase_due(store)
    with store.writing(origin) as unit:
        review = take_next(unit, person)
    where = f"{PATH}/{review.post_id}" if review else f"{PATH}?kabar=kosong"
    return RedirectResponse(where, SEE_OTHER)


def _overview(unit: Unit, person: Person, deadlines: DeadlinesHere, texts: Texts) -> dict[str, Any]:
    rounds = rounds_of(person)
    waiting = unit.queue_lists.waiting()
    urgent = unit.queue_lists.count_known_before(deadlines.known_since(URGENT_DAYS))
    return {
        "held": lines(unit.queue.held_by(person.id), deadlines, texts),
        "waiting": lines(unit.queue.open_to(rounds, person.id, _LISTED), deadlines, texts),
        "number": sum(one.number for one in waiting if one.round in rounds),
        "urgent": urgent,
        "own": own_lines(unit.reviews.lately_decided(person.id, _OWN), unit.now, texts),
        "tiles": tiles(waiting, texts),
    }


def _watched(unit: Unit, deadlines: DeadlinesHere, texts: Texts, view: str, after: str) -> dict[str, Any]:
    view = view if view in VIEWS else VIEWS[0]
    found = unit.queue_lists.page(view, _place(after), _WATCHED + 1)
    last = found[_WATCHED - 1].entry if len(found) > _WATCHED else None
    return {
        "view": view,
        "views": VIEWS,
        "all": watched_lines(found[:_WATCHED], deadlines, texts),
        "following": f"{last.known_on.isoformat()}.{last.id}" if last else "",
    }


def _place(text: str) -> tuple[dt.date, str] | None:
    """Return the place in the list that an address names; a made-up one is none."""
    known, _, post_id = text.partition(".")
    try:
        return (dt.date.fromisoformat(known), post_id) if post_id else None
    except ValueError:
        return None


def _notice(texts: Texts, news: str, number: str, passed: str) -> str:
    if news not in NOTICES:
        return ""
    if news != "terkirim":
        return texts(f"queue.notice.{news}")
    words = texts("queue.notice.terkirim", n=number if number.isdecimal() else "0")
    more = texts("queue.notice.lolos", n=passed) if passed.isdecimal() and passed != "0" else ""
    return f"{words} {more}".strip()
