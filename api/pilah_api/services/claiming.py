"""Taking posts for review: one officer has a post at a time, by a lease that work renews and that ends by itself."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from pilah_api.access import NotFoundError, Person
from pilah_api.services.review_rules import LEASE, Refusal, Relation, ReviewRefusedError, as_draft, rounds_of
from pilah_api.store.queue import Entry
from pilah_api.store.reviews import Content, Review, ReviewState
from pilah_api.store.units import Unit
from pilah_data.taxonomy import Decision

_SHARES = {Decision.TINJAU: 3, Decision.BUTUH_KONTEKS: 1}
"""How often the next post comes from each queue."""
_DRAW = random.SystemRandom()


def take_next(unit: Unit, person: Person, draw: random.Random = _DRAW) -> Review | None:
    """Return the post that a person holds already, or give them the next one; None if nothing is open to them.

    Queue and round are drawn by lot: that a post comes now must not tell the reviewer what the model or another reviewer thinks.
    Within a queue and round the most urgent comes first.
    """
    unit.people.hold(person.id)
    held = unit.queue.held_by(person.id)
    if held:
        return _renewed(unit, held[0])
    for rounds, queue in _pools(rounds_of(person), draw):
        entry = unit.queue.first_free(rounds, queue, person.id)
        if entry is not None:
            return _begin(unit, entry, person)
    return None


def take(unit: Unit, person: Person, post_id: str) -> Review:
    """Give a person a certain post, or renew their lease of it. Raises NotFoundError or ReviewRefusedError."""
    unit.people.hold(person.id)
    entry = unit.queue.lock(post_id)
    held = unit.queue.held_by(person.id)
    if any(one.id == post_id for one in held):
        return _renewed(unit, entry)
    if held:
        raise ReviewRefusedError(Refusal.HOLDS_ANOTHER, held[0].id)
    if not unit.queue.may_take(post_id, rounds_of(person), person.id):
        raise ReviewRefusedError(Refusal.HELD if _is_held(unit, entry) else Refusal.NOT_OPEN)
    return _begin(unit, entry, person)


def renew(unit: Unit, person: Person, review_id: str, draft: Content | None = None) -> Review:
    """Prolong a lease as a sign of work, and keep the draft. Raises NotFoundError, and ReviewRefusedError if it was lost."""
    review = own_review(unit, person, review_id)
    entry = unit.queue.lock(review.post_id)
    if entry.holder != review.id:
        raise ReviewRefusedError(Refusal.LOST)
    if draft is not None:
        unit.reviews.keep_draft(review.id, draft)
    return _renewed(unit, entry)


def release(unit: Unit, person: Person, review_id: str, draft: Content | None = None) -> None:
    """Give a post back undecided; the draft is kept for this person. A post that is not held any more stays as it is."""
    review = own_review(unit, person, review_id)
    entry = unit.queue.lock(review.post_id)
    if entry.holder != review.id:
        return
    if draft is not None:
        unit.reviews.keep_draft(review.id, draft)
    unit.reviews.end(review.id)
    unit.queue.hold(entry.id, None)
    unit.audit.append("review.released", f"post:{entry.id}", {"review": review.id})


def keep_lost_draft(unit: Unit, person: Person, review_id: str, draft: Content) -> None:
    """Keep what somebody had filled in for a post that another reviewer took meanwhile. Raises NotFoundError."""
    review = own_review(unit, person, review_id)
    if review.state is ReviewState.LEASED:
        unit.reviews.keep_draft(review.id, draft)


def declare_conflict(unit: Unit, person: Person, review_id: str, relation: Relation) -> None:
    """Give a post back for good, since its reviewer is related to those it concerns; declaring it again changes nothing.

    Raises NotFoundError, and ReviewRefusedError after a decision.
    """
    review = own_review(unit, person, review_id)
    entry = unit.queue.lock(review.post_id)
    if review.state is not ReviewState.LEASED:
        raise ReviewRefusedError(Refusal.DECIDED)
    if review.conflict:
        return
    unit.reviews.keep_draft(review.id, Content())
    unit.reviews.end(review.id, relation.value)
    if entry.holder == review.id:
        unit.queue.hold(entry.id, None)
    unit.audit.append("review.conflict_declared", f"post:{entry.id}", {"review": review.id, "relation": relation.value})


def own_review(unit: Unit, person: Person, review_id: str) -> Review:
    """Return a person's own review. Raises NotFoundError, also for somebody else's."""
    review = unit.reviews.get(review_id)
    if review.person_id != person.id:
        raise NotFoundError(f"there is no review of yours with the id {review_id[:40]!r}")
    return review


def _pools(rounds: Sequence[int], draw: random.Random) -> Iterator[tuple[tuple[int, ...], Decision]]:
    """Yield every group of rounds with every queue, in an order by lot: later rounds and first ones with even chances."""
    later, first = tuple(n for n in rounds if n > 1), tuple(n for n in rounds if n == 1)
    weights = {(group, queue): share for group in (later, first) if group for queue, share in _SHARES.items()}
    while weights:
        (chosen,) = draw.choices(list(weights), list(weights.values()))
        del weights[chosen]
        yield chosen


def _begin(unit: Unit, entry: Entry, person: Person) -> Review:
    if entry.round is None:
        raise ReviewRefusedError(Refusal.NOT_OPEN)
    if entry.holder is not None:
        unit.audit.append("review.lapsed", f"post:{entry.id}", {"review": entry.holder})
    review = unit.reviews.begin(entry.id, person.id, entry.round, LEASE, _former_draft(unit, entry, person))
    unit.queue.hold(entry.id, review.id)
    unit.audit.append("review.claimed", f"post:{entry.id}", {"review": review.id, "round": entry.round})
    return review


def _former_draft(unit: Unit, entry: Entry, person: Person) -> Content:
    """Return what a person had filled in when they had this post before."""
    own = [one for one in unit.reviews.of_post(entry.id) if one.person_id == person.id and one.round == entry.round]
    return as_draft(own[-1].content) if own else Content()


def _renewed(unit: Unit, entry: Entry) -> Review:
    unit.reviews.renew(entry.holder or "", LEASE)
    return unit.reviews.get(entry.holder or "")


def _is_held(unit: Unit, entry: Entry) -> bool:
    if entry.holder is None:
        return False
    until = unit.reviews.get(entry.holder).lease_until
    return until is not None and until > unit.now
