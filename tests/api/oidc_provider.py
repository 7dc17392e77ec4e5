"""A tiny OpenID Connect provider on 127.0.0.1: description, keys and token endpoint; it checks what a provider checks."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import secrets
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "pilah-uji", "rahasia-uji"


@functools.cache
def new_key(kid: str) -> RSAKey:
    """Return the key of a name; making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@dataclass
class TinyProvider:
    """Behaves well unless a test changes what it says; `codes` are the sign-ins under way."""

    issuer: str
    key: RSAKey = field(default_factory=lambda: new_key("k1"))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "k1"})
    signing_key: Any = None
    without_id_token: bool = False
    broken: bool = False
    asked: list[str] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.description,
        }

    def sign_in(self, url: str, subject: str = "s-1", login: str = "sari", **claims: Any) -> tuple[str, str]:
        """Do what a person does at the provider's page; return code and state for the way back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        self.claims = {"sub": subject, "preferred_username": login, "name": "Sari Dewi", **claims}
        return code, query["state"]

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Exchange a code once, for the client that began, with the verifier that fits the challenge."""
        asked = self.codes.pop(form.get("code", ""), None)
        if authorization != "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode():
            return 401, {"error": "invalid_client"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **self.claims,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # one test signs with `none`
            token = jwt.encode(self.header, claims, self.signing_key or self.key, algorithms=[self.header["alg"]])
        answer = {"access_token": "a", "token_type": "Bearer", "expires_in": 60}
        return 200, answer if self.without_id_token else {**answer, "id_token": token}

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        self.asked.append(path)
        if self.broken:
            return 500, {}
        match path:
            case "/.well-known/openid-configuration":
                return 200, self.describe()
            case "/keys":
                return 200, KeySet([self.key]).as_dict(private=False)
            case "/token":
                return self.redeem(form, authorization)
        return 404, {}


@contextmanager
def running_provider(host: str = "127.0.0.1") -> Iterator[TinyProvider]:
    """Run a provider on a free port of this machine; `host` is how it calls itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/auth?"):
                # The person is signed in there already and sent back at once.
                code, state = provider.sign_in(self.path)
                back = parse_qs(urlsplit(self.path).query)["redirect_uri"][0]
                self.send_response(302)
                self.send_header("location", f"{back}?{urlencode({'code': code, 'state': state})}")
                self.end_headers()
                return
            self._send(*provider.answer(self.path, {}, ""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(*provider.answer(self.path, form, self.headers.get("authorization", "")))

        def _send(self, status: int, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = TinyProvider(f"http://{host}:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
