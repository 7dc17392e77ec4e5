"""The page *Kelola › Audit*: who did what, whether the chain is whole, and the records as a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from pilah_api.dependencies import OriginHere, StoreHere
from pilah_api.services.auditing import Verified, export, verify
from pilah_api.store.audit import Wanted
from pilah_api.store.units import Store, Unit
from pilah_api.web.kelola_frame import ROWS, Text, Told, attachment, people_of, show, texts_of, written
from pilah_data.calendar import WIB

router = APIRouter(include_in_schema=False)

MOST_FINDINGS = 100
Field = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Sought:
    """What the form of the filter says; an empty field does not filter."""

    jenis: str = ""
    pelaku: str = ""
    perihal: str = ""
    dari: str = ""
    sampai: str = ""


@router.get("/kelola/audit")
def show_audit(
    request: Request,
    store: StoreHere,
    jenis: Field = "",
    pelaku: Field = "",
    perihal: Field = "",
    dari: Field = "",
    sampai: Field = "",
    sebelum: Annotated[str, Query(max_length=18)] = "",
) -> Response:
    """Show records, newest first, that meet the filter."""
    sought = Sought(jenis.strip(), pelaku.strip(), perihal.strip(), dari.strip(), sampai.strip())
    before = int(sebelum) if sebelum.isascii() and sebelum.isdecimal() else None
    return _page(request, store, sought, before)


@router.post("/kelola/audit/periksa")
def check(request: Request, store: StoreHere, origin: OriginHere, jangkar: Text = "") -> Response:
    """Verify the whole chain, against an anchor if one is given; the check itself is recorded."""
    anchor = jangkar.strip()[:90] or None
    return _page(request, store, Sought(), None, checked=verify(store, anchor, origin))


@router.post("/kelola/audit/ekspor")
def send(store: StoreHere, origin: OriginHere) -> Response:
    """Send all records as JSON lines; the export itself is recorded."""
    file = written(lambda write: export(store, write, origin))
    return attachment(file, f"pilah-audit-{store.now():%Y%m%dT%H%M%SZ}.jsonl")


def _page(
    request: Request, store: Store, sought: Sought, before: int | None, *, checked: Verified | None = None
) -> Response:
    texts, told, status = texts_of(request), None, 200
    since, until = _day(sought.dari), _day(sought.sampai)
    if (sought.dari and since is None) or (sought.sampai and until is None):
        told, status = Told(texts("audit.bad_date"), bad=True), 422
        # A field for days shows nothing else.
        sought = replace(sought, dari=sought.dari if since else "", sampai=sought.sampai if until else "")
    with store.reading() as unit:
        wanted = Wanted(
            sought.jenis or None,
            _reference(unit, sought.pelaku),
            _reference(unit, sought.perihal),
            since,
            until + dt.timedelta(days=1) if until else None,
        )
        found = unit.audit.page(before, ROWS + 1, only=wanted)
        records, kinds = found[:ROWS], unit.audit.actions()
        names = people_of(unit, (text for record in records for text in (record.actor, record.object)))
    return show(
        request,
        "kelola_audit.html",
        told=told,
        status=status,
        records=records,
        names=names,
        kinds=kinds,
        sought=sought,
        checked=checked,
        findings=checked.findings[:MOST_FINDINGS] if checked else (),
        following=records[-1].seq if len(found) > ROWS else None,
    )


def _reference(unit: Unit, text: str) -> str | None:
    """Return what the audit calls somebody: a login becomes the reference of its account."""
    person = unit.people.find(text.lower()) if text and ":" not in text else None
    return f"person:{person.id}" if person else text or None


def _day(text: str) -> dt.datetime | None:
    """Read a day as the moment it begins in western Indonesia; None for anything else."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return dt.datetime.combine(day, dt.time(), WIB) if dt.date.min < day < dt.date.max else None
