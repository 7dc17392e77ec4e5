"""The page *Tempel*: paste posts, see what the model says, with the words that sway it. Works without JavaScript."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from pilah_api.dependencies import LanguageHere, MaybeJudge, SettingsHere
from pilah_api.security import check_same_origin
from pilah_api.services.classification import Fault, FaultKind, InvalidPostsError, Judged, judge_posts
from pilah_api.services.pasting import Split, split_paste
from pilah_api.services.tickets import BusyError
from pilah_api.services.turnings import find_turnings
from pilah_api.settings import Settings
from pilah_api.web.render import page
from pilah_api.web.sending import may_send, new_token
from pilah_api.web.texts import Language, Texts
from pilah_api.web.view import Card, Count, busy_sentence, cards, counts, fault_sentences
from pilah_model.judge import Judge
from pilah_model.judgement import Post

router = APIRouter(include_in_schema=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What the page shows below the form: judged posts, or what keeps them from being judged."""

    cards: list[Card] = dataclasses.field(default_factory=list)
    counts: list[Count] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)
    status: int = 200
    retry_after: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form, exactly as it was typed; the last four tell of the posts and are optional."""

    text: str = ""
    split: Split = Split.AUTO
    konteks: str = ""
    waktu: str = ""
    platform: str = ""
    tautan: str = ""

    @property
    def told(self) -> bool:
        """Return whether anything about the posts was filled in."""
        return any(part.strip() for part in (self.konteks, self.waktu, self.platform, self.tautan))


@router.get("/")
@router.get("/tempel")
async def show(request: Request, settings: SettingsHere) -> Response:
    """Show the empty form."""
    return _render(request, settings, Typed(), Outcome())


@router.post("/")
@router.post("/tempel")
def judge_paste(
    request: Request,
    settings: SettingsHere,
    judge: MaybeJudge,
    language: LanguageHere,
    text: Annotated[str, Form()] = "",
    split: Annotated[str, Form()] = Split.AUTO.value,
    konteks: Annotated[str, Form()] = "",
    waktu: Annotated[str, Form()] = "",
    platform: Annotated[str, Form()] = "",
    tautan: Annotated[str, Form()] = "",
    keep: Annotated[str, Form()] = "",
) -> Response:
    """Judge the paste and show it again below the form; `keep` only changes the language of what is there."""
    check_same_origin(request.headers, settings.public_url)
    how = Split(split) if split in tuple(Split) else Split.AUTO
    typed = Typed(text, how, konteks, waktu, platform, tautan)
    outcome = Outcome() if keep == "form" else _judge(judge, typed, settings, Texts(language))
    response = _render(request, settings, typed, outcome, language)
    if outcome.retry_after is not None:
        response.headers["retry-after"] = str(outcome.retry_after)
    return response


def _judge(judge: Judge | None, typed: Typed, settings: Settings, texts: Texts) -> Outcome:
    if judge is None:
        return Outcome(errors=[texts("app.no_model")], status=503)
    try:
        posts = [Post(text, context=typed.konteks or None) for text in split_paste(typed.text, typed.split)]
        judged: list[Judged] = judge_posts(judge, posts, settings.limits, explain=True)
    except InvalidPostsError as error:
        return Outcome(errors=fault_sentences(_shown(error), texts), status=422)
    except BusyError as error:
        return Outcome(errors=[busy_sentence(error, texts)], status=503, retry_after=error.retry_after)
    return Outcome(cards(judged, texts, find_turnings(judge, judged)), counts(judged, texts))


def _shown(error: InvalidPostsError) -> tuple[Fault, ...]:
    # A single blank post is an empty paste to the person who sent it.
    if [fault.kind for fault in error.faults] == [FaultKind.BLANK] and error.faults[0].index == 0:
        return (Fault(FaultKind.NO_POSTS),)
    return error.faults


def _render(
    request: Request, settings: Settings, typed: Typed, outcome: Outcome, language: Language | None = None
) -> Response:
    return page(
        request,
        "tempel.html",
        status=outcome.status,
        language=language,
        typed=typed,
        splits=[how.value for how in Split],
        limit=settings.max_posts,
        outcome=outcome,
        may_send=may_send(request) and any(card.decision != "lolos" for card in outcome.cards),
        send_token=new_token(),
    )
