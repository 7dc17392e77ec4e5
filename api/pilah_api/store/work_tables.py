"""Tables of the work: posts and judgements, batches, shards and workers, reviews, cases and evidence."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pilah_api.store.columns import ID_LENGTH, Base, Utc

_PERSON, _POST, _BATCH, _CASE = "people.id", "posts.id", "batches.id", "cases.id"


class PostRow(Base):
    """A post whose state needs it kept, masked; one that passed is never stored."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("state IN ('butuh_konteks', 'tinjau', 'kasus')", name="state"),
        Index(None, "state", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    context: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    batch_id: Mapped[str | None] = mapped_column(ForeignKey(_BATCH, ondelete="SET NULL"), index=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey(_CASE, ondelete="SET NULL"), index=True)
    brought_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(Utc)
    # Where the post stood, encrypted: a case needs it, and whoever reviews must not.
    link_sealed: Mapped[str | None] = mapped_column(Text)
    # What became of the post so far (store/courses.py), by which posts are counted; null is not written down yet.
    course: Mapped[str | None] = mapped_column(Text, index=True)


class JudgementRow(Base):
    """What a model said about a post, with the version and the thresholds then in force."""

    __tablename__ = "judgements"
    __table_args__ = (Index("ix_judgements_model", "model_sha256", "decision", "partisan"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey(_POST, ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(20))
    confidence: Mapped[float] = mapped_column(Float)
    probabilities: Mapped[dict[str, float]] = mapped_column(JSON)
    # That of `partisan` once more, by which decisions under other thresholds are counted.
    partisan: Mapped[float | None] = mapped_column(Float)
    forms: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    direction: Mapped[str | None] = mapped_column(String(20))
    evidence: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    thresholds: Mapped[dict[str, float]] = mapped_column(JSON)
    model_name: Mapped[str] = mapped_column(String(100))
    model_version: Mapped[str] = mapped_column(String(100))
    model_sha256: Mapped[str] = mapped_column(String(64))
    taxonomy: Mapped[str] = mapped_column(String(20))
    engine: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[dt.datetime] = mapped_column(Utc)


class BatchRow(Base):
    """A feed to be judged; `fingerprint` binds it to one input, model, policy and set of options, `model` to its workers.

    `rows_total` is null until the feed has been read through; `sent` posts of it went to the review queue.
    """

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        Index(None, "state", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(255))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    fingerprint: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(64), server_default="")
    rows_total: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(Utc)
    started_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    sent: Mapped[int | None] = mapped_column(Integer)
    expires_at: Mapped[dt.datetime] = mapped_column(Utc, index=True)


class ShardRow(Base):
    """A part of a batch; a worker holds it by a lease, and whoever finds the lease expired may take it.

    `step` says what is to be done: read and cut the feed, judge a run of rows, or put the results together.
    """

    __tablename__ = "shards"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'leased', 'done', 'failed')", name="state"),
        UniqueConstraint("batch_id", "number"),
        Index(None, "state", "lease_until"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey(_BATCH, ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(20), server_default="judge")
    state: Mapped[str] = mapped_column(String(20))
    rows: Mapped[int] = mapped_column(Integer)
    rows_failed: Mapped[int] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer)
    lease: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    lease_until: Mapped[dt.datetime | None] = mapped_column(Utc)
    error: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Utc)


class WorkerRow(Base):
    """A process that works on batches; one that has not been seen for a while is dead."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    model: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[dt.datetime] = mapped_column(Utc)
    seen_at: Mapped[dt.datetime] = mapped_column(Utc, index=True)


class ReviewRow(Base):
    """One person's work on a post: held with its draft, then decided; a reversal is a new row that names the one it takes back."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("round BETWEEN 1 AND 3", name="round"),
        CheckConstraint("state IN ('leased', 'decided', 'reversed')", name="state"),
        UniqueConstraint("post_id", "person_id", "turn"),
        Index(None, "state", "lease_until"),
        Index("ix_reviews_person_decided", "person_id", "decided_at"),
        Index(None, "reverses"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey(_POST, ondelete="CASCADE"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey(_PERSON), index=True)
    round: Mapped[int] = mapped_column(Integer)
    turn: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    lease_until: Mapped[dt.datetime | None] = mapped_column(Utc)
    label: Mapped[str | None] = mapped_column(String(20))
    forms: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str | None] = mapped_column(Text)
    template: Mapped[str | None] = mapped_column(String(40))
    reference: Mapped[str | None] = mapped_column(Text)
    conflict_of_interest: Mapped[bool] = mapped_column(Boolean)
    relation: Mapped[str | None] = mapped_column(String(20))
    reverses: Mapped[str | None] = mapped_column(ForeignKey("reviews.id", ondelete="SET NULL"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(Utc)


class CaseRow(Base):
    """A case; who is concerned, who reported or witnessed, and what is said of them are encrypted, and null once erased.

    `version` counts its changes, so that nobody overwrites what they have not seen.
    """

    __tablename__ = "cases"
    __table_args__ = (Index(None, "state", "known_on"), Index(None, "unit", "stage", "state"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    state: Mapped[str] = mapped_column(String(30))
    unit: Mapped[str] = mapped_column(String(200))
    identity_sealed: Mapped[str | None] = mapped_column(Text)
    reporter_sealed: Mapped[str | None] = mapped_column(Text)
    content_sealed: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer, default=1)
    stage: Mapped[str | None] = mapped_column(String(40))
    happened_on: Mapped[dt.date | None]
    known_on: Mapped[dt.date | None]
    opened_by: Mapped[str] = mapped_column(ForeignKey(_PERSON))
    created_at: Mapped[dt.datetime] = mapped_column(Utc)
    changed_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    retain_until: Mapped[dt.datetime | None] = mapped_column(Utc, index=True)
    erased_at: Mapped[dt.datetime | None] = mapped_column(Utc)


class EvidenceRow(Base):
    """A file of a case; the original lies unaltered in the data folder under its hash."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("case_id", "sha256"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey(_CASE))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    bytes: Mapped[int] = mapped_column(Integer)
    media_type: Mapped[str] = mapped_column(String(100))
    name_sealed: Mapped[str] = mapped_column(Text)
    captured_by_sealed: Mapped[str | None] = mapped_column(Text)
    captured_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    captured_zone: Mapped[str | None] = mapped_column(String(10))
    checks: Mapped[dict[str, bool]] = mapped_column(JSON)
    added_by: Mapped[str] = mapped_column(ForeignKey(_PERSON))
    added_at: Mapped[dt.datetime] = mapped_column(Utc)
