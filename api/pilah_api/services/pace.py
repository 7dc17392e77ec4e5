"""How long posts take this model on this machine, learnt while it judges."""

from __future__ import annotations

from collections.abc import Sequence

from pilah_model.judgement import Post

BATCH = 0.025
"""Seconds that a worker aims to be busy at once: short, so that newcomers need not wait long; larger batches save next to nothing."""
TURN = BATCH / 4
"""Seconds that one request may fill of a batch while others wait."""
HEAVY = 4 * BATCH
"""Posts that keep a worker longer than this are never given to all workers at once."""

_CHARACTERS_PER_TOKEN = 4
_MOST_TOKENS = 4096
_CHARACTERS_PER_WORD = 6
_MOST_WORDS = 40
_FIRST_GUESS = {False: 80e-6, True: 20e-6}
_KEPT = 0.95
"""How much of what was learnt before stays beside one more batch: some twenty batches count."""
_MOST_AT_ONCE = 4
"""How many times as long as expected a batch can have taken, at most: what came to a stop for a moment is no slower than it was."""
_MOMENT = 0.05
"""Seconds that may pass at a place beyond that, however short the batch: more is a stop, and not how things go."""


class Pace:
    """Seconds for each unit of work, for judging alone and with explanation, as a moving average over units."""

    def __init__(self) -> None:
        """Begin with a guess; the first batches correct it."""
        self._each = dict(_FIRST_GUESS)
        self._units = dict.fromkeys(_FIRST_GUESS, 0.0)
        self._took = self._passed = 0.0

    def seconds(self, post: Post, *, explain: bool) -> float:
        """Return how long one worker is expected to take for a post."""
        return _units(post, explain=explain) * self._each[explain]

    @property
    def stretch(self) -> float:
        """Return how many times as long as the model alone a place takes, which also waits for the server; 1 at least."""
        return max(1.0, self._passed / self._took) if self._took else 1.0

    def note_passed(self, took: float, passed: float) -> None:
        """Take in how many seconds passed at a place for a batch that took the model so many; a stop counts as a moment."""
        self._took = _KEPT * self._took + took
        self._passed = _KEPT * self._passed + min(passed, _MOST_AT_ONCE * took + _MOMENT)

    def learn(self, posts: Sequence[Post], seconds: float, *, explain: bool) -> None:
        """Take in how long a worker took for posts."""
        units = sum(_units(post, explain=explain) for post in posts)
        each = min(seconds / units, _MOST_AT_ONCE * self._each[explain])
        # By its size: one post that met a busy moment must not weigh as much as a batch of thirty.
        kept = self._units[explain] * _KEPT
        self._each[explain] = (kept * self._each[explain] + units * each) / (kept + units)
        self._units[explain] = kept + units


def _units(post: Post, *, explain: bool) -> int:
    """Return about how many tokens are computed; with explanation the post is computed anew without each of its words."""
    characters = len(post.text)
    tokens = min(_MOST_TOKENS, 3 + characters // _CHARACTERS_PER_TOKEN)
    return tokens * (1 + min(_MOST_WORDS, characters // _CHARACTERS_PER_WORD)) if explain else tokens
