"""The queue before the model: who shares a batch, whose turn it is, who is refused, and who is forgotten."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pilah_api.services.judging import JudgingQueue
from pilah_api.services.lag import Lag
from pilah_api.services.pace import HEAVY, Pace
from pilah_api.services.places import Batch, Place
from pilah_api.services.queued_judge import QueuedJudge
from pilah_api.services.tickets import BusyError, CallerGoneError, Patience, TimedOutError
from pilah_api.services.turns import Turns, Waiting
from pilah_model.decision import DecisionPolicy
from pilah_model.judge import Judge
from pilah_model.judgement import Judgement, Post
from tests.api.stand_in import StandIn

PATIENT = Patience(wait=60, whole=60)
LONG = "kata " * 20_000


class Notes:
    """Keeps what the queue tells."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.batches: list[int] = []
        self.counted = 0

    def waited(self, seconds: float) -> None:
        self.waits.append(seconds)

    def batch(self, posts: int, seconds: float) -> None:
        self.batches.append(posts)

    def judged(self, judgements: Sequence[Judgement]) -> None:
        self.counted += len(judgements)


class Held:
    """A model that judges nothing before it is let go; remembers the batches that it was given."""

    def __init__(self, only: str = "") -> None:
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.seen: list[list[str]] = []
        self.only = only

    def __call__(self, posts: Sequence[Post]) -> None:
        self.seen.append([post.text for post in posts])
        self.begun.release()
        if any(self.only in post.text for post in posts) and not self.go.wait(30):
            message = "nobody let the model go"
            raise TimeoutError(message)

    async def has_begun(self) -> None:
        await asyncio.to_thread(self.begun.acquire)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


def ask(
    queue: Queue, *texts: str, patience: Patience = PATIENT, explain: bool = False
) -> asyncio.Task[list[Judgement]]:
    posts = [Post(text, str(number)) for number, text in enumerate(texts)]
    return asyncio.create_task(queue.judge(posts, queue.stand_in, explain=explain, patience=patience))


class Queue(JudgingQueue):
    """A queue, and the stand-in whose posts wait in it."""

    def __init__(self, stand_in: StandIn, workers: int, notes: Notes) -> None:
        self.stand_in = stand_in
        super().__init__(workers, notes)


async def settled(queue: JudgingQueue, posts: int) -> None:
    """Wait until so many posts wait for a worker."""
    while queue.posts != posts:
        await asyncio.sleep(0.001)


def test_requests_that_come_while_a_batch_runs_share_the_next_one_and_get_their_own_back() -> None:
    async def work() -> None:
        held, notes = Held("pertama"), Notes()
        queue = Queue(StandIn(before=held), 1, notes)
        first = ask(queue, "pertama")
        await held.has_begun()
        others = [ask(queue, f"kopi {n}", f"coblos nomor {n}") for n in range(3)]
        await settled(queue, 6)
        held.go.set()
        assert [j.label for j in await first] == ["bukan_politik"]
        for answers in await asyncio.gather(*others):
            assert [(j.id, j.label) for j in answers] == [("0", "bukan_politik"), ("1", "partisan")]
        assert held.seen[0] == ["pertama"]
        assert max(notes.batches) > 2, "several requests in one batch"
        assert len(notes.waits) == 4
        await queue.close(10)

    run(work())


def test_an_idle_queue_waits_for_nobody() -> None:
    async def work() -> None:
        held = Held("tak pernah")
        queue = Queue(StandIn(before=held), 1, Notes())
        await ask(queue, "satu")
        await ask(queue, "dua")
        assert held.seen == [["satu"], ["dua"]]
        await queue.close(10)

    run(work())


def test_a_small_request_does_not_stand_behind_all_of_a_large_one() -> None:
    async def work() -> None:
        held = Held("besar 0")
        queue = Queue(StandIn(before=held), 1, Notes())
        finished: list[str] = []
        large = ask(queue, *(f"besar {n}" for n in range(256)))
        large.add_done_callback(lambda _: finished.append("large"))
        await held.has_begun()
        small = ask(queue, "kecil")
        small.add_done_callback(lambda _: finished.append("small"))
        await asyncio.sleep(0)
        held.go.set()
        answers = await large
        assert [j.id for j in answers] == [str(n) for n in range(256)]
        assert finished == ["small", "large"]
        await queue.close(10)

    run(work())


