"""`GET /livez` and `/readyz`: whether the process answers, and whether it can judge and keep."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from pilah_api.dependencies import JudgeHere, StoreHere
from pilah_api.problems import SafeJSONResponse
from pilah_api.routes.shared import problems
from pilah_api.schemas import LiveResponse, ReadyResponse
from pilah_api.services.judges import living
from pilah_api.services.loading import NotReadyError

router = APIRouter(tags=["health"])


@router.get("/livez", response_model=LiveResponse, summary="Is the process alive?", response_description="It is")
async def livez() -> SafeJSONResponse:
    """Answer as long as the process does; never needs a key."""
    return SafeJSONResponse({"status": "live"})


@router.get(
    "/readyz",
    response_model=ReadyResponse,
    summary="Can it judge?",
    response_description="It can",
    responses=problems("not-ready"),
)
def readyz(judge: JudgeHere, store: StoreHere) -> SafeJSONResponse:
    """Answer 200 once the model judges, the database answers and a worker lives, else 503 with the reason; needs no key.

    `warnings` says what an operator should look at although the server works, one sentence each.
    """
    with store.reading() as unit:
        workers = unit.workers.alive()
    if not workers:
        raise NotReadyError("no worker is alive, so batches wait; start one with: pilah worker (or set PILAH_WORKERS)")
    judges = living(judge.judge)
    if judges == 0:
        raise NotReadyError("no judge process is alive; others are being started, and the log says why these ended")
    ready = {"status": "ready", "model": asdict(judge.info), "database": store.kind, "workers": workers}
    ready["judges"] = judges or 0
    return SafeJSONResponse({**ready, "warnings": list(judge.warnings)})
