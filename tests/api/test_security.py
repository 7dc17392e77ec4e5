from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from pilah_api.problems import RefusedError
from pilah_api.security import check_same_origin, host_name
from pilah_api.settings import Settings, SettingsError
from tests.api.conftest import ClientFactory

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound to it

KEY = "k" * 32
GOOD = {"authorization": f"Bearer {KEY}"}
PATHS = ["/", "/v1/taxonomy", "/docs", "/openapi.json", "/livez", "/readyz", "/static/pilah.css", "/nowhere"]


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "LOCALHOST", "localhost."]
)
def test_local_names_are_served(make_client: ClientFactory, host: str) -> None:
    assert make_client().get("/livez", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "",
        "[",
        "evil.example:80",
        "localhost@evil",
    ],
)
def test_foreign_names_are_refused_on_loopback(make_client: ClientFactory, host: str) -> None:
    response = make_client().get("/v1/taxonomy", headers={"host": host})
    assert response.status_code == 421


def test_any_name_is_served_on_a_network_address(make_client: ClientFactory) -> None:
    client = make_client(Settings(host=EVERYWHERE, api_key=KEY))
    assert client.get("/v1/taxonomy", headers={"host": "pilah.example", **GOOD}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_on_a_network_address_everything_but_the_probes_needs_the_key(make_client: ClientFactory, path: str) -> None:
    client = make_client(Settings(host="192.168.1.5", api_key=KEY))
    without = client.get(path)
    if path in ("/livez", "/readyz"):
        assert without.status_code == 200
    else:
        assert without.status_code == 401
        assert without.headers["www-authenticate"].startswith("Bearer")
        assert client.get(path, headers=GOOD).status_code in (200, 404)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "given", ["Bearer wrong", "Bearer", "Basic a2s6", "", KEY, "Bearer ключ".encode(), f"Bearer {KEY}x"]
)
@pytest.mark.parametrize("configured", [KEY, None])
def test_a_wrong_key_is_refused_everywhere(
    make_client: ClientFactory, path: str, given: str, configured: str | None
) -> None:
    client = make_client(Settings(api_key=configured))
    response = client.get(path, headers={"authorization": given})
    assert response.status_code == 401


def test_the_right_key_is_taken_on_loopback_and_none_is_needed(make_client: ClientFactory) -> None:
    client = make_client(Settings(api_key=KEY))
    assert client.get("/v1/taxonomy", headers=GOOD).status_code == 200
    assert client.get("/v1/taxonomy", headers={"authorization": f"bearer  {KEY} "}).status_code == 200
    assert client.get("/v1/taxonomy").status_code == 200


def test_an_open_door_is_refused_at_the_start(make_client: ClientFactory) -> None:
    with pytest.raises(SettingsError, match="PILAH_API_KEY"):
        make_client(Settings(host=EVERYWHERE))


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:8000"}, False),
        ({"origin": "http://localhost:8000"}, True),
        ({"origin": "http://localhost:9"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://evil.example"}, False),
    ],
)
def test_forms_come_from_our_own_pages(headers: dict[str, str], allowed: bool) -> None:
    given = Headers({"host": "localhost:8000", **headers})
    if allowed:
        check_same_origin(given)
    else:
        with pytest.raises(RefusedError, match="another site"):
            check_same_origin(given)


@pytest.mark.parametrize(("host", "name"), [("A:1", "a"), ("[::1]:2", "::1"), ("[", ""), ("", ""), ("a.", "a")])
def test_host_name(host: str, name: str) -> None:
    assert host_name(host) == name