def test_posts_that_take_long_leave_a_worker_to_the_others() -> None:
    async def work() -> None:
        held = Held("kata")
        queue = Queue(StandIn(before=held), 2, Notes())
        heavy = [ask(queue, LONG, explain=True) for _ in range(3)]
        await held.has_begun()
        assert [j.label for j in await ask(queue, "kopi")] == ["bukan_politik"]
        assert queue.expected_wait() < HEAVY, "light posts are not refused for the sake of heavy ones"
        assert queue.expected_wait(heavy=True) > HEAVY
        held.go.set()
        await asyncio.gather(*heavy)
        await queue.close(10)

    run(work())


def test_a_request_that_would_wait_too_long_is_refused_at_once() -> None:
    async def work() -> None:
        held = Held()
        queue = Queue(StandIn(before=held), 1, Notes())
        first = [ask(queue, LONG, explain=True) for _ in range(3)]
        await held.has_begun()
        await settled(queue, 2)
        with pytest.raises(BusyError) as caught:
            await queue.judge([Post("kopi")], queue.stand_in, explain=False, patience=Patience(0.01, 60))
        assert caught.value.retry_after >= 1
        assert not isinstance(caught.value, TimedOutError)
        held.go.set()
        await asyncio.gather(*first)
        await queue.close(10)
        assert ["kopi"] not in held.seen

    run(work())


def test_what_waits_in_memory_is_bounded() -> None:
    async def work() -> None:
        held = Held()
        queue = Queue(StandIn(before=held), 1, Notes())
        first = ask(queue, "pertama")
        await held.has_begun()
        large = [ask(queue, *["x" * 100_000] * 200) for _ in range(2)]
        await settled(queue, 400)
        with pytest.raises(BusyError):
            queue.require_room(1e9)
        for task in large:
            task.cancel()
        await asyncio.gather(*large, return_exceptions=True)
        queue.require_room(1e9)
        assert queue.posts == 0
        held.go.set()
        await first
        await queue.close(10)

    run(work())


def test_a_request_that_takes_too_long_fails_and_is_forgotten() -> None:
    async def work() -> None:
        held = Held()
        queue = Queue(StandIn(before=held), 1, Notes())
        first = ask(queue, "pertama")
        await held.has_begun()
        with pytest.raises(TimedOutError, match=r"0\.05 seconds"):
            await ask(queue, "terlambat", patience=Patience(60, 0.05))
        assert queue.posts == 0
        held.go.set()
        await first
        await queue.close(10)
        assert held.seen == [["pertama"]]

    run(work())


def test_a_cancelled_request_is_forgotten() -> None:
    async def work() -> None:
        held = Held()
        queue = Queue(StandIn(before=held), 1, Notes())
        first = ask(queue, "pertama")
        await held.has_begun()
        second = ask(queue, "batal")
        await settled(queue, 1)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        held.go.set()
        await first
        await queue.close(10)
        assert held.seen == [["pertama"]]

    run(work())


def test_a_request_whose_caller_hangs_up_is_forgotten() -> None:
    async def work() -> None:
        held = Held()
        queue = Queue(StandIn(before=held), 1, Notes())
        first = ask(queue, "pertama")
        await held.has_begun()

        async def at_once() -> None:
            return

        with pytest.raises(CallerGoneError):
            await queue.judge([Post("putus")], queue.stand_in, explain=False, patience=PATIENT, gone=at_once)
        held.go.set()
        await first
        await queue.close(10)
        assert held.seen == [["pertama"]]

    run(work())


def test_a_post_that_cannot_be_judged_fails_its_own_request_only() -> None:
    async def work() -> None:
        held = Held("pertama")

        def before(posts: Sequence[Post]) -> None:
            held(posts)
            if any(post.text == "rusak" for post in posts):
                message = "cannot digest"
                raise ValueError(message)

        queue = Queue(StandIn(before=before), 1, Notes())
        first = ask(queue, "pertama")
        await held.has_begun()
        good, bad = ask(queue, "kopi"), ask(queue, "baik", "rusak")
        await settled(queue, 3)
        held.go.set()
        await first
        assert len(await good) == 1
        with pytest.raises(ValueError, match="cannot digest"):
            await bad
        assert len(await ask(queue, "sesudahnya")) == 1, "the worker lives on"
        await queue.close(10)

    run(work())


