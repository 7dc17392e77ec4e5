"""How long things are kept, and how they end, on both databases: masking, purge, erasure, leases."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from pilah_api.access import ConflictError, NotFoundError
from pilah_api.services.keeping import Purged, erase_case, foresee, purge
from pilah_api.store import work_tables as tables
from pilah_api.store.columns import new_id
from pilah_api.store.engine import for_writing
from pilah_api.store.posts import PostState, StoredPost
from pilah_api.store.queue_tables import QueueRow
from pilah_api.store.shards import MOST_ATTEMPTS, Lease, Part
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from pilah_model.judgement import Judgement, Post
from tests.api.queue_posts import bring
from tests.api.stand_in import StandIn
from tests.api.stores import START, TEST, Place, person, stored

PARTISAN = "Ayo coblos nomor dua, hubungi 0812-3456-7890"
UNSURE = "Lanjutkan, Pak!"
CALM = "Apel pagi lancar"
MINUTE = dt.timedelta(minutes=1)


def judged(text: str) -> Judgement:
    return StandIn().classify([Post(text)])[0]


def keep(store: Store, text: str) -> StoredPost | None:
    with store.writing(TEST) as unit:
        return unit.posts.add_judged(text, judged(text), "console", context=f"balasan untuk {text}")


def count(store: Store, table: type[tables.PostRow | tables.JudgementRow | tables.EvidenceRow]) -> int:
    with store.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_what_passed_is_never_stored(store: Store) -> None:
    assert keep(store, CALM) is None
    assert count(store, tables.PostRow) == 0


def test_posts_are_masked_on_the_way_in(store: Store) -> None:
    post = keep(store, PARTISAN)
    assert post is not None
    assert post.state is PostState.TINJAU
    assert "0812" not in post.text
    assert "0812" not in (post.context or "")
    assert stored(store, PostState.TINJAU) == [post]
    with store.reading() as unit:
        assert unit.posts.get(post.id) == post
        with pytest.raises(NotFoundError):
            unit.posts.get("x")


def test_a_judgement_keeps_the_model_and_the_thresholds_in_force(store: Store) -> None:
    keep(store, PARTISAN)
    with store.engine.connect() as connection:
        row = connection.execute(sa.select(tables.JudgementRow.__table__)).mappings().one()
    assert row["model_version"] == "0.0.1"
    assert row["thresholds"] == {"lolos_below": 0.3, "tinjau_from": 0.7}
    assert row["engine"] == "stand-in"
    assert row["evidence"] is None


def test_the_database_itself_refuses_a_post_that_passed(store: Store) -> None:
    keep(store, PARTISAN)
    with pytest.raises(sa.exc.IntegrityError), for_writing(store.engine).begin() as connection:
        connection.execute(sa.text("UPDATE posts SET state = 'lolos'"))


def test_a_purge_deletes_what_has_had_its_time_and_no_more(place: Place, store: Store) -> None:
    keep(store, UNSURE)
    keep(store, PARTISAN)
    place.clock.move(days=29)
    assert purge(store, place.home, TEST).total == 0
    place.clock.move(days=2)
    keep(store, UNSURE)
    assert purge(store, place.home, TEST).counts["posts.butuh_konteks"] == 1
    assert count(store, tables.PostRow) == 2
    assert count(store, tables.JudgementRow) == 2
    assert purge(store, place.home, TEST).total == 0
    with store.reading() as unit:
        assert [record.action for record in unit.audit.page(None, 3)] == ["purge"] * 3
        assert unit.audit.verify() == []


def open_case(place: Place, store: Store, *, shared: str | None = None, days: int | None = None) -> str:
    owner = person(store, login=f"o{new_id(place.clock.now)[-8:]}")
    now = place.clock.now
    case_id, sha256 = new_id(now), "a" * 64
    with store.writing(TEST) as unit:
        sealed = unit._keyring.encrypt("NIP 1985")
        case = tables.CaseRow(
            id=case_id,
            state="triase",
            unit="Lapas X",
            identity_sealed=sealed,
            reporter_sealed=sealed,
            facts={"platform": "x"},
            opened_by=owner.id,
            created_at=now,
            retain_until=now + dt.timedelta(days=days) if days else None,
        )
        unit._session.add(case)
        unit._session.flush()
        post = unit.posts.add_judged(PARTISAN, judged(PARTISAN), "console")
        assert post is not None
        unit._session.execute(sa.update(tables.PostRow).values(case_id=case_id).where(tables.PostRow.id == post.id))
        for name in {sha256, shared or sha256}:
            unit._session.add(
                tables.EvidenceRow(
                    id=new_id(now),
                    case_id=case_id,
                    sha256=name,
                    bytes=3,
                    media_type="image/png",
                    name_sealed=sealed,
                    checks={},
                    added_by=owner.id,
                    added_at=now,
                )
            )
            (place.home / "evidence").mkdir(exist_ok=True)
            (place.home / "evidence" / name).write_bytes(b"png")
    return case_id


def test_an_erasure_takes_everything_that_names_somebody_and_leaves_a_tombstone(place: Place, store: Store) -> None:
    case_id = open_case(place, store)
    with pytest.raises(InputError, match="reason"):
        erase_case(store, place.home, case_id, " ", TEST)
    erase_case(store, place.home, case_id, "putusan bukan pelanggaran", TEST)
    with store.engine.connect() as connection:
        case = connection.execute(sa.select(tables.CaseRow.__table__)).mappings().one()
    assert (case["identity_sealed"], case["reporter_sealed"], case["facts"]) == (None, None, {})
    assert (case["unit"], case["state"]) == ("Lapas X", "dihapus")
    assert count(store, tables.PostRow) == count(store, tables.EvidenceRow) == 0
    assert not (place.home / "evidence" / ("a" * 64)).exists()
    with store.reading() as unit:
        (tombstone,) = unit.audit.page(None, 5, f"case:{case_id}")
        assert unit.audit.verify() == []
    assert tombstone.action == "erasure"
    assert '"posts":1' in tombstone.detail
    with pytest.raises(ConflictError, match="already"):
        erase_case(store, place.home, case_id, "lagi", TEST)
    with pytest.raises(NotFoundError):
        erase_case(store, place.home, "x", "lagi", TEST)


def test_evidence_that_another_case_holds_stays(place: Place, store: Store) -> None:
    first = open_case(place, store)
    open_case(place, store, shared="b" * 64)
    erase_case(store, place.home, first, "salah orang", TEST)
    assert (place.home / "evidence" / ("a" * 64)).exists()


def test_a_case_is_erased_when_its_schedule_says_so(place: Place, store: Store) -> None:
    case_id = open_case(place, store, days=10)
    open_case(place, store)
    place.clock.move(days=11)
    assert purge(store, place.home, TEST).counts["cases"] == 1
    assert purge(store, place.home, TEST).counts["cases"] == 0
    with store.reading() as unit:
        assert unit.audit.page(None, 5, f"case:{case_id}")[0].action == "erasure"


def test_spent_sessions_links_and_retries_go(place: Place, store: Store) -> None:
    someone = person(store)
    with store.writing(TEST) as unit:
        unit.sessions.open(someone.id, "hash", unit.now + dt.timedelta(hours=12), by_link=False)
        unit.retries.reserve("a", "b", "c", "d", dt.timedelta(days=1))
        unit.sessions.note_failure("s", unit.sessions.failures("s")[0] + 1, unit.now)
    place.clock.move(days=2)
    counts = purge(store, place.home, TEST).counts
    assert {name: counts[name] for name in ("sessions", "links", "retries", "lockouts")} == {
        "sessions": 1,
        "links": 1,
        "retries": 1,
        "lockouts": 1,
    }


def aged(path: Path, place: Place, **age: float) -> Path:
    """Make a file look as old as the test's clock says."""
    at = (place.clock.now - dt.timedelta(**age)).timestamp()
    os.utime(path, (at, at))
    return path


