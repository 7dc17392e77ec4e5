"""What endpoints ask for: the settings, the model, and the language of a page."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from pilah_api.services.classification import Judge
from pilah_api.services.loading import NotReadyError
from pilah_api.settings import Settings
from pilah_api.web.texts import Language, language_of


def get_settings(request: Request) -> Settings:
    """Return the settings that the application was made with."""
    return cast(Settings, request.app.state.settings)


def find_judge(request: Request) -> Judge | None:
    """Return the model, or None while it is not loaded."""
    return cast("Judge | None", request.app.state.judge)


def get_judge(request: Request) -> Judge:
    """Return the model. Raises NotReadyError, saying why there is none."""
    judge = find_judge(request)
    if judge is None:
        raise NotReadyError(request.app.state.not_ready)
    return judge


def get_language(request: Request) -> Language:
    """Return the language that the address or the cookie asks for; Indonesian otherwise."""
    return language_of(request.query_params.get("lang"), request.cookies.get("pilah_lang"))


SettingsHere = Annotated[Settings, Depends(get_settings)]
JudgeHere = Annotated[Judge, Depends(get_judge)]
MaybeJudge = Annotated["Judge | None", Depends(find_judge)]
LanguageHere = Annotated[Language, Depends(get_language)]
