from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from pilah_api import cli, serve
from pilah_api.jobs import embedded
from pilah_api.settings import Settings, SettingsError, address
from pilah_api.store.opening import open_store
from tests.api.stand_in import StandIn


def test_a_busy_port_is_told_at_once_with_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with serve.listen(Settings(port=0)) as taken:
        port = str(taken.getsockname()[1])
        assert cli.run(["serve", "--port", port]) == 2
    assert capsys.readouterr().err == (
        f"pilah: 127.0.0.1 port {port} is in use, perhaps by another Pilah; stop it, or choose another with --port or PILAH_PORT\n"
    )


def test_the_address_is_printed_on_one_line_and_the_way_in_on_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[str] = []
    served: list[int] = []

    def run(_: uvicorn.Server, sockets: Sequence[socket.socket]) -> None:
        # A client may connect as soon as the address is known.
        with socket.create_connection(sockets[0].getsockname(), timeout=5):
            served.append(sockets[0].getsockname()[1])

    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr(serve, "open_judge", lambda _: StandIn())
    monkeypatch.setattr(serve, "configure_logging", lambda _: None)
    settings = Settings(port=0, home=tmp_path / "home", workers=0)
    serve.serve(settings, said.append)
    assert said[0] == f"Pilah listens on http://127.0.0.1:{served[0]}/  (Ctrl+C stops it)"
    link = (settings.home / "sign-in-link").read_text().strip()
    assert said[1:] == [f"Sign in once with {link}  (valid for 24 hours; then set a password)"]
    assert link.startswith(f"http://127.0.0.1:{served[0]}/masuk/tautan?kode=")
    assert (settings.home / "sign-in-link").stat().st_mode & 0o077 == 0


def test_the_link_is_no_longer_shown_once_an_administrator_has_a_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    monkeypatch.setattr(serve, "open_judge", lambda _: StandIn())
    monkeypatch.setattr(serve, "configure_logging", lambda _: None)
    settings = Settings(port=0, home=tmp_path / "home", workers=0)
    serve.serve(settings, lambda _: None)
    store = open_store(settings.home, None, None)
    with store.writing() as unit:
        (admin,) = unit.people.page(None, 10)
        unit.people.set_password_hash(admin.id, "hash")
    store.close()
    said: list[str] = []
    serve.serve(settings, said.append)
    assert len(said) == 1
    assert not (settings.home / "sign-in-link").exists()


def test_behind_a_proxy_no_link_goes_to_the_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    monkeypatch.setattr(serve, "open_judge", lambda _: StandIn())
    monkeypatch.setattr(serve, "configure_logging", lambda _: None)
    said: list[str] = []
    serve.serve(Settings(port=0, home=tmp_path / "home", workers=0, public_url="https://pilah.example"), said.append)
    assert said[1] == (
        "Nobody has an account yet; make one on this machine with: pilah user add LOGIN --name NAME --role admin"
    )


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", "http://127.0.0.1:"), ("[::1]", "http://[::1]:"), ("localhost", "http://localhost:")],
)
def test_address(host: str, expected: str) -> None:
    try:
        listener = serve.listen(Settings(host=host, port=0))
    except SettingsError:
        pytest.skip(f"this machine has no {host}")
    with listener:
        assert address(host, listener.getsockname()[1]) == f"{expected}{listener.getsockname()[1]}"


def test_a_worker_that_could_not_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started, refused = threading.Event(), [errno.ENOMEM, errno.EAGAIN]
    start = subprocess.Popen

    def begin(*given: Any, **options: Any) -> Any:
        if refused:
            raise OSError(refused.pop(), "not now")
        process = start(*given, **options)
        started.set()
        return process

    monkeypatch.setattr(embedded, "_FIRST_REST", 0.001)
    monkeypatch.setattr("pilah_api.jobs.embedded.subprocess.Popen", begin)
    workers = embedded.EmbeddedWorkers([sys.executable, "-c", "import sys; sys.stdin.read()"], 1)
    try:
        assert started.wait(120)
    finally:
        workers.close()
    assert refused == []


def test_small_answers_are_sent_without_delay() -> None:
    # asyncio switches Nagle's algorithm off only if the socket names its protocol; else each answer may wait 40 ms.
    with serve.listen(Settings(port=0)) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(SettingsError, match="PILAH_HOST"):
        serve.listen(Settings(host="203.0.113.7", api_key="k" * 32))


