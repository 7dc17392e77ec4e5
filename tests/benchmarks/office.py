"""Fills a store as an office leaves it behind after a busy election: reviews, cases, batches, people, keys and a long audit."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

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
from pilah_api.verdicts import verdict
from pilah_data.sketches import BANDS
from pilah_data.taxonomy import Label
from pilah_model.judgement import ModelInfo

BENCH = Origin("console", "bench")
_WORDS = "warga kampung jalan desa pagi kopi calon nomor dua coblos pasti menang pasar sungai kantor apel hujan ronda guru kebun kabar"
_OLD_MODEL = ("pilah-mini", "0.9.0", "0123456789abcdef" * 4)
_FORMS = ((), ("B02",), ("B02", "B05"), ("B01",), ("B05",), ("B03", "B07"), ("B08",), ("B02", "B04"))
_ACTIONS = (
    "review.decided",
    "review.claimed",
    "post.viewed",
    "case.viewed",
    "case.changed",
    "person.signed_in",
    "purge",
)
_WEEKS = 50
_KEPT_DAYS = {"tinjau": 85, "butuh_konteks": 28}
"""Older posts were purged; they live on in tallies."""
_AT_ONCE = 5_000
_Rows = dict[Any, list[dict[str, Any]]]
_Models = tuple[tuple[str, str, str], tuple[str, str, str]]
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
        _posts(rng, reviews, colleagues, models, store.now()),
        _tallies(rng, store.now()),
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


def _posts(rng: random.Random, reviews: int, people: list[str], models: _Models, now: dt.datetime) -> Iterator[_Rows]:
    numbers, made = itertools.count(1), 0
    while made < reviews:
        rows: _Rows = defaultdict(list)
        for _ in range(_AT_ONCE):
            _post(rows, next(numbers), rng, people, models, now)
        made += len(rows[ReviewRow])
        yield rows


def _post(rows: _Rows, number: int, rng: random.Random, people: list[str], models: _Models, now: dt.datetime) -> None:
    """Add a post as it came in within the time that its state is kept; of those of the last days some are still open."""
    post_id, queue = f"{number:032x}", "tinjau" if rng.random() < 0.7 else "butuh_konteks"
    days = rng.randrange(_KEPT_DAYS[queue])
    came = now - dt.timedelta(days=days, minutes=rng.randrange(1000))
    name, version, sha256 = models[days < 40]
    share = round(rng.uniform(0.7, 1) if queue == "tinjau" else rng.uniform(0.2, 0.7), 4)
    seen = rng.choice(_FORMS) if queue == "tinjau" else ()
    labels = rng.choices([*Label], weights=(1, 2, 5, 2), k=rng.choice((1, 2, 2, 3)))
    labels = [] if days < 9 and rng.random() < 0.6 else _read_in_turn(labels)
    ended = verdict(labels) if labels else None
    outcome = ended.outcome if ended else None
    given = rng.choice(_FORMS[1:]) if outcome == "partisan" else ()
    rows[PostRow].append(
        {
            "id": post_id,
            "state": queue,
            "text": " ".join(rng.choices(_WORDS.split(), k=20)) + f" {number}",
            "fingerprint": post_id,
            "facts": {},
            "brought_by": "x",
            "created_at": came,
        }
    )
    rows[JudgementRow].append(
        {
            "id": post_id,
            "post_id": post_id,
            "label": "partisan",
            "decision": queue,
            "confidence": share,
            "probabilities": {
                "bukan_politik": 0.4 * (1 - share),
                "politik_netral": 0.6 * (1 - share),
                "partisan": share,
            },
            "partisan": share,
            "forms": [{"code": code, "probability": 0.8} for code in seen],
            "thresholds": {},
            "model_name": name,
            "model_version": version,
            "model_sha256": sha256,
            "taxonomy": "1.0",
            "engine": "e",
            "created_at": came,
        }
    )
    for turn, (label, person_id) in enumerate(zip(labels, rng.sample(people, 3), strict=False), start=1):
        rows[ReviewRow].append(
            {
                "id": f"{number:028x}{turn:04x}",
                "post_id": post_id,
                "person_id": person_id,
                "round": turn,
                "turn": 1,
                "state": "decided",
                "lease_until": came,
                "label": label,
                "forms": list(given) if label == outcome else [],
                "reason": "alasan",
                "conflict_of_interest": False,
                "decided_at": came + dt.timedelta(hours=turn),
            }
        )
    rows[QueueRow].append(
        {
            "id": post_id,
            "post_id": post_id,
            "queue": queue,
            "priority": rng.randrange(9),
            "known_on": came.date(),
            "round": None if outcome else len(labels) + 1,
            "outcome": outcome,
            "basis": "dua_sepakat" if outcome else None,
            "forms": list(given),
            "model_sha256": sha256,
            "entered_at": came,
            "closed_at": came + dt.timedelta(days=1) if outcome else None,
        }
    )
    rows[SketchRow] += [{"post_id": post_id, "band": rng.getrandbits(62)} for _ in range(BANDS)]


def _tallies(rng: random.Random, now: dt.datetime) -> Iterator[_Rows]:
    """Yield what is left of the posts that were purged."""
    rows: _Rows = defaultdict(list)
    monday = now.date() - dt.timedelta(days=now.weekday())
    for week, queue in itertools.product(range(4, _WEEKS), _KEPT_DAYS):
        if 7 * week < _KEPT_DAYS[queue]:
            continue
        read_so = {tuple(_read_in_turn([*labels])) for labels in itertools.product(Label, repeat=2)}
        for seen, read in itertools.product(_FORMS, sorted(read_so)):
            course = {
                "week": monday - dt.timedelta(weeks=week),
                "decision": queue,
                "model": "pilah-mini 0.9.0",
                "seen": ",".join(seen),
                **dict(zip(("first", "second", "third"), [*read, "", ""], strict=False)),
                "confirmed": "B02" if read == (Label.PARTISAN, Label.PARTISAN) else "",
                "posts": rng.randrange(1, 9),
            }
            rows[TallyRow].append(course)
    yield rows


def _read_in_turn(labels: list[Label]) -> list[Label]:
    """Return the labels up to the one with which a post was decided; whoever read last read no further."""
    for read in range(1, len(labels) + 1):
        if verdict(labels[:read]).outcome:
            return labels[:read]
    return labels


def _cases(rng: random.Random, number: int, people: list[str], now: dt.datetime) -> Iterator[_Rows]:
    rows: _Rows = defaultdict(list)
    for _ in range(number):
        opened = now - dt.timedelta(days=rng.randrange(7 * _WEEKS), seconds=rng.randrange(80_000))
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


def _batches(rng: random.Random, number: int, owner: str, now: dt.datetime) -> Iterator[_Rows]:
    rows: _Rows = defaultdict(list)
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
        for _ in range(0, number, _AT_ONCE):
            rows = []
            for _ in range(_AT_ONCE):
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
