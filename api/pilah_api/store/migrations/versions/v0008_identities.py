"""Whom an OpenID Connect provider vouches for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table that binds a provider's subject to an account."""
    op.create_table(
        "identities",
        sa.Column("subject_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subject_hash", name=op.f("pk_identities")),
        sa.UniqueConstraint("person_id", name=op.f("uq_identities_person_id")),
    )
