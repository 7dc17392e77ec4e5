"""Fills a store as an office leaves it behind after a busy election: reviews, cases, batches, people, keys and a long audit."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from pilah_api.access import Role, Scope
from pilah_api.chain import START, Record, canonical, digest
from pilah_api.keyring import Keyring
from pilah_api.services.cases_states import State
from pilah_api.services.keys import make_key
from pilah_api.services.people import add_person
from pilah_api.store.audit import Origin
from pilah_api.store.audit_tables import AuditHeadRow, AuditRow
from pilah_api.store.case_tables import CaseMemberRow, CaseStepRow
from pilah_api.store.columns import new_id
from pilah_api.store.engine import for_writing
from pilah_api.store.queue_tables import QueueRow, SketchRow
from pilah_api.store.tally_tables import TallyRow
from pilah_api.store.units import Store
from pilah_api.store.work_tables import BatchRow, CaseRow, JudgementRow, PostRow, ReviewRow, ShardRow
from pilah_model.judgement import ModelInfo
from tests.benchmarks.office_posts import AT_ONCE, WEEKS, Rows, read_posts, tallies

BENCH = Origin("console", "bench")
_OLD_MODEL = ("pilah-mini", "0.9.0", "0123456789abcdef" * 4)
_ACTIONS = (
    "review.decided",
    "review.claimed",
    "post.viewed",
    "case.viewed",
    "case.changed",
    "person.signed_in",
    "purge",
)
_ORDER = (
    TallyRow,
    PostRow,
    JudgementRow,
    ReviewRow,
    QueueRow,
    SketchRow,
    CaseRow,
    CaseMemberRow,
    CaseStepRow,
    BatchRow,
    ShardRow,
)


def fill(store: Store, reviews: int, colleagues: list[str], officer: str, model: ModelInfo) -> dict[str, int]:
    """Fill a store with so many reviews by these people, and what belongs to them; return how many rows each table got.

    The posts of the last weeks were judged by `model`.
    """
    models = (_OLD_MODEL, (model.name, model.version, model.sha256))
    rng, counted = random.Random(1), Counter[str]()
    kinds = (
        read_posts(rng, reviews, colleagues, models, store.now()),
        tallies(rng, store.now()),
        _cases(rng, reviews // 100, [officer, *colleagues], store.now()),
        _batches(rng, reviews // 100, officer, store.now()),
    )
    for rows in itertools.chain(*kinds):
        with for_writing(store.engine).begin() as connection:
            for table in _ORDER:
                if rows[table]:
                    connection.execute(sa.insert(table), rows[table])
                    counted[table.__tablename__] += len(rows[table])
    _staff(store, 60)
    with store.writing(BENCH) as unit:
        unit.statistics.recount()
    if store.kind == "postgresql":
        # As its autovacuum does within minutes; the embedded database plans without such figures.
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
    counted["audit"] = _audit(store, reviews, [officer, *colleagues])
    return dict(counted)


def _cases(rng: random.Random, number: int, people: list[str], now: dt.datetime) -> Iterator[Rows]:
    rows: Rows = defaultdict(list)
    for _ in range(number):
        opened = now - dt.timedelta(days=rng.randrange(7 * WEEKS), seconds=rng.randrange(80_000))
        case_id, state = new_id(opened), rng.choice([*State])
        rows[CaseRow].append(
            {
                "id": case_id,
                "state": state.value,
                "unit": f"Lapas Sukamaju {rng.randrange(60)}",
                "content_sealed": "x" * 1500,
                "facts": {"kind": "temuan", "platform": "facebook"},
                "version": 3,
                "stage": rng.choice((None, "T0", "T1", "T2", "T3", "T4", "T5")),
                "happened_on": opened.date(),
                "known_on": opened.date(),
                "opened_by": people[0],
                "created_at": opened,
                "changed_at": opened,
            }
        )
        for person_id in people[:2]:
            rows[CaseMemberRow].append({"case_id": case_id, "person_id": person_id, "joined_at": opened})
        rows[CaseStepRow].append(
            {
                "id": new_id(opened),
                "case_id": case_id,
                "number": 1,
                "source": State.MASUK.value,
                "target": state.value,
                "person_id": people[0],
                "role": "petugas",
                "taken_at": opened,
            }
        )
    yield rows


def _batches(rng: random.Random, number: int, owner: str, now: dt.datetime) -> Iterator[Rows]:
    rows: Rows = defaultdict(list)
    for place in range(number):
        at = now - dt.timedelta(minutes=10 * (number - place))
        batch_id = new_id(at)
        rows[BatchRow].append(
            {
                "id": batch_id,
                "owner": f"person:{owner}",
                "state": "done",
                "name": f"umpan-{place}.csv",
                "options": {},
                "fingerprint": "0" * 64,
                "model": "0" * 64,
                "rows_total": 8_000,
                "created_at": at,
                "started_at": at,
                "finished_at": at,
                "expires_at": now + dt.timedelta(days=7),
            }
        )
        for shard in range(8):
            rows[ShardRow].append(
                {
                    "id": new_id(at),
                    "batch_id": batch_id,
                    "number": shard,
                    "step": "judge",
                    "state": "done",
                    "rows": 1_000,
                    "rows_failed": rng.randrange(2),
                    "attempts": 1,
                    "finished_at": at,
                }
            )
    yield rows


def _staff(store: Store, number: int) -> None:
    with store.writing(BENCH) as unit:
        for n in range(number):
            made = add_person(unit, f"pegawai{n}", f"Pegawai {n}", frozenset({Role.PETUGAS}))
            make_key(unit, f"program {n}", frozenset({Scope.JUDGE}), 30, f"person:{made.person.id}")


def _audit(store: Store, number: int, people: list[str]) -> int:
    """Write so many records behind those that are there, chained and sealed as the audit does it, only faster."""
    rng = random.Random(2)
    with store.reading() as unit:
        head = unit.audit.head()
    seq, last, began = head.seq, head.hash or START, store.now() - dt.timedelta(days=300)
    with for_writing(store.engine).begin() as connection:
        for _ in range(0, number, AT_ONCE):
            rows = []
            for _ in range(AT_ONCE):
                seq += 1
                at = (began + dt.timedelta(seconds=seq * 250)).isoformat(timespec="microseconds")
                actor, object_ = f"person:{rng.choice(people)}", f"post:{rng.randrange(number):032x}"
                blank = Record(seq, at, actor, rng.choice(_ACTIONS), object_, canonical({"round": 1}), "r", last, "")
                last = digest(blank)
                rows.append({**blank.as_json(), "hash": last})
            connection.execute(sa.insert(AuditRow), rows)
        connection.execute(
            sa.update(AuditHeadRow).values(seq=seq, hash=last, seal=_keyring(store).seal(f"{seq}:{last}"))
        )
    return seq


def _keyring(store: Store) -> Keyring:
    return store._keyring
