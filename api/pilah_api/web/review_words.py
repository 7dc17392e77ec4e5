"""Words that the list of the queue and the page of one post share."""

from __future__ import annotations

import datetime as dt

from pilah_api.services.deadlines import Deadlines
from pilah_api.store.queue import LAPSED, Entry
from pilah_api.web.texts import Texts
from pilah_data.taxonomy import LABELS, Label

URGENT_DAYS = 2
SHORT = 8
"""Last characters of an id by which people tell posts apart: the first ones are the time, and alike within a minute."""


def short(post_id: str) -> str:
    """Return the name by which people speak of a post."""
    return post_id[-SHORT:]


def left_words(known_on: dt.date, deadlines: Deadlines, texts: Texts) -> tuple[str, bool]:
    """Say how many working days are left, and whether that is urgent."""
    left = deadlines.days_left(known_on)
    if left < 0:
        return texts("queue.left.over"), True
    words = texts("queue.left.last") if left == 0 else texts("queue.left.days", n=left)
    return words, left <= URGENT_DAYS


def outcome_words(entry: Entry, texts: Texts) -> str:
    """Say how a post ended, or an empty text while it is open."""
    if entry.outcome is None:
        return ""
    if entry.outcome == LAPSED:
        return texts("queue.outcome.lapsed")
    words = label_words(Label(entry.outcome), texts)
    return f"{words} · {texts(f'queue.basis.{entry.basis}')}" if entry.basis else words


def label_words(label: Label | None, texts: Texts) -> str:
    """Return the name of a label, or a dash."""
    return texts.of(LABELS[label].title, LABELS[label].title_en) if label else "–"
