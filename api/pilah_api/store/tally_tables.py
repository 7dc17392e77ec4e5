"""Table of the tallies: how many deleted posts took which course; no text, no person, no post behind a number."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pilah_api.store.columns import Base


class TallyRow(Base):
    """How many posts, deleted since, came in within a week (its Monday) and took one course: judged so by a model, read so in each round.

    Empty texts stand for a round that did not come about; forms are codes joined by commas.
    """

    __tablename__ = "tallies"

    week: Mapped[dt.date] = mapped_column(primary_key=True)
    decision: Mapped[str] = mapped_column(String(20), primary_key=True)
    model: Mapped[str] = mapped_column(String(201), primary_key=True)
    seen: Mapped[str] = mapped_column(String(50), primary_key=True)
    first: Mapped[str] = mapped_column(String(20), primary_key=True)
    second: Mapped[str] = mapped_column(String(20), primary_key=True)
    third: Mapped[str] = mapped_column(String(20), primary_key=True)
    confirmed: Mapped[str] = mapped_column(String(50), primary_key=True)
    posts: Mapped[int] = mapped_column(Integer)
