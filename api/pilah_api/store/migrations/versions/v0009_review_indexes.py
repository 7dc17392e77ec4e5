"""Indexes by which lists of the review queue and reversals are found without a look at every row."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the indexes, and let that of outcomes give the order of their list."""
    op.create_index(op.f("ix_reviews_reverses"), "reviews", ["reverses"], unique=False)
    op.create_index(op.f("ix_queue_known_on"), "queue", ["known_on", "id"], unique=False)
    op.drop_index("ix_queue_outcome", table_name="queue")
    op.create_index("ix_queue_outcome", "queue", ["outcome", "known_on", "id"], unique=False)
