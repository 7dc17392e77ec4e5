"""Tables of the review queue: one entry for each post that was brought in, and the sketches by which like posts are found."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pilah_api.store.columns import ID_LENGTH, Base, Utc

_OPEN = text("round IS NOT NULL")
_KEPT = text("post_id IS NOT NULL")


class QueueRow(Base):
    """Where a post stands between people; it outlives the post, without any of its text, so that counts stay true.

    `round` is the review that is due, null once there is an outcome; `holder` is the review that has the post now, by its lease.
    """

    __tablename__ = "queue"
    __table_args__ = (
        CheckConstraint("queue IN ('tinjau', 'butuh_konteks')", name="queue"),
        CheckConstraint("round BETWEEN 1 AND 3", name="round"),
        CheckConstraint("(round IS NULL) <> (outcome IS NULL)", name="open_or_closed"),
        Index("ix_queue_next", "round", "queue", "priority", "known_on", "id"),
        Index("ix_queue_open", "known_on", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_queue_outcome", "outcome", "known_on", "id"),
        Index(None, "known_on", "id"),
        Index("ix_queue_kept", "outcome", sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index("ix_queue_precision", "model_sha256", "queue", "outcome"),
        Index(None, "erase_at"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    post_id: Mapped[str | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"), unique=True)
    queue: Mapped[str] = mapped_column(String(20))
    priority: Mapped[int] = mapped_column(Integer)
    known_on: Mapped[dt.date]
    round: Mapped[int | None] = mapped_column(Integer)
    holder: Mapped[str | None] = mapped_column(String(ID_LENGTH), unique=True)
    outcome: Mapped[str | None] = mapped_column(String(20))
    basis: Mapped[str | None] = mapped_column(String(20))
    forms: Mapped[list[str]] = mapped_column(JSON)
    model_sha256: Mapped[str] = mapped_column(String(64))
    entered_at: Mapped[dt.datetime] = mapped_column(Utc)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    erase_at: Mapped[dt.datetime | None] = mapped_column(Utc)


class SketchRow(Base):
    """One band of a post's sketch; posts that share a band may be alike."""

    __tablename__ = "sketches"
    __table_args__ = (Index(None, "band"),)

    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
