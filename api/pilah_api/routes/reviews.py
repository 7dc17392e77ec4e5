"""`/v1/reviews`: the review queue; programs list states, people take posts and decide."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from pilah_api.dependencies import CallerHere, DeadlinesHere, OriginHere, SignedInHere, StoreHere
from pilah_api.problems import FieldError, RefusedError, SafeJSONResponse
from pilah_api.review_schemas import (
    DecisionRequest,
    ReviewOut,
    ReviewPage,
    bare_out,
    content_of,
    sight_out,
    state_out,
)
from pilah_api.routes.paging import Cursor, Limit, answer_page, bad_cursor, read_cursor
from pilah_api.routes.shared import JsonRoute, problems
from pilah_api.services.claiming import release, take, take_next
from pilah_api.services.deciding import decide_or_keep, erase_due, reverse
from pilah_api.services.reasons import reasons
from pilah_api.services.review_rules import Refusal, ReviewRefusedError, parse_content
from pilah_api.services.review_sight import look, note_view, shows_round
from pilah_api.store.queue_lists import Listed
from pilah_api.store.units import Store, Unit
from pilah_data.taxonomy import FORMS

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
with_body = APIRouter(prefix="/v1/reviews", tags=["reviews"], route_class=JsonRoute)
_REFUSALS = ("unauthorized", "forbidden", "store-unavailable")
_VIEWS = {"open": "terbuka", "closed": "selesai", "partisan": "partisan", "perlu_konteks": "perlu_konteks"}
View = Annotated[
    Literal["open", "closed", "partisan", "perlu_konteks"], Query(description="Open, closed, or one outcome.")
]


@router.get(
    "",
    response_model=ReviewPage,
    summary="List the review queue",
    response_description="A page of states",
    responses=problems(*_REFUSALS, "invalid-input"),
)
def list_reviews(
    request: Request,
    store: StoreHere,
    caller: CallerHere,
    deadlines: DeadlinesHere,
    state: View = "open",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Return where posts stand, those known longest first: an order and fields that tell nothing of a judgement."""
    place = _place(read_cursor(cursor))
    with_round = shows_round(caller.person)
    with store.reading() as unit:
        found = unit.queue_lists.page(_VIEWS[state], place, limit + 1)

    def position(listed: Listed) -> str:
        return f"{listed.entry.known_on.isoformat()}.{listed.entry.id}"

    return answer_page(
        request, found, limit, position, lambda listed: state_out(listed.entry, deadlines, with_round=with_round)
    )


@router.post(
    "/next",
    response_model=ReviewOut,
    summary="Take the next post",
    response_description="The post, held for 15 minutes",
    responses=problems(*_REFUSALS, "not-found"),
)
def take_next_review(
    store: StoreHere, signed_in: SignedInHere, origin: OriginHere, deadlines: DeadlinesHere
) -> Response:
    """Take the next post, or get the one again that one holds; 404 if nothing is open to the caller."""
    person, _ = signed_in
    erase_due(store)
    with store.writing(origin) as unit:
        review = take_next(unit, person)
        if review is None:
            raise RefusedError("not-found", "No post waits for you.")
        return _seen(unit, signed_in, review.post_id, deadlines)


@router.get(
    "/{post_id}",
    response_model=ReviewOut,
    summary="One post in review",
    response_description="What the caller may see",
    responses=problems(*_REFUSALS, "not-found"),
)
def read_review(
    post_id: str, store: StoreHere, caller: CallerHere, origin: OriginHere, deadlines: DeadlinesHere
) -> Response:
    """Return a post as far as the caller may see it: reviewers are blind until their own decision is saved."""
    if caller.person is None:
        with store.reading() as unit:
            return SafeJSONResponse(bare_out(unit.queue.get(post_id), deadlines))
    erase_due(store)
    with store.writing(origin) as unit:
        sight = look(unit, caller.person, post_id)
        note_view(unit, sight)
        return SafeJSONResponse(sight_out(sight, deadlines, with_round=shows_round(caller.person)))


