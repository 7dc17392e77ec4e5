"""`/v1/session`: sign in, who am I, sign out, and one's own password."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from pilah_api.access import Caller
from pilah_api.access_schemas import PasswordRequest, SessionOut, SignInRequest
from pilah_api.dependencies import (
    CallerHere,
    CookiesHere,
    OriginHere,
    PassageHere,
    SettingsHere,
    SignedInHere,
    StoreHere,
)
from pilah_api.passage import Passage
from pilah_api.problems import SafeJSONResponse
from pilah_api.routes.shared import JsonRoute, problems
from pilah_api.security import check_same_origin
from pilah_api.services.sessions import set_password, sign_in, sign_out

router = APIRouter(prefix="/v1/session", tags=["access"])
with_body = APIRouter(prefix="/v1/session", tags=["access"], route_class=JsonRoute)


@with_body.post(
    "",
    response_model=SessionOut,
    summary="Sign in",
    response_description="The session, whose cookie comes along",
    responses=problems(
        "malformed-json",
        "sign-in-refused",
        "cross-site",
        "unsupported-media-type",
        "invalid-input",
        "locked-out",
        "store-unavailable",
    ),
)
def open_session(
    body: SignInRequest,
    request: Request,
    store: StoreHere,
    cookies: CookiesHere,
    passage: PassageHere,
    settings: SettingsHere,
    origin: OriginHere,
) -> Response:
    """Open a session by login and password; programs use keys instead.

    Each failure beyond the fifth locks the login for twice as long, whether or not the login exists.
    """
    check_same_origin(request.headers, settings.public_url)
    opened = sign_in(store, body.login, body.password, passage.address, origin.request)
    passage.caller = Caller(person=opened.person, session=opened.session)
    passage.form_token = cookies.form_token(opened.session.id)
    passage.set_cookie = cookies.setting(opened.token or "", opened.session.expires_at, store.now())
    return SafeJSONResponse(_who(passage.caller, passage))


@router.get(
    "",
    response_model=SessionOut,
    summary="Who am I?",
    response_description="Whom the credentials belong to",
    responses=problems("unauthorized"),
)
def read_session(caller: CallerHere, passage: PassageHere) -> Response:
    """Return whose the session or key is, what it may do, and the token that changing requests by cookie must carry."""
    return SafeJSONResponse(_who(caller, passage))


@router.delete(
    "",
    status_code=204,
    summary="Sign out",
    response_description="The session is over",
    responses=problems("unauthorized", "forbidden", "store-unavailable"),
)
def close_session(
    signed_in: SignedInHere, store: StoreHere, cookies: CookiesHere, passage: PassageHere, origin: OriginHere
) -> Response:
    """End the session and take back its cookie."""
    sign_out(store, *signed_in, origin.request)
    passage.set_cookie = cookies.clearing()
    return Response(status_code=204)


@with_body.put(
    "/password",
    status_code=204,
    summary="Set one's own password",
    response_description="The password is set; other sessions are over",
    responses=problems(
        "malformed-json",
        "unauthorized",
        "forbidden",
        "unsupported-media-type",
        "invalid-input",
        "locked-out",
        "store-unavailable",
    ),
)
def put_password(
    body: PasswordRequest,
    signed_in: SignedInHere,
    store: StoreHere,
    cookies: CookiesHere,
    passage: PassageHere,
    origin: OriginHere,
) -> Response:
    """Set a new password; the current one is needed unless the session began with a one-time link.

    The session goes on under a new cookie, which comes along; the old one is no longer taken.
    """
    renewed = set_password(store, *signed_in, current=body.current, new=body.new, request=origin.request)
    passage.set_cookie = cookies.setting(renewed.token or "", renewed.session.expires_at, store.now())
    return Response(status_code=204)


def _who(caller: Caller, passage: Passage) -> dict[str, Any]:
    if caller.person is not None and caller.session is not None:
        person = caller.person
        out = SessionOut(
            kind="person",
            id=person.id,
            name=person.name,
            login=person.login,
            roles=sorted(person.roles),
            scopes=[],
            must_set_password=not person.has_password,
            csrf_token=passage.form_token,
            expires_at=caller.session.expires_at,
        )
        return out.model_dump(mode="json")
    key = caller.key
    if key is None:
        message = "the gate lets nobody unknown in here"
        raise RuntimeError(message)
    out = SessionOut(
        kind="key",
        id=key.id,
        name=key.name,
        login=None,
        roles=[],
        scopes=sorted(key.scopes),
        must_set_password=False,
        csrf_token=None,
        expires_at=key.expires_at,
    )
    return out.model_dump(mode="json")
