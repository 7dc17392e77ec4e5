"""Table of moved thresholds: every move is a row, the last one of a model is in force."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Float, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pilah_api.store.columns import ID_LENGTH, Base, Utc


class PolicyRow(Base):
    """Thresholds for one model, by whom and why; without thresholds it is the return to the artefact's own."""

    __tablename__ = "policies"
    __table_args__ = (
        CheckConstraint("(lolos_below IS NULL) = (tinjau_from IS NULL)", name="both"),
        Index(None, "model_sha256", "id"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    model_sha256: Mapped[str] = mapped_column(String(64))
    model_version: Mapped[str] = mapped_column(String(100))
    lolos_below: Mapped[float | None] = mapped_column(Float)
    tinjau_from: Mapped[float | None] = mapped_column(Float)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(Utc)
