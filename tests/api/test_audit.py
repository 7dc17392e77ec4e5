"""The audit: a chain in which every altered, removed or moved record shows, on both databases."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from pilah_api import chain
from pilah_api.services.auditing import export, verify
from pilah_api.store.audit import Origin, Wanted
from pilah_api.store.migrations.guards import GUARD_NAMES, GUARDS
from pilah_api.store.units import Store
from tests.api.stores import START, TEST, Place

RECORDS = 8


@pytest.fixture
def filled(store: Store) -> Store:
    for number in range(RECORDS - 1):
        with store.writing(Origin(f"person:{number % 2}", f"request-{number}")) as unit:
            unit.audit.append("test.done", f"thing:{number}", {"number": number, "teks": "é"})
    return store


@contextmanager
def tampering(store: Store) -> Iterator[sa.Connection]:
    """Reach around the guards as somebody with the database in hand would, and put them back."""
    kind = store.kind
    with store.engine.begin() as connection:
        for name in GUARD_NAMES[kind]:
            connection.execute(sa.text(f"DROP TRIGGER {name}" + (" ON audit" if kind == "postgresql" else "")))
        yield connection
        for statement in GUARDS[kind]:
            if statement.startswith("CREATE TRIGGER"):
                connection.exec_driver_sql(statement)


def findings(store: Store, anchor: str | None = None) -> list[chain.Finding]:
    with store.reading() as unit:
        return unit.audit.verify(anchor)


def test_a_whole_chain_has_no_findings(filled: Store) -> None:
    assert findings(filled) == []
    with filled.reading() as unit:
        records = list(unit.audit.walk())
        head = unit.audit.head()
    assert [record.seq for record in records] == list(range(1, RECORDS + 1))
    assert records[0].previous == chain.START
    assert (head.seq, head.hash) == (RECORDS, records[-1].hash)
    assert json.loads(records[3].detail) == {"number": 2, "teks": "é"}


TAMPERINGS: dict[str, tuple[list[str], set[int | None]]] = {
    "actor altered": (["UPDATE audit SET actor = 'person:9' WHERE seq = 4"], {4}),
    "moment altered": (["UPDATE audit SET at = '2020-01-01T00:00:00.000000+00:00' WHERE seq = 2"], {2}),
    "detail altered": (["UPDATE audit SET detail = '{}' WHERE seq = 5"], {5}),
    "request altered": (["UPDATE audit SET request = 'x' WHERE seq = 5"], {5}),
    "first removed": (["DELETE FROM audit WHERE seq = 1"], {1, 2}),
    "one removed": (["DELETE FROM audit WHERE seq = 4"], {4, 5}),
    "several removed": (["DELETE FROM audit WHERE seq IN (3, 4, 5)"], {3, 6}),
    "last removed": ([f"DELETE FROM audit WHERE seq = {RECORDS}"], {None}),
    "all removed": (["DELETE FROM audit"], {None}),
    "two exchanged": (
        [
            "UPDATE audit SET seq = 99 WHERE seq = 3",
            "UPDATE audit SET seq = 3 WHERE seq = 5",
            "UPDATE audit SET seq = 5 WHERE seq = 99",
        ],
        {3, 4, 5, 6},
    ),
    "removed and closed up": (
        ["DELETE FROM audit WHERE seq = 4", *(f"UPDATE audit SET seq = {n - 1} WHERE seq = {n}" for n in range(5, 9))],
        {4, 5, 6, 7, None},
    ),
    "one inserted": (
        [
            "INSERT INTO audit SELECT 9, at, actor, action, object, detail, request, hash, hash FROM audit WHERE seq = 8",
        ],
        {9, None},
    ),
    "head moved": (["UPDATE audit_head SET seq = 7"], {None}),
    "head removed": (["DELETE FROM audit_head"], {None}),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_shows(filled: Store, name: str) -> None:
    statements, places = TAMPERINGS[name]
    with tampering(filled) as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    assert {finding.seq for finding in findings(filled)} == places


def test_a_chain_rewritten_with_right_hashes_shows_by_its_seal(filled: Store) -> None:
    with filled.reading() as unit:
        records = list(unit.audit.walk())
    with tampering(filled) as connection:
        last = chain.START
        for record in records:
            content = {**record.as_json(), "previous": last, "actor": "person:nobody"}
            forged = chain.Record(**content)
            last = chain.digest(forged)
            connection.execute(
                sa.text("UPDATE audit SET actor = :actor, previous = :previous, hash = :hash WHERE seq = :seq"),
                {"actor": forged.actor, "previous": forged.previous, "hash": last, "seq": forged.seq},
            )
        connection.execute(sa.text("UPDATE audit_head SET hash = :hash"), {"hash": last})
    assert [finding.what for finding in findings(filled)] == [
        "the seal of the chain's end is not ours: it was rewritten without the key"
    ]


def test_a_chain_cut_back_to_an_earlier_sealed_end_shows_by_an_anchor(filled: Store) -> None:
    with filled.reading() as unit:
        early = unit.audit.head()
    with filled.writing(TEST) as unit:
        unit.audit.append("test.embarrassing")
    with filled.reading() as unit:
        anchor = unit.audit.head().anchor
    assert findings(filled, anchor) == []
    assert findings(filled, early.anchor) == []
    with tampering(filled) as connection:
        connection.execute(sa.text(f"DELETE FROM audit WHERE seq > {early.seq}"))
        connection.execute(
            sa.text("UPDATE audit_head SET seq = :seq, hash = :hash, seal = :seal"),
            {"seq": early.seq, "hash": early.hash, "seal": early.seal},
        )
    assert findings(filled) == []
    assert [finding.seq for finding in findings(filled, anchor)] == [None]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'x' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT 20, at, actor, action, object, detail, request, previous, hash FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT 2, at, actor, action, object, detail, request, previous, hash FROM audit WHERE seq = 3",
    ],
)
def test_the_database_refuses_changes(filled: Store, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), filled.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert findings(filled) == []


def test_the_ways_around_of_each_database_are_refused(filled: Store) -> None:
    statement = {
        "sqlite": "REPLACE INTO audit SELECT 2, at, actor, action, object, detail, request, previous, hash FROM audit WHERE seq = 3",
        "postgresql": "TRUNCATE audit",
    }[filled.kind]
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), filled.engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_a_missing_guard_is_found(filled: Store) -> None:
    with filled.engine.begin() as connection:
        on = " ON audit" if filled.kind == "postgresql" else ""
        connection.execute(sa.text(f"DROP TRIGGER audit_no_delete{on}"))
    assert "audit_no_delete" in findings(filled)[0].what


def test_verification_and_export_are_recorded(filled: Store) -> None:
    checked = verify(filled, None, TEST)
    assert (checked.records, checked.findings) == (RECORDS, [])
    lines: list[str] = []
    write: Callable[[str], None] = lines.append
    assert export(filled, write, TEST) == RECORDS + 2
    exported = [chain.Record(**json.loads(line)) for line in lines]
    assert list(chain.faults(exported)) == []
    assert [record.action for record in exported[-2:]] == ["audit.verified", "audit.exported"]
    assert all(record.actor == "console" for record in exported[-2:])


def test_a_broken_chain_is_not_written_to_by_its_verification(filled: Store) -> None:
    with tampering(filled) as connection:
        connection.execute(sa.text("UPDATE audit SET actor = 'x' WHERE seq = 3"))
    checked = verify(filled, None, TEST)
    assert checked.findings
    assert verify(filled, None, TEST) == checked


def test_pages_go_from_new_to_old(filled: Store) -> None:
    with filled.reading() as unit:
        first = unit.audit.page(None, 3)
        second = unit.audit.page(first[-1].seq, 3)
        one = unit.audit.page(None, 10, "thing:4")
    assert [record.seq for record in (*first, *second)] == [8, 7, 6, 5, 4, 3]
    assert [record.object for record in one] == ["thing:4"]


def test_canonical_text_does_not_depend_on_the_order_of_fields() -> None:
    assert chain.canonical({"b": 1, "a": {"d": "é", "c": None}}) == '{"a":{"c":null,"d":"é"},"b":1}'


def test_records_are_found_by_kind_actor_object_and_day(store: Store, place: Place) -> None:
    for day, (actor, action, object_) in enumerate(
        [("person:a", "key.made", "key:1"), ("person:a", "key.revoked", "key:1"), ("person:b", "key.made", "key:2")]
    ):
        place.clock.now = START + dt.timedelta(days=day)
        with store.writing(Origin(actor)) as unit:
            unit.audit.append(action, object_)

    def found(**wanted: Any) -> list[str]:
        with store.reading() as unit:
            return [f"{r.actor} {r.action} {r.object}" for r in unit.audit.page(None, 50, only=Wanted(**wanted))]

    assert found(action="key.made") == ["person:b key.made key:2", "person:a key.made key:1"]
    assert found(actor="person:a", object="key:1") == ["person:a key.revoked key:1", "person:a key.made key:1"]
    assert found(since=START + dt.timedelta(days=2)) == ["person:b key.made key:2"]
    assert found(since=START + dt.timedelta(days=1), until=START + dt.timedelta(days=2)) == [
        "person:a key.revoked key:1"
    ]
    assert found(actor="person:' OR 1=1 --") == []
    with store.reading() as unit:
        (newest,) = unit.audit.page(None, 1)
        assert [r.seq for r in unit.audit.page(newest.seq, 1, only=Wanted(action="key.made"))] == [newest.seq - 2]
        assert unit.audit.actions() == ["key.made", "key.revoked", "store.created"]
