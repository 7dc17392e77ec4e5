"""`GET /metrics`: what Prometheus reads."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, Request, Response

from pilah_api.metrics import MEDIA_TYPE, Metrics
from pilah_api.routes.shared import problems

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    summary="Measurements",
    response_description="Counts and times in the text format of Prometheus",
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **problems("unauthorized", "forbidden"),
    },
)
def read_metrics(request: Request) -> Response:
    """Return counts and times for Prometheus; without credentials on the machine itself, else with the scope `stats`."""
    metrics = cast(Metrics, request.app.state.metrics)
    return Response(metrics.render(), headers={"content-type": MEDIA_TYPE})
