"""`GET /v1/taxonomy`: labels, forms and their definitions."""

from __future__ import annotations

from fastapi import APIRouter

from pilah_api.problems import SafeJSONResponse
from pilah_api.routes.shared import problems
from pilah_api.schemas import TaxonomyResponse
from pilah_data import taxonomy

router = APIRouter(prefix="/v1", tags=["reference"])


@router.get(
    "/taxonomy",
    response_model=TaxonomyResponse,
    summary="Labels and definitions",
    response_description="The taxonomy that the model was made for",
    responses=problems("unauthorized"),
)
def read_taxonomy() -> SafeJSONResponse:
    """Return every label, decision, direction, form and sub-type with its definition, in the version the model was made for."""
    return SafeJSONResponse(taxonomy.as_json())
