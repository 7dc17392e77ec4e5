"""Opens the queue before the model when an application starts, shows what it does, and exchanges the model."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from pilah_api.metrics import Metrics
from pilah_api.services.judges import ProcessJudge, living
from pilah_api.services.judging import JudgingQueue
from pilah_api.services.loading import Hands, attach_judge, load_reference_scores
from pilah_api.services.score_drift import ScoreDrift
from pilah_api.settings import Settings
from pilah_model.judge import Judge


async def open_queue(app: FastAPI) -> JudgingQueue:
    """Return the queue of an application, with places for its model or, while it has none, for one that is put in use later."""
    settings: Settings = app.state.settings
    measured: Metrics = app.state.metrics
    judge: Judge | None = app.state.judge
    hands = Hands.of(settings)
    in_processes = hands.processes > 0 if judge is None else isinstance(judge, ProcessJudge)
    app.state.drift = drift = ScoreDrift(await run_in_threadpool(load_reference_scores, settings))
    queue = JudgingQueue(hands.workers, measured, ahead=int(in_processes))
    await attach_judge(judge)
    if judge is not None:
        measured.describe(judge.info)
    measured.follow(
        queued=lambda: queue.posts,
        expected_wait=queue.expected_wait,
        judges=lambda: living(app.state.judge) or 0,
        note_scores=drift.add,
        drift=drift.index,
    )
    return queue


def exchange_judge(app: FastAPI, judge: Judge) -> None:
    """Have a running application judge by another model; requests under way finish with the one they began with.

    A page may ask the former one twice, so it is kept for as long.
    """
    settings: Settings = app.state.settings
    before, app.state.judge = app.state.judge, judge
    app.state.queue.retire(before, 2 * settings.request_seconds)
    app.state.policies.forget()
    app.state.metrics.describe(judge.info)
    app.state.drift.start_again(load_reference_scores(settings))
    if app.state.renew_workers is not None:
        app.state.renew_workers()
