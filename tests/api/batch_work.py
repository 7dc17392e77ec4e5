"""Batches for tests: feeds, uploads through a client, and workers that do what there is to do."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from pilah_api.access import Scope
from pilah_api.jobs.folder import BatchFolder
from pilah_api.jobs.terms import BatchOptions, Terms, model_key
from pilah_api.jobs.worker import Pace, Worker
from pilah_api.services.batches import BATCHES_LAST
from pilah_api.services.keys import make_key
from pilah_api.settings import Settings
from pilah_api.store.batches import Progress
from pilah_api.store.columns import new_id
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store
from pilah_model.judge import Judge
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn
from tests.api.stores import TEST

KINDS = ("Apel pagi lancar", "Ayo coblos nomor dua", "Lanjutkan, Pak!", "Sosialisasi TPS di balai desa")
BOUNDS = Settings().bounds


def feed(rows: int, blank: int | None = None) -> bytes:
    """A table with a column in front of and behind the text; the row `blank` has no text."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(("nomor", "teks", "tanggal"))
    for n in range(rows):
        text = "" if n == blank else f"{KINDS[n % 4]} {n // 8}"
        table.writerow((f"r{n}", text, f"2024-02-{1 + n % 28:02d}"))
    return out.getvalue().encode()


def parts_of(client: TestClient) -> tuple[Store, Settings]:
    app = client.app
    assert isinstance(app, FastAPI)
    return app.state.store, app.state.settings


def key(client: TestClient, *scopes: Scope) -> dict[str, str]:
    """Return the header of a new key."""
    with parts_of(client)[0].writing(TEST) as unit:
        _, text = make_key(unit, "uji", frozenset(scopes or {Scope.BATCHES}), 1, "test")
    return {"authorization": f"Bearer {text}"}


def upload(client: TestClient, headers: dict[str, str], content: bytes, name: str = "umpan.csv", **fields: str) -> Any:
    """Upload a feed and return the answer."""
    return client.post("/v1/batches", headers=headers, files={"file": (name, content)}, data=fields)


def work(client: TestClient, judge: Judge | None = None) -> None:
    """Do all that a worker has to do."""
    store, settings = parts_of(client)
    drain(Worker(store, settings.home, judge or StandIn(), settings.bounds))


def drain(worker: Worker) -> int:
    """Have a worker do everything; return how many steps that took."""
    steps, stop = 0, threading.Event()
    while worker.turn(stop):
        steps += 1
    return steps


def add(
    store: Store,
    home: Path,
    content: bytes,
    judge: Judge | None = None,
    options: BatchOptions | None = None,
    name: str = "umpan.csv",
) -> Progress:
    """Queue a feed for person:1, without the look that the interface takes into it."""
    batch_id = new_id(store.now())
    folder = BatchFolder(home, batch_id)
    folder.make()
    folder.input_for(name).write_bytes(content)
    judge = judge or StandIn()
    model, thresholds = model_key(judge), judge.policy.thresholds
    sha256 = hashlib.sha256(content).hexdigest()
    terms = Terms(options or BatchOptions(), len(content), sha256, BOUNDS.characters, thresholds)
    with store.writing(TEST) as unit:
        unit.batches.add(
            "person:1",
            name,
            terms.as_json(),
            terms.fingerprint(model),
            BATCHES_LAST,
            batch_id=batch_id,
            model=model,
        )
        return unit.batches.progress(batch_id)


def state(store: Store, batch_id: str) -> Progress:
    with store.reading() as unit:
        return unit.batches.progress(batch_id)


def rows_file(home: Path, batch_id: str) -> bytes:
    return (BatchFolder(home, batch_id).finished / "rows.jsonl").read_bytes()


def slow(pause: float) -> StandIn:
    def before(_: Sequence[Post]) -> None:
        time.sleep(pause)

    return StandIn(before=before)


def run_slow_worker(home: str, url: str, pause: str, lease: str) -> None:
    """What a worker in a process of its own does, until it is told to stop or nothing is left to do."""
    import signal

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store = open_store(Path(home), url or None, None)
    pace = Pace(lease=timedelta(seconds=float(lease)), poll=0.05)
    Worker(store, Path(home), slow(float(pause)), BOUNDS, pace).run(stop)


def worker_process(home: Path, url: str | None, pause: float, lease: float) -> list[str]:
    code = "import sys; from tests.api.batch_work import run_slow_worker as run; run(*sys.argv[1:])"
    return [sys.executable, "-c", code, str(home), url or "", str(pause), str(lease)]


def environment(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(root / part) for part in (".", "data", "model", "api"))}
