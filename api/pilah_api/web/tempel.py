"""The page *Tempel*: paste posts, see what the model says, with the words that sway it. Works without JavaScript."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from pilah_api.dependencies import LanguageHere, MaybeJudge, SettingsHere
from pilah_api.security import check_same_origin
from pilah_api.services.classification import Fault, FaultKind, InvalidPostsError, Judge, Judged, judge_posts
from pilah_api.services.pasting import Split, split_paste
from pilah_api.settings import Settings
from pilah_api.web.render import page
from pilah_api.web.sending import PLATFORMS, may_send, new_token
from pilah_api.web.texts import Language, Texts
from pilah_api.web.view import Card, Count, cards, counts, fault_sentences
from pilah_model.judgement import Post

router = APIRouter(include_in_schema=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What the page shows below the form: judged posts, or what keeps them from being judged."""

    cards: list[Card] = dataclasses.field(default_factory=list)
    counts: list[Count] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)
    status: int = 200


@router.get("/")
@router.get("/tempel")
async def show(request: Request, settings: SettingsHere) -> Response:
    """Show the empty form."""
    return _render(request, settings, "", Split.AUTO, Outcome())


@router.post("/")
@router.post("/tempel")
def judge_paste(
    request: Request,
    settings: SettingsHere,
    judge: MaybeJudge,
    language: LanguageHere,
    text: Annotated[str, Form()] = "",
    split: Annotated[str, Form()] = Split.AUTO.value,
    keep: Annotated[str, Form()] = "",
) -> Response:
    """Judge the paste and show it again below the form; `keep` only changes the language of what is there."""
    check_same_origin(request.headers, settings.public_url)
    how = Split(split) if split in tuple(Split) else Split.AUTO
    outcome = Outcome() if keep == "form" else _judge(judge, split_paste(text, how), settings, Texts(language))
    return _render(request, settings, text, how, outcome, language)


def _judge(judge: Judge | None, pasted: list[str], settings: Settings, texts: Texts) -> Outcome:
    if judge is None:
        return Outcome(errors=[texts("app.no_model")], status=503)
    try:
        judged: list[Judged] = judge_posts(judge, [Post(text) for text in pasted], settings.limits, explain=True)
    except InvalidPostsError as error:
        return Outcome(errors=fault_sentences(_shown(error), texts), status=422)
    return Outcome(cards(judged, texts), counts(judged, texts))


def _shown(error: InvalidPostsError) -> tuple[Fault, ...]:
    # A single blank post is an empty paste to the person who sent it.
    if [fault.kind for fault in error.faults] == [FaultKind.BLANK] and error.faults[0].index == 0:
        return (Fault(FaultKind.NO_POSTS),)
    return error.faults


def _render(
    request: Request, settings: Settings, text: str, split: Split, outcome: Outcome, language: Language | None = None
) -> Response:
    return page(
        request,
        "tempel.html",
        status=outcome.status,
        language=language,
        text=text,
        split=split.value,
        splits=[how.value for how in Split],
        limit=settings.max_posts,
        outcome=outcome,
        may_send=may_send(request) and any(card.decision != "lolos" for card in outcome.cards),
        send_token=new_token(),
        platforms=PLATFORMS,
    )
