"""A server, and a PostgreSQL beneath it, that are killed at random moments under writes: what was acknowledged is there, unaided."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from pilah_api.access import Role
from pilah_api.cookies import Cookies
from pilah_api.jobs.terms import SHARD_ROWS
from pilah_api.jobs.worker import Worker
from pilah_api.keyring import load_secret
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store
from tests.api import batch_work
from tests.api.databases import DURABLE, Cluster, find_programs, running_cluster
from tests.api.stand_in import StandIn
from tests.api.stores import enter
from tests.conftest import skip_aloud

KILLS = int(os.environ.get("PILAH_TEST_KILLS", "3"))
PATIENCE_SECONDS = 120
"""Not a measure: a server that has not come up by then never would."""
SERVER = (
    "import pilah_api.serve as s; from tests.api.stand_in import StandIn; s.open_judge = lambda _: StandIn();"
    "from pilah_api.cli import run; import sys; sys.exit(run(['serve', '--port', '0']))"
)


@dataclass
class Writer:
    """Makes accounts by HTTP without pause, and remembers which ones were acknowledged."""

    headers: dict[str, str]
    address: str = ""
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    number: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with httpx.Client(timeout=PATIENCE_SECONDS) as client:
            while not self.over.is_set():
                self.number += 1
                self._write(client, f"r{self.number}")

    def _write(self, client: httpx.Client, login: str) -> None:
        body = {"login": login, "name": "Uji", "roles": ["petugas"]}
        try:
            answer = client.post(f"{self.address}/v1/people", json=body, headers=self.headers)
        except httpx.HTTPError:
            # Nobody was told that it is there; it may be or not.
            time.sleep(0.01)
            return
        if answer.status_code == 201:
            self.acknowledged[login] = answer.json()["person"]["id"]
        else:
            assert answer.status_code == 503, answer.text
            self.refused += 1


@contextmanager
def serving(root: Path, home: Path, database: str | None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a server of its own; it is killed without a word when the block is left."""
    path = os.pathsep.join(str(root / part) for part in (".", "data", "model", "api"))
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", SERVER],
        env={**os.environ, "PYTHONPATH": path, "PILAH_HOME": str(home), "PILAH_DATABASE": database or ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://[^/]+", process.stdout.readline())
        assert found is not None, "the server does not come up by itself"
        yield process, found.group()
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def administrator(home: Path, database: str | None) -> dict[str, str]:
    """Make an administrator; return the headers of a session, which outlives every kill."""
    store = open_store(home, database, None)
    opened = enter(store, Role.ADMIN, login="kepala")
    cookies = Cookies(load_secret(home, None), secure=False)
    cookie = cookies.setting(opened.token or "", opened.session.expires_at, store.now()).split(";")[0]
    store.close()
    return {"cookie": cookie, "x-csrf-token": cookies.form_token(opened.session.id)}


def check(store: Store, acknowledged: dict[str, str]) -> None:
    """Everything that was acknowledged is there, each with its record, and the audit is whole."""
    with store.reading() as unit:
        kept = {person.login: person.id for person in unit.people.page(None, 100_000)}
        recorded = {record.object for record in unit.audit.walk() if record.action == "person.added"}
        assert unit.audit.verify() == []
    assert acknowledged.items() <= kept.items()
    assert recorded == {f"person:{person_id}" for person_id in kept.values()}
    assert len(acknowledged) >= KILLS, "there was something to lose"


def wait_for(what: str, writer: Writer, more: int) -> None:
    """Wait until so many further accounts were acknowledged."""
    goal, ended = len(writer.acknowledged) + more, time.monotonic() + PATIENCE_SECONDS
    while len(writer.acknowledged) < goal:
        assert time.monotonic() < ended, f"no more writes are acknowledged {what}"
        time.sleep(0.005)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Cluster | None]:
    if request.param == "sqlite":
        yield None
        return
    programs = find_programs()
    if programs is None:
        skip_aloud("PostgreSQL is not installed; install Debian's package postgresql")
        return
    with running_cluster(programs, DURABLE) as cluster:
        yield cluster


