"""What became of a post and how partisan it was judged, written where counting finds it; and indexes of lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_PARTISAN = {
    "sqlite": "UPDATE judgements SET partisan = json_extract(probabilities, '$.partisan')",
    "postgresql": "UPDATE judgements SET partisan = (probabilities ->> 'partisan')::double precision",
}


def upgrade() -> None:
    """Add columns and indexes; courses are written down when the database is opened."""
    op.add_column("posts", sa.Column("course", sa.Text(), nullable=True))
    op.create_index(op.f("ix_posts_course"), "posts", ["course"], unique=False)
    op.add_column("judgements", sa.Column("partisan", sa.Float(), nullable=True))
    op.execute(_PARTISAN[op.get_context().dialect.name])
    op.create_index("ix_judgements_model", "judgements", ["model_sha256", "decision", "partisan"], unique=False)
    kept = sa.text("post_id IS NOT NULL")
    op.create_index("ix_queue_kept", "queue", ["outcome"], unique=False, sqlite_where=kept, postgresql_where=kept)
    op.create_index(op.f("ix_cases_unit"), "cases", ["unit", "stage", "state"], unique=False)
    op.drop_index("ix_audit_object", table_name="audit")
    for name in ("object", "action", "actor"):
        op.create_index(op.f(f"ix_audit_{name}"), "audit", [name, "seq"], unique=False)
