"""Programs' keys: made, shown once, recognised, and revoked."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

from pilah_api.access import Key, Scope
from pilah_api.services.sessions import digest
from pilah_api.store.units import Store, Unit
from pilah_data.errors import InputError

PREFIX = "pilah_"
LONGEST_DAYS = 730
USUAL_DAYS = 365
_LONGEST_NAME = 100
_USED_EVERY = dt.timedelta(minutes=5)
_EVER = dt.datetime.max.replace(tzinfo=dt.UTC)

SETTING_SCOPES = frozenset({Scope.JUDGE, Scope.BATCHES, Scope.STATS})
"""What the key of the settings may do: what a program needs that brings posts and takes results."""


def make_key(unit: Unit, name: str, scopes: frozenset[Scope], days: int, created_by: str) -> tuple[Key, str]:
    """Make a key; return it and its secret text, which is not stored. Raises InputError."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > _LONGEST_NAME or not cleaned.isprintable():
        raise InputError(f"a key's name has 1 to {_LONGEST_NAME} printable characters and says which program uses it")
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(f"a key lasts 1 to {LONGEST_DAYS} days")
    text = PREFIX + secrets.token_urlsafe(32)
    hint = text[: len(PREFIX) + 4]
    key = unit.keys.add(cleaned, hint, digest(text), scopes, created_by, dt.timedelta(days=days))
    unit.audit.append("key.made", f"key:{key.id}", {"scopes": sorted(scopes), "days": days})
    return key, text


def revoke_key(unit: Unit, key_id: str) -> Key:
    """End a key at once; a key that ended already stays as it is. Raises NotFoundError."""
    key, was_open = unit.keys.revoke(key_id)
    if was_open:
        unit.audit.append("key.revoked", f"key:{key_id}")
    return key


def recognise(store: Store | None, text: str, setting: str | None) -> Key | None:
    """Return the key that a request carries, or None if it is unknown, expired or revoked."""
    if setting is not None and hmac.compare_digest(text.encode("utf-8", "replace"), setting.encode("ascii")):
        return _SETTING_KEY
    if store is None or not text.startswith(PREFIX):
        return None
    with store.reading() as unit:
        key = unit.keys.find_valid(digest(text))
        now = unit.now
    if key is not None and (key.used_at is None or now - key.used_at > _USED_EVERY):
        key_id = key.id
        store.note(lambda unit: unit.keys.note_used(key_id))
    return key


_SETTING_KEY = Key(
    id="setting",
    name="PILAH_API_KEY",
    hint="",
    scopes=SETTING_SCOPES,
    created_by="setting",
    created_at=_EVER,
    expires_at=_EVER,
    revoked_at=None,
    used_at=None,
)
