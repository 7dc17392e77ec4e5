"""The page *Kelola*: what there is to look after, and how things stand."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pilah_api.dependencies import PoliciesHere, StoreHere, find_judge
from pilah_api.web import (
    kelola_audit,
    kelola_cards,
    kelola_keys,
    kelola_learning,
    kelola_people,
    kelola_retention,
    kelola_thresholds,
)
from pilah_api.web.kelola_frame import show

router = APIRouter(include_in_schema=False)


@router.get("/kelola")
def overview(request: Request, store: StoreHere, policies: PoliciesHere) -> Response:
    """Show the pages with a figure or two each."""
    judge = find_judge(request)
    with store.reading() as unit:
        kept, head = unit.retention.counts(), unit.audit.head()
    in_force = policies.in_force(judge, store) if judge is not None else None
    return show(request, "kelola.html", kept=kept, records=head.seq, in_force=in_force)


ROUTERS = (
    router,
    kelola_people.router,
    kelola_keys.router,
    kelola_thresholds.router,
    kelola_cards.router,
    kelola_audit.router,
    kelola_retention.router,
    kelola_learning.router,
)
"""This page and those under it."""
