"""Decisions of reviewers: stored once, taken back in time, applied to like posts on request, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pilah_api.access import Person
from pilah_api.services.claiming import keep_lost_draft, own_review
from pilah_api.services.review_rules import LEASE, Refusal, ReviewRefusedError, as_draft, checked, rounds_of
from pilah_api.store.audit import Origin
from pilah_api.store.posts import PostState
from pilah_api.store.queue import Entry
from pilah_api.store.reviews import Content, Review, ReviewState, later_than
from pilah_api.store.units import Store, Unit
from pilah_api.verdicts import verdict
from pilah_data.neighbours import THRESHOLD, shingles, similarity
from pilah_data.taxonomy import Label

_ERASED_AFTER = (Label.BUKAN_POLITIK, Label.POLITIK_NETRAL)
"""Outcomes after which a text may no longer be kept (UU 27/2022: no more than the purpose needs)."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A post that is nearly the same as one just decided."""

    id: str
    text: str


def decide(unit: Unit, person: Person, review_id: str, content: Content) -> Review:
    """Store a decision on a held post and what follows from it; the same decision again changes nothing.

    A lease that ended counts as long as nobody else took the post. Raises NotFoundError, InvalidDecisionError, and
    ReviewRefusedError if the post was lost or decided otherwise.
    """
    decision = checked(content)
    review = own_review(unit, person, review_id)
    entry = unit.queue.lock(review.post_id)
    review = unit.reviews.get(review_id)
    if review.state is ReviewState.DECIDED:
        if review.content == decision and not review.taken_back:
            return review
        raise ReviewRefusedError(Refusal.DECIDED, entry.id)
    if entry.holder != review.id:
        raise ReviewRefusedError(Refusal.LOST)
    unit.reviews.decide(review, decision, unit.now + LEASE)
    unit.audit.append("review.decided", f"post:{entry.id}", _detail(review.id, review.round, decision))
    _settle(unit, entry)
    return unit.reviews.get(review.id)


def decide_or_keep(store: Store, origin: Origin, person: Person, review_id: str, content: Content) -> Review:
    """Decide in a unit of work of its own; if the post was lost meanwhile, what was filled in is kept before that is told.

    Raises as `decide` does.
    """
    try:
        with store.writing(origin) as unit:
            return decide(unit, person, review_id, content)
    except ReviewRefusedError as error:
        if error.why is Refusal.LOST:
            with store.writing(origin) as unit:
                keep_lost_draft(unit, person, review_id, content)
        raise


def reverse(unit: Unit, person: Person, review_id: str) -> Review:
    """Take a decision back: it stays on record, and the post is held again with the decision as a draft.

    Raises NotFoundError, and ReviewRefusedError if its time is over or the next review has begun.
    """
    review = own_review(unit, person, review_id)
    entry = unit.queue.lock(review.post_id)
    review = unit.reviews.get(review_id)
    if review.taken_back and entry.holder is not None:
        again = unit.reviews.get(entry.holder)
        if again.person_id == person.id:
            return again
    if not may_reverse(unit, review):
        raise ReviewRefusedError(Refusal.TOO_LATE)
    unit.reviews.reverse(review)
    unit.queue.move(entry.id, review.round)
    again = unit.reviews.begin(entry.id, person.id, review.round, LEASE, as_draft(review.content))
    unit.queue.hold(entry.id, again.id)
    unit.audit.append("review.reversed", f"post:{entry.id}", {"review": review.id, "round": review.round})
    return again


def may_reverse(unit: Unit, review: Review) -> bool:
    """Return whether a decision can still be taken back."""
    in_time = review.lease_until is not None and unit.now <= review.lease_until
    if review.state is not ReviewState.DECIDED or review.taken_back or not in_time:
        return False
    if later_than(unit.reviews.of_post(review.post_id), review):
        return False
    return unit.posts.get(review.post_id).state is not PostState.KASUS


def find_alike(unit: Unit, person: Person, post_id: str) -> list[Alike]:
    """Return open posts that are nearly the same as one and that a person may decide on, by their true similarity."""
    own = shingles(unit.posts.get(post_id).text)
    candidates = unit.queue.sharing_bands(post_id, rounds_of(person), person.id)
    return [Alike(found, text) for found, text in candidates if similarity(own, shingles(text)) >= THRESHOLD]


def apply_to_alike(unit: Unit, person: Person, review_id: str, post_ids: Iterable[str]) -> list[Review]:
    """Decide on chosen like posts as on the first, each on record by itself; return the decisions made.

    Posts that meanwhile are held, decided or not alike are left out. Raises NotFoundError, and ReviewRefusedError for a first
    decision that does not stand.
    """
    first = own_review(unit, person, review_id)
    if first.state is not ReviewState.DECIDED or first.taken_back:
        raise ReviewRefusedError(Refusal.TOO_LATE)
    wanted = set(post_ids) & {alike.id for alike in find_alike(unit, person, first.post_id)}
    made = []
    # All are held before the audit is: nobody waits for one of them while others wait for the audit.
    for entry in [unit.queue.lock(post_id) for post_id in sorted(wanted)]:
        post_id = entry.id
        if entry.round is None or not unit.queue.may_take(post_id, rounds_of(person), person.id):
            continue
        review = unit.reviews.add_decided(post_id, person.id, entry.round, first.content, unit.now + LEASE)
        detail = _detail(review.id, entry.round, first.content) | {"as": first.id}
        unit.audit.append("review.decided_alike", f"post:{post_id}", detail)
        _settle(unit, entry)
        made.append(review)
    return made


def erase_due(store: Store) -> int:
    """Delete the texts whose last reviewer can no longer take the decision back; each leaves a tombstone in the audit."""
    with store.reading() as unit:
        if not unit.queue.has_due():
            return 0
    with store.writing(Origin("system")) as unit:
        erased = drop_due(unit)
        note_erased(unit, erased)
        return len(erased)


def drop_due(unit: Unit) -> list[tuple[str, str]]:
    """Delete what is due, within a unit of work; return id and outcome of each post, for `note_erased`."""
    erased: list[tuple[str, str]] = []
    while some := unit.retention.drop_decided():
        erased += some
    return erased


def note_erased(unit: Unit, erased: Iterable[tuple[str, str]]) -> None:
    """Leave a tombstone in the audit for each deleted post."""
    for post_id, outcome in erased:
        detail = {"took": ["text", "context", "facts", "judgement", "reviews"], "reason": outcome}
        unit.audit.append("erasure", f"post:{post_id}", detail)


def _settle(unit: Unit, entry: Entry) -> None:
    """Open the next round, or write down the outcome."""
    decisions = unit.reviews.decisions(entry.id)
    labels = [one.content.label for one in decisions if one.content.label is not None]
    found = verdict(labels)
    if found.outcome is None or found.basis is None:
        unit.queue.move(entry.id, found.next_round or 1)
        return
    said = [one.content.forms for one in decisions if one.content.label is found.outcome]
    forms = sorted({code for codes in said for code in codes})
    erase_at = unit.now + LEASE if found.outcome in _ERASED_AFTER else None
    unit.queue.close(entry.id, found.outcome, found.basis.value, forms, erase_at)
    detail = {"outcome": found.outcome.value, "basis": found.basis.value}
    unit.audit.append("review.closed", f"post:{entry.id}", detail)


def _detail(review_id: str, round_: int, content: Content) -> dict[str, object]:
    label = content.label.value if content.label else None
    return {
        "review": review_id,
        "round": round_,
        "label": label,
        "forms": list(content.forms),
        "template": content.template,
    }
