"""The pages *Kelola › Model* and *Kelola › Data*: both cards, summed up in Indonesian and in full, without any network."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import FileResponse

from pilah_api.dependencies import LoadedHere
from pilah_api.problems import RefusedError
from pilah_api.services.cards import data_card, model_card, plot
from pilah_api.web.kelola_frame import show, texts_of
from pilah_api.web.markdown import as_html
from pilah_data.records import SPLITS
from pilah_data.taxonomy import LABELS, Label

router = APIRouter(include_in_schema=False)

PICTURES = "/kelola/data/gambar"
FIGURES = (
    "macro_f1",
    "partisan_f1",
    "partisan_pr_auc",
    "ece",
    "partisan_of_lolos",
    "tinjau_of_lawful",
    "tinjau_of_neutral",
    "tinjau_of_partisan",
    "lolos_of_partisan",
    "not_tinjau_of_ambiguous",
)
"""Figures of the summary, of those that were measured."""


@router.get("/kelola/model")
def show_model(request: Request, judge: LoadedHere) -> Response:
    """Show the card of the model in use; where it did not ship, what the artefact says of itself."""
    card = model_card(judge.info.sha256)
    texts = texts_of(request)
    html = as_html(card.markdown, label=texts("card.table"), picture=lambda _: None) if card else None
    return show(
        request,
        "kelola_model.html",
        info=judge.info,
        warnings=judge.warnings,
        facts=judge.card,
        card=card,
        html=html,
        figures=FIGURES,
    )


@router.get("/kelola/data")
def show_data(request: Request) -> Response:
    """Show the card of the data that the shipped model was made from."""
    card, texts = data_card(), texts_of(request)
    html = as_html(card[0], label=texts("card.table"), picture=_picture) if card else None
    return show(
        request,
        "kelola_data.html",
        used=card[1] if card else None,
        html=html,
        splits=SPLITS,
        labels=[LABELS[label] for label in Label],
        codes=[label.value for label in Label],
    )


@router.get("/kelola/data/gambar/{name}")
def picture(name: str) -> Response:
    """Send a plot of the data card."""
    path = plot(name)
    if path is None:
        raise RefusedError("not-found", "There is no such plot.")
    return FileResponse(path, media_type="image/svg+xml")


def _picture(path: str) -> str | None:
    name = path.rpartition("/")[2]
    return f"{PICTURES}/{name}" if plot(name) else None
