"""Every table of the store, in one place for migrations and backups."""

from __future__ import annotations

from pilah_api.store import (
    access_tables,
    audit_tables,
    case_tables,
    policy_tables,
    queue_tables,
    tally_tables,
    work_tables,
)
from pilah_api.store.columns import Base

METADATA = Base.metadata
"""All tables; importing the modules above has filled it."""

SEALED = (
    access_tables.PersonRow.name_sealed,
    work_tables.CaseRow.identity_sealed,
    work_tables.CaseRow.reporter_sealed,
    work_tables.CaseRow.content_sealed,
    work_tables.EvidenceRow.name_sealed,
    work_tables.EvidenceRow.captured_by_sealed,
    work_tables.PostRow.link_sealed,
    case_tables.CaseStepRow.reason_sealed,
)
"""Every encrypted column, for the renewal of keys."""

__all__ = [
    "METADATA",
    "SEALED",
    "access_tables",
    "audit_tables",
    "case_tables",
    "policy_tables",
    "queue_tables",
    "tally_tables",
    "work_tables",
]