def test_closing_finishes_what_waits_and_takes_nothing_new() -> None:
    async def work() -> None:
        held = Held("pertama")
        queue = Queue(StandIn(before=held), 1, Notes())
        waiting = [ask(queue, "pertama"), ask(queue, "kedua")]
        await held.has_begun()
        closing = asyncio.create_task(queue.close(20))
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="stopping"):
            await ask(queue, "terlambat")
        held.go.set()
        assert [len(answers) for answers in await asyncio.gather(*waiting)] == [1, 1]
        await closing

    run(work())


def test_closing_does_not_wait_for_ever() -> None:
    async def work() -> None:
        held = Held()
        queue = Queue(StandIn(before=held), 1, Notes())
        first = ask(queue, "pertama")
        await held.has_begun()
        await queue.close(0.05)
        assert not first.done()
        held.go.set()
        await first

    run(work())


def test_requests_under_different_thresholds_are_judged_apart() -> None:
    async def work() -> None:
        held = Held("pertama")
        queue = Queue(StandIn(before=held), 1, Notes())
        first = ask(queue, "pertama")
        await held.has_begun()
        stricter = queue.stand_in.with_policy(DecisionPolicy(0.1, 0.2, promise="another"))
        posts = [Post("kopi")]
        tasks = [
            asyncio.create_task(queue.judge(posts, judge, explain=False, patience=PATIENT))
            for judge in (queue.stand_in, stricter, queue.stand_in.with_policy(queue.stand_in.policy))
        ]
        await settled(queue, 3)
        held.go.set()
        await asyncio.gather(first, *tasks)
        assert sorted(len(batch) for batch in held.seen[1:]) == [1, 2], "equal thresholds share, others do not"
        await queue.close(10)

    run(work())


def test_doors_that_wait_in_a_thread_take_their_turn_like_all_others() -> None:
    async def work() -> None:
        notes = Notes()
        queue = Queue(StandIn(), 1, notes)
        judge: Judge = QueuedJudge(queue, queue.stand_in, PATIENT)
        judgements = await asyncio.to_thread(
            judge.classify, [Post("Gas coblos nomor 2 ya"), Post("kopi")], explain=True
        )
        assert [j.label for j in judgements] == ["partisan", "bukan_politik"]
        assert judgements[0].evidence
        assert await asyncio.to_thread(judge.classify, []) == []
        await asyncio.to_thread(judge.classify, [Post("Gas nomor 2 ya")])
        assert notes.counted == 2, "variants of a shown post are no posts"
        other = DecisionPolicy(0.1, 0.2, promise="another")
        assert judge.with_policy(other).policy == other
        assert (judge.info, judge.card, judge.warnings) == (queue.stand_in.info, queue.stand_in.card, ())
        await queue.close(10)

    run(work())


# --- turns --------------------------------------------------------------------------------------------------------


def waiting(*texts: str, explain: bool = False) -> Waiting:
    return Waiting([Post(text) for text in texts], StandIn(), explain, 0.0, answers=[None] * len(texts))


def test_every_post_is_taken_once_and_in_order() -> None:
    turns = Turns(Pace())
    requests = [waiting(*["kopi pagi ini"] * size) for size in (40, 1, 3, 256)]
    for one in requests:
        turns.add(one)
    taken: dict[int, list[int]] = {id(one): [] for one in requests}
    while batch := turns.take(0.01, heavy=True):
        for piece in batch:
            taken[id(piece.waiting)] += range(piece.start, piece.stop)
    assert all(taken[id(one)] == list(range(len(one.posts))) for one in requests)
    assert (turns.posts, turns.characters, len(turns)) == (0, 0, 0)
    assert turns.seconds_of_turns(heavy=False) == turns.seconds_of_turns(heavy=True) == 0


