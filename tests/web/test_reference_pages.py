from __future__ import annotations

from fastapi.testclient import TestClient


def test_the_documentation_shows_every_call_and_schema(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    page = client.get("/docs").text
    assert '<html lang="en">' in page
    for path, methods in document["paths"].items():
        assert all(f"<code>{method.upper()} {path}</code>" in page for method in methods)
    for name, schema in document["components"]["schemas"].items():
        assert f'id="schema-{name}"' in page
        assert all(f"<code>{field}</code>" in page for field in schema.get("properties", {}))


def test_the_documentation_has_an_example_to_copy(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "curl http://localhost:8000/v1/classify" in page
    assert "Santoso pasti menang" in page


def test_every_link_inside_the_documentation_leads_somewhere(client: TestClient) -> None:
    import re

    page = client.get("/docs").text
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


def test_problem_kinds_are_explained_in_both_languages(client: TestClient) -> None:
    assert "Alamat tidak ditemukan" in client.get("/problems/not-found").text
    assert "There is nothing at this address" in client.get("/problems/not-found?lang=en").text
