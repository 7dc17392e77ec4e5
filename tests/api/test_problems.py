"""Many ways to fail, one shape of answer, and never a word of a post in it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from pilah_api.problem_types import PROBLEM_TYPES
from pilah_api.problems import problem_from
from pilah_api.schemas import ProblemOut
from pilah_api.services.loading import NotReadyError
from pilah_api.settings import Settings
from pilah_data.errors import DataError, InputError
from tests.api.conftest import ClientFactory
from tests.api.stand_in import StandIn

SECRET = "rahasiaku"
JSON = {"content-type": "application/json"}

FAILURES: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/nowhere", {}, 404, "not-found"),
    ("GET", f"/{SECRET}", {}, 404, "not-found"),
    ("GET", "/v1/nowhere", {"headers": {"accept": "text/html"}}, 404, "not-found"),
    ("GET", "/static/nowhere.css", {}, 404, "not-found"),
    ("GET", "/static/../settings.py", {}, 404, "not-found"),
    ("GET", "/v1/classify", {}, 405, "method-not-allowed"),
    ("DELETE", "/v1/taxonomy", {}, 405, "method-not-allowed"),
    ("PUT", "/static/pilah.css", {}, 405, "method-not-allowed"),
    ("POST", "/v1/classify", {}, 415, "unsupported-media-type"),
    (
        "POST",
        "/v1/classify",
        {"content": SECRET, "headers": {"content-type": "text/plain"}},
        415,
        "unsupported-media-type",
    ),
    ("POST", "/v1/classify", {"data": {"text": SECRET}}, 415, "unsupported-media-type"),
    ("POST", "/v1/classify", {"files": {"file": SECRET.encode()}}, 415, "unsupported-media-type"),
    ("POST", "/v1/classify", {"content": b"", "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/classify", {"content": f'{{"texts": ["{SECRET}"', "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/classify", {"content": f"'{SECRET}'", "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/classify", {"content": b'{"texts": ["\xff\xfe"]}', "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/classify", {"content": b"[" * 100_000, "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/classify", {"content": b'{"texts": [' + b"9" * 5000 + b"]}", "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/classify", {"content": f'["{SECRET}"]', "headers": JSON}, 422, "invalid-input"),
    ("POST", "/v1/classify", {"content": "NaN", "headers": JSON}, 422, "invalid-input"),
    ("POST", "/v1/classify", {"json": {"texts": SECRET}}, 422, "invalid-input"),
    ("POST", "/v1/classify", {"json": {"texts": [{"text": SECRET}]}}, 422, "invalid-input"),
    ("POST", "/v1/classify", {"json": {"posts": [{"text": [SECRET]}]}}, 422, "invalid-input"),
    ("POST", "/v1/classify", {"json": {"posts": [{"text": SECRET, "id": {"a": SECRET}}]}}, 422, "invalid-input"),
    ("POST", "/v1/classify", {"json": {"texts": [SECRET, " "]}}, 422, "invalid-input"),
    ("POST", "/v1/classify", {"json": {"texts": [SECRET * 20_000]}}, 422, "invalid-input"),
    ("POST", "/v1/classify", {"json": {"posts": [{"text": "a", "x" * 70 + SECRET: 1}]}}, 422, "invalid-input"),
    ("POST", "/v1/classify", {"content": r'{"\ud800": 1, "texts": ["a"]}', "headers": JSON}, 422, "invalid-input"),
    (
        "POST",
        "/v1/classify",
        {"content": r'{"posts": [{"text": "a", "\udfff": "b"}]}', "headers": JSON},
        422,
        "invalid-input",
    ),
    ("POST", "/v1/classify", {"content": b" " * (9 * 1024 * 1024), "headers": JSON}, 413, "too-large"),
    ("POST", "/", {"data": {"text": SECRET}, "headers": {"origin": "http://evil.example"}}, 403, "cross-site"),
    ("POST", "/", {"data": {"text": SECRET}, "headers": {"sec-fetch-site": "cross-site"}}, 403, "cross-site"),
    ("POST", "/", {"files": {"text": SECRET.encode()}}, 422, "invalid-input"),
    ("GET", "/readyz", {"headers": {"authorization": f"Bearer {SECRET}"}}, 401, "unauthorized"),
    ("GET", "/livez", {"headers": {"host": "evil.example"}}, 421, "unknown-host"),
    ("POST", "/v1/classify", {"json": {"texts": [SECRET, "boom"]}}, 500, "internal"),
]


@pytest.fixture
def failing(judge: StandIn, client: TestClient) -> TestClient:
    def fail(posts: Any) -> None:
        if any(post.text == "boom" for post in posts):
            message = f"cannot digest {posts}"
            raise RuntimeError(message)

    judge.before = fail
    return client


@pytest.mark.parametrize(("method", "path", "options", "status", "slug"), FAILURES)
def test_every_failure_has_one_shape(
    failing: TestClient, method: str, path: str, options: dict[str, Any], status: int, slug: str
) -> None:
    response = failing.request(method, path, **options)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    problem = ProblemOut.model_validate_json(response.content)
    assert problem.type == f"/problems/{slug}"
    assert problem.status == status
    assert problem.title == PROBLEM_TYPES[slug].title
    assert problem.instance == f"urn:pilah:request:{response.headers['x-request-id']}"
    assert len(problem.detail) > 20
    assert bool(problem.errors) == (slug == "invalid-input")
    assert SECRET not in response.text
    assert "Traceback" not in response.text
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert failing.get(f"/problems/{slug}").status_code == 200


def test_a_method_that_is_not_allowed_names_those_that_are(client: TestClient) -> None:
    assert client.get("/v1/classify").headers["allow"] == "POST"


def test_a_body_is_cut_off_at_the_limit_without_an_announced_length(make_client: ClientFactory) -> None:
    client = make_client(Settings(max_body_bytes=2048))

    def chunks() -> Any:
        for _ in range(64):
            yield b" " * 1024

    assert client.post("/v1/classify", content=chunks(), headers=JSON).status_code == 413
    assert (
        client.post("/", content=chunks(), headers={"content-type": "application/x-www-form-urlencoded"}).status_code
        == 413
    )


def test_a_browser_gets_a_page_and_the_interface_json(client: TestClient) -> None:
    html = {"accept": "text/html,application/xhtml+xml"}
    page = client.get("/nowhere", headers=html)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "Alamat tidak ditemukan" in page.text
    assert page.headers["x-request-id"] in page.text
    assert "nothing at this address" in client.get("/nowhere?lang=en", headers=html).text
    assert client.get("/v1/x", headers=html).headers["content-type"] == "application/problem+json"


def test_a_browser_gets_a_page_for_an_unforeseen_error(client: TestClient, judge: StandIn) -> None:
    def fail(posts: Any) -> None:
        raise RuntimeError(str(posts))

    judge.before = fail
    page = client.post("/", data={"text": SECRET}, headers={"accept": "text/html"})
    assert page.status_code == 500
    assert "Terjadi kegagalan di server" in page.text
    assert SECRET not in page.text


@pytest.mark.parametrize(
    ("error", "slug"),
    [
        (InputError("the feed has no column text"), "invalid-input"),
        (NotReadyError("loading"), "not-ready"),
        (DataError("damaged"), "internal"),
        (ZeroDivisionError("secret"), "internal"),
    ],
)
def test_errors_below_the_doors_are_translated(error: Exception, slug: str) -> None:
    problem = problem_from(error)
    assert problem.kind.slug == slug
    assert slug != "internal" or "secret" not in problem.detail


def test_every_kind_has_its_words_in_both_languages() -> None:
    for slug, kind in PROBLEM_TYPES.items():
        assert kind.slug == slug
        assert 400 <= kind.status <= 599
        assert all(len(words) > 10 for words in (kind.title, kind.meaning, kind.title_id, kind.meaning_id))


def test_the_kinds_are_listed(client: TestClient) -> None:
    page = client.get("/problems")
    assert all(f'href="/problems/{slug}"' in page.text for slug in PROBLEM_TYPES)
    assert client.get("/problems/nonsense").status_code == 404
