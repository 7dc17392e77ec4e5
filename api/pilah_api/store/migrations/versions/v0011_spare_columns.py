"""Takes away what was kept of posts and batches and never read: a hash of each text, and when rows were sent for review."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Drop the columns, and the index of the hashes."""
    op.drop_index("ix_posts_fingerprint", table_name="posts")
    op.drop_column("posts", "fingerprint")
    op.drop_column("batches", "sent_at")
