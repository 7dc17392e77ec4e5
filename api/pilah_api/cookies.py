"""Cookies and form tokens: signed with the installation's secret, so that a made-up one never reaches the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from itsdangerous import BadSignature, Signer, URLSafeTimedSerializer

TOKEN_FIELD = "csrf"  # noqa: S105 - the name of a form field
TOKEN_HEADER = "x-csrf-token"  # noqa: S105 - the name of a header

_UNSENT_LASTS = 12 * 3600


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that came without a session that is open: to which address, and its fields without the form token."""

    path: str
    fields: tuple[tuple[str, str], ...]


class Cookies:
    """Makes and reads the session cookie and the tokens that forms must carry."""

    def __init__(self, secret: str, *, secure: bool):
        """Take the secret, and whether browsers reach the server by TLS."""
        self._sessions = Signer(secret, salt="pilah.session")
        self._forms = Signer(secret, salt="pilah.form")
        self._unsent = URLSafeTimedSerializer(secret, salt="pilah.unsent")
        self._errands = URLSafeTimedSerializer(secret, salt="pilah.errand")
        self.secure = secure
        # Under this name browsers accept the cookie from a secure page of this very host only.
        self.name = "__Host-pilah" if secure else "pilah_session"
        self.errand_name = "__Host-pilah-oidc" if secure else "pilah_oidc"

    def read(self, cookies: Mapping[str, str]) -> str | None:
        """Return the token in a request's session cookie, or None if there is none or it was not signed here."""
        value = cookies.get(self.name)
        if value is None:
            return None
        try:
            return self._sessions.unsign(value).decode("ascii")
        except (BadSignature, UnicodeError):
            return None

    def setting(self, token: str, expires_at: dt.datetime, now: dt.datetime) -> str:
        """Return the Set-Cookie header for a token."""
        value = self._sessions.sign(token).decode("ascii")
        return self._header(value, max(0, int((expires_at - now).total_seconds())))

    def clearing(self) -> str:
        """Return the Set-Cookie header that removes the session cookie."""
        return self._header("", 0)

    def form_token(self, session_id: str) -> str:
        """Return the token that requests of a session must carry to change anything."""
        return self._forms.get_signature(session_id).decode("ascii")

    def is_form_token(self, session_id: str, token: str) -> bool:
        """Return whether a token belongs to a session."""
        return self._forms.verify_signature(session_id, token.encode("ascii", "replace"))

    def pack(self, path: str, fields: Sequence[tuple[str, str]]) -> str:
        """Return a form as a text that travels through the sign-in page; only what was packed here is unpacked."""
        return self._unsent.dumps([path, [list(field) for field in fields if field[0] != TOKEN_FIELD]])

    def unpack(self, text: str) -> Unsent | None:
        """Return a packed form again, or None for a text that was not packed here or is too old."""
        try:
            path, fields = self._unsent.loads(text, max_age=_UNSENT_LASTS)
        except BadSignature:
            return None
        return Unsent(str(path), tuple((str(name), str(value)) for name, value in fields))

    def sign_errand(self, content: Mapping[str, str]) -> str:
        """Return the cookie's value for what a browser takes along to an OpenID Connect provider."""
        return str(self._errands.dumps(dict(content)))

    def read_errand(self, cookies: Mapping[str, str], seconds: int) -> dict[str, str] | None:
        """Return what a browser took along, or None if there is nothing, it is older or was not signed here."""
        try:
            content: dict[str, str] = self._errands.loads(cookies.get(self.errand_name, ""), max_age=seconds)
        except BadSignature:
            return None
        return content

    def _header(self, value: str, seconds: int) -> str:
        secure = "; Secure" if self.secure else ""
        return f"{self.name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
