"""The gate before every route: who sends the request, and does the table of permissions let them in."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pilah_api import permissions
from pilah_api.access import ANONYMOUS, Caller
from pilah_api.cookies import TOKEN_FIELD, TOKEN_HEADER, Cookies
from pilah_api.middleware import Answer
from pilah_api.passage import Passage
from pilah_api.problems import RefusedError, problem_from
from pilah_api.security import (
    bearer_key,
    check_host,
    check_peer,
    check_same_origin,
    client_address,
    is_local,
    no_credentials,
    wrong_key,
)
from pilah_api.services.keys import recognise
from pilah_api.services.rates import Rates
from pilah_api.services.sessions import meet
from pilah_api.settings import Settings
from pilah_api.store.units import Store
from pilah_data.errors import PilahError

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_PROBES = frozenset({"/livez", "/readyz"})
"""An orchestrator asks these past the proxy; they tell nothing but the state."""
SIGN_IN_PAGE = "/masuk"
_NEVER_CARRIED = frozenset({"/sandi", "/keluar"})
"""Forms that hold passwords, or that an ended session makes needless."""
_MOST_UNSENT = 64 * 1024
"""Bytes of a form that is carried through the sign-in page."""
_LENGTH_DIGITS = len(str(_MOST_UNSENT))


class Gate:
    """Lets requests in by the table of permissions, and hands out changed cookies with the answer."""

    def __init__(self, app: ASGIApp, settings: Settings, answer: Answer):
        self.app = app
        self.settings = settings
        self.answer = answer
        self.rates = Rates(settings.rate_known, settings.rate_anonymous)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an admissible request on, answer any other."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        peer = scope["client"][0] if scope.get("client") else ""
        passage = Passage(ANONYMOUS, client_address(self.settings, peer, request.headers))
        scope.setdefault("state", {})["passage"] = passage

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                if passage.set_cookie:
                    MutableHeaders(scope=message).append("set-cookie", passage.set_cookie)
                if passage.quota:
                    MutableHeaders(scope=message).update(passage.quota.headers())
            await send(message)

        try:
            await self._admit(request, passage, peer)
        except PilahError as error:
            await self._keep_unsent(Request(scope, receive), passage, error)
            await self._refuse(request, passage, error)(scope, receive, completed)
            return
        await self.app(scope, receive, completed)

    async def _admit(self, request: Request, passage: Passage, peer: str) -> None:
        # The path that the router goes by; an address put together from headers could show the gate another one.
        headers, method, path = request.headers, request.method, request.scope["path"]
        rule = permissions.find_rule(method, path)
        if path not in _PROBES:
            check_peer(self.settings, peer)
        check_host(self.settings, headers)
        if path.startswith(permissions.UNCOUNTED):
            await self._identify(request, passage)
        else:
            await self._identify_and_count(request, passage)
        passage.ruled, passage.upload = rule is not None, rule is not None and rule.upload
        passage.most_bytes = rule.most_bytes if rule is not None else None
        local = is_local(self.settings, headers)
        if rule is None:
            # No route has this address: the router says so, but to strangers not even that.
            if not local and not passage.caller.known:
                raise no_credentials()
        elif not rule.allows(passage.caller, local=local):
            if not passage.caller.known:
                raise no_credentials()
            raise RefusedError("forbidden", "Neither a role nor a scope of these credentials opens this address.")
        if rule is not None and rule.changes:
            self._check_form_token(request, passage)

    async def _identify_and_count(self, request: Request, passage: Passage) -> None:
        """Find out who asks and count the request; wrong credentials count against the address. Raises RateLimitedError."""
        credentials = self.rates.require_unexhausted(request.headers.get("authorization"))
        try:
            await self._identify(request, passage)
        except RefusedError:
            passage.quota = self.rates.count_address(passage.address)
            raise
        known = passage.caller.known
        rates, actor = self.rates, passage.caller.actor
        passage.quota = rates.count_caller(actor, credentials) if known else rates.count_address(passage.address)

    async def _identify(self, request: Request, passage: Passage) -> None:
        state = request.app.state
        store: Store | None = state.store
        cookies: Cookies | None = state.cookies
        text = bearer_key(request.headers)
        if text is not None:
            key = await run_in_threadpool(recognise, store, text, self.settings.api_key)
            if key is None:
                raise wrong_key()
            passage.caller = Caller(key=key)
            return
        token = cookies.read(request.cookies) if cookies else None
        if token is None or cookies is None or store is None:
            return
        met = await run_in_threadpool(meet, store, token)
        if met is None:
            passage.set_cookie = cookies.clearing()
            return
        passage.caller = Caller(person=met.person, session=met.session)
        passage.form_token = cookies.form_token(met.session.id)
        if met.token is not None:
            passage.set_cookie = cookies.setting(met.token, met.session.expires_at, store.now())

    def _check_form_token(self, request: Request, passage: Passage) -> None:
        """Ask requests by cookie for the token that only our own pages know. Raises RefusedError."""
        if request.method in _SAFE or passage.caller.session is None:
            return
        check_same_origin(request.headers, self.settings.public_url)
        given = request.headers.get(TOKEN_HEADER)
        if given is None and request.headers.get("content-type", "").startswith(FORMS):
            passage.form_token_due = True
            return
        _compare(request, given or "")

    async def _keep_unsent(self, request: Request, passage: Passage, error: PilahError) -> None:
        """Keep what a page's form says whose session has ended; another site's form is none of ours."""
        cookies: Cookies | None = request.app.state.cookies
        if cookies is None or not _is_unknown(error, passage) or not _is_page_form(request):
            return
        if not _is_short(request.headers):
            return
        try:
            check_same_origin(request.headers, self.settings.public_url)
            # The limits of all other bodies stand further in, past this gate.
            async with asyncio.timeout(self.settings.request_seconds):
                passage.unsent = pack_form(request, cookies, await request.form())
        except (RefusedError, HTTPException, ClientDisconnect, TimeoutError):
            return

    def _refuse(self, request: Request, passage: Passage, error: PilahError) -> Response:
        if _is_unknown(error, passage) and _is_navigation(request):
            return RedirectResponse(f"{SIGN_IN_PAGE}?ke={quote(request.scope['path'])}", status_code=303)
        return self.answer(request, problem_from(error))


async def confirm_form(request: Request) -> None:
    """Check what the gate left to the route, before any route runs. Raises RefusedError."""
    passage = passage_of(request)
    if not passage.ruled:
        # A route that the table does not know is closed to everyone.
        raise RefusedError("forbidden", "The table of permissions does not know this address.")
    # A whole upload would have to be read for its token; whoever reads it asks for the token before the file.
    if passage.form_token_due and not passage.upload:
        form = await request.form()
        given = form.get(TOKEN_FIELD)
        if _is_page_form(request):
            # A page that was opened under an earlier session: its form is shown again, not lost.
            passage.unsent = pack_form(request, request.app.state.cookies, form)
        check_form_token(request, given if isinstance(given, str) else "")


def check_form_token(request: Request, given: str) -> None:
    """Check a token that stood in a form, if one is asked for. Raises RefusedError."""
    passage = passage_of(request)
    if passage.form_token_due:
        _compare(request, given)
        passage.form_token_due, passage.unsent = False, None


def pack_form(request: Request, cookies: Cookies, form: FormData) -> str:
    """Return a form's texts packed, with the address it was sent to."""
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return cookies.pack(request.scope["path"], fields)


