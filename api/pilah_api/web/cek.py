"""The page *Cek dulu*: an employee checks an own draft and gets advice; nothing is stored. Works without JavaScript."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from pilah_api.dependencies import LanguageHere, MaybeJudge, SettingsHere
from pilah_api.security import check_same_origin
from pilah_api.services.advising import Checked, check_draft
from pilah_api.services.classification import InvalidPostsError, confidence_band
from pilah_api.services.pasting import Piece, pieces
from pilah_api.services.tickets import BusyError
from pilah_api.settings import Settings
from pilah_api.web.render import page
from pilah_api.web.texts import Texts
from pilah_api.web.view import busy_sentence, fault_sentences, quoted_words, without_place
from pilah_data.advice import Wording, advice
from pilah_data.taxonomy import Decision, Stage
from pilah_model.judge import Judge
from pilah_model.turning import Turning

router = APIRouter(include_in_schema=False)


@dataclasses.dataclass(frozen=True, slots=True)
class FormSeen:
    """A form as the page tells it: its name, what may be read, the rules by stage, what to do."""

    name: str
    sees: str
    before: str
    after: str
    hint: str
    example: str | None
    lawful: str


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """All that the page tells of a checked draft."""

    decision: str
    band: str | None
    pieces: tuple[Piece, ...]
    answers_partisan: bool
    turning: str | None
    forms: tuple[FormSeen, ...]
    near: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    always: tuple[str, ...]
    unseen: tuple[str, ...]


@router.get("/cek")
async def show(request: Request) -> Response:
    """Show the empty form."""
    return _render(request, "", "")


@router.post("/cek")
def check(
    request: Request,
    settings: SettingsHere,
    judge: MaybeJudge,
    language: LanguageHere,
    text: Annotated[str, Form()] = "",
    konteks: Annotated[str, Form()] = "",
    keep: Annotated[str, Form()] = "",
) -> Response:
    """Check the draft and show it again beside the advice; `keep` only changes the language of what is there."""
    check_same_origin(request.headers, settings.public_url)
    if keep == "form":
        return _render(request, text, konteks)
    return _answer(request, judge, text, konteks, settings, Texts(language))


def _answer(
    request: Request, judge: Judge | None, text: str, context: str, settings: Settings, texts: Texts
) -> Response:
    if judge is None:
        return _render(request, text, context, errors=[texts("app.no_model")], status=503)
    try:
        checked = check_draft(judge, text.replace("\r\n", "\n").strip(), context, settings.limits)
    except InvalidPostsError as error:
        return _render(request, text, context, errors=fault_sentences(without_place(error), texts), status=422)
    except BusyError as error:
        return _render(request, text, context, errors=[busy_sentence(error, texts)], status=503)
    return _render(request, text, context, told=_told(checked, texts))


def _told(checked: Checked, texts: Texts) -> Told:
    say = _chooser(texts)
    # Where the machine abstains, how sure it is of one label would only mislead.
    sure = checked.decision is not Decision.BUTUH_KONTEKS
    return Told(
        decision=checked.decision.value,
        band=confidence_band(checked.judged.judgement.confidence).value if sure else None,
        pieces=tuple(pieces(checked.judged)),
        answers_partisan=checked.answers_partisan,
        turning=_turning(checked.turning, checked.judged.text, texts),
        forms=tuple(
            FormSeen(
                texts.of(form.name.replace("_", " "), form.title_en),
                say(said.sees),
                form.basis[Stage.SEBELUM_PENETAPAN],
                form.basis[Stage.SESUDAH_PENETAPAN],
                say(said.hint),
                say(said.example) if said.example else None,
                say(said.lawful),
            )
            for form, said in checked.forms
        ),
        near=tuple((say(said.lawful), say(said.keep)) for _, said in checked.near),
        unclear=tuple(map(say, advice().unclear)) if checked.decision is Decision.BUTUH_KONTEKS else (),
        always=tuple(map(say, advice().always)),
        unseen=tuple(map(say, advice().unseen)),
    )


def _chooser(texts: Texts) -> Callable[[Wording], str]:
    return lambda wording: texts.of(wording.id, wording.en)


def _turning(turning: Turning | None, text: str, texts: Texts) -> str | None:
    """Say what would change the reading; nothing where there was no time to find out."""
    if turning is None or not turning.complete:
        return None
    if turning.decision is None:
        return texts("check.turn.none")
    words = quoted_words(turning, text, texts)
    if turning.decision is Decision.LOLOS:
        return texts("check.turn.lolos", words=words)
    return texts("check.turn.butuh_konteks", words=words)


def _render(
    request: Request,
    text: str,
    context: str,
    *,
    told: Told | None = None,
    errors: list[str] | None = None,
    status: int = 200,
) -> Response:
    return page(request, "cek.html", status=status, text=text, konteks=context, told=told, errors=errors or [])