def test_a_killed_server_loses_nothing_and_comes_up_again(root: Path, tmp_path: Path, database: Cluster | None) -> None:
    home, url = tmp_path / "home", database.url if database else None
    writer, moments = Writer(administrator(home, url)), random.Random(7)
    for kill in range(KILLS):
        with serving(root, home, url) as (_, address):
            writer.address = address
            writer.over.clear()
            thread = threading.Thread(target=writer.run)
            thread.start()
            wait_for(f"after kill {kill}", writer, 1)
            time.sleep(moments.random() / 2)
        # Killed while the writer writes; only then is it stopped.
        writer.over.set()
        thread.join()
    store = open_store(home, url, None)
    check(store, writer.acknowledged)
    store.close()


def test_a_killed_postgresql_loses_nothing_and_the_server_goes_on(root: Path, tmp_path: Path) -> None:
    programs = find_programs()
    if programs is None:
        skip_aloud("PostgreSQL is not installed; install Debian's package postgresql")
        return
    home, moments = tmp_path / "home", random.Random(11)
    with running_cluster(programs, DURABLE) as cluster:
        writer = Writer(administrator(home, cluster.url))
        with serving(root, home, cluster.url) as (process, address):
            writer.address = address
            thread = threading.Thread(target=writer.run)
            thread.start()
            try:
                for kill in range(KILLS):
                    wait_for(f"after kill {kill} of PostgreSQL", writer, 1)
                    time.sleep(moments.random() / 2)
                    cluster.kill()
                    time.sleep(moments.random() / 2)
                    cluster.start()
                wait_for("by the same server", writer, 1)
                assert process.poll() is None
                ended = time.monotonic() + PATIENCE_SECONDS
                # Its worker, which stumbled over the dead database, is replaced too.
                while httpx.get(f"{address}/readyz").status_code != 200:
                    assert time.monotonic() < ended, "the server does not get ready again by itself"
                    time.sleep(0.1)
            finally:
                writer.over.set()
                thread.join()
        store = open_store(home, cluster.url, None)
        check(store, writer.acknowledged)
        store.close()


def test_a_killed_worker_loses_no_row_and_repeats_none(root: Path, tmp_path: Path, database: Cluster | None) -> None:
    home, url, moments = tmp_path / "home", database.url if database else None, random.Random(13)
    content = batch_work.feed(SHARD_ROWS + 20, blank=3)
    store = open_store(home, url, None)
    judged = batch_work.add(store, home, content)
    batch_work.drain(Worker(store, home, StandIn(), batch_work.BOUNDS))
    whole = batch_work.rows_file(home, judged.id)
    for kill in range(KILLS):
        batch = batch_work.add(store, home, content)
        command = batch_work.worker_process(home, url, pause=0.02, lease=1)
        process = subprocess.Popen(command, env=batch_work.environment(root))
        ended = time.monotonic() + PATIENCE_SECONDS
        while batch_work.state(store, batch.id).state == "waiting":
            assert time.monotonic() < ended, "the worker does not come up by itself"
            time.sleep(0.01)
        time.sleep(moments.random() / 2)
        process.kill()
        process.wait()
        # Another one takes what the dead one held, once its lease has run out.
        with batch_work_by(root, home, url):
            while batch_work.state(store, batch.id).is_open:
                assert time.monotonic() < ended, f"nobody goes on after kill {kill}"
                time.sleep(0.02)
        assert batch_work.state(store, batch.id).state == "done"
        assert batch_work.rows_file(home, batch.id) == whole
    with store.reading() as unit:
        assert unit.audit.verify() == []
    store.close()


@contextmanager
def batch_work_by(root: Path, home: Path, url: str | None) -> Iterator[None]:
    """Run a worker of its own for as long as the block lasts."""
    process = subprocess.Popen(batch_work.worker_process(home, url, pause=0, lease=1), env=batch_work.environment(root))
    try:
        yield
    finally:
        process.kill()
        process.wait()
