"""Workers on both databases: several share the work, the dead are replaced, and the results are always the same bytes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pilah_api.jobs.folder import BatchFolder
from pilah_api.jobs.results import Results
from pilah_api.jobs.terms import SHARD_ROWS, BatchOptions, Terms, model_key
from pilah_api.jobs.worker import Worker
from pilah_api.services.policies import move_thresholds
from pilah_api.store.columns import utc_now
from pilah_api.store.opening import open_store
from pilah_api.store.shards import MOST_ATTEMPTS, Step
from pilah_api.store.units import Store
from pilah_data.feeds import FeedOptions
from pilah_data.taxonomy import Decision
from pilah_model.judgement import Post
from tests.api.batch_work import BOUNDS, add, drain, environment, feed, rows_file, state, worker_process
from tests.api.stand_in import INFO, StandIn
from tests.api.stores import TEST, Place

ROWS = 3 * SHARD_ROWS + 10


def worker(store: Store, place: Place, judge: StandIn | None = None) -> Worker:
    return Worker(store, place.home, judge or StandIn(), BOUNDS)


def take(store: Store, judge: StandIn | None = None) -> Step | None:
    """Claim a shard as a worker would that dies at once."""
    with store.writing(TEST) as unit:
        lease = unit.shards.claim(dt.timedelta(seconds=60), model_key(judge or StandIn()))
    return lease.step if lease else None


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What one undisturbed worker writes."""
    place = Place(tmp_path_factory.mktemp("undisturbed"), None)
    store = place.open()
    batch = add(store, place.home, feed(ROWS, blank=5))
    drain(worker(store, place))
    store.close()
    return rows_file(place.home, batch.id)


def test_a_batch_from_upload_to_results(store: Store, place: Place) -> None:
    batch = add(store, place.home, feed(ROWS, blank=5))
    assert (batch.state, batch.planned) == ("waiting", False)
    one = worker(store, place)
    assert one.turn(threading.Event())
    planned = state(store, batch.id)
    assert (planned.state, planned.rows_total, planned.rows_done) == ("running", ROWS, 0)
    place.clock.move(seconds=10)
    assert one.turn(threading.Event())
    begun = state(store, batch.id)
    assert (begun.rows_done, begun.rows_failed, begun.rate) == (SHARD_ROWS, 1, SHARD_ROWS / 10)
    assert begun.seconds_left == pytest.approx((ROWS - SHARD_ROWS) / (SHARD_ROWS / 10))
    drain(one)
    done = state(store, batch.id)
    assert (done.state, done.rows_done, done.rows_failed, done.seconds_left) == ("done", ROWS, 1, None)
    results = Results(BatchFolder(place.home, batch.id).finished)
    assert [found.row.fields["nomor"] for found in results.all()] == [f"r{n}" for n in range(ROWS) if n != 5]
    assert sorted(path.name for path in BatchFolder(place.home, batch.id).path.iterdir()) == ["finished"], (
        "the upload is not needed any more"
    )


