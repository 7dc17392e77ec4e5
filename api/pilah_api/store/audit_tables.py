"""Tables of the audit: the chained records, and its sealed head; triggers of the migrations refuse changes."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pilah_api.store.columns import Base

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


class AuditRow(Base):
    """One record; moments and details are kept as the very text that was hashed."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "object", "seq"), Index(None, "action", "seq"), Index(None, "actor", "seq"))

    seq: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    object: Mapped[str] = mapped_column(String(100))
    detail: Mapped[str] = mapped_column(Text)
    request: Mapped[str] = mapped_column(String(128))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHeadRow(Base):
    """The last record's number and hash, sealed with a key that the database does not hold; its row lock orders writers."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(_SEQUENCE)
    hash: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
