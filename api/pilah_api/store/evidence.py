"""Evidence in the store: what is known about each file of a case; the files themselves lie in the data folder under their hash."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pilah_api.access import ConflictError, NotFoundError
from pilah_api.keyring import Keyring
from pilah_api.store.columns import new_id
from pilah_api.store.work_tables import EvidenceRow


@dataclass(frozen=True, slots=True)
class Capture:
    """What an officer says about a file: its name, who captured it and when, in which zone, and what can be seen on it."""

    name: str
    captured_by: str
    captured_at: dt.datetime
    zone: str
    checks: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A piece of evidence; `capture` is None where what is encrypted was not asked for."""

    id: str
    case_id: str
    sha256: str
    bytes: int
    media_type: str
    captured_at: dt.datetime | None
    zone: str | None
    checks: Mapping[str, bool]
    added_by: str
    added_at: dt.datetime
    name: str | None
    captured_by: str | None


class EvidenceList:
    """Evidence within one unit of work."""

    def __init__(self, session: Session, keyring: Keyring, now: dt.datetime):
        self._session, self._keyring, self._now = session, keyring, now

    def add(self, case_id: str, sha256: str, size: int, media_type: str, capture: Capture, added_by: str) -> Exhibit:
        """Store what is known about a file. Raises ConflictError if the case has this very file already."""
        row = EvidenceRow(
            id=new_id(self._now),
            case_id=case_id,
            sha256=sha256,
            bytes=size,
            media_type=media_type,
            name_sealed=self._keyring.encrypt(capture.name),
            captured_by_sealed=self._keyring.encrypt(capture.captured_by),
            captured_at=capture.captured_at,
            captured_zone=capture.zone,
            checks=dict(capture.checks),
            added_by=added_by,
            added_at=self._now,
        )
        self._session.add(row)
        try:
            self._session.flush()
        except IntegrityError:
            raise ConflictError("this very file (by its SHA-256) is part of the case already") from None
        return self._exhibit(row, unsealed=True)

    def of(self, case_id: str, *, unsealed: bool) -> list[Exhibit]:
        """Return the evidence of a case in the order in which it came in."""
        rows = self._session.scalars(
            select(EvidenceRow).where(EvidenceRow.case_id == case_id).order_by(EvidenceRow.added_at, EvidenceRow.id)
        )
        return [self._exhibit(row, unsealed=unsealed) for row in rows]

    def get(self, case_id: str, evidence_id: str) -> Exhibit:
        """Return one piece of a case's evidence. Raises NotFoundError."""
        row = self._session.get(EvidenceRow, evidence_id)
        if row is None or row.case_id != case_id:
            raise NotFoundError(f"the case has no evidence with the id {evidence_id[:40]!r}")
        return self._exhibit(row, unsealed=True)

    def total(self, case_id: str) -> tuple[int, int]:
        """Return how many files a case has, and how many bytes they have together."""
        query = select(func.count(), func.coalesce(func.sum(EvidenceRow.bytes), 0)).where(
            EvidenceRow.case_id == case_id
        )
        files, size = self._session.execute(query).one()
        return int(files), int(size)

    def _exhibit(self, row: EvidenceRow, *, unsealed: bool) -> Exhibit:
        by = row.captured_by_sealed
        return Exhibit(
            row.id,
            row.case_id,
            row.sha256,
            row.bytes,
            row.media_type,
            row.captured_at,
            row.captured_zone,
            dict(row.checks),
            row.added_by,
            row.added_at,
            self._keyring.decrypt(row.name_sealed) if unsealed else None,
            self._keyring.decrypt(by) if unsealed and by else None,
        )
