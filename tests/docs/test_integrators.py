"""What docs/integrators.md shows works as it stands, and so does the client, against a real server with a worker."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from pilah_api.access import Scope
from pilah_api.jobs.worker import Pace, Worker
from pilah_api.services.keys import make_key
from pilah_api.settings import Settings
from pilah_api.store.opening import open_store
from tests.api.stand_in import StandIn
from tests.api.stores import TEST
from tests.conftest import skip_aloud
from tests.web.conftest import serving


@dataclass
class Place:
    """A folder in which the examples run, one after the other, with what they take from their surroundings."""

    folder: Path
    environment: dict[str, str]
    blocks: dict[str, list[str]]

    def run(self, title: str, number: int = 0) -> str:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", self.blocks[title][number]],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{title}: {done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def place(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if shutil.which("curl") is None:
        skip_aloud("curl is not installed")
    folder, home = tmp_path_factory.mktemp("examples"), tmp_path_factory.mktemp("home")
    store = open_store(home, None, None)
    with store.writing(TEST) as unit:
        _, key = make_key(unit, "portal", frozenset({Scope.JUDGE, Scope.BATCHES}), 1, "test")
    shutil.copy2(root / "docs" / "examples" / "client.py", folder)
    text = (root / "docs" / "integrators.md").read_text(encoding="utf-8")
    sections = [part.split("\n", 1) for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]]
    blocks = {title: re.findall(r"^```sh\n(.*?)^```", body, re.MULTILINE | re.DOTALL) for title, body in sections}
    settings, stop = Settings(port=0, home=home), threading.Event()
    worker = Worker(store, home, StandIn(), settings.bounds, Pace(poll=0.05))
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    with serving(settings, store) as address:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        yield Place(folder, {"PILAH": address.rstrip("/"), "KEY": key, "PATH": path}, blocks)
    stop.set()
    thread.join()
    store.close()


def test_every_example_is_run_here(place: Place) -> None:
    assert {title: len(found) for title, found in place.blocks.items()} == {
        "Keys": 1, "Judging": 1, "Feeds": 2, "Errors": 1, "Retries": 1, "Long lists": 1, "From Python": 1,
    }  # fmt: skip


def test_a_key_says_what_it_may(place: Place) -> None:
    assert json.loads(place.run("Keys"))["scopes"] == ["batches", "judge"]


def test_posts_are_judged_in_their_order(place: Place) -> None:
    answer = json.loads(place.run("Judging"))
    assert [(one["id"], one["decision"]) for one in answer["results"]] == [("a-1", "lolos"), ("a-2", "tinjau")]


def test_a_feed_becomes_results_and_a_repetition_the_same_batch(place: Place) -> None:
    place.run("Feeds", 0)
    place.run("Feeds", 1)
    with (place.folder / "hasil.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["pilah_decision"]) for row in rows] == [("1", "lolos"), ("2", "tinjau")]
    assert (place.folder / "galat.csv").read_text(encoding="utf-8-sig").count("\n") == 1
    made = json.loads((place.folder / "batch.json").read_text())
    assert json.loads(place.run("Retries"))["id"] == made["id"]
    assert [one["id"] for one in json.loads(place.run("Long lists"))["items"]] == [made["id"]]


def test_an_error_points_at_the_field_and_repeats_nothing(place: Place) -> None:
    problem = json.loads(place.run("Errors"))
    assert problem["type"] == "/problems/invalid-input"
    assert problem["errors"][0]["pointer"] == "/posts/0/text"
    assert problem["instance"].endswith("portal-17")


def test_the_client_judges_texts_and_feeds(place: Place) -> None:
    out = place.run("From Python")
    assert out.splitlines()[:2] == [
        "lolos\tbukan_politik\t0.79\tApel pagi berjalan lancar",
        "tinjau\tpartisan\t0.94\tAyo coblos nomor 2 bersama Santoso",
    ]
    assert "2 rows judged, 0 could not be" in out
    assert (place.folder / "hasil-2.csv").read_bytes() == (place.folder / "hasil.csv").read_bytes()


@pytest.fixture(scope="module")
def library(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("client", root / "docs" / "examples" / "client.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_more_posts_than_one_request_holds_and_lists_page_by_page(place: Place, library: ModuleType) -> None:
    client = library.Client(place.environment["PILAH"], place.environment["KEY"])
    results = client.classify([{"id": str(n), "text": "Apel pagi"} for n in range(600)])
    assert [one["id"] for one in results] == [str(n) for n in range(600)]
    sent = place.folder / 'kiriman "pagi".csv'
    sent.write_text("teks\nApel pagi\n", encoding="utf-8")
    made = [client.send_feed(sent) for _ in range(3)]
    assert client.wait(made[0], every=0.05)["name"].startswith("kiriman")
    assert set(made) <= {one["id"] for one in client.items("/v1/batches", limit=2)}


def test_refusals_are_raised_with_their_type(place: Place, library: ModuleType) -> None:
    client = library.Client(place.environment["PILAH"], "pilah_salah")
    with pytest.raises(library.ProblemError, match="401") as caught:
        client.classify(["kopi"])
    assert caught.value.type == "/problems/unauthorized"
    client = library.Client(place.environment["PILAH"], place.environment["KEY"])
    with pytest.raises(library.ProblemError) as caught:
        client.classify([" "])
    assert caught.value.errors[0]["pointer"] == "/posts/0/text"


@pytest.fixture
def moody() -> Iterator[Callable[[int, int], tuple[str, list[str | None]]]]:
    """A server that asks to come again a few times before it answers; tells which retry keys came."""
    running: list[HTTPServer] = []

    def make(status: int, times: int) -> tuple[str, list[str | None]]:
        seen: list[str | None] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                seen.append(self.headers.get("idempotency-key"))
                self.rfile.read(int(self.headers["content-length"]))
                body = json.dumps({"id": "b-1", "title": "busy", "detail": "later"}).encode()
                self.send_response(status if len(seen) <= times else 202)
                self.send_header("retry-after", "0")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        running.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}", seen

    yield make
    for server in running:
        server.shutdown()
        server.server_close()


def test_a_busy_server_is_asked_again_with_the_same_retry_key(
    moody: Callable[[int, int], tuple[str, list[str | None]]], library: ModuleType, tmp_path: Path
) -> None:
    feed = tmp_path / "a.csv"
    feed.write_text("teks\nApel\n")
    for status in (429, 503):
        address, seen = moody(status, 2)
        assert library.Client(address).send_feed(feed) == "b-1"
        assert len(seen) == 3
        assert len(set(seen)) == 1
    address, seen = moody(503, 99)
    with pytest.raises(library.ProblemError, match="503"):
        library.Client(address).send_feed(feed)
    assert len(seen) == library.ATTEMPTS
