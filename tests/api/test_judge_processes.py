"""Judges beside a server: what they say, what happens when one dies, and that none outlives its server."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from pilah_api.app import create_app
from pilah_api.services import loading
from pilah_api.services.judge_link import JudgeDiedError, JudgeFailedError, JudgeLink, judge_command
from pilah_api.services.judge_seats import Seat
from pilah_api.services.judges import Judges, ProcessJudge, living
from pilah_api.services.judging import JudgingQueue
from pilah_api.services.judging_batches import LIVES
from pilah_api.services.loading import Hands, close_judge, open_judge
from pilah_api.services.tickets import BusyError, Patience
from pilah_api.settings import Settings
from pilah_model.artefacts import ArtefactError, shipped_artefact
from pilah_model.classifier import Classifier
from pilah_model.decision import DecisionPolicy
from pilah_model.judgement import Judgement, Post
from tests.api.judge_processes import BRIEF, SIZE, commands
from tests.api.test_judging import Notes

PATIENT = Patience(wait=60, whole=60)
SECONDS = 30
"""Not a measure: what has not happened by then never would."""
POSTS = [
    Post("Gas coblos nomor 2, Santoso pasti menang", "a"),
    Post("kopi pagi ini", "b", context="coblos nomor 2 ya"),
    Post("lanjutkan pak! \ud83d kata tak utuh"),
    Post("jangan lupa datang ke TPS tanggal 27 " * 40, "d"),
    Post("\u200bpilih yang nomor satu saja\u200b", "e"),
]

Work = Callable[[JudgingQueue, ProcessJudge], Awaitable[None]]


@pytest.fixture(autouse=True)
def _importable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(str(root / part) for part in (".", "data", "model", "api")))


def run(judges: Judges, work: Work) -> None:
    """Run work with a queue before judges, and end them."""

    async def inner() -> None:
        queue = JudgingQueue(judges.size, Notes(), ahead=1)
        await judge.judges.attach()
        try:
            await work(queue, judge)
            await queue.close(10)
        finally:
            await judges.end()

    judge = judges.start()
    asyncio.run(asyncio.wait_for(inner(), 120))


async def ask(queue: JudgingQueue, judge: ProcessJudge, *texts: str, explain: bool = False) -> list[Judgement]:
    return await queue.judge([Post(text) for text in texts], judge, explain=explain, patience=PATIENT)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(SECONDS * 100):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not happen")


def test_judges_in_processes_say_the_same_to_the_last_bit_whoever_shares_their_batch() -> None:
    here = Classifier.load(shipped_artefact(), threads=1)
    moved = DecisionPolicy(0.001, 0.002, promise="other thresholds")
    judges = Judges([judge_command(shipped_artefact(), "auto", 1, place) for place in (0, 0)])

    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        assert (judge.info, judge.card, judge.policy) == (here.info, here.card, here.policy)
        for explain in (False, True):
            for one, same in ((judge, here), (judge.with_policy(moved), here.with_policy(moved))):
                alone = await asyncio.gather(
                    *(queue.judge([post], one, explain=explain, patience=PATIENT) for post in POSTS)
                )
                together = await queue.judge(POSTS, one, explain=explain, patience=PATIENT)
                assert [found for (found,) in alone] == together == same.classify(POSTS, explain=explain)

    run(judges, work)


def test_one_that_dies_is_replaced_and_its_posts_are_judged_again() -> None:
    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        waiting = [asyncio.create_task(ask(queue, judge, f"lambat {n}")) for n in range(4)]
        await asyncio.sleep(0.2)
        judges = judge.judges
        first = judges._processes
        for link in first:
            os.kill(link.id, signal.SIGKILL)
        assert [len(found) for found in await asyncio.gather(*waiting)] == [1] * 4
        await until(lambda: judges.alive == SIZE)
        assert not {link.id for link in first} & {link.id for link in judges._processes}
        assert judge.warnings == ()

    run(Judges(commands()), work)


def test_one_that_dies_while_nobody_asks_is_replaced_too() -> None:
    async def work(_: JudgingQueue, judge: ProcessJudge) -> None:
        judges = judge.judges
        os.kill(judges._processes[1].id, signal.SIGKILL)
        await until(lambda: judges.alive < SIZE)
        assert "1 of 2 judge processes" in judge.warnings[-1]
        await until(lambda: judges.alive == SIZE)

    run(Judges(commands()), work)


def test_a_post_that_kills_fails_its_own_request_after_some_lives(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        tasks = [asyncio.create_task(ask(queue, judge, text)) for text in ("kopi", "racun", "teh", "susu")]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(found[1], JudgeDiedError)
        assert [len(one) for at, one in enumerate(found) if at != 1 and isinstance(one, list)] == [1, 1, 1]
        assert len(await ask(queue, judge, "sesudahnya")) == 1
        await until(lambda: judge.judges.alive == SIZE)
        assert sum("exit code 9" in record.message for record in caplog.records) == LIVES

    run(Judges(commands()), work)


@pytest.mark.parametrize(("size", "at"), [(1, 9), (2, 3), (2, 14)])
def test_nobody_else_fails_for_a_post_that_kills(size: int, at: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    texts = ["racun" if number == at else f"kopi {number}" for number in range(16)]

    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        tasks: list[asyncio.Task[list[Judgement]]] = []
        for half in (texts[:8], texts[8:]):
            tasks += [asyncio.create_task(ask(queue, judge, text)) for text in half]
            for _ in range(3):
                await asyncio.sleep(0)  # one half is on its way to the processes before the other comes
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(found[at], JudgeDiedError)
        assert [number for number, one in enumerate(found) if not isinstance(one, list)] == [at]
        await until(lambda: judge.judges.alive == size)
        assert sum("exit code 9" in record.message for record in caplog.records) == LIVES

    run(Judges(commands(size)), work)


def test_a_question_that_goes_alone_shares_its_process_with_none() -> None:
    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        judges = judge.judges
        first = judges._processes[0]
        os.kill(first.id, signal.SIGSTOP)
        alone = asyncio.create_task(judge.classify_at(None, [Post("kopi")], explain=False))
        await until(lambda: first.asked == 1)
        await asyncio.gather(*(ask(queue, judge, f"teh {number}") for number in range(8)))
        assert first.asked == 1
        os.kill(first.id, signal.SIGCONT)
        assert len((await alone)[0]) == 1
        assert judges._pick(0) is first, "it is free again"

    run(Judges(commands()), work)


def test_a_question_that_goes_alone_waits_until_its_process_has_nothing_in_hand() -> None:
    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        (link,) = judge.judges._processes
        os.kill(link.id, signal.SIGSTOP)
        before = asyncio.create_task(ask(queue, judge, "kopi"))
        await until(lambda: link.asked == 1)
        alone = asyncio.create_task(judge.classify_at(None, [Post("teh")], explain=False))
        await until(lambda: judge.judges._reserved is link)
        after = asyncio.create_task(ask(queue, judge, "susu"))
        await asyncio.sleep(0.01)
        assert link.asked == 1
        os.kill(link.id, signal.SIGCONT)
        assert [len(await before), len((await alone)[0]), len(await after)] == [1, 1, 1]

    run(Judges(commands(1)), work)


def note_rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Have seats rest for no time, and return the list to which they add for how long they would."""
    rests: list[float] = []

    async def note(_: Seat, seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr(Seat, "_pause", note)
    return rests


def test_one_that_dies_of_its_start_is_started_again_after_longer_and_longer_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests = note_rests(monkeypatch)

    async def work(_: JudgingQueue, __: ProcessJudge) -> None:
        await until(lambda: len(rests) >= 3)

    run(Judges(commands(1, BRIEF)), work)
    assert rests[:3] == [0.1, 0.2, 0.4]


def test_one_that_has_answered_is_replaced_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rests = note_rests(monkeypatch)

    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        judges = judge.judges
        for end in ("a", "b"):
            await ask(queue, judge, f"kopi {end}")
            (link,) = judges._processes
            os.kill(link.id, signal.SIGKILL)
            await until(lambda: judges.alive == 0)

    run(Judges(commands(1)), work)
    assert rests == []


def test_a_rest_ends_with_the_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pilah_api.services.judge_seats._FIRST_REST", 3600.0)
    monkeypatch.setattr("pilah_api.services.judge_seats._LONGEST_REST", 3600.0)

    async def work(_: JudgingQueue, judge: ProcessJudge) -> None:
        (seat,) = judge.judges._seats
        os.kill(judge.judges._processes[0].id, signal.SIGKILL)
        await until(lambda: seat._rest > 0)
        await asyncio.sleep(0.01)

    run(Judges(commands(1)), work)


def test_no_error_leaves_a_place_empty_for_good(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    greeting = JudgeLink.greeting
    failures: list[Exception] = []

    def failing(link: JudgeLink) -> dict[str, Any]:
        if failures:
            raise failures.pop()
        return greeting(link)

    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        failures.extend([RuntimeError("rahasia"), OSError("rahasia")])
        await ask(queue, judge, "kopi")
        os.kill(judge.judges._processes[0].id, signal.SIGKILL)
        await until(lambda: judge.judges.alive == 0)
        await until(lambda: judge.judges.alive == 1)

    monkeypatch.setattr(JudgeLink, "greeting", failing)
    run(Judges(commands(1)), work)
    told = [vars(record)["error"] for record in caplog.records if record.message == "a judge process does not start"]
    assert told == ["OSError", "RuntimeError"]
    assert "rahasia" not in caplog.text


def test_judges_that_end_while_one_starts_do_not_call_that_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        await ask(queue, judge, "kopi")
        os.kill(judge.judges._processes[0].id, signal.SIGKILL)
        await until(lambda: bool(judge.judges._starting))
        await judge.judges.end()

    run(Judges(commands(1)), work)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("name", ["asyncio", "uvloop"])
def test_the_socket_of_a_process_is_closed_by_whoever_has_it(name: str) -> None:
    loops = pytest.importorskip(name)

    async def work() -> None:
        await judges.attach()
        await judges.end()

    judges = Judges(commands(1))
    judges.start()
    (link,) = judges._processes
    loops.run(asyncio.wait_for(work(), 120))
    assert link._socket.fileno() == -1


@pytest.mark.parametrize(("word", "kind"), [("rusak", "ValueError"), ("panik", "Panic")])
def test_a_post_that_cannot_be_judged_fails_by_itself_and_is_not_quoted(
    word: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        found = await asyncio.gather(
            *(ask(queue, judge, text) for text in ("kopi", word, "teh", "susu")), return_exceptions=True
        )
        assert isinstance(found[1], JudgeFailedError)
        assert [isinstance(one, list) for one in found] == [True, False, True, True]
        assert judge.judges.alive == SIZE

    run(Judges(commands()), work)
    (entry, *_) = [vars(record) for record in caplog.records if record.message == "posts not judged"]
    assert entry["error"] == kind
    assert "judge_processes.py" in entry["where"][-1]
    assert "digest" not in caplog.text


def test_while_none_comes_back_requests_are_told_and_the_next_one_that_starts_goes_on(tmp_path: Path) -> None:
    needed = tmp_path / "needed"
    needed.touch()

    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        needed.unlink()
        for link in judge.judges._processes:
            os.kill(link.id, signal.SIGKILL)
        await until(lambda: judge.judges.alive == 0)
        assert living(judge) == 0
        with pytest.raises(BusyError):
            await queue.judge([Post("kopi")], judge, explain=False, patience=Patience(60, 0.5))
        needed.touch()
        assert len(await ask(queue, judge, "kopi")) == 1

    run(Judges(commands(SIZE, str(needed))), work)


def test_one_that_never_answers_is_taken_for_dead() -> None:
    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        for link in judge.judges._processes:
            os.kill(link.id, signal.SIGSTOP)
        assert len(await ask(queue, judge, "kopi")) == 1

    run(Judges(commands(), longest=0.3), work)


def test_half_of_a_request_s_time_is_left_after_one_that_never_answers() -> None:
    judge = open_judge(Settings(judges=1, request_seconds=40))
    assert isinstance(judge, ProcessJudge)
    assert judge.judges._longest == 20
    close_judge(judge)


def test_a_model_that_cannot_be_loaded_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"manifest\.json is missing"):
        Judges([judge_command(tmp_path, "auto", 1)]).start()
    with pytest.raises(ArtefactError, match="ended before its model was loaded"):
        Judges([[sys.executable, "-c", "raise SystemExit(1)"]]).start()
    with pytest.raises(ArtefactError, match="PILAH_JUDGES=0"):
        Judges([[str(tmp_path / "nothing")]]).start()


def test_a_model_that_is_never_loaded_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pilah_api.services.judge_link._LONGEST_LOADING", 0.1)
    with pytest.raises(ArtefactError, match=r"did not load its model within 0\.1 seconds"):
        Judges([[sys.executable, "-c", "import time; time.sleep(60)"]]).start()


def test_a_judge_in_processes_is_asked_through_the_queue_alone() -> None:
    judges = Judges(commands(1))
    try:
        with pytest.raises(NotImplementedError):
            judges.start().classify([Post("kopi")])
    finally:
        judges.close()


def test_an_exchanged_model_ends_once_requests_that_began_with_it_had_their_time() -> None:
    async def work(queue: JudgingQueue, judge: ProcessJudge) -> None:
        queue.retire(judge, 0.1)
        assert len(await ask(queue, judge, "kopi")) == 1
        await until(lambda: judge.judges.alive == 0)
        with pytest.raises(BusyError, match="exchanged"):
            await ask(queue, judge, "kopi")

    run(Judges(commands()), work)


def test_a_model_that_comes_later_is_watched_before_it_is_asked() -> None:
    async def work(queue: JudgingQueue, _: ProcessJudge) -> None:
        judge = await asyncio.to_thread(lambda: queue.adopt(Judges(commands(1)).start()))
        assert isinstance(judge, ProcessJudge)
        try:
            os.kill(judge.judges._processes[0].id, signal.SIGKILL)
            await until(lambda: judge.judges.alive == 0)
            await until(lambda: judge.judges.alive == 1)
        finally:
            await judge.judges.end()

    run(Judges(commands(1)), work)


def test_how_many_processes_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(cores: int, **settings: int) -> tuple[int, int, int]:
        monkeypatch.setattr(loading, "cores", lambda: cores)
        hands = Hands.of(Settings(**settings))  # type: ignore[arg-type]
        return hands.workers, hands.threads, hands.processes

    assert of(1) == (1, 1, 0), "one core is enough for the server and its model together"
    assert of(2) == (2, 1, 2)
    assert of(32) == (8, 4, 8)
    assert of(4, judges=0) == (4, 1, 0)
    assert of(4, judges=2) == (2, 2, 2)
    assert of(4, threads=1) == (1, 1, 0)
    assert of(1, judges=2) == (2, 1, 2)


def test_without_processes_the_server_judges_itself() -> None:
    judge = open_judge(Settings(judges=0))
    assert living(judge) is None
    close_judge(judge)


def test_readiness_tells_of_the_judges(tmp_path: Path) -> None:
    judges = Judges(commands())
    app = create_app(Settings(home=tmp_path), judges.start())
    with TestClient(app, base_url="http://localhost") as client:
        with app.state.store.writing() as unit:
            unit.workers.beat("a", "here:1", "model")
        answer = client.post("/v1/classify", json={"texts": ["gas coblos nomor 2 ya"], "explain": True})
        assert answer.json()["results"][0]["label"] == "partisan"
        assert client.get("/readyz").json()["judges"] == SIZE
        assert "pilah_judge_processes 2.0" in client.get("/metrics").text
        judges.close()
        told = client.get("/readyz")
    assert told.status_code == 503
    assert "no judge process is alive" in told.json()["detail"]


# --- a server and its judges --------------------------------------------------------------------------------------


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A real server with the shipped model and two judges, and its address."""
    environment = {**os.environ, "PILAH_HOME": str(home), "PILAH_WORKERS": "0", "PILAH_JUDGES": "2"}
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", "from pilah_api.cli import main; main()", "serve", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        yield process, process.stdout.readline().split()[3].rstrip("/")
    finally:
        process.kill()
        process.communicate()


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc to see processes")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_judge_outlives_its_server(how: signal.Signals, tmp_path: Path) -> None:
    with serving(tmp_path / "home") as (process, address):
        judges = children(process.pid)
        for pid in judges:
            os.kill(pid, signal.SIGTERM)  # as a service manager does; they are still needed for what is under way
        answer = httpx.post(f"{address}/v1/classify", json={"texts": ["gas coblos nomor 2 ya", "kopi"]})
        assert [one["label"] for one in answer.json()["results"]] == ["partisan", "bukan_politik"]
        assert children(process.pid) == judges
        process.send_signal(how)
        process.wait(timeout=SECONDS)
        ended = time.monotonic() + SECONDS
        while not all(map(is_gone, judges)):
            assert time.monotonic() < ended, "a judge lives on without its server"
            time.sleep(0.02)
    assert len(judges) == 2


def test_the_protocol_is_lines_of_json() -> None:
    process = subprocess.Popen(commands(1)[0], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    question = {"texts": ["gas coblos nomor 2 ya"], "explain": False, "policy": [0.3, 0.7, 0.5]}
    out, _ = process.communicate((json.dumps(question) + "\n").encode("ascii") * 3, timeout=SECONDS)
    greeting, *answers = [json.loads(line) for line in out.splitlines()]
    assert greeting["model"]["name"] == "pilah-uji"
    assert len(answers) == 3
    assert all(answer["judged"][0][0][0] == "partisan" and answer["seconds"] >= 0 for answer in answers)


def test_what_ends_a_process_is_told_without_its_words() -> None:
    command = [sys.executable, "-P", "-m", "pilah_model.judge_process"]
    process = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    told = json.loads(process.stderr)
    assert (process.returncode, told["error"], told["level"]) == (1, "ValueError", "error")
    assert "judge_process.py" in told["where"][-1]
    assert "unpack" not in process.stderr
