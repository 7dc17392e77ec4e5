"""What `/metrics` shows, and what it must never show."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from pilah_api.metrics import Metrics
from pilah_api.permissions import RULES
from pilah_api.request_log import NO_ROUTE
from pilah_api.services.judging import JudgingQueue
from pilah_api.services.score_drift import ScoreDrift
from pilah_api.settings import Settings
from pilah_data.taxonomy import Label
from pilah_model.judgement import Judgement, Post
from tests.api.conftest import ClientFactory
from tests.api.stand_in import StandIn

SECRET = "rahasiaku"
PARTISAN = "Gas coblos nomor 2 ya, menang"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(client: TestClient) -> Samples:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return read(response.text)


def read(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(found: Samples, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


def test_requests_batches_waits_and_decisions_are_counted(client: TestClient) -> None:
    client.post("/v1/classify", json={"texts": [PARTISAN, "kopi", "teh"]})
    client.post("/v1/classify", json={"texts": ["kopi"]})
    client.post("/v1/classify", json={"texts": [""]})
    found = samples(client)
    assert of(found, "pilah_http_requests_total", method="POST", route="/v1/classify", status="200") == 2
    assert of(found, "pilah_http_request_seconds_count", route="/v1/classify", status_class="2xx") == 2
    assert of(found, "pilah_http_request_seconds_count", route="/v1/classify", status_class="4xx") == 1
    assert of(found, "pilah_refusals_total", problem="invalid-input") == 1
    assert of(found, "pilah_decisions_total", decision="tinjau") == 1
    assert of(found, "pilah_decisions_total", decision="lolos") == 3
    assert of(found, "pilah_decisions_total", decision="butuh_konteks") == 0
    assert of(found, "pilah_batch_posts_sum") == 4
    assert of(found, "pilah_queue_wait_seconds_count") == 2
    assert of(found, "pilah_model_seconds_count") == of(found, "pilah_batch_posts_count")
    assert of(found, "pilah_queue_posts") == 0
    assert of(found, "pilah_queue_expected_wait_seconds") >= 0
    assert math.isnan(of(found, "pilah_score_drift_index"))
    (build,) = [dict(labels) for name, labels in found if name == "pilah_build_info"]
    assert (build["model"], build["engine"]) == ("pilah-uji", "stand-in")


def test_labels_are_few_and_hold_nothing_that_a_caller_wrote(client: TestClient) -> None:
    client.get(f"/{SECRET}")
    client.get(f"/problems/{SECRET}")
    client.request(SECRET.upper(), "/v1/taxonomy")
    client.post(f"/v1/classify?q={SECRET}", json={"texts": [SECRET]}, headers={"x-request-id": SECRET})
    text = client.get("/metrics").text
    assert SECRET not in text.lower()
    found = read(text)
    routes = {dict(labels)["route"] for _, labels in found if "route" in dict(labels)}
    assert routes <= {rule.path for rule in RULES} | {NO_ROUTE}
    methods = {dict(labels)["method"] for _, labels in found if "method" in dict(labels)}
    assert methods == {"GET", "POST", "other"}


def test_behind_a_proxy_measurements_need_the_scope(make_client: ClientFactory) -> None:
    client = make_client(Settings(public_url="https://pilah.example", api_key="k" * 32))
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"authorization": f"Bearer {'k' * 32}"}).status_code == 200


def test_two_applications_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.answered("GET", "/livez", 200, 0.1, None)
    assert b'route="/livez"' in one.render()
    assert b'route="/livez"' not in other.render()


def test_a_full_queue_refuses_before_a_body_is_read_and_shows(make_client: ClientFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JudgingQueue, "expected_wait", lambda *_, **__: 7.0)
        client = make_client()
        refused = client.post("/v1/classify", content=b"never read", headers={"content-type": "text/plain"})
        found = samples(client)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "7")
    assert refused.json()["type"] == "/problems/busy"
    assert of(found, "pilah_queue_expected_wait_seconds") == 7.0
    assert of(found, "pilah_refusals_total", problem="busy") == 1
    assert client.post("/v1/classify", json={"texts": ["kopi"]}).status_code == 200


def test_a_page_keeps_what_was_pasted_when_the_model_is_busy(make_client: ClientFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JudgingQueue, "expected_wait", lambda *_, **__: 3.0)
        client = make_client()
        assert client.post("/", data={"text": "kopi"}).status_code == 200, "people wait longer than programs"
        patch.setattr(JudgingQueue, "expected_wait", lambda *_, **__: 30.0)
        busy = client.post("/", data={"text": "kopi pagi ini"}, headers={"accept": "text/html"})
    assert busy.status_code == 503
    assert busy.headers["retry-after"] == "25"
    assert "kopi pagi ini" in busy.text
    assert "coba lagi sebentar lagi" in busy.text


# --- drift --------------------------------------------------------------------------------------------------------


def judgement(p: float) -> Judgement:
    base = StandIn().classify([Post("kopi")])[0]
    return replace(base, probabilities={**base.probabilities, Label.PARTISAN: p})


def test_scores_like_the_reference_do_not_drift_and_others_do() -> None:
    drift = ScoreDrift((900, 0, 0, 0, 0, 0, 0, 0, 0, 100))
    drift.add([judgement(0.01)] * 180 + [judgement(0.99)] * 20)
    assert drift.index() < 0.1
    drift.add([judgement(1.0)] * 400)
    assert drift.index() > 0.25


def test_another_model_is_compared_with_its_own_reference_and_its_own_scores() -> None:
    drift = ScoreDrift((900, 0, 0, 0, 0, 0, 0, 0, 0, 100))
    drift.add([judgement(1.0)] * 400)
    drift.start_again((0, 0, 0, 0, 0, 0, 0, 0, 0, 1000))
    assert math.isnan(drift.index())
    drift.add([judgement(1.0)] * 400)
    assert drift.index() < 0.1


@pytest.mark.parametrize(("reference", "posts"), [(None, 500), ((10,) * 10, 100)])
def test_without_a_reference_or_with_few_posts_there_is_no_index(reference: tuple[int, ...] | None, posts: int) -> None:
    drift = ScoreDrift(reference)
    drift.add([judgement(0.5)] * posts)
    assert math.isnan(drift.index())