def test_heavy_posts_are_passed_over_while_they_may_not_be_taken() -> None:
    turns = Turns(Pace())
    heavy, light = waiting(LONG, explain=True), waiting("kopi")
    turns.add(heavy)
    turns.add(light)
    assert [piece.waiting for piece in turns.take(1, heavy=False)] == [light]
    assert turns.take(1, heavy=False) == []
    assert [piece.waiting for piece in turns.take(1, heavy=True)] == [heavy]


def test_a_dropped_request_leaves_nothing_behind() -> None:
    turns = Turns(Pace())
    one = waiting(*["kopi"] * 100)
    turns.add(one)
    turns.take(0.001, heavy=True)
    turns.drop(one)
    assert one.dropped
    assert (turns.posts, turns.characters, len(turns)) == (0, 0, 0)
    assert turns.seconds_of_turns(heavy=False) == 0


def test_the_pace_follows_what_is_measured() -> None:
    pace, post = Pace(), Post("kopi pagi ini " * 5)
    before = pace.seconds(post, explain=False)
    for _ in range(100):
        pace.learn([post, post], 2.0, explain=False)
    assert pace.seconds(post, explain=False) == pytest.approx(1.0, rel=0.01)
    assert before < 0.1
    assert pace.seconds(Post("x" * 10**6), explain=False) == pace.seconds(Post("x" * 10**7), explain=False)


def test_one_batch_that_met_a_stop_does_not_make_the_pace_slow() -> None:
    pace, post = Pace(), Post("kopi pagi ini " * 5)
    for _ in range(50):
        pace.learn([post] * 10, 0.01, explain=False)
    before = pace.seconds(post, explain=False)
    pace.learn([post], 5.0, explain=False)
    assert pace.seconds(post, explain=False) < 1.1 * before


def test_the_lag_of_the_loop_counts_as_waiting_while_there_is_something_to_do() -> None:
    async def work() -> None:
        held = Held()
        queue = Queue(StandIn(before=held), 1, Notes())
        first = ask(queue, "pertama")
        await held.has_begun()
        for _ in range(30):
            queue.require_room(60)
            time.sleep(0.02)  # what is in the way of all that the loop has to do
            await asyncio.sleep(0)
        with pytest.raises(BusyError):
            queue.require_room(0.01)
        held.go.set()
        await first
        while queue._batches:
            await asyncio.sleep(0)
        queue.require_room(0.01)
        await queue.close(10)

    run(work())


def test_the_lag_of_a_loop_is_what_it_usually_is_and_is_forgotten() -> None:
    ready: list[Callable[[], None]] = []
    now = [100.0]
    lag = Lag(cast("asyncio.AbstractEventLoop", SimpleNamespace(call_soon=ready.append)), lambda: now[0])

    def look(seconds: float) -> None:
        lag.look()
        now[0] += seconds
        ready.pop()()

    look(3.0)
    assert lag.seconds == pytest.approx(0.01), "one stop says little"
    for _ in range(60):
        look(0.2)
    assert lag.seconds == pytest.approx(0.2, rel=0.01)
    now[0] += 5
    assert lag.seconds < 0.01, "nobody has looked since"


def test_a_place_that_hangs_is_not_free_soon() -> None:
    place = Place(0)
    assert place.left(100.0) == 0
    place.batches.append(Batch(100.0, 0.5))
    assert place.left(100.0) == 0.5
    assert place.left(101.0) == 0, "a little late"
    assert place.left(110.0) == 9.5, "as late again as it is"


def test_a_stop_at_a_place_is_not_expected_again() -> None:
    pace = Pace()
    for _ in range(50):
        pace.note_passed(0.01, 0.01)
    pace.note_passed(0.01, 60.0)
    assert pace.stretch < 1.5


def test_what_a_place_waits_for_the_server_is_expected_again() -> None:
    pace = Pace()
    assert pace.stretch == 1
    for _ in range(50):
        pace.note_passed(0.01, 0.03)
    assert pace.stretch == pytest.approx(3)
    for _ in range(100):
        pace.note_passed(0.01, 0.005)
    assert pace.stretch == 1, "two batches that were judged together pass in the time of one"
