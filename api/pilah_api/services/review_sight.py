"""What somebody may see of a post in the queue: the blindness of reviewers, decided in one place below every door."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pilah_api.access import OFFICERS, Person, Role
from pilah_api.services.deciding import Alike, find_alike, may_reverse
from pilah_api.services.review_rules import WATCHERS, rounds_of
from pilah_api.store.posts import StoredJudgement, StoredPost
from pilah_api.store.queue import Entry
from pilah_api.store.reviews import Review, ReviewState
from pilah_api.store.units import Unit
from pilah_data.taxonomy import Decision, Label
from pilah_model.intervals import Rate


class Mode(StrEnum):
    """How a post stands towards who looks at it."""

    HELD = "held"
    """They have it: the text, and nothing of what model or others think."""
    DECIDED = "decided"
    """They decided: the text, the model's judgement, and once all is over the other decisions."""
    WATCHED = "watched"
    """They watch over the queue: the text, and what role and state allow."""
    SHUT = "shut"
    """They may know that it is there, not what it says."""
    GONE = "gone"
    """Its text was deleted."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may see of a post; what they may not see is not there."""

    mode: Mode
    entry: Entry
    may_take: bool = False
    post: StoredPost | None = None
    review: Review | None = None
    judgement: StoredJudgement | None = None
    precision: Rate | None = None
    decisions: tuple[Review, ...] = ()
    may_undo: bool = False
    alike: tuple[Alike, ...] = ()


def look(unit: Unit, person: Person, post_id: str) -> Sight:
    """Return what a person may see of a post; whoever sees a text is recorded by `note_view`. Raises NotFoundError."""
    entry = unit.queue.get(post_id)
    if not entry.kept:
        return Sight(Mode.GONE, entry)
    post = unit.posts.get(post_id)
    reviews = unit.reviews.of_post(post_id)
    held = next((one for one in reviews if one.id == entry.holder and one.person_id == person.id), None)
    if held is not None:
        return Sight(Mode.HELD, entry, post=post, review=held)
    own = next((one for one in reviews if one.person_id == person.id and _stands(one)), None)
    if own is not None:
        return _decided(unit, person, entry, post, own)
    may_take = bool(person.roles & OFFICERS) and unit.queue.may_take(post_id, rounds_of(person), person.id)
    if not person.roles & WATCHERS:
        return Sight(Mode.SHUT, entry, may_take)
    if entry.round is not None and Role.AUDITOR not in person.roles:
        # A supervisor may still become the third reviewer.
        return Sight(Mode.WATCHED, entry, may_take, post)
    return Sight(
        Mode.WATCHED,
        entry,
        may_take,
        post,
        judgement=unit.posts.judgement(post_id),
        precision=precision(unit, entry),
        decisions=tuple(unit.reviews.decisions(post_id)),
    )


def note_view(unit: Unit, sight: Sight) -> None:
    """Record that somebody saw a text."""
    if sight.post is not None:
        unit.audit.append("review.viewed", f"post:{sight.entry.id}", {"as": sight.mode.value})


def shows_round(person: Person | None) -> bool:
    """Return whether somebody may know which review is due: a second one is due only where the first found the post partisan."""
    return person is not None and bool(person.roles & WATCHERS)


def agrees(judgement: StoredJudgement, label: Label) -> bool | None:
    """Return whether a person's label bears the model's proposal out; None where the model abstained and the person did not."""
    if judgement.decision is Decision.BUTUH_KONTEKS:
        return True if label is Label.PERLU_KONTEKS else None
    return (judgement.decision is Decision.TINJAU) is (label is Label.PARTISAN)


def precision(unit: Unit, entry: Entry) -> Rate:
    """Return how many posts that the same model marked for review people called partisan in the end."""
    return Rate(*unit.queue_lists.precision(entry.model_sha256))


def _decided(unit: Unit, person: Person, entry: Entry, post: StoredPost, own: Review) -> Sight:
    return Sight(
        Mode.DECIDED,
        entry,
        post=post,
        review=own,
        judgement=unit.posts.judgement(entry.id),
        precision=precision(unit, entry),
        decisions=tuple(unit.reviews.decisions(entry.id)) if entry.round is None else (),
        may_undo=may_reverse(unit, own),
        alike=tuple(find_alike(unit, person, entry.id)),
    )


def _stands(review: Review) -> bool:
    return review.state is ReviewState.DECIDED and not review.taken_back
