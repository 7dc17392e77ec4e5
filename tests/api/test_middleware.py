from __future__ import annotations

import logging
import re
from collections.abc import Sequence

import pytest
from fastapi.testclient import TestClient

from pilah_api.middleware import SECURITY_HEADERS
from pilah_model.judgement import Post
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
    names = ("request_id", "method", "path", "status", "error")
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
        {"request_id": "three", "method": "GET", "path": "(none)", "status": 404},
        {"request_id": "four", "method": "GET", "path": "/problems/{slug}", "status": 404},
    ]
    assert SECRET not in "".join(str(vars(record)) for record in caplog.records if record.name.startswith("pilah"))


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
