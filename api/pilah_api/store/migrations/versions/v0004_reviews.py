"""The review queue with its sketches, what a review says beside its label, and where a post stood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the new tables, and add to the posts and reviews that are there."""
    op.add_column("posts", sa.Column("link_sealed", sa.Text(), nullable=True))
    op.add_column("reviews", sa.Column("template", sa.String(length=40), nullable=True))
    op.add_column("reviews", sa.Column("reference", sa.Text(), nullable=True))
    op.add_column("reviews", sa.Column("relation", sa.String(length=20), nullable=True))
    op.create_index("ix_reviews_person_decided", "reviews", ["person_id", "decided_at"], unique=False)
    _queue()
    _sketches()


def _queue() -> None:
    op.create_table(
        "queue",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("post_id", sa.String(length=32), nullable=True),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("basis", sa.String(length=20), nullable=True),
        sa.Column("forms", sa.JSON(), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("entered_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("erase_at", _MOMENT, nullable=True),
        sa.CheckConstraint("queue IN ('tinjau', 'butuh_konteks')", name=op.f("ck_queue_queue")),
        sa.CheckConstraint("round BETWEEN 1 AND 3", name=op.f("ck_queue_round")),
        sa.CheckConstraint("(round IS NULL) <> (outcome IS NULL)", name=op.f("ck_queue_open_or_closed")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_queue_post_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue")),
        sa.UniqueConstraint("post_id", name=op.f("uq_queue_post_id")),
        sa.UniqueConstraint("holder", name=op.f("uq_queue_holder")),
    )
    is_open = sa.text("round IS NOT NULL")
    op.create_index("ix_queue_next", "queue", ["round", "queue", "priority", "known_on", "id"], unique=False)
    op.create_index(
        "ix_queue_open", "queue", ["known_on", "id"], unique=False, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_queue_outcome", "queue", ["outcome", "closed_at"], unique=False)
    op.create_index("ix_queue_precision", "queue", ["model_sha256", "queue", "outcome"], unique=False)
    op.create_index(op.f("ix_queue_erase_at"), "queue", ["erase_at"], unique=False)


def _sketches() -> None:
    op.create_table(
        "sketches",
        sa.Column("post_id", sa.String(length=32), nullable=False),
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_sketches_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "band", name=op.f("pk_sketches")),
    )
    op.create_index(op.f("ix_sketches_band"), "sketches", ["band"], unique=False)
