"""What the lists of the page *Antrean* show, in words of one language; what somebody may see is decided by `services.review_sight`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pilah_api.services.deadlines import Deadlines
from pilah_api.store.queue import Entry
from pilah_api.store.queue_lists import Listed, Waiting
from pilah_api.store.reviews import Review
from pilah_api.web.moments import clock, day, moment
from pilah_api.web.review_words import label_words, left_words, outcome_words, short
from pilah_api.web.texts import Texts
from pilah_data.taxonomy import DECISIONS, Decision


@dataclass(frozen=True, slots=True)
class Line:
    """A post in a list: never its text."""

    id: str
    name: str
    known: str
    left: str
    urgent: bool
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A count with its name."""

    name: str
    number: str


def lines(entries: Sequence[Entry], deadlines: Deadlines, texts: Texts) -> list[Line]:
    """Return posts that wait."""
    return [_line(Listed(entry), deadlines, texts, state="") for entry in entries]


def watched_lines(found: Sequence[Listed], deadlines: Deadlines, texts: Texts) -> list[Line]:
    """Return posts as those see them who watch over the queue."""
    return [_line(listed, deadlines, texts, state=_state(listed, texts)) for listed in found]


def tiles(waiting: Sequence[Waiting], texts: Texts) -> list[Tile]:
    """Return how many posts are open by queue and by round, for those who watch."""
    made = []
    for queue in (Decision.TINJAU, Decision.BUTUH_KONTEKS):
        name = texts.of(DECISIONS[queue].title, DECISIONS[queue].title_en)
        made.append(Tile(name, texts.whole(sum(one.number for one in waiting if one.queue is queue))))
    for number in (1, 2, 3):
        total = sum(one.number for one in waiting if one.round == number)
        made.append(Tile(texts(f"queue.round.{number}"), texts.whole(total)))
    return made


def own_lines(found: Sequence[Review], now: dt.datetime, texts: Texts) -> list[Line]:
    """Return a person's latest decisions."""
    return [
        Line(
            one.post_id,
            short(one.post_id),
            moment(one.decided_at, texts) if one.decided_at else "",
            texts("queue.may_undo", until=clock(one.lease_until, texts))
            if one.lease_until and one.lease_until > now
            else "",
            urgent=False,
            state=label_words(one.content.label, texts),
        )
        for one in found
    ]


def _line(listed: Listed, deadlines: Deadlines, texts: Texts, *, state: str) -> Line:
    entry = listed.entry
    left, urgent = left_words(entry.known_on, deadlines, texts)
    if entry.outcome is not None:
        left, urgent = "–", False
    return Line(entry.id, short(entry.id), day(entry.known_on, texts), left, urgent, state)


def _state(listed: Listed, texts: Texts) -> str:
    entry = listed.entry
    if entry.round is None:
        return outcome_words(entry, texts)
    words = texts(f"queue.round.{entry.round}")
    if listed.held_by is None or listed.held_until is None:
        return f"{words} · {texts('queue.waits')}"
    return f"{words} · {texts('queue.held_by', who=listed.held_by, until=clock(listed.held_until, texts))}"
