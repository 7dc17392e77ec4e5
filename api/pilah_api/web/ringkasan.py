"""The page *Ringkasan*: the office's figures as charts and tables, for those who watch over the work."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pilah_api.dependencies import LanguageHere, StoreHere
from pilah_api.services.summary import summarise
from pilah_api.web.render import page
from pilah_api.web.ringkasan_view import blocks, key_figures, moment
from pilah_api.web.texts import Texts

router = APIRouter(include_in_schema=False)


@router.get("/ringkasan")
def show(request: Request, store: StoreHere, language: LanguageHere) -> Response:
    """Show the figures of this moment."""
    summary, texts = summarise(store), Texts(language)
    return page(
        request,
        "ringkasan.html",
        language=language,
        moment=moment(summary.as_of),
        figures=key_figures(summary, texts),
        blocks=blocks(summary, texts),
    )
