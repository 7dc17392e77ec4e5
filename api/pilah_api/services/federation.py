"""Signing in by the agency's provider: which account an identity opens, and whether one may come into being by it."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pilah_api.access import ANONYMOUS_ACTOR, ConflictError, Person, Role
from pilah_api.services.people import checked_login, checked_name
from pilah_api.services.sessions import Opened, SignInRefusedError, open_session
from pilah_api.settings import Settings, SettingsError
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store, Unit
from pilah_data.errors import InputError, MissingExtraError, PilahError

if TYPE_CHECKING:
    from pilah_api.services.provider import Provider


class ProviderUnavailableError(PilahError):
    """The provider does not answer, or not as OpenID Connect has it; a password still lets people in."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a browser takes along to the provider and back, signed: it binds the answer to the one who asked."""

    state: str
    nonce: str
    verifier: str
    target: str

    def as_json(self) -> dict[str, str]:
        """Return the errand for a signed cookie."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, str] | None) -> Errand | None:
        """Return the errand of a signed cookie, or None for one that holds none."""
        return None if content is None or set(content) != set(cls.__dataclass_fields__) else cls(**content)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for: its stable subject, and the login and name that it gives."""

    issuer: str
    subject: str
    login: str
    name: str


class NoAccountError(SignInRefusedError):
    """The provider vouches for somebody who has no open account here."""


def open_provider(settings: Settings) -> Provider | None:
    """Return the provider that the settings name, without asking it anything yet; None if they name none.

    Raises SettingsError for half a setting and MissingExtraError without the extra `oidc`.
    """
    if settings.oidc_issuer is None:
        if settings.oidc_client_id or settings.oidc_client_secret or settings.oidc_new_people:
            raise SettingsError("PILAH_OIDC_ISSUER is not set, which the other PILAH_OIDC_… need; set it or unset them")
        return None
    if settings.oidc_client_id is None:
        raise SettingsError("PILAH_OIDC_CLIENT_ID is not set, which PILAH_OIDC_ISSUER needs; set both or neither")
    for module in ("authlib", "httpx2"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError("oidc", module)
    from pilah_api.services.provider import Provider  # noqa: PLC0415 - part of an extra

    return Provider(settings)


def sign_in_by_provider(store: Store, identity: Identity, new_people: tuple[Role, ...], request: str) -> Opened:
    """Open a session for whom the provider vouches; the first sign-in binds its subject to the account of that login.

    From then on only that subject opens the account, whatever login the provider gives to whom. An administrator's account
    is not bound by its login: the role is given after the first sign-in. Raises NoAccountError.
    """
    subject = hashlib.sha256(f"{identity.issuer}\0{identity.subject}".encode("utf-8", "replace")).hexdigest()
    with store.writing(Origin(ANONYMOUS_ACTOR, request)) as unit:
        person = unit.people.of_identity(subject) or _bound(unit, identity, subject, new_people)
        if person is not None and person.active:
            return open_session(unit, person, by="oidc")
    with store.writing(Origin(ANONYMOUS_ACTOR, request)) as unit:
        unit.audit.append("session.refused", f"person:{person.id}" if person else "", {"by": "oidc"})
    raise NoAccountError("the agency's provider knows you, but there is no open account here; ask an administrator")


def release_identity(unit: Unit, person_id: str) -> None:
    """Take back which of the provider's subjects opens an account, and end its sessions. Raises NotFoundError, ConflictError."""
    unit.people.get(person_id)
    if not unit.people.drop_identity(person_id):
        raise ConflictError("the account is not bound to an identity of the provider; there is nothing to release")
    unit.sessions.close_all(person_id)
    unit.audit.append("person.identity_released", f"person:{person_id}")


def _bound(unit: Unit, identity: Identity, subject: str, new_people: tuple[Role, ...]) -> Person | None:
    """Bind a subject that was not seen before to the account of its login, or to a new one if the settings allow."""
    login = identity.login.strip().lower()
    try:
        person = unit.people.find(checked_login(login))
    except InputError:
        return None
    if person is None:
        if not new_people:
            return None
        person = unit.people.add(login, _name(identity, login), frozenset(new_people))
        unit.audit.append("person.added", f"person:{person.id}", {"roles": sorted(new_people), "by": "oidc"})
    elif not person.active or unit.people.has_identity(person.id) or Role.ADMIN in person.roles:
        # Somebody else of the provider has that login by now, or always had: every provider knows an `admin`.
        return None
    unit.people.bind_identity(person.id, subject)
    unit.audit.append("person.identity_bound", f"person:{person.id}")
    return person


def _name(identity: Identity, login: str) -> str:
    try:
        return checked_name(identity.name)
    except InputError:
        return login
