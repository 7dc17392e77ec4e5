"""Tallies of deleted posts, so that counts outlive the texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_KEY = {"decision": 20, "model": 201, "seen": 50, "first": 20, "second": 20, "third": 20, "confirmed": 50}


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "tallies",
        sa.Column("week", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(length=size), nullable=False) for name, size in _KEY.items()),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("week", *_KEY, name=op.f("pk_tallies")),
    )
