"""Whatever JSON or bytes arrive, the answer is a judgement or a problem, never a failure of the server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from pilah_api.app import create_app
from pilah_api.schemas import ClassifyResponse, ProblemOut
from pilah_api.settings import Settings
from tests.api.stand_in import StandIn

# Surrogates included: JSON may carry them, and so may a careless client.
texts = st.text(st.characters(), max_size=30)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
names = st.sampled_from(["posts", "texts", "explain", "text", "id", "context"]) | texts
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)
post = st.fixed_dictionaries({"text": texts}, optional={"id": scalars, "context": texts, "note": texts})
request = st.fixed_dictionaries(
    {}, optional={"posts": st.lists(post, max_size=4), "texts": st.lists(texts, max_size=4), "explain": scalars}
)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), StandIn()), base_url="http://localhost") as client:
        yield client


def check(client: TestClient, content: bytes) -> None:
    response = client.post("/v1/classify", content=content, headers={"content-type": "application/json"})
    if response.status_code == 200:
        ClassifyResponse.model_validate_json(response.content)
    else:
        assert response.status_code in (400, 422)
        ProblemOut.model_validate_json(response.content)


@settings(deadline=None, max_examples=150)
@given(body=anything | request)
def test_any_json(fuzzed: TestClient, body: object) -> None:
    check(fuzzed, json.dumps(body).encode())


@settings(deadline=None, max_examples=50)
@given(content=st.binary(max_size=60))
def test_any_bytes(fuzzed: TestClient, content: bytes) -> None:
    check(fuzzed, content)


@settings(deadline=None, max_examples=60)
@given(content=st.binary(max_size=60))
def test_any_form(fuzzed: TestClient, content: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert fuzzed.post("/", content=b"text=" + content, headers=headers).status_code in (200, 422)


@settings(deadline=None, max_examples=60)
@given(text=st.text(max_size=60))
def test_any_text_on_the_page_is_whole(fuzzed: TestClient, text: str) -> None:
    response = fuzzed.post("/", data={"text": text, "split": "utuh"})
    assert response.status_code in (200, 422)
