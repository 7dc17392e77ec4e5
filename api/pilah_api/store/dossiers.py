"""Reads everything that the store holds on a case, for the person concerned; whatever table refers to a case is part of it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Row, Table, or_, select
from sqlalchemy.orm import Session

from pilah_api.access import NotFoundError
from pilah_api.keyring import Keyring
from pilah_api.store.access_tables import PersonRow
from pilah_api.store.audit_tables import AuditRow
from pilah_api.store.tables import METADATA
from pilah_api.store.work_tables import BatchRow, CaseRow, EvidenceRow, PostRow

Fields = dict[str, Any]
_SEALED = "_sealed"
_SOMEBODY_ELSE = frozenset({"reporter_sealed", "captured_by_sealed"})
"""Who reported, witnessed or brought evidence has a right to be protected too; the export says that this is left out."""
_KEPT_APART = frozenset({"people", "sessions", "links", "identities", "batches", "shards", "audit", "cases"})
"""Staff, their sessions, and other people's posts are no part of a case's data."""
_BY = frozenset({"brought_by"})


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case, the rows that refer to it by table, what the audit says of them, and the hashes of its evidence files.

    Staff are named by their roles only; the reporter is left out.
    """

    case: Fields
    parts: dict[str, list[Fields]]
    audit: list[Fields]
    evidence: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each kind."""
        return {name: len(rows) for name, rows in self.parts.items()}


@dataclass(frozen=True, slots=True)
class Feed:
    """A batch whose uploaded file still holds a post of a case, until its own date."""

    id: str
    name: str
    expires_at: dt.datetime


class Dossiers:
    """What is held on a case, within one unit of work."""

    def __init__(self, session: Session, keyring: Keyring):
        self._session, self._keyring = session, keyring

    def read(self, case_id: str) -> Dossier:
        """Return everything that is held on a case. Raises NotFoundError."""
        cases = METADATA.tables[CaseRow.__tablename__]
        row = self._session.execute(select(cases).where(CaseRow.id == case_id)).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no case with the id {case_id[:40]!r}")
        case = self._fields(cases, row)
        found: dict[str, list[Row[Any]]] = {cases.name: [row]}
        for table in METADATA.sorted_tables:
            if table.name not in _KEPT_APART and (rows := self._referring(table, found)):
                found[table.name] = rows
        parts = {
            name: [self._fields(METADATA.tables[name], row) for row in rows]
            for name, rows in found.items()
            if name != cases.name
        }
        hashes = {row.sha256 for row in found.get(EvidenceRow.__tablename__, [])}
        return Dossier(case, parts, self._audit(found), tuple(sorted(hashes)))

    def feeds(self, case_id: str) -> list[Feed]:
        """Return the batches that posts of a case came with and whose files are still there."""
        query = (
            select(BatchRow.id, BatchRow.name, BatchRow.expires_at)
            .join(PostRow, PostRow.batch_id == BatchRow.id)
            .where(PostRow.case_id == case_id)
            .distinct()
            .order_by(BatchRow.id)
        )
        return [Feed(*row) for row in self._session.execute(query)]

    def _referring(self, table: Table, found: Mapping[str, list[Row[Any]]]) -> list[Row[Any]]:
        """Return the rows of a table that refer to rows found already, in a chain from the case."""
        ways = [
            column.in_(_ids(found[target]))
            for column, target in _references(table)
            if target in found and target != table.name
        ]
        if not ways:
            return []
        return list(self._session.execute(select(table).where(or_(*ways)).order_by(*table.primary_key.columns)))

    def _fields(self, table: Table, row: Row[Any]) -> Fields:
        staff = {column.name for column, target in _references(table) if target == PersonRow.__tablename__}
        fields: Fields = {}
        for name, value in row._mapping.items():
            if name in _SOMEBODY_ELSE:
                fields[name.removesuffix(_SEALED)] = None if value is None else "(left out: another person's data)"
            elif name.endswith(_SEALED):
                fields[name.removesuffix(_SEALED)] = None if value is None else _plain(self._keyring.decrypt(value))
            elif name in staff:
                fields[name] = self._roles(value)
            elif name in _BY:
                fields[name] = str(value).partition(":")[0]
            else:
                fields[name] = _as_json(value)
        return fields

    def _roles(self, person_id: str | None) -> list[str] | None:
        roles = self._session.scalar(select(PersonRow.roles).where(PersonRow.id == person_id)) if person_id else None
        return None if roles is None else list(roles)

    def _audit(self, found: Mapping[str, list[Row[Any]]]) -> list[Fields]:
        # The audit names objects in the singular: cases are `case:…`, posts `post:…`.
        objects = [f"{table.removesuffix('s')}:{one}" for table, rows in found.items() for one in _ids(rows)]
        query = select(AuditRow).where(AuditRow.object.in_(objects)).order_by(AuditRow.seq)
        return [
            {
                "number": record.seq,
                "at": record.at,
                "by": record.actor.partition(":")[0],
                "action": record.action,
                "object": record.object,
                "detail": record.detail,
            }
            for record in self._session.scalars(query)
        ]


def _ids(rows: list[Row[Any]]) -> list[str]:
    """Return the ids of rows; nothing refers to a row that has none."""
    return [row._mapping["id"] for row in rows if "id" in row._mapping]


def _plain(text: str) -> object:
    """Return what was sealed: fields are JSON, a name is a text."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict) else text


def _references(table: Table) -> Iterator[tuple[Column[Any], str]]:
    for key in table.foreign_keys:
        yield key.parent, key.column.table.name


def _as_json(value: object) -> object:
    match value:
        case dt.datetime() | dt.date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case _:
            return value