def ask(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer


# A shell starts what it runs in the background with the interrupt ignored, and that is inherited.
SLOW = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
def slow(posts):
    if any('lambat' in post.text for post in posts):
        time.sleep(1.5)
"""


@contextlib.contextmanager
def running(root: Path, home: Path, *, workers: int = 0) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A real server around a stand-in that takes its time over posts with the word `lambat`, and its port."""
    code = (
        f"{SLOW}\nimport pilah_api.serve as s; from tests.api.stand_in import StandIn; s.open_judge = lambda _: StandIn(before=slow)\n"
        "from pilah_api.cli import run; import sys; sys.exit(run(['serve', '--port', '0']))"
    )
    path = os.pathsep.join(str(root / part) for part in (".", "data", "model", "api"))
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        env={**os.environ, "PYTHONPATH": path, "PILAH_HOME": str(home), "PILAH_WORKERS": str(workers)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert "/masuk/tautan?kode=" in process.stdout.readline()
        yield process, int(line.split("127.0.0.1:")[1].split("/")[0])
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def exchange(port: int, *parts: bytes) -> bytes:
    """Send parts of a request and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for part in parts:
            connection.sendall(part)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def judging(text: str) -> bytes:
    body = b'{"texts": ["%s"]}' % text.encode()
    head = b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_a_server_answers_with_its_worker_and_stops_on_interrupt(root: Path, tmp_path: Path) -> None:
    with running(root, tmp_path / "home", workers=1) as (process, port):
        while not (answer := ask(port, "/readyz")).startswith(b"HTTP/1.1 200"):
            assert b"no worker is alive" in answer
            time.sleep(0.2)
        assert b"server:" not in answer.lower()
        assert b'"warnings":[]' in answer
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert rest == ""
    assert '"path": "/readyz"' in errors
    assert "Traceback" not in errors
    store = open_store(tmp_path / "home", None, None)
    with store.reading() as unit:
        assert unit.workers.alive() == 0, "the worker has left in good order"
    store.close()


def test_asked_to_stop_it_finishes_what_is_under_way_takes_nothing_new_and_exits_with_0(
    root: Path, tmp_path: Path
) -> None:
    with running(root, tmp_path / "home") as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(judging("lambat"))
            # Once its wait is counted, its post has been taken; it then sleeps.
            while b"\npilah_queue_wait_seconds_count 1" not in ask(port, "/metrics"):
                pass
            process.send_signal(signal.SIGTERM)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        _, errors = process.communicate(timeout=60)
        with pytest.raises(OSError, match="refused"):
            exchange(port, judging("kopi"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"label":"bukan_politik"' in answer
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert "rror" not in errors


def require_problem(answer: bytes, status: int, slug: bytes) -> None:
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer
    assert b"content-type: application/problem+json" in answer
    assert b'"/problems/%s"' % slug in answer
    assert b"x-request-id: " in answer


def test_what_is_no_http_gets_a_problem_and_an_endless_head_is_cut_off(root: Path, tmp_path: Path) -> None:
    with running(root, tmp_path / "home") as (_, port):
        for request in (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nA B: x\r\n\r\n"):
            require_problem(exchange(port, request), 400, b"bad-request")
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.settimeout(0.2)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
            answer = b""
            while not answer:
                connection.sendall(b"a" * 30_000)
                with contextlib.suppress(TimeoutError):
                    answer = connection.recv(65536)
        require_problem(answer, 431, b"head-too-large")
        # A large body is no large head, and one connection may carry several requests.
        body = b'{"texts": ["' + b"kata " * 19_000 + b'"]}'
        head = b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        answer = exchange(port, head % len(body), body, head % len(body), body, judging("kopi"))
        assert answer.count(b"HTTP/1.1 200") == 3


def test_a_request_whose_caller_hung_up_is_dropped(root: Path, tmp_path: Path) -> None:
    with running(root, tmp_path / "home") as (process, port):
        for _ in range(8):  # more than there are workers
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                connection.sendall(judging("lambat"))
        answer = exchange(port, judging("lambat"))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert answer.startswith(b"HTTP/1.1 200")
    assert '"status": 499' in errors
    assert '"problem": "caller-gone"' in errors
    assert "Traceback" not in errors
