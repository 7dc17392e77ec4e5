"""Measures every page on a store with 100,000 reviews and what belongs to them. Run: `python tests/benchmarks/reviews.py`.

The store is generated (`office.py`): invented posts, reviews, cases, batches, people, keys, and an audit of at least as many records.
Each page of the table of permissions is asked for in turn by signed-in people, in process; a figure is the time between the request and
the last byte of the answer, database and template included, network and browser not. `cpu` is the processor's share of it, which a
busy machine does not stretch. The model is the shipped one where a page asks it. The bar is a median of at most 50 ms a page.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / folder) for folder in ("data", "model", "api"))]

from pilah_api.access import Person, Role  # noqa: E402 - after the path
from pilah_api.app import create_app  # noqa: E402
from pilah_api.jobs.worker import Worker  # noqa: E402
from pilah_api.permissions import find_rule  # noqa: E402
from pilah_api.services.cases import open_case  # noqa: E402
from pilah_api.services.cases_fields import Section  # noqa: E402
from pilah_api.services.loading import load_judge  # noqa: E402
from pilah_api.services.people import add_person  # noqa: E402
from pilah_api.settings import Settings  # noqa: E402
from pilah_api.store.opening import open_store  # noqa: E402
from pilah_api.store.units import Store  # noqa: E402
from pilah_model.judge import Judge  # noqa: E402
from tests.api.batch_work import drain, feed  # noqa: E402
from tests.api.casework import INTAKE, almanac  # noqa: E402
from tests.benchmarks.office import BENCH, fill  # noqa: E402
from tests.web.pages import addresses  # noqa: E402

BAR_MS = 50.0
STAFF = (Role.PETUGAS, Role.PENELAAH, Role.PENYELIA, Role.ADMIN, Role.AUDITOR)
READERS = (Role.PENYELIA, Role.PETUGAS, Role.ADMIN, Role.AUDITOR)
"""Who asks for a page: the first of these whom the table of permissions lets in."""


class Timing:
    """Notes how long the application takes for each request, by method and template of the address."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.times: dict[str, list[float]] = defaultdict(list)
        self.work: dict[str, list[float]] = defaultdict(list)
        self.named = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start, before = time.perf_counter(), time.process_time()
        await self.app(scope, receive, send)
        if scope["type"] == "http":
            name = self.named or f"{scope['method']} {getattr(scope.get('route'), 'path', scope['path'])}"
            self.times[name].append((time.perf_counter() - start) * 1000)
            self.work[name].append((time.process_time() - before) * 1000)

    def figures(self, name: str) -> dict[str, float]:
        """Return median and 95th percentile in milliseconds, of the clock and of the processor."""
        found = {"calls": float(len(self.times[name]))}
        for kind, values in (("ms", sorted(self.times[name])), ("cpu_ms", sorted(self.work[name]))):
            found[f"median_{kind}"] = round(statistics.median(values), 1)
            found[f"p95_{kind}"] = round(values[min(len(values) - 1, int(len(values) * 0.95))], 1)
        return found


class Desk:
    """Somebody signed in, who asks for pages and sends forms."""

    def __init__(self, timing: Timing, code: str):
        self.client = TestClient(timing, base_url="http://localhost", client=("127.0.0.1", 1))
        self.client.post("/masuk/tautan", data={"kode": code})
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/sandi").text)
        self.token = found.group(1) if found else ""

    def send(self, path: str, **fields: Any) -> Any:
        return self.client.post(path, data={"csrf": self.token, **fields}).raise_for_status()

    def upload(self, rows: int) -> str:
        file = {"file": ("umpan.csv", feed(rows))}
        page = self.client.post("/berkas", data={"csrf": self.token}, files=file).raise_for_status()
        return str(page.url.path).split("/")[2]


def work(desk: Desk, rounds: int) -> str:
    """Review posts as an officer does: queue, take, read, save a draft, decide, look at the answer; return the last post."""
    post = ""
    for number in range(rounds):
        desk.client.get("/antrean")
        page = desk.send("/antrean/ambil")
        post = page.url.path
        found = re.search(r'name="telaah" value="([^"]+)"', page.text)
        if found is None:
            raise SystemExit(f"nothing to take at {post}")
        fields = {
            "telaah": found.group(1),
            "label": "partisan" if number % 2 else "perlu_konteks",
            "alasan": "partisan.ajakan" if number % 2 else "konteks.objek",
        }
        if number % 2:
            fields["bentuk"] = "B02"
        draft = {"csrf": desk.token, **fields}
        desk.client.post(f"{post}/draf", data=draft, headers={"accept": "application/json"}).raise_for_status()
        desk.send(f"{post}/putuskan", **fields)
        desk.client.get(post)
    return post


@contextmanager
def office(
    arguments: argparse.Namespace, settings: Settings, judge: Judge
) -> Iterator[tuple[Store, dict[Role, str], Person]]:
    """Open a store and fill it; yield it with a sign-in link for each role, and its supervisor."""
    store = open_store(settings.home, settings.database, None)
    with store.writing(BENCH) as unit:
        made = {role: add_person(unit, role.value, role.value, frozenset({role})) for role in STAFF}
        rekan = frozenset({Role.PENELAAH})
        colleagues = [add_person(unit, f"rekan{n}", "Rekan", rekan).person.id for n in range(10)]
    supervisor = made[Role.PENYELIA].person
    rows = fill(store, arguments.reviews, colleagues, supervisor.id, judge.info)
    print(json.dumps({"rows": rows, "database": store.kind}))  # noqa: T201
    yield store, {role: one.token for role, one in made.items()}, supervisor
    store.close()


