"""Appends to the audit and reads it; records are chained by hash, and the chain's end is sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from pilah_api.chain import START, Finding, Head, Record, canonical, digest, faults
from pilah_api.keyring import Keyring
from pilah_api.store.audit_tables import AuditHeadRow, AuditRow
from pilah_api.store.migrations.guards import GUARD_NAMES

_AT_ONCE = 1000
_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND NOT tgisinternal AND tgenabled <> 'D'",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Who causes a change, as a reference, and in which request."""

    actor: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records to show: of one kind, one actor, one object, from a moment on and before another; None shows all."""

    action: str | None = None
    actor: str | None = None
    object: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what records must meet; moments are kept as texts in UTC, which sort as they follow one another."""
        equal = {AuditRow.action: self.action, AuditRow.actor: self.actor, AuditRow.object: self.object}
        found: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
        if self.since is not None:
            found.append(AuditRow.at >= _moment(self.since))
        if self.until is not None:
            found.append(AuditRow.at < _moment(self.until))
        return found


class Audit:
    """The audit within one unit of work."""

    def __init__(self, session: Session, keyring: Keyring, now: dt.datetime, origin: Origin | None):
        self._session, self._keyring, self._now, self._origin = session, keyring, now, origin

    def append(
        self, action: str, object_: str = "", detail: Mapping[str, object] | None = None, *, actor: str | None = None
    ) -> Record:
        """Add a record to the chain; it holds references and facts, never a name, a post or a secret.

        `actor` replaces the unit's origin where the doer becomes known only within the unit.
        """
        origin = self._origin or Origin("system")
        # Locks the head on PostgreSQL, so that two writers cannot follow the same record; on SQLite there is one writer.
        last = self._session.scalars(select(AuditHeadRow).with_for_update()).one()
        blank = Record(
            seq=last.seq + 1,
            at=_moment(self._now),
            actor=actor or origin.actor,
            action=action,
            object=object_,
            detail=canonical(detail or {}),
            request=origin.request,
            previous=last.hash,
            hash="",
        )
        record = replace(blank, hash=digest(blank))
        self._session.add(AuditRow(**record.as_json()))
        last.seq, last.hash, last.seal = record.seq, record.hash, self._keyring.seal(f"{record.seq}:{record.hash}")
        self._session.flush()
        return record

    def hold(self) -> None:
        """Keep other writers waiting until the unit ends."""
        self._session.scalars(select(AuditHeadRow).with_for_update()).one()

    def head(self) -> Head:
        """Return the end of the chain."""
        row = self._session.scalars(select(AuditHeadRow)).one()
        return Head(row.seq, row.hash, row.seal)

    def page(
        self, before: int | None, limit: int, object_: str | None = None, *, only: Wanted | None = None
    ) -> list[Record]:
        """Return at most `limit` records, newest first, older than `before`; of one object if it is named."""
        query = select(AuditRow).order_by(AuditRow.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.seq < before)
        if object_ is not None:
            query = query.where(AuditRow.object == object_)
        if only is not None:
            query = query.where(*only.conditions())
        return [_record(row) for row in self._session.scalars(query)]

    def actions(self) -> list[str]:
        """Return every kind of act that was recorded, in alphabetical order."""
        # From kind to kind along the index: there are few kinds and many records.
        kinds = select(func.min(AuditRow.action).label("action")).cte("kinds", recursive=True)
        following = select(func.min(AuditRow.action)).where(AuditRow.action > kinds.c.action).scalar_subquery()
        kinds = kinds.union_all(select(following).where(kinds.c.action.is_not(None)))
        return list(self._session.scalars(select(kinds.c.action).where(kinds.c.action.is_not(None))))

    def walk(self) -> Iterator[Record]:
        """Yield all records by their numbers, without holding them in memory at once."""
        last = -(2**62)
        while rows := self._session.scalars(
            select(AuditRow).where(AuditRow.seq > last).order_by(AuditRow.seq).limit(_AT_ONCE)
        ).all():
            yield from map(_record, rows)
            last = rows[-1].seq
            self._session.expunge_all()

    def verify(self, anchor: str | None = None) -> list[Finding]:
        """Return everything that is wrong: with records, with the end of the chain, with the guards.

        `anchor` is a `number:hash` noted down earlier: it shows a chain that was cut back or rewritten as a whole.
        """
        noted: str | None = None
        last = Record(0, "", "", "", "", "", "", "", START)

        def noting(records: Iterator[Record]) -> Iterator[Record]:
            nonlocal last, noted
            for record in records:
                last = record
                if anchor == f"{record.seq}:{record.hash}":
                    noted = anchor
                yield record

        found = list(faults(noting(self.walk())))
        found += self._end_faults(last)
        if anchor is not None and noted is None:
            found.append(
                Finding(None, "no record has the number and hash of the anchor: the chain was cut or rewritten")
            )
        dialect = self._session.get_bind().dialect.name
        missing = GUARD_NAMES[dialect] - set(self._session.scalars(text(_TRIGGERS[dialect])))
        if missing:
            found.append(Finding(None, f"guards are missing or switched off: {', '.join(sorted(missing))}"))
        return found

    def _end_faults(self, last: Record) -> Iterator[Finding]:
        rows = self._session.scalars(select(AuditHeadRow)).all()
        if len(rows) != 1:
            yield Finding(None, "the note of the chain's end is missing")
            return
        head = Head(rows[0].seq, rows[0].hash, rows[0].seal)
        if last.seq == 0:
            yield Finding(None, "the audit is empty, but its first record is written when a database is made")
        elif (head.seq, head.hash) != (last.seq, last.hash):
            yield Finding(None, f"the chain ends at record {last.seq}, but {head.seq} records were written")
        if not self._keyring.is_seal_of(head.seal, head.anchor):
            yield Finding(None, "the seal of the chain's end is not ours: it was rewritten without the key")


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _record(row: AuditRow) -> Record:
    return Record(row.seq, row.at, row.actor, row.action, row.object, row.detail, row.request, row.previous, row.hash)
