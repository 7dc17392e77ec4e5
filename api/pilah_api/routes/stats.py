"""`GET /v1/stats`: counts of posts, reviews and cases."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from pilah_api.dependencies import StoreHere
from pilah_api.problems import SafeJSONResponse
from pilah_api.routes.shared import problems
from pilah_api.services.summary import summarise
from pilah_api.services.summary_rows import as_csv, as_json
from pilah_api.stats_schemas import StatsResponse

router = APIRouter(prefix="/v1", tags=["stats"])


@router.get(
    "/stats",
    response_model=StatsResponse,
    summary="Counts and agreement",
    response_description="The counts; with `format=csv` as one table of table, row, column, value, low, high",
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems("unauthorized", "forbidden", "invalid-input", "store-unavailable"),
    },
)
def read_stats(
    store: StoreHere,
    format: Annotated[  # noqa: A002 - the name of the parameter
        Literal["json", "csv"], Query(description="`csv` gives one delimited table, in which a hidden count is empty.")
    ] = "json",
) -> Response:
    """Return counts per week, decision, outcome, form, unit and stage, reviewers' agreement and the model's precision.

    No count from 1 to 4 is given, and none can be worked out from the others; posts deleted since are counted. Nothing is per person.
    """
    summary = summarise(store)
    if format == "csv":
        return Response(as_csv(summary), media_type="text/csv; charset=utf-8")
    return SafeJSONResponse(as_json(summary))
