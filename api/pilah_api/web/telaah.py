"""The page of one post in review, and what its reviewer does there; every step is a plain form."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.responses import RedirectResponse

from pilah_api.access import Person
from pilah_api.dependencies import DeadlinesHere, LanguageHere, MaybeJudge, OriginHere, SignedInHere, StoreHere
from pilah_api.problems import SafeJSONResponse
from pilah_api.services.claiming import declare_conflict, release, renew, take
from pilah_api.services.classification import Judged
from pilah_api.services.deciding import apply_to_alike, decide_or_keep, erase_due, reverse
from pilah_api.services.pasting import Piece, pieces
from pilah_api.services.review_rules import (
    InvalidDecisionError,
    Refusal,
    Relation,
    ReviewRefusedError,
    parse_content,
)
from pilah_api.services.review_sight import Mode, Sight, look, note_view
from pilah_api.store.reviews import Content
from pilah_api.web import telaah_view as view
from pilah_api.web.antrean import PATH, SEE_OTHER
from pilah_api.web.moments import clock
from pilah_api.web.render import page
from pilah_api.web.texts import Texts
from pilah_model.judge import Judge
from pilah_model.judgement import Post

router = APIRouter(include_in_schema=False)

NEWS = ("draf", "holds_another", "serupa", "decided")
Text = Annotated[str, Form()]


@dataclasses.dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was sent: the review it belongs to, and what was filled in."""

    review_id: str
    content: Content


def read_form(
    telaah: Text = "",
    label: Text = "",
    bentuk: Annotated[list[str] | None, Form()] = None,
    alasan: Text = "",
    catatan: Text = "",
    rujukan: Text = "",
) -> Filled:
    """Read the fields that every button of the form sends along."""
    return Filled(telaah, parse_content(label, bentuk or (), alasan, catatan, rujukan))


FilledHere = Annotated[Filled, Depends(read_form)]


@router.get("/antrean/{post_id}")
def show_post(
    request: Request,
    store: StoreHere,
    signed_in: SignedInHere,
    language: LanguageHere,
    origin: OriginHere,
    judge: MaybeJudge,
    deadlines: DeadlinesHere,
    post_id: str,
    petunjuk: str = "",
    kabar: str = "",
) -> Response:
    """Show a post as far as the person may see it; with `petunjuk` the words that sway the model, once one has decided."""
    erase_due(store)
    person, _ = signed_in
    with store.writing(origin) as unit:
        sight = look(unit, person, post_id)
        if sight.mode is Mode.HELD and sight.review is not None:
            sight = dataclasses.replace(sight, review=renew(unit, person, sight.review.id))
        note_view(unit, sight)
    shown = _evidence(judge, sight) if petunjuk and sight.judgement else ()
    news = Texts(language)(f"review.notice.{kabar}") if kabar in NEWS else ""
    values = view.values(sight, Texts(language), deadlines, view.draft_of(sight.review))
    return page(request, "telaah.html", notice=news, faults=(), marked=shown, **values)


@router.post("/antrean/{post_id}/ambil")
def take_post(store: StoreHere, signed_in: SignedInHere, origin: OriginHere, post_id: str) -> Response:
    """Give the person this post."""
    try:
        with store.writing(origin) as unit:
            take(unit, signed_in[0], post_id)
    except ReviewRefusedError as error:
        return _elsewhere(error)
    return _back(post_id)


@router.post("/antrean/{post_id}/putuskan")
def decide_on_post(
    request: Request,
    store: StoreHere,
    signed_in: SignedInHere,
    language: LanguageHere,
    origin: OriginHere,
    deadlines: DeadlinesHere,
    filled: FilledHere,
    post_id: str,
) -> Response:
    """Store the decision; one that lacks something is shown again with what was filled in."""
    person, _ = signed_in
    try:
        decide_or_keep(store, origin, person, filled.review_id, filled.content)
    except InvalidDecisionError as error:
        return _form_again(request, store, person, Texts(language), deadlines, filled, post_id, error)
    except ReviewRefusedError as error:
        return _elsewhere(error)
    return _back(post_id)


