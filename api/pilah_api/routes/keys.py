"""`/v1/keys`: programs' keys, made and revoked by administrators."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pilah_api.access import parse_scopes
from pilah_api.access_schemas import KeyOut, KeyRequest, KeysPage, MadeKeyOut, key_out
from pilah_api.dependencies import OriginHere, RetryHere, StoreHere
from pilah_api.problems import SafeJSONResponse
from pilah_api.routes.paging import Cursor, Limit, answer_page, read_cursor
from pilah_api.routes.shared import JsonRoute, problems
from pilah_api.services.keys import make_key, revoke_key
from pilah_api.services.retries import Answer, once

router = APIRouter(prefix="/v1/keys", tags=["access"])
with_body = APIRouter(prefix="/v1/keys", tags=["access"], route_class=JsonRoute)
_REFUSALS = ("unauthorized", "forbidden", "store-unavailable")


@router.get(
    "",
    response_model=KeysPage,
    summary="List keys",
    response_description="A page of keys",
    responses=problems(*_REFUSALS, "invalid-input"),
)
def list_keys(request: Request, store: StoreHere, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Return keys in the order of their creation, ended ones included; the secret texts are not stored."""
    with store.reading() as unit:
        found = unit.keys.page(read_cursor(cursor), limit + 1)
    return answer_page(request, found, limit, lambda key: key.id, key_out)


@with_body.post(
    "",
    status_code=201,
    response_model=MadeKeyOut,
    summary="Make a key",
    response_description="The key with its secret text",
    responses=problems(*_REFUSALS, "malformed-json", "unsupported-media-type", "invalid-input"),
)
def post_key(body: KeyRequest, store: StoreHere, origin: OriginHere, retry: RetryHere) -> Response:
    """Make a key for a program; its secret text is shown in this answer and never again."""
    scopes = parse_scopes(body.scopes)

    def create() -> Answer:
        key, text = make_key(unit, body.name, scopes, body.days, origin.actor)
        shown = {"key": key_out(key), "secret": text}
        return Answer(shown, {**shown, "secret": None})

    with store.writing(origin) as unit:
        answer, _ = once(unit, retry, create)
    return SafeJSONResponse(answer, 201)


@router.delete(
    "/{key_id}",
    response_model=KeyOut,
    summary="Revoke a key",
    response_description="The key as it is now",
    responses=problems(*_REFUSALS, "not-found"),
)
def delete_key(key_id: str, store: StoreHere, origin: OriginHere) -> Response:
    """End a key at once; revoking it again changes nothing."""
    with store.writing(origin) as unit:
        return_key = revoke_key(unit, key_id)
    return SafeJSONResponse(key_out(return_key))
