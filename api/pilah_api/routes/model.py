"""`GET /v1/model`: which model judges, by which thresholds, and what its card says."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request

from pilah_api.dependencies import LoadedHere, PoliciesHere
from pilah_api.problems import SafeJSONResponse
from pilah_api.routes.shared import problems
from pilah_api.schemas import ModelResponse

router = APIRouter(prefix="/v1", tags=["reference"])


@router.get(
    "/model",
    response_model=ModelResponse,
    summary="Model card and thresholds",
    response_description="The model in use",
    responses=problems("unauthorized", "not-ready"),
)
def read_model(judge: LoadedHere, policies: PoliciesHere, request: Request) -> SafeJSONResponse:
    """Return the model's identity, the decision policy in force with its source, and the model card's data."""
    policy = policies.in_force(judge, request.app.state.store)
    return SafeJSONResponse({"model": asdict(judge.info), "policy": policy.as_json(), "card": dict(judge.card)})