def things(store: Store, settings: Settings, supervisor: Person, desk: Desk, judge: Judge) -> dict[str, list[str]]:
    """Make what stands behind the names in braces: a case that is being filled, a judged batch, an upload, a held post."""
    with store.writing(BENCH) as unit:
        case_id = open_case(unit, supervisor, INTAKE, almanac())
    draft, batch = desk.upload(5_000), desk.upload(5_000)
    desk.send(f"/berkas/{batch}/pilih", aksi="mulai")
    drain(Worker(store, settings.home, judge, settings.bounds))
    decided, held = work(desk, 1), desk.send("/antrean/ambil").url.path
    writable = (Section.ASAL, Section.TERLAPOR, Section.AKUN, Section.PERISTIWA, Section.KIRIMAN, Section.DINAS)
    return {
        "/problems/{slug}": ["/problems/not-found"],
        "/berkas/{batch_id}": [f"/berkas/{batch}", f"/berkas/{batch}?hal=90"],
        "/berkas/{batch_id}/pilih": [f"/berkas/{draft}/pilih"],
        "/antrean/{post_id}": [held, decided, f"/antrean/{1:032x}"],
        "/antrean": [f"/antrean?lihat={view}" for view in ("selesai", "partisan", "perlu_konteks")],
        "/kasus": [f"/kasus?keadaan={state}" for state in ("masuk", "arsip")],
        "/kasus/baru": [f"/kasus/baru?kiriman={1:032x}"],
        "/kasus/{case_id}": [f"/kasus/{case_id}"],
        "/kasus/{case_id}/isi/{section}": [f"/kasus/{case_id}/isi/{section}" for section in writable],
        "/kelola/orang/{person_id}": [f"/kelola/orang/{supervisor.id}"],
        "/kelola/audit": [
            "/kelola/audit?jenis=purge",
            "/kelola/audit?pelaku=rekan1",
            "/kelola/audit?pelaku=rekan1&jenis=case.viewed",
            "/kelola/audit?jenis=never.happened",
            "/kelola/audit?pelaku=nobody",
            "/kelola/audit?dari=2024-01-01&sampai=2024-01-02",
            f"/kelola/audit?perihal=person:{supervisor.id}",
            "/kelola/audit?sebelum=50000",
        ],
        "/kelola/ambang": ["/kelola/ambang?lolos=0.2&tinjau=0.95"],
    }


def measure(timing: Timing, desks: dict[Role, Desk], found: dict[str, list[str]], rounds: int) -> None:
    """Ask for every page as the first reader whom it lets in."""
    for places in addresses(found).values():
        rule = find_rule("GET", places[0])
        role = next(role for role in READERS if rule is not None and role in rule.roles)
        for place in places:
            name = re.sub(r"[0-9a-f]{32}", "…", place)
            for number in range(rounds + 1):
                # The first answer fills what is kept from then on: templates, statements, the model's first run.
                timing.named = name if number else "warm-up"
                desks[role].client.get(place).raise_for_status()
    timing.named = ""


def main() -> None:
    """Generate a store, measure, and print a table and one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30, help="how often each page is asked for")
    parser.add_argument("--database", help="an empty PostgreSQL database; the embedded one unless given")
    parser.add_argument("--json", type=Path, help="file for the figures; standard output unless given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database=arguments.database, rate_known=0, rate_anonymous=0)
        timing = run(arguments, settings, load_judge(settings))
    show(timing, arguments.json)


def run(arguments: argparse.Namespace, settings: Settings, judge: Judge) -> Timing:
    """Fill a store, and ask for every page."""
    with office(arguments, settings, judge) as (store, links, head):
        timing = Timing(create_app(settings, judge, store))
        with TestClient(timing.app, base_url="http://localhost"):
            desks = {role: Desk(timing, link) for role, link in links.items()}
            for role in (Role.PETUGAS, Role.PENELAAH, Role.PENYELIA):
                work(desks[role], arguments.rounds)
            found = things(store, settings, head, desks[Role.PENYELIA], judge)
            measure(timing, desks, found, arguments.rounds)
    return timing


def show(timing: Timing, out: Path | None) -> None:
    """Print the figures, the slowest first, and which pages miss the bar."""
    names = [name for name in timing.times if name != "warm-up" and len(timing.times[name]) > 1]
    figures = {name: timing.figures(name) for name in names}
    ordered = sorted(figures, key=lambda name: -figures[name]["median_ms"])
    lines = [f"{'page':58} {'median':>8} {'p95':>8} {'cpu med':>8} {'cpu p95':>8} {'calls':>6}"]
    for name in ordered:
        one = figures[name]
        columns = (one["median_ms"], one["p95_ms"], one["median_cpu_ms"], one["p95_cpu_ms"])
        lines.append(f"{name:58} " + " ".join(f"{value:8.1f}" for value in columns) + f" {one['calls']:6.0f}")
    print("\n".join(lines))  # noqa: T201
    missed = [name for name in ordered if figures[name]["median_ms"] > BAR_MS]
    load = round(os.getloadavg()[0], 1)
    found = {"bar_ms": BAR_MS, "missed": missed, "load": load, "cores": os.cpu_count(), "pages": figures}
    if out is not None:
        out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        print(f"above {BAR_MS:.0f} ms: {', '.join(missed) or 'no page'}")  # noqa: T201
    else:
        print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
