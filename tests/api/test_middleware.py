from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from pilah_api.access import ANONYMOUS
from pilah_api.middleware import SECURITY_HEADERS, BodyLimit
from pilah_api.passage import Passage
from pilah_api.problems import problem_from
from pilah_api.services.judge_link import JudgeFailedError
from pilah_api.settings import Settings
from pilah_model.judgement import Post
from tests.api.conftest import ClientFactory
from tests.api.stand_in import StandIn

SECRET = "rahasiaku"


@pytest.mark.parametrize("path", ["/", "/docs", "/v1/taxonomy", "/static/pilah.css", "/nowhere", "/openapi.json"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert all(headers[name] == value for name, value in SECURITY_HEADERS.items())
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
    assert "unsafe" not in headers["content-security-policy"]


def test_a_request_id_is_made_or_handed_back(client: TestClient) -> None:
    assert re.fullmatch("[0-9a-f]{32}", client.get("/livez").headers["x-request-id"])
    assert client.get("/livez", headers={"x-request-id": "abc-1.2:3_x"}).headers["x-request-id"] == "abc-1.2:3_x"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>", "a\tb", "ü".encode()])
def test_a_bad_request_id_is_replaced(client: TestClient, given: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", client.get("/livez", headers={"x-request-id": given}).headers["x-request-id"])


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    names = ("request_id", "method", "path", "status", "problem", "error")
    return [
        {name: getattr(record, name) for name in names if hasattr(record, name)}
        for record in caplog.records
        if record.name.startswith("pilah")
    ]


def test_one_log_line_per_request_without_any_of_its_content(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client.post(f"/v1/classify?q={SECRET}", json={"texts": [SECRET]}, headers={"x-request-id": "one"})
    client.post("/", data={"text": SECRET}, headers={"x-request-id": "two"})
    client.get(f"/{SECRET}", headers={"x-request-id": "three"})
    client.get(f"/problems/{SECRET}", headers={"x-request-id": "four"})
    assert lines(caplog) == [
        {"request_id": "one", "method": "POST", "path": "/v1/classify", "status": 200},
        {"request_id": "two", "method": "POST", "path": "/", "status": 200},
        {"request_id": "three", "method": "GET", "path": "(none)", "status": 404, "problem": "not-found"},
        {"request_id": "four", "method": "GET", "path": "/problems/{slug}", "status": 404, "problem": "not-found"},
    ]
    assert SECRET not in "".join(str(vars(record)) for record in caplog.records if record.name.startswith("pilah"))


def test_an_entry_refers_to_who_asked_and_to_an_address_only_if_that_is_set(
    make_client: ClientFactory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    key = {"authorization": f"Bearer {'k' * 32}"}
    for setting in ("no", "yes"):
        client = make_client(Settings(api_key="k" * 32, log_addresses=setting), peer="127.0.0.7")
        client.get("/livez")
        client.get("/v1/taxonomy", headers=key)
    entries = [vars(record) for record in caplog.records if record.name == "pilah.http"]
    assert [(entry["actor"], entry.get("address")) for entry in entries] == [
        ("anonymous", None),
        ("key:setting", None),
        ("anonymous", "127.0.0.7"),
        ("key:setting", "127.0.0.7"),
    ]
    assert all("kkkk" not in str(entry) for entry in entries)


def test_a_body_that_does_not_come_is_not_waited_for_for_ever() -> None:
    async def dribble() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            await receive()

    async def ignore(_: Message) -> None:
        pass

    scope: Scope = {"type": "http", "headers": [], "state": {"passage": Passage(ANONYMOUS, "")}}
    with pytest.raises(HTTPException) as caught:
        asyncio.run(BodyLimit(read_all, most=10_000, most_of_uploads=10_000, seconds=0.1)(scope, dribble, ignore))
    assert problem_from(caught.value).kind.slug == "too-slow"


def test_the_end_of_a_connection_is_waited_for_as_long_as_it_takes() -> None:
    messages: list[Message] = [{"type": "http.request", "body": b"a"}, {"type": "http.disconnect"}]

    async def slowly() -> Message:
        if len(messages) == 1:
            await asyncio.sleep(0.1)
        return messages.pop(0)

    async def watch(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def ignore(_: Message) -> None:
        pass

    scope: Scope = {"type": "http", "headers": [], "state": {"passage": Passage(ANONYMOUS, "")}}
    asyncio.run(BodyLimit(watch, most=10, most_of_uploads=10, seconds=0.05)(scope, slowly, ignore))
    assert messages == []


def test_an_unforeseen_error_is_logged_without_its_message(
    client: TestClient, judge: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(posts: Sequence[Post]) -> None:
        raise RuntimeError(str(posts))

    judge.before = fail
    client.post("/v1/classify", json={"texts": [SECRET]}, headers={"x-request-id": "five"})
    assert {"request_id": "five", "error": "RuntimeError"} in lines(caplog)
    (failure,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert any("test_middleware.py" in place for place in vars(failure)["where"])
    assert SECRET not in "".join(str(vars(record)) for record in caplog.records if record.name.startswith("pilah"))


def test_what_a_judge_process_failed_of_is_logged_under_the_request_s_id(
    client: TestClient, judge: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Sequence[Post]) -> None:
        raise JudgeFailedError("MemoryError")

    judge.before = fail
    answer = client.post("/v1/classify", json={"texts": [SECRET]}, headers={"x-request-id": "six"})
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    (entry,) = [vars(record) for record in caplog.records if record.levelno == logging.ERROR]
    assert (entry["request_id"], entry["error"], entry["kind"]) == ("six", "JudgeFailedError", "MemoryError")
