from __future__ import annotations

import json
from pathlib import Path

from fastapi.testclient import TestClient

from pilah_api.app import create_app
from pilah_api.openapi import as_text
from pilah_api.schemas import ClassifyRequest
from pilah_api.settings import Settings


def test_the_committed_copy_is_the_served_document(root: Path, client: TestClient) -> None:
    committed = (root / "api" / "openapi.json").read_text(encoding="utf-8")
    assert committed == as_text(create_app(Settings())), "run `make openapi` and look at the difference"
    assert client.get("/openapi.json").json() == json.loads(committed)


def test_it_is_openapi_3_1_with_problems_of_the_right_type(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    answers = document["paths"]["/v1/classify"]["post"]["responses"]
    assert set(answers) == {"200", "400", "401", "413", "415", "422", "429", "500", "503"}
    for status, answer in answers.items():
        expected = "application/json" if status == "200" else "application/problem+json"
        assert list(answer["content"]) == [expected]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_call_that_is_counted_may_be_refused_for_haste(client: TestClient) -> None:
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for call in methods.values():
            assert ("429" in call["responses"]) is (path not in ("/livez", "/readyz", "/metrics"))


def test_every_operation_and_schema_is_described(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for methods in document["paths"].values():
        for call in methods.values():
            assert call["summary"]
            assert len(call["description"]) > 20
    assert all(schema.get("description") for schema in document["components"]["schemas"].values())


def test_the_examples_are_valid(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()["components"]["schemas"]["ClassifyRequest"]
    for example in schema["examples"]:
        ClassifyRequest.model_validate(example)
        assert client.post("/v1/classify", json=example).status_code == 200


def test_pages_are_no_part_of_the_interface(client: TestClient) -> None:
    assert set(client.get("/openapi.json").json()["paths"]) == {
        "/v1/classify",
        "/v1/taxonomy",
        "/v1/model",
        "/v1/session",
        "/v1/session/password",
        "/v1/people",
        "/v1/people/{person_id}",
        "/v1/people/{person_id}/link",
        "/v1/keys",
        "/v1/keys/{key_id}",
        "/v1/audit",
        "/v1/audit/verification",
        "/v1/batches",
        "/v1/batches/{batch_id}",
        "/v1/batches/{batch_id}/events",
        "/v1/batches/{batch_id}/results",
        "/v1/batches/{batch_id}/errors",
        "/v1/stats",
        "/v1/reviews",
        "/v1/reviews/next",
        "/v1/reviews/{post_id}",
        "/v1/reviews/{post_id}/claim",
        "/v1/reviews/{post_id}/decision",
        "/v1/cases",
        "/v1/cases/sources",
        "/v1/cases/{case_id}",
        "/v1/cases/{case_id}/members",
        "/v1/cases/{case_id}/moves",
        "/v1/cases/{case_id}/erasure",
        "/v1/cases/{case_id}/evidence",
        "/v1/cases/{case_id}/evidence/{evidence_id}",
        "/v1/cases/{case_id}/verification",
        "/v1/cases/{case_id}/papers/{paper}",
        "/livez",
        "/readyz",
        "/metrics",
    }


def test_every_call_names_the_credentials_that_the_table_asks_for(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert paths["/livez"]["get"]["security"] == [{}]
    assert paths["/v1/classify"]["post"]["security"] == [{}, {"session": []}, {"key": []}]
    assert paths["/v1/people"]["post"]["security"] == [{"session": []}]
    assert paths["/v1/audit"]["get"]["security"] == [{"session": []}, {"key": []}]
