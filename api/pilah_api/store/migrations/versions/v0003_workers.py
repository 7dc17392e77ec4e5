"""Workers, the steps of a batch, the model that a batch belongs to, and what of it went to the review queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table of workers and add columns to batches and shards."""
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_index(op.f("ix_workers_seen_at"), "workers", ["seen_at"], unique=False)
    op.add_column("batches", sa.Column("model", sa.String(length=64), server_default="", nullable=False))
    op.add_column("batches", sa.Column("started_at", _MOMENT, nullable=True))
    op.add_column("batches", sa.Column("sent", sa.Integer(), nullable=True))
    op.add_column("batches", sa.Column("sent_at", _MOMENT, nullable=True))
    op.add_column("shards", sa.Column("step", sa.String(length=20), server_default="judge", nullable=False))
