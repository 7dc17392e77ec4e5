"""Measures the pages of the review queue on a store with 100,000 reviews. Run: `python tests/benchmarks/reviews.py`.

The store is generated: invented posts, half of the reviews on posts that are closed, the others in the first three rounds. Each page is
asked for in turn by signed-in people, in process; a figure is the time between the request and the last byte of the answer, database
and template included, network and browser not. `cpu_ms` is the processor's share of it, which a busy
machine does not stretch. The model is the shipped one where a page asks it (the words that sway it).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from pilah_api.access import Role
from pilah_api.app import create_app
from pilah_api.services.loading import load_judge
from pilah_api.services.people import add_person
from pilah_api.settings import Settings
from pilah_api.store.audit import Origin
from pilah_api.store.engine import for_writing
from pilah_api.store.opening import open_store
from pilah_api.store.queue_tables import QueueRow, SketchRow
from pilah_api.store.units import Store
from pilah_api.store.work_tables import JudgementRow, PostRow, ReviewRow
from pilah_data.sketches import BANDS

WORDS = "warga kampung jalan desa pagi kopi calon nomor dua coblos pasti menang pasar sungai kantor apel hujan ronda guru kebun kabar"
MODEL = "0123456789abcdef" * 4
AT_ONCE = 5_000


class Timing:
    """Notes how long the application takes for each request, by method and template of the address."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.times: dict[str, list[float]] = defaultdict(list)
        self.work: dict[str, list[float]] = defaultdict(list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start, before = time.perf_counter(), time.process_time()
        await self.app(scope, receive, send)
        if scope["type"] == "http":
            name = f"{scope['method']} {getattr(scope.get('route'), 'path', scope['path'])}"
            self.times[name].append((time.perf_counter() - start) * 1000)
            self.work[name].append((time.process_time() - before) * 1000)


def fill(store: Store, reviews: int, people: list[str]) -> int:
    """Write posts, judgements, queue entries and reviews; return how many posts there are."""
    rng = random.Random(1)
    made = {"posts": 0, "reviews": 0}
    while made["reviews"] < reviews:
        rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for _ in range(AT_ONCE):
            made["posts"] += 1
            made["reviews"] += _post(rows, made["posts"], rng, people, store.now())
        with for_writing(store.engine).begin() as connection:
            for table in (PostRow, JudgementRow, ReviewRow, QueueRow, SketchRow):
                connection.execute(sa.insert(table), rows[table])
    return made["posts"]


def _post(
    rows: dict[Any, list[dict[str, Any]]], number: int, rng: random.Random, people: list[str], now: dt.datetime
) -> int:
    post_id = f"{number:032x}"
    text = " ".join(rng.choices(WORDS.split(), k=20)) + f" {number}"
    queue = "tinjau" if rng.random() < 0.7 else "butuh_konteks"
    known = now.date() - dt.timedelta(days=rng.randrange(12))
    done = rng.choice((1, 1, 2, 2, 2, 0))
    closed = done > 0 and rng.random() < 0.5
    outcome = None if not closed else ("partisan" if done == 2 else "perlu_konteks")
    rows[PostRow].append(
        {
            "id": post_id,
            "state": queue,
            "text": text,
            "fingerprint": post_id,
            "facts": {},
            "brought_by": "x",
            "created_at": now,
        }
    )
    rows[JudgementRow].append(
        {
            "id": post_id,
            "post_id": post_id,
            "label": "partisan",
            "decision": queue,
            "confidence": 0.9,
            "probabilities": {"partisan": 0.9},
            "forms": [{"code": "B02", "probability": 0.8}],
            "thresholds": {},
            "model_name": "m",
            "model_version": "1",
            "model_sha256": MODEL,
            "taxonomy": "1.0",
            "engine": "e",
            "created_at": now,
        }
    )
    for turn, person_id in enumerate(rng.sample(people, done), start=1):
        rows[ReviewRow].append(
            {
                "id": f"{number:028x}{turn:04x}",
                "post_id": post_id,
                "person_id": person_id,
                "round": turn,
                "turn": 1,
                "state": "decided",
                "lease_until": now,
                "label": outcome or "partisan",
                "forms": ["B02"],
                "reason": "alasan",
                "conflict_of_interest": False,
                "decided_at": now - dt.timedelta(minutes=number % 100_000),
            }
        )
    rows[QueueRow].append(
        {
            "id": post_id,
            "post_id": post_id,
            "queue": queue,
            "priority": rng.randrange(9),
            "known_on": known,
            "round": None if closed else done + 1,
            "outcome": outcome,
            "basis": "dua_sepakat" if closed else None,
            "forms": [],
            "model_sha256": MODEL,
            "entered_at": now,
            "closed_at": now if closed else None,
        }
    )
    rows[SketchRow] += [{"post_id": post_id, "band": rng.getrandbits(62)} for _ in range(BANDS)]
    return done


@contextmanager
def signed_in(timing: Timing, code: str) -> Iterator[tuple[TestClient, str]]:
    """Yield a client in which a person is signed in, and their form token."""
    client = TestClient(timing, base_url="http://localhost", client=("127.0.0.1", 1))
    client.post("/masuk/tautan", data={"kode": code})
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/sandi").text)
    yield client, token.group(1) if token else ""


def work(client: TestClient, token: str, rounds: int) -> None:
    """Review posts as an officer does: queue, take, read, save a draft, decide, look at the answer."""
    for number in range(rounds):
        client.get("/antrean")
        page = client.post("/antrean/ambil", data={"csrf": token})
        post = page.url.path
        found = re.search(r'name="telaah" value="([^"]+)"', page.text)
        if found is None:
            raise SystemExit(f"nothing to take at {post}")
        fields = {
            "csrf": token,
            "telaah": found.group(1),
            "label": "partisan" if number % 2 else "perlu_konteks",
            "alasan": "partisan.ajakan" if number % 2 else "konteks.objek",
        }
        if number % 2:
            fields["bentuk"] = "B02"
        client.post(f"{post}/draf", data=fields, headers={"accept": "application/json"})
        client.post(f"{post}/putuskan", data=fields).raise_for_status()
        client.get(post)


def main() -> None:
    """Generate a store, measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        store = open_store(settings.home, None, None)
        links, people = {}, []
        with store.writing(Origin("console", "bench")) as unit:
            for role in (Role.PETUGAS, Role.PENELAAH, Role.PENYELIA, Role.AUDITOR):
                made = add_person(unit, role.value, role.value, frozenset({role}))
                links[role] = made.token
            people = [add_person(unit, f"rekan{n}", "Rekan", frozenset({Role.PENELAAH})).person.id for n in range(10)]
        posts = fill(store, arguments.reviews, people)
        app = create_app(settings, load_judge(settings), store)
        timing = Timing(app)
        with TestClient(app, base_url="http://localhost"):
            for role in (Role.PETUGAS, Role.PENELAAH, Role.PENYELIA):
                with signed_in(timing, links[role]) as (client, token):
                    work(client, token, arguments.rounds)
            with signed_in(timing, links[Role.AUDITOR]) as (client, _):
                for view in ("terbuka", "selesai", "partisan", "perlu_konteks") * (arguments.rounds // 4):
                    client.get("/antrean", params={"lihat": view})
                    client.get("/v1/reviews")
        store.close()
    figures = {
        name: {
            "median_ms": round(statistics.median(times), 1),
            "cpu_ms": round(statistics.median(timing.work[name]), 1),
            "slowest_ms": round(max(times), 1),
            "calls": len(times),
        }
        for name, times in sorted(timing.times.items())
        if "antrean" in name or "reviews" in name
    }
    load = round(os.getloadavg()[0], 1)
    found = {
        "posts": posts,
        "reviews_at_least": arguments.reviews,
        "load": load,
        "cores": os.cpu_count(),
        "pages": figures,
    }
    print(json.dumps(found, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
