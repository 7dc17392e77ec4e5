"""Speaks OpenID Connect with the agency's provider: authorization code flow with PKCE, state and nonce, by Authlib.

Imported only where a provider is set, for it needs the extra `oidc`. The provider's address is the one place that a server calls.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pilah_api.services.federation import Errand, Identity, ProviderUnavailableError
from pilah_api.services.sessions import SignInRefusedError
from pilah_api.settings import Settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key pair only: neither `none` nor a shared secret proves who made a token."""
_DISCOVERY = "/.well-known/openid-configuration"
_PATIENCE_SECONDS = 10.0
_LEEWAY_SECONDS = 60
_KEYS_ANEW_AFTER_SECONDS = 60.0
_LOCAL = ("127.0.0.1", "::1", "localhost")

_Value = TypeVar("_Value")


class Provider:
    """A provider, asked for its description and keys when they are first needed; safe to share between threads."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._issuer, self._client_id = settings.oidc_issuer or "", settings.oidc_client_id or ""
        self._description: dict[str, Any] | None = None
        self._keys: KeySet | None = None
        self._keys_at = 0.0
        self._lock = threading.Lock()

    def begin(self, redirect_uri: str, target: str) -> tuple[str, Errand]:
        """Return the address to send the browser to, and what it takes along. Raises ProviderUnavailableError."""
        errand = Errand(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), target)
        with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(
                self._describe()["authorization_endpoint"],
                state=errand.state,
                nonce=errand.nonce,
                code_verifier=errand.verifier,
            )
        return str(url), errand

    def finish(self, errand: Errand, redirect_uri: str, code: str) -> Identity:
        """Exchange the code and return whom the provider vouches for.

        Raises SignInRefusedError if the provider refuses or its token is not what it must be, ProviderUnavailableError.
        """
        if not code:
            # The person said no, or the provider did.
            raise SignInRefusedError("the provider sent the browser back without a code")
        token = self._exchange(errand, redirect_uri, code)
        claims = self._verified(token, errand.nonce)
        login = claims.get(self._settings.oidc_claim)
        if not isinstance(login, str) or not login:
            raise SignInRefusedError(
                f"the provider sends no claim {self._settings.oidc_claim!r}; set PILAH_OIDC_CLAIM, or let the provider send it"
            )
        name = claims.get("name")
        return Identity(self._issuer, str(claims["sub"]), login, name if isinstance(name, str) and name else login)

    def _exchange(self, errand: Errand, redirect_uri: str, code: str) -> Mapping[str, Any]:
        endpoint = self._describe()["token_endpoint"]
        with self._client(redirect_uri) as client:
            token = _asking(
                lambda: client.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=errand.verifier
                )
            )
        return dict(token)

    def _verified(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise SignInRefusedError("the provider sent no ID token; its client must allow the scope openid")
        try:
            decoded = self._decode(id_token)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")},
            )
            claims.validate(leeway=_LEEWAY_SECONDS)
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
            # The kind alone: a token's content is no matter for a log.
            raise SignInRefusedError(f"the provider's ID token is not valid ({type(error).__name__})") from None
        if not claims.get("sub"):
            raise SignInRefusedError("the provider's ID token names nobody")
        return dict(claims)

    def _decode(self, id_token: str) -> jwt.Token:
        try:
            return jwt.decode(id_token, self._key_set(anew=False), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # A provider changes its keys now and then; a token by a new one is tried once more.
            return jwt.decode(id_token, self._key_set(anew=True), algorithms=ALGORITHMS)

    def _key_set(self, *, anew: bool) -> KeySet:
        uri = self._describe()["jwks_uri"]
        with self._lock:
            aged = time.monotonic() - self._keys_at > _KEYS_ANEW_AFTER_SECONDS
            if self._keys is None or (anew and aged):
                self._keys = KeySet.import_key_set(self._read(uri))
                self._keys_at = time.monotonic()
            return self._keys

    def _describe(self) -> dict[str, Any]:
        with self._lock:
            if self._description is None:
                self._description = self._checked(self._read(self._issuer.rstrip("/") + _DISCOVERY))
            return self._description

    def _checked(self, found: Any) -> dict[str, Any]:
        if not isinstance(found, dict) or found.get("issuer") != self._issuer:
            raise ProviderUnavailableError(
                "the provider calls itself otherwise than PILAH_OIDC_ISSUER; give the issuer exactly as its description does"
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_safe(str(found.get(name) or "")):
                raise ProviderUnavailableError(
                    f"the provider's description holds no safe {name}; it must be an https address"
                )
        return found

    def _read(self, url: str) -> Any:
        def ask() -> Any:
            with httpx2.Client(timeout=_PATIENCE_SECONDS) as client:
                return client.get(url).raise_for_status().json()

        return _asking(ask)

    def _client(self, redirect_uri: str) -> OAuth2Client:
        return OAuth2Client(
            self._client_id,
            self._settings.oidc_client_secret,
            token_endpoint_auth_method=self._authentication(),
            scope="openid profile",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=_PATIENCE_SECONDS,
        )

    def _authentication(self) -> str:
        if self._settings.oidc_client_secret is None:
            return "none"
        known = self._describe().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or parts.hostname in _LOCAL


def _asking(ask: Callable[[], _Value]) -> _Value:
    try:
        return ask()
    except AuthlibBaseError as error:
        raise SignInRefusedError(f"the provider refuses the sign-in ({error.error})") from None
    except httpx2.HTTPError as error:
        raise ProviderUnavailableError(
            f"the provider does not answer ({type(error).__name__}); try again later"
        ) from None
    except (json.JSONDecodeError, UnicodeError):
        raise ProviderUnavailableError(
            "the provider answers with something else than JSON; check PILAH_OIDC_ISSUER"
        ) from None
