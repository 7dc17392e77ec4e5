"""Requests a minute: by key, by person, by address; what is left stands in every answer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pilah_api.services import rate_counts
from pilah_api.services.rate_counts import Counts
from pilah_api.services.rates import RateLimitedError, Rates
from pilah_api.settings import Settings
from tests.api.conftest import ClientFactory

KEY = "k" * 32
GOOD = {"authorization": f"Bearer {KEY}"}
OUTSIDE = {"x-forwarded-for": "203.0.113.9"}


def fields(header: str) -> dict[str, Any]:
    """Read a list of one item of RFC 9651 with whole numbers as parameters."""
    found = re.fullmatch(r'"([a-z]+)"((?:;[a-z]+=\d+)+)', header)
    assert found, header
    return {"name": found[1], **{k: int(v) for k, v in re.findall(r";([a-z]+)=(\d+)", found[2])}}


def test_every_answer_says_what_is_left(make_client: ClientFactory) -> None:
    client = make_client(Settings(rate_anonymous=5))
    for left in (4, 3):
        response = client.get("/v1/taxonomy")
        assert fields(response.headers["ratelimit-policy"]) == {"name": "address", "q": 5, "w": 60}
        limit = fields(response.headers["ratelimit"])
        assert (limit["name"], limit["r"]) == ("address", left)
        assert 1 <= limit["t"] <= 60
    assert fields(client.get("/nowhere").headers["ratelimit"])["r"] == 2, "what fails counts, too"


def test_more_are_refused_until_the_minute_is_over(make_client: ClientFactory) -> None:
    client = make_client(Settings(rate_anonymous=2))
    answers = [client.get("/v1/taxonomy") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    refused = answers[2]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/problems/rate-limited"
    assert fields(refused.headers["ratelimit"])["r"] == 0
    assert int(refused.headers["retry-after"]) == fields(refused.headers["ratelimit"])["t"]
    assert refused.headers["x-request-id"]


def test_probes_measurements_and_assets_are_not_counted(make_client: ClientFactory) -> None:
    client = make_client(Settings(rate_anonymous=1))
    for path in ("/livez", "/metrics", "/static/pilah.css") * 2:
        response = client.get(path)
        assert response.status_code == 200
        assert "ratelimit" not in response.headers


def test_each_caller_has_a_count_of_its_own(make_client: ClientFactory) -> None:
    client = make_client(Settings(api_key=KEY, rate_known=2, rate_anonymous=1))
    assert [client.get("/v1/taxonomy").status_code for _ in range(2)] == [200, 429]
    answers = [client.get("/v1/taxonomy", headers=GOOD) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert fields(answers[0].headers["ratelimit-policy"]) == {"name": "caller", "q": 2, "w": 60}


def test_wrong_keys_count_against_the_address(make_client: ClientFactory) -> None:
    client = make_client(Settings(api_key=KEY, rate_known=100, rate_anonymous=2))
    wrong = {"authorization": "Bearer wrong"}
    assert [client.get("/v1/taxonomy", headers=wrong).status_code for _ in range(3)] == [401, 401, 429]
    assert client.get("/v1/taxonomy", headers=GOOD).status_code == 200, "the right key is not locked out by guessers"


def test_addresses_behind_a_proxy_are_told_apart(make_client: ClientFactory) -> None:
    client = make_client(Settings(public_url="https://pilah.example", rate_anonymous=1))
    here = {"host": "pilah.example"}
    assert client.get("/masuk", headers={**here, **OUTSIDE}).status_code == 200
    assert client.get("/masuk", headers={**here, **OUTSIDE}).status_code == 429
    assert client.get("/masuk", headers={**here, "x-forwarded-for": "203.0.113.10"}).status_code == 200


def test_a_flood_under_one_key_is_refused_before_it_is_looked_up(
    make_client: ClientFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(Settings(api_key=KEY, rate_known=1))
    assert [client.get("/v1/taxonomy", headers=GOOD).status_code for _ in range(2)] == [200, 429]

    def never(*_: object) -> None:
        message = "a flood must not reach the store"
        raise AssertionError(message)

    monkeypatch.setattr("pilah_api.gate.recognise", never)
    assert client.get("/v1/taxonomy", headers=GOOD).status_code == 429


def test_no_limit(make_client: ClientFactory) -> None:
    client = make_client(Settings(rate_anonymous=0, rate_known=0))
    responses = [client.get("/v1/taxonomy") for _ in range(20)]
    assert {response.status_code for response in responses} == {200}
    assert "ratelimit" not in responses[0].headers


def test_a_new_minute_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    rates = Rates(known=1, anonymous=1)
    secret = rates.require_unexhausted("Bearer secret")
    rates.count_caller("key:a", secret)
    with pytest.raises(RateLimitedError) as caught:
        rates.count_caller("key:a", secret)
    assert caught.value.quota.seconds == 60
    with pytest.raises(RateLimitedError):
        rates.require_unexhausted("Bearer secret")
    now[0] += 60.5
    assert rates.require_unexhausted("Bearer secret") == secret
    quota = rates.count_caller("key:a", secret)
    assert quota is not None
    assert (quota.left, quota.seconds) == (0, 60)


def test_counts_of_callers_that_went_away_are_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    monkeypatch.setattr(rate_counts, "_SWEEP_FROM", 10)
    counts = Counts()
    for number in range(10):
        assert counts.incr(f"old {number}", 60) == 1
    now[0] += 61
    for number in range(10):
        counts.incr(f"new {number}", 60)
    assert counts.get("old 3") == 0
    assert counts.get("new 3") == 1
    assert counts.reset() <= 11
    assert counts.check()


def test_counts_end_with_their_window(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    counts = Counts()
    assert [counts.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert counts.get_expiry("a") == 1060
    now[0] = 1060
    assert counts.get("a") == 0
    assert counts.incr("a", 60) == 1
    counts.clear("a")
    assert counts.get("a") == 0
    assert counts.get_expiry("a") == 1060
