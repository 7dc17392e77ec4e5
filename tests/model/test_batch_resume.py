"""Runs that are cut off and gone on with: killed at any moment, nothing is lost, doubled or mixed."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pilah_data.feeds import FeedError, FeedOptions
from pilah_data.taxonomy import Decision
from pilah_model.batch import InProcess, ScoreOptions, Start, Summary, UnfinishedError, score_file
from pilah_model.batch.errors import WorkFolderError
from pilah_model.batch.folder import WorkFolder, has_unfinished
from pilah_model.batch.part import Part
from pilah_model.batch.places import work_of
from pilah_model.batch.record import Record
from tests.api.stand_in import INFO, StandIn
from tests.model import batch_process
from tests.model.batch_process import options

ROWS = 600
KILLS = int(os.environ.get("PILAH_TEST_KILLS", "5"))


class StopError(Exception):
    pass


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A feed with copies near and far, and rows that cannot be judged."""
    path, rng = tmp_path / "in.csv", random.Random(7)
    texts = [f"kopi ke-{n} coblos nomor {n}" if n % 3 else f"apel\npagi {n}, lancar" for n in range(ROWS // 2)]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [[str(n), " " if n % 50 == 7 else rng.choice(texts)] for n in range(ROWS)]
        csv.writer(file).writerows([["id", "text"], *rows])
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out.csv"


@pytest.fixture
def whole(source: Path, tmp_path: Path) -> tuple[bytes, bytes]:
    """The bytes of output and problems of a run that nothing disturbs."""
    place = tmp_path / "whole.csv"
    score_file(InProcess(StandIn()), source, place, options())
    return place.read_bytes(), place.with_name("whole.csv.errors.csv").read_bytes()


def stop_after(shards: int) -> Iterator[None]:
    for _ in range(shards):
        yield
    raise StopError


def cut_off(source: Path, target: Path, shards: int = 10, given: ScoreOptions | None = None) -> None:
    """Leave a run behind that was cut off when some shards had been written."""
    left = stop_after(shards)
    with pytest.raises(StopError):
        score_file(InProcess(StandIn()), source, target, given or options(), lambda _: next(left))
    assert work_of(target).is_dir()
    assert not target.exists()


def resume(source: Path, target: Path, judge: StandIn | None = None, given: ScoreOptions | None = None) -> Summary:
    return score_file(InProcess(judge or StandIn()), source, target, given or options(), start=Start.RESUME)


def results(target: Path) -> tuple[bytes, bytes]:
    return target.read_bytes(), target.with_name(target.name + ".errors.csv").read_bytes()


# --- kills --------------------------------------------------------------------------------------------------------


def start(source: Path, target: Path, how: str, workers: int, root: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(str(root / part) for part in ("data", "model", "api"))
    command = [sys.executable, batch_process.__file__, "run", str(source), str(target), how, str(workers), "0.02"]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path})


@pytest.mark.parametrize("workers", [1, 2])
def test_kills_at_random_moments_lose_and_double_nothing(
    source: Path, target: Path, whole: tuple[bytes, bytes], root: Path, workers: int
) -> None:
    rng, kills, longest, how = random.Random(workers), 0, 0.0, "new"
    while kills < KILLS:
        process = start(source, target, how, workers, root)
        while not work_of(target).exists() and process.poll() is None:
            time.sleep(0.005)
        # Further on in each run, so that the kills fall into all stages of the work.
        time.sleep(rng.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:
            assert results(target) == whole
            target.unlink()
            longest += 1
            assert longest < 50, "the run is always faster than the kill"
            how = "new"
            continue
        kills += 1
        assert not target.exists() or results(target)[0] == whole[0]
        if target.exists() and not has_unfinished(work_of(target)):
            assert Record.of(target).output["sha256"] == hashlib.sha256(whole[0]).hexdigest()
        how = "resume"
    assert start(source, target, "resume", workers, root).wait() == 0
    assert results(target) == whole
    assert not work_of(target).exists()


def test_a_kill_after_the_output_is_in_place_is_healed(source: Path, target: Path, whole: tuple[bytes, bytes]) -> None:
    cut_off(source, target, shards=ROWS // batch_process.SHARD_ROWS - 1)
    target.write_bytes(whole[0])
    resume(source, target)
    assert results(target) == whole
    assert not work_of(target).exists()


def test_a_kill_between_the_record_and_the_output_leaves_an_unfinished_run(
    source: Path, target: Path, whole: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    score_file(InProcess(StandIn()), source, target, options(explain=False))
    finish = Part.finish

    def die(part: Part, place: Path) -> None:
        if place == target:
            raise StopError
        finish(part, place)

    with monkeypatch.context() as patch:
        patch.setattr(Part, "finish", die)
        with pytest.raises(StopError):
            score_file(InProcess(StandIn()), source, target, options(), start=Start.RESTART)
    # The record is the new run's already, the output still that of the earlier one.
    assert Record.of(target).manifest["options"]["explain"]
    assert has_unfinished(work_of(target))
    resume(source, target)
    assert results(target) == whole
    assert not work_of(target).exists()


# --- going on -----------------------------------------------------------------------------------------------------


def test_finished_shards_are_not_judged_again(source: Path, target: Path, whole: tuple[bytes, bytes]) -> None:
    cut_off(source, target)
    kept = list((work_of(target) / "shards").glob("*.jsonl"))
    judged_before = sum(len(file.read_text().splitlines()) - 1 for file in kept)
    asked: list[int] = []
    summary = resume(source, target, StandIn(before=lambda posts: asked.append(len(posts))))
    with source.open(encoding="utf-8", newline="") as file:
        distinct = {row["text"] for row in csv.DictReader(file)} - {" "}
    assert len(kept) >= 10
    assert judged_before + sum(asked) == len(distinct)
    assert summary.resumed == len(kept) * batch_process.SHARD_ROWS
    assert (summary.rows, summary.problems) == (ROWS, 12)
    assert results(target) == whole


def test_going_on_with_nothing_is_a_new_run(source: Path, target: Path, whole: tuple[bytes, bytes]) -> None:
    assert resume(source, target).resumed == 0
    assert results(target) == whole


def test_an_unfinished_run_is_in_the_way_of_a_new_one(source: Path, target: Path) -> None:
    cut_off(source, target)
    with pytest.raises(UnfinishedError, match=r"out\.csv\.pilah holds an unfinished run .*--resume.*--restart"):
        score_file(InProcess(StandIn()), source, target, options())
    assert work_of(target).is_dir()


def test_starting_over_forgets_the_unfinished_run(source: Path, target: Path, whole: tuple[bytes, bytes]) -> None:
    cut_off(source, target)
    other = StandIn(info=replace(INFO, sha256="f" * 64))
    assert score_file(InProcess(other), source, target, options(), start=Start.RESTART).resumed == 0
    assert results(target) == whole


def test_a_damaged_shard_is_judged_again(source: Path, target: Path, whole: tuple[bytes, bytes]) -> None:
    cut_off(source, target)
    first, second, *_ = sorted((work_of(target) / "shards").glob("*.jsonl"))
    first.write_bytes(first.read_bytes().replace(b"0.94", b"0.49", 1))
    second.write_bytes(second.read_bytes()[:-40])
    resume(source, target)
    assert results(target) == whole


@pytest.mark.parametrize("left", [[], ["lock"], ["lock", "shards"]])
def test_whatever_a_kill_leaves_of_a_folder_without_a_manifest_belongs_to_no_run(
    source: Path, target: Path, whole: tuple[bytes, bytes], left: list[str]
) -> None:
    work = work_of(target)
    work.mkdir()
    if "lock" in left:
        (work / "lock").touch()
    if "shards" in left:
        (work / "shards").mkdir()
        (work / "shards" / "00000000-0.jsonl").write_text("halb")
    score_file(InProcess(StandIn()), source, target, options())
    assert results(target) == whole
    assert not work.exists()


def test_two_runs_cannot_share_a_folder(source: Path, target: Path) -> None:
    folder = WorkFolder(work_of(target), Start.NEW)
    for how in (Start.NEW, Start.RESUME, Start.RESTART):
        with pytest.raises(WorkFolderError, match="another run is at work"):
            score_file(InProcess(StandIn()), source, target, options(), start=how)
    folder.close(keep=False)


# --- what must not be mixed ---------------------------------------------------------------------------------------


def refused(
    source: Path, target: Path, words: str, judge: StandIn | None = None, given: ScoreOptions | None = None
) -> None:
    before = sorted(path.name for path in work_of(target).rglob("*"))
    with pytest.raises(WorkFolderError, match=words):
        resume(source, target, judge, given)
    assert sorted(path.name for path in work_of(target).rglob("*")) == before
    assert not target.exists()


@pytest.mark.parametrize("changed", [{"sha256": "f" * 64}, {"engine": "anders"}, {"version": "9"}])
def test_another_model_is_refused(source: Path, target: Path, changed: dict[str, str]) -> None:
    cut_off(source, target)
    ((key, value),) = changed.items()
    refused(source, target, f"model {key} was .*, is '{value}'", StandIn(info=replace(INFO, **changed)))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (options(explain=False), "options explain was True, is False"),
        (replace(options(), raw=True), "options raw was False, is True"),
        (
            replace(options(), only=frozenset({Decision.TINJAU, Decision.BUTUH_KONTEKS})),
            "options only was None, is butuh_konteks, tinjau",
        ),
        (replace(options(), shard_rows=99), "options shard_rows was 20, is 99"),
        (replace(options(), feed=FeedOptions(text_column="text")), "options text_column was None, is 'text'"),
    ],
)
def test_other_options_are_refused(source: Path, target: Path, given: ScoreOptions, words: str) -> None:
    cut_off(source, target)
    refused(source, target, words, given=given)


def test_another_normaliser_is_refused(source: Path, target: Path) -> None:
    cut_off(source, target)
    place = work_of(target) / "manifest.json"
    manifest = json.loads(place.read_text())
    manifest["program"]["normaliser"] = "0"
    place.write_text(json.dumps(manifest))
    refused(source, target, "program normaliser was '0'")


def test_another_input_is_refused(source: Path, target: Path) -> None:
    cut_off(source, target)
    before = source.read_bytes()
    for changed in (before.replace(b"apel", b"asam", 1), before[:-30], b"id,text\n1,lain\n" + before):
        source.write_bytes(changed)
        refused(source, target, "the input holds other bytes")


def test_the_same_input_elsewhere_is_the_same(source: Path, target: Path, whole: tuple[bytes, bytes]) -> None:
    cut_off(source, target)
    moved = source.rename(source.with_name("pindah.csv"))
    assert resume(moved, target).resumed > 0
    assert results(target) == whole


def test_an_input_that_only_grew_is_gone_on_with(source: Path, target: Path, tmp_path: Path) -> None:
    cut_off(source, target)
    with source.open("a", newline="") as file:
        csv.writer(file).writerows([[f"x{n}", f"baru {n}"] for n in range(50)])
    assert resume(source, target).resumed > 0
    score_file(InProcess(StandIn()), source, tmp_path / "grown.csv", options())
    assert target.read_bytes() == (tmp_path / "grown.csv").read_bytes()


# --- an input that does not rest ----------------------------------------------------------------------------------


def disturbed(source: Path, target: Path, words: str, disturb: Callable[[], object]) -> None:
    calls: list[int] = []

    def step(_: Summary) -> None:
        calls.append(1)
        if len(calls) == 2:
            disturb()

    with pytest.raises(FeedError, match=words):
        score_file(InProcess(batch_process.slow(0.01)), source, target, options(), step)
    assert not target.exists()
    assert work_of(target).is_dir()


def test_an_input_that_grows_meanwhile(source: Path, target: Path) -> None:
    def grow() -> None:
        with source.open("a") as file:
            file.write("x,baru\n")

    disturbed(source, target, r"in\.csv changed while it was read; nothing was written.*--resume", grow)
    resume(source, target)
    assert target.read_text().count("\nx,baru,") == 1


def test_an_input_that_vanishes_meanwhile(source: Path, target: Path, whole: tuple[bytes, bytes]) -> None:
    away = source.with_name("away.csv")
    disturbed(source, target, r"in\.csv cannot be read .*put it back.*--resume", lambda: source.rename(away))
    away.rename(source)
    resume(source, target)
    assert results(target) == whole


def test_an_input_that_is_only_touched_is_the_same(source: Path, target: Path, whole: tuple[bytes, bytes]) -> None:
    score_file(InProcess(batch_process.slow(0.01)), source, target, options(), lambda _: os.utime(source))
    assert results(target) == whole


def test_a_full_disk_meanwhile_is_gone_on_with(source: Path, target: Path, whole: tuple[bytes, bytes]) -> None:
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(FeedError, match=r"cannot write .*out\.csv\.pilah.* \(File too large\)"):
            score_file(InProcess(StandIn()), source, target, options())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert resume(source, target).resumed > 0
    assert results(target) == whole


def test_a_folder_of_feeds_is_known_by_all_its_files(source: Path, target: Path, tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    shutil.copy(source, folder / "a.csv")
    cut_off(folder, target)
    shutil.copy(source, folder / "b.csv")
    refused(folder, target, "the input holds other bytes")
    (folder / "b.csv").unlink()
    assert resume(folder, target).resumed > 0
