"""`/v1/people`: accounts, made and changed by administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from pilah_api.access import parse_roles
from pilah_api.access_schemas import InvitedOut, PeoplePage, PersonChange, PersonOut, PersonRequest, person_out
from pilah_api.dependencies import OriginHere, RetryHere, SettingsHere, StoreHere
from pilah_api.problems import SafeJSONResponse
from pilah_api.routes.paging import Cursor, Limit, answer_page, read_cursor
from pilah_api.routes.shared import JsonRoute, problems
from pilah_api.services.people import Invited, add_person, change_person, erase_person, invite
from pilah_api.services.retries import Answer, once
from pilah_api.settings import Settings
from pilah_api.store.units import Unit

router = APIRouter(prefix="/v1/people", tags=["access"])
with_body = APIRouter(prefix="/v1/people", tags=["access"], route_class=JsonRoute)
_REFUSALS = ("unauthorized", "forbidden", "store-unavailable")
_BODY = ("malformed-json", "unsupported-media-type", "invalid-input")
LINK_PATH = "/masuk/tautan"


@router.get(
    "",
    response_model=PeoplePage,
    summary="List accounts",
    response_description="A page of accounts",
    responses=problems(*_REFUSALS, "invalid-input"),
)
def list_people(request: Request, store: StoreHere, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Return accounts in the order of their creation, closed ones included."""
    with store.reading() as unit:
        found = unit.people.page(read_cursor(cursor), limit + 1)
    return answer_page(request, found, limit, lambda person: person.id, person_out)


@with_body.post(
    "",
    status_code=201,
    response_model=InvitedOut,
    summary="Make an account",
    response_description="The account and its one-time link",
    responses=problems(*_REFUSALS, *_BODY, "conflict"),
)
def make_person(
    body: PersonRequest,
    request: Request,
    store: StoreHere,
    settings: SettingsHere,
    origin: OriginHere,
    retry: RetryHere,
) -> Response:
    """Make an account and a one-time link, by which the person comes in and sets a password."""
    roles = parse_roles(body.roles)

    def create() -> Answer:
        made = add_person(unit, body.login, body.name, roles)
        return _invited(made, request, settings)

    with store.writing(origin) as unit:
        answer, _ = once(unit, retry, create, lambda kept: _again(unit, kept))
    headers = {"Location": f"/v1/people/{answer['person']['id']}"}
    return SafeJSONResponse(answer, 201, headers=headers)


@router.get(
    "/{person_id}",
    response_model=PersonOut,
    summary="One account",
    response_description="The account",
    responses=problems(*_REFUSALS, "not-found"),
)
def read_person(person_id: str, store: StoreHere) -> Response:
    """Return one account, whether open, closed or erased."""
    with store.reading() as unit:
        return SafeJSONResponse(person_out(unit.people.get(person_id)))


@with_body.patch(
    "/{person_id}",
    response_model=PersonOut,
    summary="Change an account",
    response_description="The account as it is now",
    responses=problems(*_REFUSALS, *_BODY, "not-found", "conflict"),
)
def patch_person(person_id: str, body: PersonChange, store: StoreHere, origin: OriginHere) -> Response:
    """Change name or roles, close or open an account; losing a role or the account ends its sessions at once."""
    roles = None if body.roles is None else parse_roles(body.roles)
    with store.writing(origin) as unit:
        changed = change_person(unit, person_id, name=body.name, roles=roles, active=body.active)
    return SafeJSONResponse(person_out(changed))


@router.delete(
    "/{person_id}",
    status_code=204,
    summary="Erase an account",
    response_description="The account is erased",
    responses=problems(*_REFUSALS, "not-found", "conflict"),
)
def delete_person(person_id: str, store: StoreHere, origin: OriginHere) -> Response:
    """Take away login, name and password for good; the id stays in reviews and audit, with a tombstone."""
    with store.writing(origin) as unit:
        erase_person(unit, person_id)
    return Response(status_code=204)


@router.post(
    "/{person_id}/link",
    status_code=201,
    response_model=InvitedOut,
    summary="Make a one-time link",
    response_description="The account and its new one-time link",
    responses=problems(*_REFUSALS, "not-found", "conflict", "invalid-input"),
)
def make_link(
    person_id: str, request: Request, store: StoreHere, settings: SettingsHere, origin: OriginHere, retry: RetryHere
) -> Response:
    """Make a new one-time link for someone who forgot the password; an earlier one no longer works."""

    def create() -> Answer:
        return _invited(invite(unit, person_id), request, settings)

    with store.writing(origin) as unit:
        answer, _ = once(unit, retry, create, lambda kept: _again(unit, kept))
    return SafeJSONResponse(answer, 201)


def _invited(made: Invited, request: Request, settings: Settings) -> Answer:
    base = settings.public_url or str(request.base_url).rstrip("/")
    body = {
        "person": person_out(made.person),
        "link": f"{base}{LINK_PATH}?kode={made.token}",
        "link_expires_at": made.expires_at.isoformat(),
    }
    # No name is kept beside the account: it would outlive an erasure.
    return Answer(body, {"id": made.person.id, "link_expires_at": body["link_expires_at"]})


def _again(unit: Unit, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body for a repetition: the account as it is now, and no link, which is shown once."""
    return {
        "person": person_out(unit.people.get(kept["id"])),
        "link": None,
        "link_expires_at": kept["link_expires_at"],
    }