def test_workers_share_a_batch_and_the_results_are_the_same(store: Store, place: Place, expected: bytes) -> None:
    batch = add(store, place.home, feed(ROWS, blank=5))
    done: list[int] = []
    threads = [threading.Thread(target=lambda: done.append(drain(worker(store, place)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain(worker(store, place))
    assert state(store, batch.id).state == "done"
    assert rows_file(place.home, batch.id) == expected


def test_texts_seen_before_are_judged_once(store: Store, place: Place) -> None:
    seen: list[str] = []
    judge = StandIn(before=lambda posts: seen.extend(post.text for post in posts))
    add(store, place.home, feed(ROWS), judge)
    drain(worker(store, place, judge))
    assert len(seen) == len(set(seen))


def test_the_context_reaches_the_model_and_copies_differ_by_it(store: Store, place: Place) -> None:
    seen: list[Post] = []
    judge = StandIn(before=seen.extend)
    content = b"text,induk\nsetuju,satu\nsetuju,dua\nsetuju,satu\nsetuju, \n"
    batch = add(store, place.home, content, judge, BatchOptions(FeedOptions(context_column="induk")))
    drain(worker(store, place, judge))
    assert seen == [Post("setuju", context="satu"), Post("setuju", context="dua"), Post("setuju")]
    done = state(store, batch.id)
    assert (done.state, done.rows_done, done.options["context_column"]) == ("done", 4, "induk")


def test_a_context_beyond_the_bound_is_a_problem_of_its_row(store: Store, place: Place) -> None:
    content = b"text,induk\nsetuju,satu\nsetuju," + b"x" * (BOUNDS.characters + 1) + b"\n"
    batch = add(store, place.home, content, options=BatchOptions(FeedOptions(context_column="induk")))
    drain(worker(store, place))
    assert state(store, batch.id).rows_failed == 1


def test_a_small_batch_does_not_wait_for_a_large_one(store: Store, place: Place) -> None:
    large = add(store, place.home, feed(ROWS))
    one = worker(store, place)
    for _ in range(3):
        one.turn(threading.Event())
    place.clock.move(seconds=1)
    small = add(store, place.home, feed(3))
    for _ in range(3):
        one.turn(threading.Event())
    assert (state(store, small.id).state, state(store, large.id).state) == ("done", "running")


@contextmanager
def processes(command: Sequence[str], root: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = [subprocess.Popen(command, env=environment(root))]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def wait_for(what: str, seconds: float, *conditions: object) -> None:
    until = time.monotonic() + seconds
    while not all(condition() for condition in conditions if callable(condition)):
        assert time.monotonic() < until, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)


def test_a_worker_killed_midway_is_replaced_and_the_bytes_are_the_same(
    place: Place, root: Path, expected: bytes
) -> None:
    store = open_store(place.home, place.url, None, utc_now)
    batch = add(store, place.home, feed(ROWS, blank=5))
    command = worker_process(place.home, place.url, pause=0.1, lease=2)
    with processes(command, root) as running:
        wait_for("a shard", 60, lambda: state(store, batch.id).rows_done > 0)
        time.sleep(0.25)  # a few texts into the next shard
        running[0].kill()
        running[0].wait()
        assert state(store, batch.id).state == "running"
        running.append(subprocess.Popen(worker_process(place.home, place.url, pause=0, lease=2), env=environment(root)))
        wait_for("the end", 60, lambda: state(store, batch.id).state == "done")
    assert rows_file(place.home, batch.id) == expected
    store.close()


def test_a_worker_that_is_told_to_stop_gives_its_shard_back(place: Place, root: Path, expected: bytes) -> None:
    store = open_store(place.home, place.url, None, utc_now)
    batch = add(store, place.home, feed(ROWS, blank=5))
    with processes(worker_process(place.home, place.url, pause=0.1, lease=600), root) as running:
        wait_for("a shard", 60, lambda: state(store, batch.id).rows_done > 0)
        running[0].terminate()
        assert running[0].wait(timeout=30) == 0
    with store.reading() as unit:
        assert not unit.shards.is_idle(model_key(StandIn())), "nothing is held by a lease that lasts ten minutes"
        assert unit.workers.alive() == 0
    drain(worker(store, place))
    assert rows_file(place.home, batch.id) == expected
    store.close()


def test_stopping_does_not_count_as_an_attempt(store: Store, place: Place) -> None:
    stop = threading.Event()
    judge = StandIn(before=lambda _: stop.set())
    batch = add(store, place.home, feed(SHARD_ROWS), judge)
    stopping = worker(store, place, judge)
    for _ in range(MOST_ATTEMPTS + 3):
        stop.clear()
        stopping.turn(stop)
    drain(worker(store, place))
    assert state(store, batch.id).state == "done"


def test_a_cancelled_batch_stops_its_worker_midway(store: Store, place: Place) -> None:
    judged: list[int] = []

    def cancel(posts: Sequence[Post]) -> None:
        judged.append(len(posts))
        with store.writing(TEST) as unit:
            unit.batches.cancel(batch.id)
        BatchFolder(place.home, batch.id).remove()

    judge = StandIn(before=cancel)
    batch = add(store, place.home, feed(20), judge)
    other = add(store, place.home, feed(2))
    drain(worker(store, place, judge))
    assert state(store, batch.id).state == "cancelled"
    assert not BatchFolder(place.home, batch.id).path.exists()
    assert state(store, other.id).state == "done", "the worker goes on with what is left"


def test_another_model_leaves_a_batch_alone_and_nothing_is_mixed(store: Store, place: Place) -> None:
    batch = add(store, place.home, feed(ROWS))
    first = worker(store, place)
    first._beat()
    for _ in range(2):
        first.turn(threading.Event())
    newer = worker(store, place, StandIn(info=dataclasses.replace(INFO, sha256="f" * 64)))
    assert not newer.turn(threading.Event())
    newer._beat()
    assert state(store, batch.id).state == "running", "workers with the former model live"
    place.clock.move(minutes=11)
    newer._beat()
    failed = state(store, batch.id)
    assert failed.state == "failed"
    assert "model" in (failed.error or "")
    assert not first.turn(threading.Event())


def test_moved_thresholds_are_other_terms_of_the_same_model() -> None:
    judge = StandIn()
    moved = judge.with_policy(dataclasses.replace(judge.policy, tinjau_from=0.95))
    assert model_key(judge) == model_key(moved)
    terms = [Terms(BatchOptions(), 1, "a" * 64, 100, one.policy.thresholds) for one in (judge, moved)]
    assert terms[0].fingerprint("m") != terms[1].fingerprint("m")
    assert [Terms.of_json(one.as_json()) for one in terms] == terms


def test_a_batch_keeps_the_thresholds_that_it_began_with(store: Store, place: Place) -> None:
    """What is moved later does not reach it: the worker knows the artefact's own, the batch says which ones it is judged by."""
    content = b"text\nAyo coblos nomor 2 ya\n"
    moved = dataclasses.replace(StandIn().policy, tinjau_from=0.95)
    made = [add(store, place.home, content, StandIn(policy=policy)) for policy in (StandIn().policy, moved)]
    with store.writing(TEST) as unit:
        move_thresholds(unit, StandIn(), (0.1, 0.99), "selagi berkas berjalan", "", "console")
    drain(worker(store, place))
    found = []
    for batch in made:
        assert state(store, batch.id).state == "done"
        (row,) = Results(BatchFolder(place.home, batch.id).finished).rows([0])
        found.append((row.judgement.decision, row.judgement.thresholds))
    assert found == [
        (Decision.TINJAU, StandIn().policy.thresholds),
        (Decision.BUTUH_KONTEKS, moved.thresholds),
    ]


def test_judgements_of_another_batch_are_not_mixed_in(store: Store, place: Place) -> None:
    batch = add(store, place.home, feed(ROWS))
    one = worker(store, place)
    for _ in range(5):
        one.turn(threading.Event())
    folder = BatchFolder(place.home, batch.id)
    folder.save(1, "x", ["[]"], "0" * 64)
    drain(one)
    failed = state(store, batch.id)
    assert failed.state == "failed"
    assert "not mixed" in (failed.error or "")
    assert not folder.finished.exists()


def test_a_damaged_judgement_is_told_and_never_shown(store: Store, place: Place) -> None:
    batch = add(store, place.home, feed(ROWS))
    one = worker(store, place)
    for _ in range(5):
        one.turn(threading.Event())
    (file,) = place.home.glob("batches/*/shards/00000002.jsonl")
    file.write_bytes(file.read_bytes()[:-20])
    drain(one)
    assert state(store, batch.id).state == "failed"


def test_a_changed_upload_is_refused(store: Store, place: Place) -> None:
    batch = add(store, place.home, feed(5))
    source = BatchFolder(place.home, batch.id).input()
    assert source is not None
    source.write_bytes(feed(6))
    drain(worker(store, place))
    assert "not what it was" in (state(store, batch.id).error or "")


def test_what_cannot_be_read_to_its_end_fails_with_the_name_of_the_file(store: Store, place: Place) -> None:
    small = dataclasses.replace(BOUNDS, rows=100)
    batch = add(store, place.home, feed(101))
    drain(Worker(store, place.home, StandIn(), small))
    failed = state(store, batch.id)
    assert failed.state == "failed"
    assert "more than 100 rows" in (failed.error or "")
    assert str(place.home) not in (failed.error or "")


def test_a_fault_of_the_model_is_tried_again_and_then_told(
    store: Store, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(posts: Sequence[Post]) -> None:
        raise RuntimeError(posts[0].text)

    judge = StandIn(before=fail)
    batch = add(store, place.home, feed(3), judge)
    broken = worker(store, place, judge)
    assert drain(broken) == 1 + MOST_ATTEMPTS
    broken._beat()
    failed = state(store, batch.id)
    assert failed.state == "failed"
    assert f"in {MOST_ATTEMPTS} attempts" in (failed.error or "")
    assert "Apel" not in caplog.text + (failed.error or ""), "nothing of a post is logged"


def test_a_step_whose_lease_ran_out_is_done_again_with_the_same_outcome(
    store: Store, place: Place, expected: bytes
) -> None:
    batch = add(store, place.home, feed(ROWS, blank=5))
    for step in (Step.PLAN, Step.JUDGE, Step.JUDGE, Step.JUDGE, Step.JUDGE, Step.ASSEMBLE):
        assert take(store) is step
        place.clock.move(seconds=61)
        worker(store, place).turn(threading.Event())
    assert state(store, batch.id).state == "done"
    assert rows_file(place.home, batch.id) == expected


def test_results_that_were_put_together_before_a_death_are_taken_over(
    store: Store, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = add(store, place.home, feed(5))
    with monkeypatch.context() as patch:
        real = BatchFolder.publish

        def publish(folder: BatchFolder, at: Path) -> None:
            real(folder, at)
            raise RuntimeError("the power went out")

        patch.setattr(BatchFolder, "publish", publish)
        one = worker(store, place)
        for _ in range(3):
            one.turn(threading.Event())
    assert state(store, batch.id).state == "running"
    drain(worker(store, place))
    assert state(store, batch.id).state == "done"


def test_a_worker_that_does_not_find_the_files_leaves_the_batch_to_others(store: Store, place: Place) -> None:
    batch = add(store, place.home, feed(5))
    elsewhere = Worker(store, place.home / "elsewhere", StandIn(), BOUNDS)
    assert drain(elsewhere) == 1
    drain(worker(store, place))
    assert state(store, batch.id).state == "done"


def test_a_full_disk_costs_time_and_no_attempt(store: Store, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = add(store, place.home, feed(5))
    one = worker(store, place)
    one._pace = dataclasses.replace(one._pace, rest=0)
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(BatchFolder, "write_task", full)
        for _ in range(MOST_ATTEMPTS + 1):
            assert one.turn(threading.Event())
    drain(one)
    assert state(store, batch.id).state == "done"


def test_the_dead_are_not_counted(store: Store, place: Place) -> None:
    worker(store, place)._beat()
    with store.reading() as unit:
        assert unit.workers.alive() == 1
    place.clock.move(seconds=61)
    with store.reading() as unit:
        assert unit.workers.alive() == 0


def test_a_batch_whose_files_are_gone_can_still_be_cancelled(store: Store, place: Place) -> None:
    batch = add(store, place.home, feed(5))
    shutil.rmtree(place.home / "batches")
    drain(worker(store, place))
    with store.writing(TEST) as unit:
        assert unit.batches.cancel(batch.id)
