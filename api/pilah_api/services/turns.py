"""Whose posts are judged next: waiting requests take turns, so that a small one never stands behind all of a large one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from pilah_api.services.pace import HEAVY, TURN, Pace
from pilah_model.judge import Judge
from pilah_model.judgement import Judgement, Post


@dataclass(eq=False, slots=True)
class Waiting:
    """A request's posts on their way to the model; `arrived` is a time of the monotonic clock in seconds."""

    posts: Sequence[Post]
    judge: Judge
    explain: bool
    arrived: float
    counted: bool = True
    """Whether its decisions are counted; variants of posts, with which a page asks what would change, are not."""
    answers: list[Judgement | None] = field(default_factory=list)
    taken: int = 0
    done: int = 0
    error: Exception | None = None
    dropped: bool = False
    turn: int = 0
    """How many posts it gives to its next turn, and how long they are expected to take."""
    turn_seconds: float = 0.0

    @property
    def characters(self) -> int:
        """Return how many characters the posts have together."""
        return sum(len(post.text) for post in self.posts)

    @property
    def heavy(self) -> bool:
        """Return whether the next turn would keep a worker so long that small requests behind it would suffer."""
        return self.turn_seconds > HEAVY

    @property
    def finished(self) -> bool:
        """Return whether nothing of it is to be judged any more."""
        return self.error is not None or self.done == len(self.posts)


@dataclass(slots=True)
class Piece:
    """Posts `start` to `stop` of a waiting request."""

    waiting: Waiting
    start: int
    stop: int

    def goes_with(self, other: Piece) -> bool:
        """Return whether one call serves both: of the same model and thresholds, and both with or without explanation."""
        one, two = self.waiting, other.waiting
        if one.explain is not two.explain:
            return False
        return one.judge is two.judge or (one.judge.policy, one.judge.info) == (two.judge.policy, two.judge.info)

    @property
    def posts(self) -> Sequence[Post]:
        """Return the posts."""
        return self.waiting.posts[self.start : self.stop]


class Turns:
    """The requests that wait, in the order of their turns; not safe for threads by itself."""

    def __init__(self, pace: Pace):
        """Take what knows how long posts take."""
        self._pace = pace
        self._ring: deque[Waiting] = deque()
        self._seconds = {False: 0.0, True: 0.0}
        self.posts = 0
        """Posts that no worker has taken yet."""
        self.characters = 0
        """Characters of the requests that wait."""

    def __len__(self) -> int:
        """Return how many requests wait."""
        return len(self._ring)

    def seconds_of_turns(self, *, heavy: bool) -> float:
        """Return how long one turn of every waiting request with light, or with heavy posts, takes one worker."""
        return max(0.0, self._seconds[heavy])

    def add(self, waiting: Waiting) -> None:
        """Let a request wait; its first turn comes after one of everybody before it."""
        self.posts += len(waiting.posts)
        self.characters += waiting.characters
        self._prepare(waiting)
        self._enter(waiting)

    def drop(self, waiting: Waiting) -> None:
        """Forget a request that nobody waits for any more; posts that a worker has already taken are judged in vain."""
        waiting.dropped = True
        if waiting in self._ring:
            self._ring.remove(waiting)
            self._leave(waiting)
            self.posts -= len(waiting.posts) - waiting.taken
            self.characters -= waiting.characters

    def take(self, seconds: float, *, least: int = 1, heavy: bool) -> list[Piece]:
        """Take turns that last about so many seconds together; heavy ones only if they may be taken.

        There are at least so many posts, if they do not take as long as a heavy one.
        """
        batch: list[Piece] = []
        passed, taken, few = 0, 0, True
        while passed < len(self._ring) and (seconds > 0 or few):
            waiting = self._ring[0]
            if waiting.heavy and not heavy:
                self._ring.rotate(-1)
                passed += 1
                continue
            if not few and waiting.turn_seconds > seconds:
                break
            seconds -= waiting.turn_seconds
            taken += waiting.turn
            few = taken < least and seconds > -HEAVY
            self._advance(batch)
        return batch

    def _advance(self, batch: list[Piece]) -> None:
        """Move the first request's turn into a batch, and the request to the end of the ring if posts remain."""
        waiting = self._ring.popleft()
        self._leave(waiting)
        start, stop = waiting.taken, waiting.taken + waiting.turn
        if batch and batch[-1].waiting is waiting:
            batch[-1].stop = stop
        else:
            batch.append(Piece(waiting, start, stop))
        waiting.taken = stop
        self.posts -= stop - start
        if stop < len(waiting.posts):
            self._prepare(waiting)
            self._enter(waiting)
        else:
            self.characters -= waiting.characters

    def _prepare(self, waiting: Waiting) -> None:
        """Cut the next turn: one post, and more as long as they are short."""
        waiting.turn, waiting.turn_seconds = 0, 0.0
        for post in waiting.posts[waiting.taken :]:
            seconds = self._pace.seconds(post, explain=waiting.explain)
            if waiting.turn and waiting.turn_seconds + seconds > TURN:
                break
            waiting.turn += 1
            waiting.turn_seconds += seconds

    def _enter(self, waiting: Waiting) -> None:
        self._ring.append(waiting)
        self._seconds[waiting.heavy] += waiting.turn_seconds

    def _leave(self, waiting: Waiting) -> None:
        self._seconds[waiting.heavy] -= waiting.turn_seconds
        if not self._ring:
            self._seconds = {False: 0.0, True: 0.0}  # what rounding left over
