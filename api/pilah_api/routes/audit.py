"""`/v1/audit`: what was done, by whom, and whether the record of it is whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from pilah_api.access_schemas import AuditPage, VerificationOut, finding_out, record_out
from pilah_api.dependencies import OriginHere, StoreHere
from pilah_api.problems import SafeJSONResponse
from pilah_api.routes.paging import Cursor, Limit, answer_page, bad_cursor, read_cursor
from pilah_api.routes.shared import problems
from pilah_api.services.auditing import verify

router = APIRouter(prefix="/v1/audit", tags=["audit"])
_MOST_FINDINGS = 100


@router.get(
    "",
    response_model=AuditPage,
    summary="Read the audit",
    response_description="A page of records",
    responses=problems("unauthorized", "forbidden", "invalid-input", "store-unavailable"),
)
def read_audit(
    request: Request,
    store: StoreHere,
    limit: Limit = 50,
    cursor: Cursor = None,
    about: Annotated[str | None, Query(max_length=100, description="Only records about this, as `person:ID`.")] = None,
) -> Response:
    """Return audit records, newest first; they hold references, never names, posts or secrets."""
    position = read_cursor(cursor)
    if position is not None and not (position.isdecimal() and len(position) <= 18):
        raise bad_cursor()
    with store.reading() as unit:
        found = unit.audit.page(int(position) if position else None, limit + 1, about)
    return answer_page(request, found, limit, lambda record: str(record.seq), record_out)


@router.get(
    "/verification",
    response_model=VerificationOut,
    summary="Verify the audit",
    response_description="Whether the chain is whole",
    responses=problems("unauthorized", "forbidden", "store-unavailable"),
)
def read_verification(
    store: StoreHere,
    origin: OriginHere,
    anchor: Annotated[
        str | None, Query(max_length=90, description="A `number:hash` noted down earlier, which the chain must hold.")
    ] = None,
) -> Response:
    """Check every record against its hash, its neighbour and the sealed end of the chain; the check itself is recorded."""
    checked = verify(store, anchor, origin)
    return SafeJSONResponse(
        {
            "intact": not checked.findings,
            "records": checked.records,
            "anchor": checked.anchor,
            "findings": [finding_out(finding) for finding in checked.findings[:_MOST_FINDINGS]],
        }
    )
