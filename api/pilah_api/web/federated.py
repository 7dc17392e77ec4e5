"""Signing in by the agency's provider: off to it, and back."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, cast

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from pilah_api.access import NotFoundError
from pilah_api.dependencies import CookiesHere, LanguageHere, OriginHere, PassageHere, SettingsHere, StoreHere
from pilah_api.gate import SIGN_IN_PAGE
from pilah_api.services.federation import Errand, NoAccountError, ProviderUnavailableError, sign_in_by_provider
from pilah_api.services.sessions import SignInRefusedError
from pilah_api.settings import Settings
from pilah_api.web.sign_in_page import HOME, sign_in_page
from pilah_api.web.signing import let_in, own_path
from pilah_api.web.texts import Texts

if TYPE_CHECKING:
    from pilah_api.services.provider import Provider

router = APIRouter(include_in_schema=False)

BACK = "/masuk/oidc/kembali"
_SEE_OTHER = 303
_MINUTES_10 = 600


@router.get("/masuk/oidc")
def go_to_provider(
    request: Request, settings: SettingsHere, cookies: CookiesHere, language: LanguageHere, ke: str = HOME
) -> Response:
    """Send the browser to the provider; `ke` is where to go afterwards."""
    provider = _provider(request)
    try:
        url, errand = provider.begin(_back(request, settings), own_path(ke))
    except ProviderUnavailableError:
        return sign_in_page(request, status=503, error=Texts(language)("signin.provider_down"))
    response = RedirectResponse(url, _SEE_OTHER)
    # Lax, for the provider sends the browser back from another site.
    response.set_cookie(
        cookies.errand_name,
        cookies.sign_errand(errand.as_json()),
        max_age=_MINUTES_10,
        path="/",
        secure=cookies.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/masuk/oidc/kembali")
def come_back(
    request: Request,
    store: StoreHere,
    settings: SettingsHere,
    cookies: CookiesHere,
    passage: PassageHere,
    language: LanguageHere,
    origin: OriginHere,
    code: str = "",
    state: str = "",
) -> Response:
    """Open a session for whom the provider vouches; every refusal shows the sign-in page again."""
    provider, texts = _provider(request), Texts(language)
    try:
        errand = _errand(request, cookies, state)
        identity = provider.finish(errand, _back(request, settings), code)
        opened = sign_in_by_provider(store, identity, settings.oidc_new_people, origin.request)
    except NoAccountError:
        response = sign_in_page(request, status=401, error=texts("signin.provider_stranger"))
    except SignInRefusedError:
        response = sign_in_page(request, status=401, error=texts("signin.provider_failed"))
    except ProviderUnavailableError:
        response = sign_in_page(request, status=503, error=texts("signin.provider_down"))
    else:
        let_in(opened, passage, cookies, store)
        response = RedirectResponse(errand.target, _SEE_OTHER)
    response.delete_cookie(cookies.errand_name, path="/", secure=cookies.secure, httponly=True, samesite="lax")
    return response


def _errand(request: Request, cookies: CookiesHere, state: str) -> Errand:
    """Return what this very browser took along. Raises SignInRefusedError for an answer that it did not set out for."""
    errand = Errand.from_json(cookies.read_errand(request.cookies, _MINUTES_10))
    if errand is None or not hmac.compare_digest(errand.state.encode(), state.encode("utf-8", "replace")):
        message = "the answer does not belong to a sign-in that this browser began"
        raise SignInRefusedError(message)
    return errand


def _provider(request: Request) -> Provider:
    provider = cast("Provider | None", request.app.state.provider)
    if provider is None:
        message = f"no provider is set (PILAH_OIDC_ISSUER); sign in at {SIGN_IN_PAGE}"
        raise NotFoundError(message)
    return provider


def _back(request: Request, settings: Settings) -> str:
    return (settings.public_url or str(request.base_url).rstrip("/")) + BACK
