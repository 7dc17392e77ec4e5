"""`/v1/batches/{id}/results` and `/errors`: what came of a batch, as files."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.responses import FileResponse, StreamingResponse

from pilah_api.attachments import kept_as
from pilah_api.dependencies import CallerHere, OriginHere, SettingsHere, StoreHere
from pilah_api.jobs.exports import MEDIA_TYPES, NO_ERRORS, ResultFormat, export
from pilah_api.routes.shared import problems
from pilah_api.services.batches import note_download, open_results

router = APIRouter(prefix="/v1/batches", tags=["batches"])
_PROBLEMS = problems("unauthorized", "forbidden", "not-found", "conflict", "invalid-input", "store-unavailable")


@router.get(
    "/{batch_id}/results",
    response_class=StreamingResponse,
    summary="Results of a batch",
    response_description="The feed with what Pilah says about each post",
    responses={200: {"content": {media.partition(";")[0]: {} for media in MEDIA_TYPES.values()}}, **_PROBLEMS},
)
def get_results(
    batch_id: str,
    store: StoreHere,
    caller: CallerHere,
    settings: SettingsHere,
    origin: OriginHere,
    kind: Annotated[ResultFormat, Query(alias="format", description="Format of the file.")] = ResultFormat.CSV,
) -> Response:
    """Stream the rows of a finished batch: all columns of the input in its order, then those of `pilah score`. Recorded."""
    with store.reading() as unit:
        batch, results = open_results(unit, settings.home, caller, batch_id)
    chunks = export(results, kind)
    note_download(store, batch_id, kind.value, origin)
    name = f"{PurePath(batch.name).stem or 'pilah'}.pilah.{kind}"
    return StreamingResponse(chunks, media_type=MEDIA_TYPES[kind], headers=kept_as(name))


@router.get(
    "/{batch_id}/errors",
    response_class=FileResponse,
    summary="Rows that could not be judged",
    response_description="CSV: row, field, reason, place",
    responses={200: {"content": {"text/csv": {}}}, **_PROBLEMS},
)
def get_errors(
    batch_id: str, store: StoreHere, caller: CallerHere, settings: SettingsHere, origin: OriginHere
) -> Response:
    """Return the rows of a finished batch that could not be judged, by number, with the reason. Recorded."""
    with store.reading() as unit:
        batch, results = open_results(unit, settings.home, caller, batch_id)
    note_download(store, batch_id, "errors", origin)
    headers = kept_as(f"{PurePath(batch.name).stem or 'pilah'}.errors.csv")
    media = MEDIA_TYPES[ResultFormat.CSV]
    if results.errors is None:
        return Response(NO_ERRORS, media_type=media, headers=headers)
    return FileResponse(results.errors, media_type=media, headers=headers)
