"""Tables of people, their sessions and one-time links, programs' keys, lock-outs, and answers kept for retries."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pilah_api.store.columns import ID_LENGTH, Base, Utc

_PERSON = "people.id"


class PersonRow(Base):
    """An account; `name_sealed` is encrypted, and null once the person was erased."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name_sealed: Mapped[str | None] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(JSON)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[dt.datetime] = mapped_column(Utc)
    signed_in_at: Mapped[dt.datetime | None] = mapped_column(Utc)


class SessionRow(Base):
    """A sign-in; only hashes of its present and its last cookie are kept. `confirmed`: the present one came back once."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    previous_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    by_link: Mapped[bool] = mapped_column(Boolean)
    confirmed: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[dt.datetime] = mapped_column(Utc)
    rotated_at: Mapped[dt.datetime] = mapped_column(Utc)
    seen_at: Mapped[dt.datetime] = mapped_column(Utc)
    expires_at: Mapped[dt.datetime] = mapped_column(Utc, index=True)


class LinkRow(Base):
    """A one-time sign-in link; it is gone once it was used."""

    __tablename__ = "links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), index=True)
    expires_at: Mapped[dt.datetime] = mapped_column(Utc)


class IdentityRow(Base):
    """Whom an OpenID Connect provider vouches for: the hash of issuer and subject, and the account that it opens."""

    __tablename__ = "identities"

    subject_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), unique=True)
    bound_at: Mapped[dt.datetime] = mapped_column(Utc)


class LockoutRow(Base):
    """Failed sign-ins of one login or address since the first of them, by its hash: a login may be a mistyped password."""

    __tablename__ = "lockouts"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[dt.datetime] = mapped_column(Utc)
    # The count begins anew a while after its first failure, so that no steady trickle keeps it up for ever.
    first_at: Mapped[dt.datetime] = mapped_column("last_at", Utc)


class ApiKeyRow(Base):
    """A program's key: SHA-256 of 256 random bits, so that the table opens nothing."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    hint: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(Utc)
    expires_at: Mapped[dt.datetime] = mapped_column(Utc)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    used_at: Mapped[dt.datetime | None] = mapped_column(Utc)


class IdempotencyRow(Base):
    """The answer to a creating request, so that a retry gets it again instead of creating twice."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("owner", "route", "key"), Index(None, "created_at"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    route: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(200))
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(Utc)


class MetaRow(Base):
    """Facts about the database itself, such as which data key it was made with."""

    __tablename__ = "meta"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
