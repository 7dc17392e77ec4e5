"""Brings judged posts into the review queue: who sends them is recorded, what passed is not stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pilah_api.services.classification import Band, confidence_band
from pilah_api.store.units import Unit
from pilah_data.calendar import WIB
from pilah_data.errors import InputError
from pilah_data.sketches import sketch
from pilah_data.taxonomy import FORMS, Label
from pilah_model.judgement import Judgement

_BANDS = (Band.HIGH, Band.MEDIUM, Band.LOW)
_GRAVEST, _GRAVE = 5, 4
_OLDEST = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A post to be reviewed: its text as published, what the model said, and what is known of its source.

    `facts` may hold `waktu` and `platform` among others; they are masked. `link` is encrypted and kept for a case.
    """

    text: str
    judgement: Judgement
    context: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    link: str | None = None
    known_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it: the ids of the posts in the queue, and how many passed and were not stored."""

    ids: tuple[str, ...]
    passed: int


def send_to_queue(unit: Unit, posts: Iterable[Incoming], brought_by: str, batch_id: str | None = None) -> Sent:
    """Store judged posts and put them into the queue, each with its audit record.

    `brought_by` is the audit's name of who brings them. A post becomes known today unless it says otherwise. Raises InputError
    for a day in the future or more than a year ago.
    """
    today = unit.now.astimezone(WIB).date()
    ids: list[str] = []
    passed = 0
    for post in posts:
        known_on = _checked_day(post.known_on or today, today)
        stored = unit.posts.add_judged(
            post.text,
            post.judgement,
            brought_by,
            context=post.context,
            facts=post.facts,
            batch_id=batch_id,
            link=post.link,
        )
        if stored is None:
            passed += 1
            continue
        judgement = post.judgement
        unit.queue.add(
            stored.id, judgement.decision, priority(judgement), known_on, judgement.model.sha256, sketch(stored.text)
        )
        detail = {"known_on": known_on.isoformat(), "decision": judgement.decision.value}
        unit.audit.append("review.queued", f"post:{stored.id}", detail | _of_model(judgement))
        ids.append(stored.id)
    return Sent(tuple(ids), passed)


def priority(judgement: Judgement) -> int:
    """Return where a post stands in its queue, 0 first: by severity (B09, then B08 and B10, then others), then by confidence.

    Among equals, the one known longest comes first, which is the order of their deadlines.
    """
    worst = max((FORMS[form.code].severity for form in judgement.forms), default=0)
    severity = 0 if worst >= _GRAVEST else 1 if worst >= _GRAVE else 2
    band = confidence_band(judgement.probabilities[Label.PARTISAN])
    return severity * len(_BANDS) + _BANDS.index(band)


def _of_model(judgement: Judgement) -> dict[str, object]:
    model = judgement.model
    return {"model": f"{model.name} {model.version}", "thresholds": dict(judgement.thresholds)}


def _checked_day(day: dt.date, today: dt.date) -> dt.date:
    if not today - _OLDEST <= day <= today:
        raise InputError(f"the day on which a post became known lies between a year ago and today, not on {day}")
    return day
