"""Judging, scoring and serving speak to this machine alone: nothing is looked up, asked for or told elsewhere."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_socket
from fastapi import FastAPI

from tests.api.conftest import ClientFactory

# Python reports every name looked up and every address called, whichever library does it.
WATCH = """
import sys
calls = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        calls.append([event, str(arguments[1])])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        calls.append([event, str(arguments[0])])
sys.addaudithook(watch)
"""
TELL = """
import json
loaded = sorted({name.partition(".")[0] for name in sys.modules})
sys.stderr.write("\\nTOLD" + json.dumps({"calls": calls, "modules": loaded}))
"""
JUDGE = """
from pilah_api.cli import run
assert run(["classify", "--explain", "Ayo coblos nomor 2 bersama Santoso"]) == 0
assert run(["score", sys.argv[1], "-o", sys.argv[2]]) == 0
"""
SERVE = """
import http.client, json as j, os, re, threading, time
os.environ["PILAH_HOME"] = sys.argv[1]  # the worker beside the server reads it there
import uvicorn
import pilah_api.serve as serve
from pilah_api.settings import Settings
from pathlib import Path
said, asked, server = [], [], {}
run = uvicorn.Server.run
def note(self, sockets=None):
    server["it"] = self
    run(self, sockets)
uvicorn.Server.run = note
settings = Settings(port=0, home=Path(sys.argv[1]))
def ask():
    deadline = time.monotonic() + 120
    while not (server and server["it"].started) and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        port = int(re.search(r":(\\d+)/", said[0]).group(1))
        body = j.dumps({"texts": ["Apel pagi lancar", "Ayo coblos nomor 2"], "explain": True})
        for method, path, content in (
            ("POST", "/v1/classify", body), ("GET", "/readyz", None), ("GET", "/", None), ("GET", "/openapi.json", None)
        ):
            status = 503
            # The worker beside the server takes a moment to live.
            while status == 503 and time.monotonic() < deadline:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request(method, path, content, {"content-type": "application/json"})
                status = connection.getresponse().status
                connection.close()
                time.sleep(0.1 if status == 503 else 0)
            asked.append((path, status))
    finally:
        server["it"].should_exit = True
# A daemon, and the server in the main thread: whatever goes wrong, this program ends.
threading.Thread(target=ask, daemon=True).start()
serve.serve(settings, said.append)
assert [status for _, status in asked] == [200] * 4, asked
"""
HERE = ("127.0.0.1", "::1", "localhost", "'127.0.0.1'", "None")
TALKERS = {"requests", "urllib3", "httpx", "httpx2", "aiohttp", "huggingface_hub", "authlib"}
"""Libraries that call other machines; serving loads none of them unless a provider is set."""


def told(root: Path, code: str, *arguments: Path, before: tuple[str, ...] = ()) -> tuple[list[list[str]], set[str]]:
    path = os.pathsep.join(str(root / part) for part in ("data", "model", "api"))
    done = subprocess.run(
        [*before, sys.executable, "-c", WATCH + code + TELL, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stderr.rpartition("TOLD")[2])
    return found["calls"], set(found["modules"])


def abroad(calls: list[list[str]]) -> list[list[str]]:
    """Return the calls that name another place than this machine; what has no host is a socket of the file system."""
    return [
        [event, where]
        for event, where in calls
        if where not in HERE and not where.startswith(("('127.0.0.1',", "('::1',", "/", "b'/"))
    ]


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "kiriman.csv"
    path.write_text("id,text\n1,Apel pagi lancar\n2,Ayo coblos nomor 2 bersama Santoso\n", encoding="utf-8")
    return path


def test_the_watch_sees_what_it_must() -> None:
    code = """
import socket
for host in ("192.0.2.1", "nama.invalid"):
    try:
        socket.create_connection((host, 9), timeout=0.01)
    except OSError:
        pass
"""
    calls, _ = told(Path(), code)
    assert {where for _, where in abroad(calls)} >= {"('192.0.2.1', 9)", "nama.invalid"}


def test_judging_and_scoring_call_nobody(root: Path, feed: Path, tmp_path: Path) -> None:
    calls, modules = told(root, JUDGE, feed, tmp_path / "hasil.csv")
    assert calls == []
    assert not modules & TALKERS


def test_serving_speaks_to_this_machine_alone(root: Path, tmp_path: Path) -> None:
    calls, modules = told(root, SERVE, tmp_path / "home")
    assert abroad(calls) == []
    assert any(event == "socket.bind" for event, _ in calls), "the watch was on"
    assert not modules & TALKERS


def test_judging_needs_no_network_to_be_there(root: Path, feed: Path, tmp_path: Path) -> None:
    apart = ("unshare", "--user", "--map-root-user", "--net")
    try:
        possible = subprocess.run([*apart, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        possible = False
    if not possible:
        pytest.skip("this machine makes no network namespaces")
    told(root, JUDGE, feed, tmp_path / "hasil.csv", before=apart)
    assert (tmp_path / "hasil.csv").read_text(encoding="utf-8").count("\n") == 3


def test_no_environment_makes_the_framework_tell_what_it_sees(
    make_client: ClientFactory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # With these the framework exports requests, bodies and errors of its own accord, or complains that it has no exporter.
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://192.0.2.1:4318")
    client = make_client()
    assert client.post("/v1/classify", json={"texts": ["kopi"]}).status_code == 200
    assert "telemetry" not in caplog.text
    assert isinstance(client.app, FastAPI)
    assert not client.app._native_telemetry.enabled()


def test_no_test_may_call_another_machine() -> None:
    with (
        socket.socket() as caller,
        pytest.raises(pytest_socket.SocketConnectBlockedError),
        pytest.warns(UserWarning, match="192.0.2.1"),
    ):
        caller.connect(("192.0.2.1", 9))