@router.post("/antrean/{post_id}/draf")
def keep_post(
    request: Request,
    store: StoreHere,
    signed_in: SignedInHere,
    language: LanguageHere,
    origin: OriginHere,
    filled: FilledHere,
    post_id: str,
) -> Response:
    """Keep the draft and prolong the lease; a script asks for JSON, a form for its page."""
    for_script = "text/html" not in request.headers.get("accept", "")
    try:
        with store.writing(origin) as unit:
            review = renew(unit, signed_in[0], filled.review_id, filled.content)
    except ReviewRefusedError as error:
        if for_script:
            raise
        return _elsewhere(error)
    if for_script and review.lease_until is not None:
        return SafeJSONResponse({"until": clock(review.lease_until, Texts(language))})
    return _back(post_id, "draf")


@router.post("/antrean/{post_id}/lepas")
def release_post(store: StoreHere, signed_in: SignedInHere, origin: OriginHere, filled: FilledHere) -> Response:
    """Give the post back; the draft stays for this person."""
    with store.writing(origin) as unit:
        release(unit, signed_in[0], filled.review_id, filled.content)
    return RedirectResponse(f"{PATH}?kabar=lepas", SEE_OTHER)


@router.post("/antrean/{post_id}/hubungan")
def declare(
    request: Request,
    store: StoreHere,
    signed_in: SignedInHere,
    language: LanguageHere,
    origin: OriginHere,
    deadlines: DeadlinesHere,
    filled: FilledHere,
    post_id: str,
    hubungan: Text = "",
) -> Response:
    """Give the post back for good, for the person is related to those it concerns."""
    if hubungan not in tuple(Relation):
        return _form_again(request, store, signed_in[0], Texts(language), deadlines, filled, post_id, None)
    try:
        with store.writing(origin) as unit:
            declare_conflict(unit, signed_in[0], filled.review_id, Relation(hubungan))
    except ReviewRefusedError as error:
        return _elsewhere(error)
    return RedirectResponse(f"{PATH}?kabar=hubungan", SEE_OTHER)


@router.post("/antrean/{post_id}/urungkan")
def undo(store: StoreHere, signed_in: SignedInHere, origin: OriginHere, post_id: str, telaah: Text = "") -> Response:
    """Take the decision back; the form is open again with it."""
    try:
        with store.writing(origin) as unit:
            reverse(unit, signed_in[0], telaah)
    except ReviewRefusedError as error:
        return _elsewhere(error)
    return _back(post_id)


@router.post("/antrean/{post_id}/serupa")
def decide_alike(
    store: StoreHere,
    signed_in: SignedInHere,
    origin: OriginHere,
    post_id: str,
    telaah: Text = "",
    kiriman: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Apply the decision to the chosen posts that are nearly the same."""
    try:
        with store.writing(origin) as unit:
            apply_to_alike(unit, signed_in[0], telaah, kiriman or ())
    except ReviewRefusedError as error:
        return _elsewhere(error)
    return _back(post_id, "serupa")


def _form_again(
    request: Request,
    store: StoreHere,
    person: Person,
    texts: Texts,
    deadlines: DeadlinesHere,
    filled: Filled,
    post_id: str,
    error: InvalidDecisionError | None,
) -> Response:
    """Show the form with what was filled in and what is missing, and keep the draft."""
    with store.writing() as unit:
        sight = look(unit, person, post_id)
        if sight.mode is Mode.HELD:
            renew(unit, person, filled.review_id, filled.content)
    if sight.mode is not Mode.HELD:
        return _elsewhere(ReviewRefusedError(Refusal.LOST))
    faults = (
        [texts(f"review.fault.{fault.value}") for fault in error.faults] if error else [texts("review.fault.relation")]
    )
    values = view.values(sight, texts, deadlines, filled.content)
    return page(request, "telaah.html", status=422, notice="", faults=faults, marked=(), **values)


def _evidence(judge: Judge | None, sight: Sight) -> tuple[Piece, ...]:
    """Return the masked text cut at the words that sway the model now: spans of the original would not fit it."""
    if judge is None or sight.post is None:
        return ()
    post = sight.post
    (judgement,) = judge.classify([Post(post.text, context=post.context)], explain=True)
    return tuple(pieces(Judged(post.text, judgement)))


def _back(post_id: str, news: str = "") -> Response:
    return RedirectResponse(f"{PATH}/{post_id}" + (f"?kabar={news}" if news else ""), SEE_OTHER)


def _elsewhere(error: ReviewRefusedError) -> Response:
    """Go on where the refusal leads: to the post that stands in the way, or to the queue with its reason."""
    if error.post_id is not None:
        return _back(error.post_id, error.why.value)
    return RedirectResponse(f"{PATH}?kabar={error.why.value}", SEE_OTHER)