def test_files_that_nothing_refers_to_go_after_a_day(place: Place, store: Store) -> None:
    open_case(place, store)
    known = aged(place.home / "evidence" / ("a" * 64), place, days=9)
    batch = place.home / "batches" / add_batch(store)
    lost = [place.home / "evidence" / ("c" * 64), place.home / "batches" / ("d" * 32) / "input.csv"]
    young, foreign = place.home / "evidence" / ("e" * 64), place.home / "evidence" / "catatan.txt"
    batch.mkdir(parents=True)
    lost[1].parent.mkdir()
    for path in (*lost, young, foreign):
        path.write_text("isi")
    for path in (lost[0], lost[1].parent, foreign, batch):
        aged(path, place, days=2)
    aged(young, place, hours=1)
    purged = purge(store, place.home, TEST)
    assert (purged.counts["orphans"], purged.left) == (2, ())
    assert not lost[0].exists()
    assert not lost[1].parent.exists()
    assert all(path.exists() for path in (known, batch, young, foreign))


def test_beside_another_database_nothing_is_an_orphan(place: Place, store: Store) -> None:
    (place.home / "evidence").mkdir()
    path = place.home / "evidence" / ("c" * 64)
    path.write_text("isi")
    aged(path, place, days=9)
    assert purge(store, place.home, TEST).counts["orphans"] == 0, "a database without cases is a new one"
    open_case(place, store)
    aside = place.home / "pilah.db.before-20261126T080000Z"
    aside.write_text("")
    purged = purge(store, place.home, TEST)
    assert purged.counts["orphans"] == 0
    assert aside.name in purged.left[0]
    aside.unlink()
    assert purge(store, place.home, TEST).counts["orphans"] == 1
    assert not path.exists()