def passage_of(request: Request) -> Passage:
    """Return what the gate found out about a request."""
    passage: Passage = request.scope["state"]["passage"]
    return passage


def _compare(request: Request, given: str) -> None:
    session = passage_of(request).caller.session
    cookies: Cookies = request.app.state.cookies
    if session is None or not cookies.is_form_token(session.id, given):
        raise RefusedError(
            "missing-form-token",
            "Send the token that /v1/session gives in the header X-CSRF-Token, or reload the page and send its form again.",
        )


def _is_unknown(error: PilahError, passage: Passage) -> bool:
    return isinstance(error, RefusedError) and error.slug == "unauthorized" and not passage.caller.known


def _is_short(headers: Headers) -> bool:
    """Return whether a body was announced that is short enough for a stranger's form, and nothing but its length says where it ends."""
    length = headers.get("content-length", "")
    announced = length.isdecimal() and len(length) <= _LENGTH_DIGITS and "transfer-encoding" not in headers
    return announced and int(length) <= _MOST_UNSENT


def _is_page_form(request: Request) -> bool:
    """Return whether a browser sent a page's form that changes something; sign-in asks for itself."""
    rule = permissions.find_rule(request.method, request.scope["path"])
    headers = request.headers
    return (
        request.method == "POST"
        and rule is not None
        and rule.changes
        and rule.path not in _NEVER_CARRIED
        and headers.get("content-type", "").startswith(FORMS[0])
        and "text/html" in headers.get("accept", "")
        and "authorization" not in headers
    )


def _is_navigation(request: Request) -> bool:
    accepts: Headers = request.headers
    return request.method == "GET" and "text/html" in accepts.get("accept", "") and "authorization" not in accepts
