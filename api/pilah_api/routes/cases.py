"""`/v1/cases`: cases opened, read, filled, moved and erased."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from pilah_api.case_schemas import (
    CaseChange,
    CaseOut,
    CaseRequest,
    CasesPage,
    ErasureRequest,
    JoinRequest,
    MoveRequest,
    SourcesOut,
    VersionOut,
    case_out,
    case_row,
    source_out,
)
from pilah_api.dependencies import (
    AlmanacHere,
    CallerHere,
    OriginHere,
    RetryHere,
    SettingsHere,
    SignedInHere,
    StoreHere,
    VersionHere,
)
from pilah_api.problems import FieldError, RefusedError, SafeJSONResponse
from pilah_api.routes.paging import Cursor, Limit, answer_page, read_cursor
from pilah_api.routes.shared import JsonRoute, problems
from pilah_api.services.cases import change_case, join_case, open_case, see_case
from pilah_api.services.cases_moves import erase, move_case
from pilah_api.services.cases_sources import posts_ready
from pilah_api.services.cases_states import State
from pilah_api.services.cases_values import indonesian
from pilah_api.services.retries import Answer, once

router = APIRouter(prefix="/v1/cases", tags=["cases"])
with_body = APIRouter(prefix="/v1/cases", tags=["cases"], route_class=JsonRoute)
_REFUSALS = ("unauthorized", "forbidden", "store-unavailable")
_BODY = ("malformed-json", "unsupported-media-type", "invalid-input")
_CHANGES = ("not-found", "conflict", "changed-meanwhile", "version-required")


@router.get(
    "",
    response_model=CasesPage,
    summary="List cases",
    response_description="A page of cases",
    responses=problems(*_REFUSALS, "invalid-input"),
)
def list_cases(
    request: Request,
    store: StoreHere,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[list[str] | None, Query(description="Only cases in these states.")] = None,
) -> Response:
    """Return cases, newest first, by state alone: nobody is searched for here, and nothing shown leads to a person."""
    states = [_state(text, "/query/state") for text in state] if state else list(State)
    with store.reading() as unit:
        found = unit.cases.page(states, read_cursor(cursor), limit + 1)
    return answer_page(request, found, limit, lambda case: case.id, case_row)


@router.get(
    "/sources",
    response_model=SourcesOut,
    summary="Posts ready to become a case",
    response_description="Stored posts, masked",
    responses=problems(*_REFUSALS),
)
def list_sources(store: StoreHere) -> Response:
    """Return stored posts from which a case may be opened, oldest first."""
    with store.reading() as unit:
        return SafeJSONResponse({"items": [source_out(post) for post in posts_ready(unit)]})


@with_body.post(
    "",
    status_code=201,
    response_model=VersionOut,
    summary="Open a case",
    response_description="The new case",
    responses=problems(*_REFUSALS, *_BODY, "not-found", "conflict"),
)
def make_case(
    body: CaseRequest,
    store: StoreHere,
    signed_in: SignedInHere,
    almanac: AlmanacHere,
    origin: OriginHere,
    retry: RetryHere,
) -> Response:
    """Open a case by hand or from a stored post; `kind`, `unit` and `known_on` are needed. Whoever opens it works on it."""

    def create() -> Answer:
        made = {"id": open_case(unit, signed_in[0], body.fields, almanac, post_id=body.post_id), "version": 1}
        return Answer(made, made)

    with store.writing(origin) as unit:
        answer, _ = once(unit, retry, create)
    return SafeJSONResponse(answer, 201, headers={"Location": f"/v1/cases/{answer['id']}", "ETag": '"1"'})


@router.get(
    "/{case_id}",
    response_model=CaseOut,
    summary="One case",
    response_description="The case, and its version as ETag",
    responses=problems(*_REFUSALS, "not-found"),
)
def read_case(case_id: str, store: StoreHere, caller: CallerHere, almanac: AlmanacHere, origin: OriginHere) -> Response:
    """Return a case. Those who joined it see whom it concerns, and each such look is recorded; everyone else sees it sealed."""
    seen = see_case(store, caller, case_id, origin)
    today = store.now().astimezone(indonesian(str(seen.values.get("zone", "")))).date()
    return SafeJSONResponse(case_out(seen, caller, almanac, today), headers={"ETag": f'"{seen.case.version}"'})


@with_body.patch(
    "/{case_id}",
    response_model=VersionOut,
    summary="Fill fields of a case",
    response_description="The new version",
    responses=problems(*_REFUSALS, *_BODY, *_CHANGES),
)
def patch_case(
    case_id: str,
    body: CaseChange,
    store: StoreHere,
    signed_in: SignedInHere,
    almanac: AlmanacHere,
    origin: OriginHere,
    version: VersionHere,
) -> Response:
    """Fill fields, for the version in If-Match; the audit notes which, and values only of those that name nobody."""
    with store.writing(origin) as unit:
        return _changed(case_id, change_case(unit, signed_in[0], case_id, version, body.fields, almanac))


@with_body.post(
    "/{case_id}/moves",
    response_model=VersionOut,
    summary="Move a case",
    response_description="The new version",
    responses=problems(*_REFUSALS, *_BODY, *_CHANGES),
)
def make_move(
    case_id: str,
    body: MoveRequest,
    store: StoreHere,
    signed_in: SignedInHere,
    almanac: AlmanacHere,
    origin: OriginHere,
    version: VersionHere,
) -> Response:
    """Move a case to another state, once all that the move asks for is filled; nothing is sent anywhere."""
    target = _state(body.to, "/to")
    with store.writing(origin) as unit:
        return _changed(case_id, move_case(unit, signed_in[0], case_id, version, target, body.reason, almanac))


@with_body.post(
    "/{case_id}/members",
    status_code=204,
    summary="Begin to work on a case",
    response_description="You work on the case",
    responses=problems(*_REFUSALS, *_BODY, "not-found", "conflict"),
)
def make_member(
    case_id: str, body: JoinRequest, store: StoreHere, signed_in: SignedInHere, origin: OriginHere
) -> Response:
    """Join a case, declaring that no interest stands against it; from then on it shows whom it concerns."""
    with store.writing(origin) as unit:
        join_case(unit, signed_in[0], case_id, no_interest=body.no_interest)
    return Response(status_code=204)


@with_body.post(
    "/{case_id}/erasure",
    status_code=204,
    summary="Erase a case",
    response_description="The case is erased",
    responses=problems(*_REFUSALS, *_BODY, "not-found", "conflict"),
)
def erase_case(
    case_id: str,
    body: ErasureRequest,
    store: StoreHere,
    signed_in: SignedInHere,
    settings: SettingsHere,
    origin: OriginHere,
) -> Response:
    """Take away whom a closed case concerns, with posts and evidence, for good; a tombstone stays in the audit."""
    erase(store, settings.home, signed_in[0], case_id, body.reason, origin)
    return Response(status_code=204)


def _state(text: str, pointer: str) -> State:
    if text not in tuple(State):
        message = f"must be one of {', '.join(State)}"
        raise RefusedError("invalid-input", message, errors=[FieldError(pointer, message)])
    return State(text)


def _changed(case_id: str, version: int) -> Response:
    answer: dict[str, Any] = {"id": case_id, "version": version}
    return SafeJSONResponse(answer, headers={"ETag": f'"{version}"'})
