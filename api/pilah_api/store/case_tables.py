"""Tables beside a case: who works on it, and every step it took."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pilah_api.store.columns import ID_LENGTH, Base, Utc


class CaseMemberRow(Base):
    """A person who works on a case and may therefore see who is concerned; joining declares that no interest stands against it."""

    __tablename__ = "case_members"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    joined_at: Mapped[dt.datetime] = mapped_column(Utc)


class CaseStepRow(Base):
    """A move of a case from one state to another, by whom, in which role and why; the reason may name people, so it is encrypted."""

    __tablename__ = "case_steps"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(30))
    target: Mapped[str] = mapped_column(String(30))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    reason_sealed: Mapped[str | None] = mapped_column(Text)
    taken_at: Mapped[dt.datetime] = mapped_column(Utc)
