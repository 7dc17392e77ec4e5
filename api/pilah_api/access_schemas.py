"""What requests and answers about sessions, people, keys and the audit look like."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import ConfigDict, Field, JsonValue

from pilah_api.access import Key, Person, Role, Scope
from pilah_api.chain import Finding, Record
from pilah_api.schemas import Strict

_LOGIN = "2 to 32 small letters, digits, dots, hyphens, underscores; begins with a letter."
_NAME = "1 to 120 printable characters; stored encrypted."
_STRENGTH = "12 to 256 characters; three or four unrelated words do well."
_OTHER_ROLES: list[JsonValue] = [role.value for role in Role if role is not Role.AUDITOR]
# Told, not checked here: the rules themselves live in the services, and their errors say more.
_ROLES: dict[str, JsonValue] = {
    "oneOf": [{"minItems": 1, "items": {"enum": _OTHER_ROLES}}, {"minItems": 1, "items": {"const": Role.AUDITOR.value}}]
}
_SCOPES: dict[str, JsonValue] = {"minItems": 1, "items": {"enum": [scope.value for scope in Scope]}}


def _shaped(example: dict[str, JsonValue]) -> ConfigDict:
    return ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [example]})


class SignInRequest(Strict):
    """A login and its password."""

    login: str = Field(max_length=200)
    password: str = Field(max_length=1000)

    model_config = _shaped({"login": "sari", "password": "kopi-hujan-pagi-lampu"})


class SessionOut(Strict):
    """Who asks, and the token that requests by cookie must carry to change anything."""

    kind: str = Field(description="person or key")
    id: str
    name: str
    login: str | None
    roles: list[str]
    scopes: list[str]
    must_set_password: bool
    csrf_token: str | None = Field(description="Send it in the header X-CSRF-Token; null for a key, which needs none.")
    expires_at: dt.datetime


class PasswordRequest(Strict):
    """A new password, and the current one unless the session began with a one-time link."""

    new: str = Field(description=_STRENGTH, max_length=1000, json_schema_extra={"minLength": 12, "maxLength": 256})
    current: str | None = Field(None, max_length=1000)

    model_config = _shaped({"new": "kopi-hujan-pagi-lampu"})


class PersonRequest(Strict):
    """An account to be made."""

    login: str = Field(description=_LOGIN, json_schema_extra={"pattern": "^[a-z][a-z0-9._-]{1,31}$"})
    name: str = Field(description=_NAME, json_schema_extra={"minLength": 1})
    roles: list[str] = Field(
        description="One or more of petugas, penelaah, penyelia, admin; or auditor alone.", json_schema_extra=_ROLES
    )

    model_config = _shaped({"login": "sari", "name": "Sari", "roles": ["petugas"]})


class PersonChange(Strict):
    """What is to change about an account; what is left out stays."""

    name: str | None = None
    roles: list[str] | None = None
    active: bool | None = None

    model_config = _shaped({"active": False})


class PersonOut(Strict):
    """An account; `name` is empty once it was erased."""

    id: str
    login: str
    name: str
    roles: list[str]
    active: bool
    has_password: bool
    created_at: dt.datetime
    signed_in_at: dt.datetime | None


class InvitedOut(Strict):
    """An account and its one-time link, which is shown once and null in a repeated answer."""

    person: PersonOut
    link: str | None
    link_expires_at: dt.datetime


class PeoplePage(Strict):
    """Accounts in the order of their creation."""

    items: list[PersonOut]
    next: str | None = Field(description="Send it as `cursor` to go on; null at the end.")


class KeyRequest(Strict):
    """A program's key to be made."""

    name: str = Field(
        description="Which program uses it; 1 to 100 printable characters.", json_schema_extra={"minLength": 1}
    )
    scopes: list[str] = Field(
        description="One or more of judge, batches, reviews, cases, stats, audit.", json_schema_extra=_SCOPES
    )
    days: int = Field(
        365, description="How long it lasts, 1 to 730 days.", json_schema_extra={"minimum": 1, "maximum": 730}
    )

    model_config = _shaped({"name": "portal", "scopes": ["judge"], "days": 90})


class KeyOut(Strict):
    """A program's key; `hint` is how it begins."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    created_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    used_at: dt.datetime | None


class MadeKeyOut(Strict):
    """A key and its secret text, which is shown once and null in a repeated answer."""

    key: KeyOut
    secret: str | None


class KeysPage(Strict):
    """Keys in the order of their creation."""

    items: list[KeyOut]
    next: str | None = Field(description="Send it as `cursor` to go on; null at the end.")


class RecordOut(Strict):
    """One audit record; `detail` is canonical JSON, kept as the text that was hashed."""

    seq: int
    at: str
    actor: str
    action: str
    object: str
    detail: str
    request: str
    previous: str
    hash: str


class AuditPage(Strict):
    """Audit records, newest first."""

    items: list[RecordOut]
    next: str | None = Field(description="Send it as `cursor` to go on; null at the end.")


class FindingOut(Strict):
    """Something wrong at a record; `seq` is null for the audit as a whole."""

    seq: int | None
    what: str


class VerificationOut(Strict):
    """Whether the chain is whole, and its end as `number:hash`, worth noting down elsewhere."""

    intact: bool
    records: int
    anchor: str
    findings: list[FindingOut] = Field(description="At most the first 100.")


def person_out(person: Person) -> dict[str, Any]:
    """Return an account as JSON values."""
    return PersonOut(
        id=person.id,
        login=person.login,
        name=person.name,
        roles=sorted(person.roles),
        active=person.active,
        has_password=person.has_password,
        created_at=person.created_at,
        signed_in_at=person.signed_in_at,
    ).model_dump(mode="json")


def key_out(key: Key) -> dict[str, Any]:
    """Return a key as JSON values."""
    return KeyOut(
        id=key.id,
        name=key.name,
        hint=key.hint,
        scopes=sorted(key.scopes),
        created_by=key.created_by,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        used_at=key.used_at,
    ).model_dump(mode="json")


def record_out(record: Record) -> dict[str, Any]:
    """Return an audit record as JSON values."""
    return record.as_json()


def finding_out(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON values."""
    return {"seq": finding.seq, "what": finding.what}
