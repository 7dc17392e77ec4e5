"""The pages *Masuk* and *Sandi*: sign in by password or one-time link, sign out, set one's own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from pilah_api.access import Caller, ForbiddenError
from pilah_api.dependencies import (
    CookiesHere,
    LanguageHere,
    OriginHere,
    PassageHere,
    SettingsHere,
    SignedInHere,
    StoreHere,
)
from pilah_api.gate import SIGN_IN_PAGE
from pilah_api.problems import problem_from
from pilah_api.security import check_same_origin
from pilah_api.services.sessions import (
    LockedOutError,
    Opened,
    SignInRefusedError,
    set_password,
    sign_in,
    sign_in_by_link,
    sign_out,
)
from pilah_api.web.render import page
from pilah_api.web.sign_in_page import HOME, sign_in_page
from pilah_api.web.texts import Texts
from pilah_api.web.unsent import send_again
from pilah_data.errors import InputError

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
PASSWORD_PAGE = "/sandi"  # noqa: S105 - an address
_SEE_OTHER = 303


@router.get("/masuk")
def show_sign_in(request: Request, ke: str = HOME) -> Response:
    """Show the form; `ke` is where to go afterwards."""
    return sign_in_page(request, target=own_path(ke))


@router.post("/masuk")
def sign_in_by_form(
    request: Request,
    store: StoreHere,
    cookies: CookiesHere,
    passage: PassageHere,
    settings: SettingsHere,
    language: LanguageHere,
    origin: OriginHere,
    login: Text = "",
    password: Text = "",
    ke: Text = HOME,
    bawa: Text = "",
) -> Response:
    """Open a session and go on; a refusal shows the form again with the login kept. `bawa` is a form to be sent afterwards."""
    check_same_origin(request.headers, settings.public_url)
    try:
        opened = sign_in(store, login, password, passage.address, origin.request)
    except (SignInRefusedError, LockedOutError) as error:
        problem = problem_from(error)
        texts = Texts(language)
        words = (
            texts("signin.locked", seconds=problem.headers.get("Retry-After", ""))
            if _locked(error)
            else texts("signin.refused")
        )
        answer = sign_in_page(
            request, status=problem.kind.status, login=login[:64], target=own_path(ke), error=words, unsent=bawa
        )
        answer.headers.update(problem.headers)
        return answer
    let_in(opened, passage, cookies, store)
    again = send_again(request, bawa, 200) if bawa else None
    if again is not None:
        return again
    return RedirectResponse(own_path(ke) if opened.person.has_password else PASSWORD_PAGE, _SEE_OTHER)


@router.get("/masuk/tautan")
def show_link(request: Request, kode: str = "") -> Response:
    """Show the button that uses up a one-time link; opening the link does not, for previews of messages open it too."""
    return page(request, "tautan.html", code=kode) if kode else RedirectResponse(SIGN_IN_PAGE, _SEE_OTHER)


@router.post("/masuk/tautan")
def follow_link(
    request: Request,
    store: StoreHere,
    cookies: CookiesHere,
    passage: PassageHere,
    settings: SettingsHere,
    language: LanguageHere,
    origin: OriginHere,
    kode: Text = "",
) -> Response:
    """Use up a one-time link; who has no password yet goes on to set one."""
    check_same_origin(request.headers, settings.public_url)
    try:
        opened = sign_in_by_link(store, kode, origin.request)
    except SignInRefusedError:
        texts = Texts(language)
        words = texts("signin.link_used")
        return sign_in_page(request, status=401, error=words)
    let_in(opened, passage, cookies, store)
    return RedirectResponse(HOME if opened.person.has_password else PASSWORD_PAGE, _SEE_OTHER)


@router.post("/keluar")
def sign_out_by_form(
    signed_in: SignedInHere, store: StoreHere, cookies: CookiesHere, passage: PassageHere, origin: OriginHere
) -> Response:
    """Close the session."""
    sign_out(store, *signed_in, origin.request)
    passage.set_cookie = cookies.clearing()
    return RedirectResponse("/masuk", _SEE_OTHER)


@router.get("/sandi")
def show_password(request: Request, signed_in: SignedInHere) -> Response:
    """Show the form for a new password."""
    return _password_page(request, signed_in)


@router.post("/sandi")
def set_password_by_form(
    request: Request,
    signed_in: SignedInHere,
    store: StoreHere,
    cookies: CookiesHere,
    passage: PassageHere,
    language: LanguageHere,
    origin: OriginHere,
    new: Text = "",
    again: Text = "",
    current: Text = "",
) -> Response:
    """Set the password; a refusal shows the form again, without what was typed."""
    texts = Texts(language)
    if new != again:
        return _password_page(request, signed_in, texts("password.differ"), 422)
    try:
        renewed = set_password(store, *signed_in, current=current, new=new, request=origin.request)
    except InputError:
        return _password_page(request, signed_in, texts("password.weak"), 422)
    except ForbiddenError:
        return _password_page(request, signed_in, texts("password.wrong"), 403)
    let_in(renewed, passage, cookies, store)
    return RedirectResponse(HOME, _SEE_OTHER)


def _password_page(request: Request, signed_in: SignedInHere, error: str | None = None, status: int = 200) -> Response:
    person, session = signed_in
    asks_current = person.has_password and not session.by_link
    return page(request, "sandi.html", status=status, error=error, asks_current=asks_current, login=person.login)


def let_in(opened: Opened, passage: PassageHere, cookies: CookiesHere, store: StoreHere) -> None:
    """Make the request the person's own, and hand out the cookie with its answer."""
    passage.caller = Caller(person=opened.person, session=opened.session)
    passage.form_token = cookies.form_token(opened.session.id)
    passage.set_cookie = cookies.setting(opened.token or "", opened.session.expires_at, store.now())


def _locked(error: Exception) -> bool:
    return isinstance(error, LockedOutError)


def own_path(target: str) -> str:
    """Return where to go on to: a path of this server, never another site's address."""
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isascii() and target.isprintable()
    return target if own else HOME