@router.post(
    "/{post_id}/claim",
    response_model=ReviewOut,
    summary="Take a post",
    response_description="The post, held for 15 minutes",
    responses=problems(*_REFUSALS, "not-found", "conflict"),
)
def claim(
    post_id: str, store: StoreHere, signed_in: SignedInHere, origin: OriginHere, deadlines: DeadlinesHere
) -> Response:
    """Take a certain post, or prolong one's lease of it."""
    with store.writing(origin) as unit:
        take(unit, signed_in[0], post_id)
        return _seen(unit, signed_in, post_id, deadlines)


@router.delete(
    "/{post_id}/claim",
    response_model=ReviewOut,
    summary="Give a post back",
    response_description="The post as it stands now",
    responses=problems(*_REFUSALS, "not-found"),
)
def give_back(
    post_id: str, store: StoreHere, signed_in: SignedInHere, origin: OriginHere, deadlines: DeadlinesHere
) -> Response:
    """Give a post back undecided; one that is not held any more stays as it is."""
    with store.writing(origin) as unit:
        sight = look(unit, signed_in[0], post_id)
        if sight.review is not None:
            release(unit, signed_in[0], sight.review.id)
        return _seen(unit, signed_in, post_id, deadlines)


@with_body.post(
    "/{post_id}/decision",
    response_model=ReviewOut,
    summary="Decide on a post",
    response_description="The post with one's own decision, and now the model's judgement",
    responses=problems(
        *_REFUSALS, "malformed-json", "unsupported-media-type", "invalid-input", "not-found", "conflict"
    ),
)
def post_decision(
    post_id: str,
    body: DecisionRequest,
    store: StoreHere,
    signed_in: SignedInHere,
    origin: OriginHere,
    deadlines: DeadlinesHere,
) -> Response:
    """Store the decision of a person who holds the post, and who thereby declares to be related to nobody concerned.

    The same decision again changes nothing. Partisan needs a second reviewer, who does not learn of this decision.
    """
    _check_known(body)
    decide_or_keep(store, origin, signed_in[0], body.review, parse_content(*content_of(body)))
    return _answer(store, signed_in, origin, post_id, deadlines)


@router.delete(
    "/{post_id}/decision",
    response_model=ReviewOut,
    summary="Take a decision back",
    response_description="The post, held again",
    responses=problems(*_REFUSALS, "not-found", "conflict"),
)
def take_back(
    post_id: str, store: StoreHere, signed_in: SignedInHere, origin: OriginHere, deadlines: DeadlinesHere
) -> Response:
    """Take one's decision back within 15 minutes and before the next review begins; it stays on record."""
    with store.writing(origin) as unit:
        sight = look(unit, signed_in[0], post_id)
        if sight.review is None:
            raise ReviewRefusedError(Refusal.TOO_LATE)
        reverse(unit, signed_in[0], sight.review.id)
        return _seen(unit, signed_in, post_id, deadlines)


def _check_known(body: DecisionRequest) -> None:
    """Refuse what a page cannot send: codes that nobody knows would otherwise count as not given."""
    wrong = [
        FieldError(f"/forms/{n}", "there is no such form") for n, code in enumerate(body.forms) if code not in FORMS
    ]
    if body.template is not None and body.template not in reasons():
        wrong.append(FieldError("/template", "there is no such wording"))
    if wrong:
        raise RefusedError("invalid-input", "the decision holds codes that do not exist; see errors", errors=wrong)


def _answer(
    store: Store, signed_in: SignedInHere, origin: OriginHere, post_id: str, deadlines: DeadlinesHere
) -> Response:
    with store.writing(origin) as unit:
        return _seen(unit, signed_in, post_id, deadlines)


def _seen(unit: Unit, signed_in: SignedInHere, post_id: str, deadlines: DeadlinesHere) -> Response:
    person, _ = signed_in
    sight = look(unit, person, post_id)
    note_view(unit, sight)
    return SafeJSONResponse(sight_out(sight, deadlines, with_round=shows_round(person)))


def _place(position: str | None) -> tuple[dt.date, str] | None:
    if position is None:
        return None
    known, _, post_id = position.partition(".")
    try:
        return dt.date.fromisoformat(known), post_id
    except ValueError:
        raise bad_cursor() from None
