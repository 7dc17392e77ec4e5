"""Cases in the store: what names people goes in encrypted and comes out only when asked for; every change names the version it saw."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pilah_api.access import ConflictError, NotFoundError
from pilah_api.keyring import Keyring
from pilah_api.store.case_tables import CaseMemberRow, CaseStepRow
from pilah_api.store.columns import new_id, upsert
from pilah_api.store.posts import PostState
from pilah_api.store.work_tables import CaseRow, JudgementRow, PostRow
from pilah_data.errors import PilahError

Values = Mapping[str, Any]


class StaleError(PilahError):
    """Somebody else changed a case since it was read; `version` is the present one."""

    def __init__(self, detail: str, version: int):
        super().__init__(detail)
        self.version = version


@dataclass(frozen=True, slots=True)
class Contents:
    """What is known in a case, by where it is kept; only `facts` names nobody and lies open."""

    facts: Values = field(default_factory=dict)
    identity: Values = field(default_factory=dict)
    reporter: Values = field(default_factory=dict)
    content: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptCase:
    """A case as it is stored; `sealed` says whether what is encrypted was left out."""

    id: str
    state: str
    version: int
    unit: str
    stage: str | None
    happened_on: dt.date | None
    known_on: dt.date | None
    opened_by: str
    created_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    retain_until: dt.datetime | None
    erased_at: dt.datetime | None
    contents: Contents
    sealed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A move of a case; `reason` is None where it was not asked for or is erased."""

    number: int
    source: str
    target: str
    person_id: str
    role: str
    reason: str | None
    taken_at: dt.datetime


@dataclass(frozen=True, slots=True)
class KeptJudgement:
    """What a model said about the post of a case, for the copy that the person concerned gets."""

    decision: str
    confidence: float
    forms: tuple[str, ...]
    thresholds: Mapping[str, float]
    model: str
    version: str
    sha256: str
    engine: str
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of a case that have a column of their own."""

    unit: str
    stage: str | None = None
    happened_on: dt.date | None = None
    known_on: dt.date | None = None
    retain_until: dt.datetime | None = None


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

    def take_post(self, post_id: str, case_id: str) -> None:
        """Make a stored post part of a case. Raises NotFoundError, and ConflictError if it is part of one already."""
        row = self._session.scalars(select(PostRow).where(PostRow.id == post_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no post with the id {post_id[:40]!r}; it may have been deleted on time")
        if row.case_id is not None:
            raise ConflictError("the post is part of a case already; open that one")
        row.state, row.case_id = PostState.KASUS.value, case_id
        self._session.flush()

    def judgement(self, case_id: str) -> KeptJudgement | None:
        """Return what a model said last about the post of a case, or None where a person alone brought it in."""
        row = self._session.scalars(
            select(JudgementRow)
            .join(PostRow, PostRow.id == JudgementRow.post_id)
            .where(PostRow.case_id == case_id)
            .order_by(JudgementRow.id.desc())
            .limit(1)
        ).one_or_none()
        return _judged(row) if row is not None else None

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


def _judged(row: JudgementRow) -> KeptJudgement:
    return KeptJudgement(
        row.decision,
        row.confidence,
        tuple(str(form["code"]) for form in row.forms),
        dict(row.thresholds),
        row.model_name,
        row.model_version,
        row.model_sha256,
        row.engine,
        row.created_at,
    )
