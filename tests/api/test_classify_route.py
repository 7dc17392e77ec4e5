from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pilah_api.schemas import ClassifyResponse
from pilah_api.settings import Settings
from pilah_model.judgement import Post
from tests.api.conftest import ClientFactory
from tests.api.stand_in import StandIn

PARTISAN = "Gas coblos nomor 2 ya, menang"


def classify(client: TestClient, body: object) -> Any:
    response = client.post("/v1/classify", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_posts_come_back_in_order_with_their_ids(client: TestClient) -> None:
    posts = [{"id": str(n), "text": PARTISAN if n % 2 else "kopi"} for n in range(256)]
    results = classify(client, {"posts": posts})["results"]
    assert [r["id"] for r in results] == [str(n) for n in range(256)]
    assert [r["decision"] for r in results] == ["lolos", "tinjau"] * 128


def test_the_short_form(client: TestClient) -> None:
    answer = classify(client, {"texts": [PARTISAN, "kopi"]})
    assert [r["label"] for r in answer["results"]] == ["partisan", "bukan_politik"]
    assert answer["results"][0]["id"] is None
    assert answer["model"]["name"] == "pilah-uji"


def test_the_answer_has_the_documented_shape(client: TestClient) -> None:
    response = client.post("/v1/classify", json={"texts": [PARTISAN, "Lanjutkan Pak", "kopi"], "explain": True})
    parsed = ClassifyResponse.model_validate_json(response.content)
    assert parsed.results[0].references[0].note == "rujukan yang mungkin relevan, bukan putusan"


def test_explain_adds_spans_of_the_original_text(client: TestClient) -> None:
    assert classify(client, {"texts": [PARTISAN]})["results"][0]["evidence"] is None
    (evidence,) = classify(client, {"texts": [PARTISAN], "explain": True})["results"][0]["evidence"]
    assert PARTISAN[evidence["start"] : evidence["end"]] == evidence["text"] == "coblos nomor 2"


def test_context_reaches_the_model(client: TestClient, judge: StandIn) -> None:
    seen: list[Post] = []
    judge.before = seen.extend
    classify(client, {"posts": [{"text": "setuju", "context": "induk"}]})
    assert seen == [Post("setuju", None, "induk")]


@pytest.mark.parametrize(
    "text",
    [
        "\x00\x01kopi\x7f\x9b",
        "kopi \u202eterbalik\u202c \u200f",
        "مرحبا",
        "coblos\u200b nomor 2",
        "k" * 100_000,
        "👨‍👩‍👧‍👦" * 50,
        "<script>alert(1)</script>",
        "\N{LATIN SMALL LETTER A}\N{COMBINING ACUTE ACCENT}" * 10,
    ],
)
def test_odd_but_legal_texts_are_judged(client: TestClient, text: str) -> None:
    (result,) = classify(client, {"texts": [text], "explain": True})["results"]
    assert sum(result["probabilities"].values()) == pytest.approx(1)
    assert all(text[e["start"] : e["end"]] == e["text"] for e in result["evidence"])


@pytest.mark.parametrize("text", [r"coblos\ud800 nomor 2", r"\udfff coblos nomor 2", r"coblos nomor 2\ud83d"])
def test_lone_surrogates_are_judged(client: TestClient, text: str) -> None:
    body = '{"posts": [{"text": "' + text + r'", "context": "\ud800x"}], "explain": true}'
    response = client.post("/v1/classify", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 200, response.text
    response.content.decode("utf-8")
    assert response.json()["results"][0]["label"] == "partisan"


def test_a_long_text_says_that_it_was_truncated(client: TestClient) -> None:
    assert classify(client, {"texts": ["kata " * 1000]})["results"][0]["truncated"] is True


def pointers(client: TestClient, body: object) -> list[str]:
    response = client.post("/v1/classify", json=body)
    assert response.status_code == 422, response.text
    return [error["pointer"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [""]),
        ({"posts": [{"text": "a"}], "texts": ["a"]}, [""]),
        ({"posts": []}, ["/posts"]),
        ({"texts": []}, ["/texts"]),
        ({"texts": ["a"] * 257}, ["/texts"]),
        ({"posts": "a"}, ["/posts"]),
        ({"texts": ["a", 7, None]}, ["/texts/1", "/texts/2"]),
        ({"posts": [{"text": "a"}, {"text": 7}]}, ["/posts/1/text"]),
        ({"posts": [{"id": "x"}]}, ["/posts/0/text"]),
        ({"posts": [{"text": "a", "id": 5}]}, ["/posts/0/id"]),
        ({"posts": [{"text": "a", "id": "x" * 201}]}, ["/posts/0/id"]),
        ({"posts": [{"text": "a", "note": "x"}]}, ["/posts/0/note"]),
        ({"posts": [{"text": "a", "a/b~c": "x"}]}, ["/posts/0/a~1b~0c"]),
        ({"posts": [{"text": "a"}] * 3 + [{"text": " \n"}]}, ["/posts/3/text"]),
        ({"posts": [{"text": "a"}, {"text": "\u200b"}, {"text": ""}]}, ["/posts/1/text", "/posts/2/text"]),
        ({"texts": ["a", ""]}, ["/texts/1"]),
        ({"texts": ["a"], "explain": "yes"}, ["/explain"]),
        ({"texts": ["a"], "explain": 1}, ["/explain"]),
        ({"texts": ["a"], "explian": True}, ["/explian"]),
        ({"texts": ["x" * 100_001]}, ["/texts/0"]),
        ({"texts": ["x" * 1_000_000]}, ["/texts/0"]),
        ({"posts": [{"text": "a", "context": "x" * 100_001}]}, ["/posts/0/context"]),
        ([{"text": "a"}], [""]),
        ("text", [""]),
        (7, [""]),
    ],
)
def test_wrong_fields_are_pointed_at(client: TestClient, body: object, expected: list[str]) -> None:
    assert pointers(client, body) == expected


def test_a_surrogate_in_an_id_is_refused(client: TestClient) -> None:
    body = r'{"posts": [{"text": "a", "id": "\ud800"}]}'
    response = client.post("/v1/classify", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/posts/0/id"


def test_the_limit_is_named_with_what_to_do(client: TestClient) -> None:
    error = client.post("/v1/classify", json={"texts": ["x" * 100_001]}).json()["errors"][0]
    assert "100,001 characters" in error["message"]
    assert "at most 100,000" in error["message"]
    assert "split it" in error["message"]


def test_limits_follow_the_settings(make_client: ClientFactory) -> None:
    client = make_client(Settings(max_posts=2, max_text_chars=5))
    assert client.post("/v1/classify", json={"texts": ["a", "b"]}).status_code == 200
    assert pointers(client, {"texts": ["a", "b", "c"]}) == ["/texts"]
    assert pointers(client, {"texts": ["abcdef"]}) == ["/texts/0"]


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"],
)
def test_json_in_any_dress_is_taken(client: TestClient, content_type: str) -> None:
    content = json.dumps({"texts": ["kopi"]}).encode()
    assert client.post("/v1/classify", content=content, headers={"content-type": content_type}).status_code == 200
