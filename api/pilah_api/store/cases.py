"""Cases in the store: what names people goes in encrypted and comes out only when asked for; every change names the version it saw."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pilah_api.access import NotFoundError
from pilah_api.keyring import Keyring
from pilah_api.store.case_records import Columns, Contents, KeptCase, StaleError, Step, Values
from pilah_api.store.case_tables import CaseMemberRow, CaseStepRow
from pilah_api.store.columns import new_id, upsert
from pilah_api.store.work_tables import CaseRow


class Cases:
    """Cases within one unit of work."""

    def __init__(self, session: Session, keyring: Keyring, now: dt.datetime):
        self._session, self._keyring, self._now = session, keyring, now

    def add(self, state: str, opened_by: str, columns: Columns, contents: Contents) -> str:
        """Store a new case with the person who opened it as its first member; return its id."""
        row = CaseRow(
            id=new_id(self._now),
            state=state,
            version=1,
            opened_by=opened_by,
            created_at=self._now,
            changed_at=self._now,
            facts={},
        )
        self._fill(row, columns, contents)
        self._session.add(row)
        self._session.flush()
        self.join(row.id, opened_by)
        return row.id

    def get(self, case_id: str, *, unsealed: bool) -> KeptCase:
        """Return a case, with what is encrypted if asked for. Raises NotFoundError."""
        return self._kept(self._row(case_id), unsealed=unsealed)

    def page(self, states: Sequence[str], before: str | None, limit: int) -> list[KeptCase]:
        """Return at most `limit` cases in any of these states, newest first, older than the given id; sealed."""
        query = select(CaseRow).where(CaseRow.state.in_(states)).order_by(CaseRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(CaseRow.id < before)
        return [self._kept(row, unsealed=False) for row in self._session.scalars(query)]

    def counts(self) -> dict[str, int]:
        """Return how many cases there are in each state."""
        query = select(CaseRow.state, func.count()).group_by(CaseRow.state)
        return dict(self._session.execute(query).all())

    def hold(self, case_id: str, version: int) -> KeptCase:
        """Return a case with all it holds, and keep others from changing it until the unit ends.

        Raises NotFoundError, and StaleError if it has another version than the one its reader saw.
        """
        row = self._session.scalars(
            select(CaseRow).where(CaseRow.id == case_id).with_for_update().execution_options(populate_existing=True)
        ).one_or_none()
        row = row or self._row(case_id)
        if row.version != version:
            raise StaleError(
                f"the case was changed meanwhile: it has version {row.version}, the request was made for version "
                f"{version}; read it again, then repeat what is still right",
                row.version,
            )
        return self._kept(row, unsealed=True)

    def change(self, case_id: str, columns: Columns, contents: Contents) -> int:
        """Store what a held case holds now; return its new version."""
        row = self._row(case_id)
        self._fill(row, columns, contents)
        return self._touch(row)

    def move(
        self,
        case_id: str,
        target: str,
        person_id: str,
        role: str,
        reason: str,
        *,
        closed: bool,
        retain_until: dt.datetime | None,
    ) -> int:
        """Put a held case into another state and note the step; return its new version.

        `closed` sets or clears when it was closed; `retain_until` is when it is to be erased.
        """
        row = self._row(case_id)
        number = self._session.scalar(
            select(func.coalesce(func.max(CaseStepRow.number), 0) + 1).where(CaseStepRow.case_id == case_id)
        )
        self._session.add(
            CaseStepRow(
                id=new_id(self._now),
                case_id=case_id,
                number=number,
                source=row.state,
                target=target,
                person_id=person_id,
                role=role,
                reason_sealed=self._keyring.encrypt(reason) if reason else None,
                taken_at=self._now,
            )
        )
        row.state, row.closed_at = target, self._now if closed else None
        row.retain_until = retain_until
        return self._touch(row)

    def steps(self, case_id: str, *, unsealed: bool) -> list[Step]:
        """Return the steps of a case in their order, with their reasons if asked for."""
        rows = self._session.scalars(
            select(CaseStepRow).where(CaseStepRow.case_id == case_id).order_by(CaseStepRow.number)
        )
        return [
            Step(
                row.number,
                row.source,
                row.target,
                row.person_id,
                row.role,
                self._keyring.decrypt(row.reason_sealed) if unsealed and row.reason_sealed else None,
                row.taken_at,
            )
            for row in rows
        ]

    def join(self, case_id: str, person_id: str) -> bool:
        """Make a person a member of a case; return whether they were none before."""
        # One statement, so that pressing a button twice is no error.
        added = self._session.scalar(
            upsert(self._session, CaseMemberRow)
            .values(case_id=case_id, person_id=person_id, joined_at=self._now)
            .on_conflict_do_nothing()
            .returning(CaseMemberRow.person_id)
        )
        return added is not None

    def is_member(self, case_id: str, person_id: str) -> bool:
        """Return whether a person works on a case."""
        return self._session.get(CaseMemberRow, (case_id, person_id)) is not None

    def _row(self, case_id: str) -> CaseRow:
        row = self._session.get(CaseRow, case_id)
        if row is None:
            raise NotFoundError(f"there is no case with the id {case_id[:40]!r}")
        return row

    def _touch(self, row: CaseRow) -> int:
        row.version, row.changed_at = row.version + 1, self._now
        self._session.flush()
        return row.version

    def _fill(self, row: CaseRow, columns: Columns, contents: Contents) -> None:
        row.unit, row.stage = columns.unit, columns.stage
        row.happened_on, row.known_on, row.retain_until = columns.happened_on, columns.known_on, columns.retain_until
        row.facts = dict(contents.facts)
        row.identity_sealed = self._seal(contents.identity)
        row.reporter_sealed = self._seal(contents.reporter)
        row.content_sealed = self._seal(contents.content)

    def _seal(self, values: Values) -> str | None:
        return self._keyring.encrypt(json.dumps(dict(values), ensure_ascii=False, sort_keys=True)) if values else None

    def _open(self, sealed: str | None) -> dict[str, Any]:
        opened: dict[str, Any] = json.loads(self._keyring.decrypt(sealed)) if sealed else {}
        return opened

    def _kept(self, row: CaseRow, *, unsealed: bool) -> KeptCase:
        contents = Contents(dict(row.facts))
        if unsealed:
            sealed = (row.identity_sealed, row.reporter_sealed, row.content_sealed)
            contents = Contents(dict(row.facts), *(self._open(text) for text in sealed))
        return KeptCase(
            row.id,
            row.state,
            row.version,
            row.unit,
            row.stage,
            row.happened_on,
            row.known_on,
            row.opened_by,
            row.created_at,
            row.changed_at or row.created_at,
            row.closed_at,
            row.retain_until,
            row.erased_at,
            contents,
            not unsealed,
        )