def test_a_file_that_cannot_be_deleted_keeps_no_other_from_it_and_is_tried_again(
    place: Place, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, other = place.home / "evidence" / ("a" * 64), place.home / "evidence" / ("b" * 64)
    case_id = open_case(place, store, shared="b" * 64)
    real = Path.unlink

    def refuse(self: Path, missing_ok: bool = False) -> None:
        if self == stuck:
            raise PermissionError(13, "Permission denied")
        real(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    (left,) = erase_case(store, place.home, case_id, "salah orang", TEST)
    assert "could not be deleted (Permission denied)" in left
    assert stuck.exists()
    assert not other.exists()
    place.clock.move(days=2)
    aged(stuck, place, days=2)
    assert purge(store, place.home, TEST).left == (left,)
    monkeypatch.undo()
    assert purge(store, place.home, TEST).left == ()
    assert not stuck.exists()


def test_facts_are_masked_wherever_they_hold_text(store: Store) -> None:
    facts = {"url": "https://contoh.example/@budi", "likes": 3, "more": {"telp": ["0812-3456-7890"], "ok": True}}
    with store.writing(TEST) as unit:
        post = unit.posts.add_judged(PARTISAN, judged(PARTISAN), "console", facts=facts)
    assert post is not None
    assert "0812" not in str(post.facts)
    assert "contoh" not in str(post.facts)
    assert post.facts["likes"] == 3


# --- batches and shards -------------------------------------------------------------------------------------------


def add_batch(store: Store) -> str:
    with store.writing(TEST) as unit:
        return unit.batches.add("person:1", "umpan.csv", {}, "f" * 64, dt.timedelta(days=7))


def add_planned(store: Store, shards: int = 3, failed: int = 0) -> str:
    """A batch whose feed was read: shards of ten rows, and the one that puts the results together."""
    batch, reading = add_batch(store), claim(store)
    assert reading is not None
    with store.writing(TEST) as unit:
        assert unit.shards.plan(reading, [Part(10, failed, open=True)] * shards)
    return batch


def claim(store: Store) -> Lease | None:
    with store.writing(TEST) as unit:
        return unit.shards.claim(MINUTE)


def finish(store: Store, lease: Lease) -> bool:
    with store.writing(TEST) as unit:
        return unit.shards.finish(lease)


def state(store: Store, batch: str) -> tuple[str, int, int]:
    with store.reading() as unit:
        progress = unit.batches.progress(batch)
    return progress.state, progress.rows_done, progress.rows_failed


def wait_until_somebody_waits(store: Store) -> None:
    """Return once a transaction waits for what another one holds."""
    waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    until = time.monotonic() + 60
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(waiting):
            assert time.monotonic() < until, "nobody waits"


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_a_batch_may_be_cancelled_while_a_shard_is_finished(store: Store) -> None:
    told: list[bool] = []
    batch = add_planned(store, shards=1)

    def cancel() -> None:
        with store.writing(TEST) as unit:
            told.append(unit.batches.cancel(batch))

    lease, thread = claim(store), threading.Thread(target=cancel)
    assert lease is not None
    with store.writing(TEST) as unit:
        assert unit.shards.renew(lease, MINUTE)
        thread.start()
        wait_until_somebody_waits(store)
        assert unit.shards.finish(lease)
    thread.join()
    assert told == [True]
    assert state(store, batch)[0] == "cancelled"


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_a_purge_does_not_wait_for_a_post_that_somebody_decides_on(store: Store, place: Place, tmp_path: Path) -> None:
    busy, free = bring(store, PARTISAN, f"{PARTISAN} lagi").ids
    place.clock.move(days=100)
    purged: list[Purged] = []
    thread = threading.Thread(target=lambda: purged.append(purge(store, tmp_path, TEST)))
    with store.writing(TEST) as unit:
        unit.queue.lock(busy)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
    assert purged[0].counts["posts.tinjau"] == 1
    with store.reading() as unit:
        assert (unit.queue.get(busy).kept, unit.queue.get(free).kept) == (True, False)
    assert purge(store, tmp_path, TEST).counts["posts.tinjau"] == 1


def in_threads(work: Callable[[], None], how_many: int = 4) -> None:
    threads = [threading.Thread(target=work) for _ in range(how_many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_batch_is_done_when_all_its_shards_are(store: Store) -> None:
    batch = add_planned(store, failed=1)
    assert state(store, batch) == ("running", 0, 0)
    for number in range(4):
        lease = claim(store)
        assert lease is not None
        assert lease.number == number
        assert finish(store, lease)
    assert claim(store) is None
    assert state(store, batch) == ("done", 30, 3)


def test_workers_never_get_the_same_shard(store: Store) -> None:
    batch = add_planned(store, shards=12)
    got: list[int] = []

    def work() -> None:
        while (lease := claim(store)) is not None:
            got.append(lease.number)
            assert finish(store, lease)

    in_threads(work)
    assert sorted(got) == list(range(13))
    assert state(store, batch) == ("done", 120, 0)


def test_the_shard_of_a_dead_worker_goes_to_another_and_counts_once(place: Place, store: Store) -> None:
    batch = add_planned(store, shards=1)
    dead = claim(store)
    assert dead is not None
    assert claim(store) is None
    place.clock.move(seconds=61)
    heir = claim(store)
    assert heir is not None
    assert heir.shard_id == dead.shard_id
    with store.writing(TEST) as unit:
        assert not unit.shards.renew(dead, MINUTE)
        assert unit.shards.renew(heir, MINUTE)
    assert not finish(store, dead), "the result of a worker that lost its lease is dropped"
    assert finish(store, heir)
    assert not finish(store, heir)
    assert state(store, batch) == ("running", 10, 0)


def test_a_shard_that_brings_down_workers_is_set_aside(place: Place, store: Store) -> None:
    batch = add_planned(store, shards=1)
    for _ in range(MOST_ATTEMPTS):
        assert claim(store) is not None
        place.clock.move(seconds=61)
    assert claim(store) is None
    with store.writing(TEST) as unit:
        assert unit.shards.set_aside_broken() == 1
    assert state(store, batch)[0] == "failed"


def test_a_cancelled_batch_stops_its_workers(store: Store) -> None:
    batch = add_planned(store)
    lease = claim(store)
    assert lease is not None
    with store.writing(TEST) as unit:
        assert unit.batches.cancel(batch)
        assert not unit.batches.cancel(batch)
    with store.writing(TEST) as unit:
        assert not unit.shards.renew(lease, MINUTE)
    assert claim(store) is None
    assert state(store, batch)[0] == "cancelled"


def test_expired_batches_and_their_files_are_purged(place: Place, store: Store) -> None:
    batch = add_batch(store)
    folder = place.home / "batches" / batch
    folder.mkdir(parents=True)
    (folder / "input.csv").write_text("teks")
    place.clock.move(days=8)
    assert purge(store, place.home, TEST).counts["batches"] == 1
    assert not folder.exists()
    with store.reading() as unit, pytest.raises(NotFoundError):
        unit.batches.progress(batch)


def test_what_a_purge_will_delete_is_told_before(store: Store, place: Place) -> None:
    """Nothing is changed by looking, and the purge then deletes just what was told."""
    somebody = person(store)
    keep(store, PARTISAN)
    keep(store, UNSURE)
    with store.writing(TEST) as unit:
        unit.batches.add("console", "feed.csv", {}, "f" * 64, dt.timedelta(days=1))
        unit.people.add_link(somebody.id, "a" * 64, dt.timedelta(hours=1))
        unit.sessions.open(somebody.id, "b" * 64, unit.now + dt.timedelta(hours=1), by_link=True)
        unit.sessions.note_failure("c" * 64, 1, unit.now)
        unit.retries.reserve("console", "POST /x", "k", "d" * 64, dt.timedelta(days=1))
    settled = keep(store, "Lanjutkan, Pak! Demi TPS kita")
    assert settled is not None
    with for_writing(store.engine).begin() as connection:
        connection.execute(
            sa.insert(QueueRow).values(
                id=settled.id,
                post_id=settled.id,
                queue="butuh_konteks",
                priority=0,
                known_on=START.date(),
                outcome="politik_netral",
                forms=[],
                model_sha256="f" * 64,
                entered_at=START,
                closed_at=START,
                erase_at=START + dt.timedelta(days=40),
            )
        )
    folder = place.home / "batches" / ("e" * 32)
    folder.mkdir(parents=True)
    os.utime(folder, (0, 0))
    for days in (0, 2, 29, 91):
        place.clock.now = START + dt.timedelta(days=days)
        told = foresee(store, place.home)
        assert foresee(store, place.home) == told
        assert purge(store, place.home, TEST).counts == told, days
    assert (told["posts.tinjau"], told["posts.butuh_konteks"], told["posts.selesai"]) == (1, 1, 1)
