from __future__ import annotations

from ipaddress import ip_network

import pytest
from starlette.datastructures import URL, Headers
from starlette.requests import Request

from pilah_api.problems import RefusedError
from pilah_api.security import check_same_origin, client_address, host_name
from pilah_api.settings import Settings, SettingsError
from tests.api.conftest import ClientFactory

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound to it

KEY = "k" * 32
PROXY = "10.0.0.5"
NETWORK = Settings(
    host=EVERYWHERE,
    api_key=KEY,
    public_url="https://pilah.example",
    proxies=(ip_network(PROXY),),
    secret="Zr8-kopi_hujan_pagi_lampu_1234567890",
)
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
        "localhost/livez?",
        "localhost?",
        "localhost#",
        "localhost\\livez",
        "x@localhost",
    ],
)
def test_foreign_names_are_refused_on_loopback(make_client: ClientFactory, host: str) -> None:
    response = make_client().get("/v1/taxonomy", headers={"host": host})
    assert response.status_code == 421


def test_any_name_is_served_on_a_network_address(make_client: ClientFactory) -> None:
    client = make_client(NETWORK, peer=PROXY)
    assert client.get("/v1/taxonomy", headers={"host": "pilah.example", **GOOD}).status_code == 200


def test_a_proxy_that_adds_a_header_of_its_own_is_believed_over_the_client() -> None:
    headers = Headers(raw=[(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"203.0.113.9")])
    assert client_address(NETWORK, PROXY, headers) == "203.0.113.9"


@pytest.mark.parametrize(
    "host", ["pilah.example/livez?", "pilah.example/static/", "pilah.example#", "a@pilah.example", "[", "[::1"]
)
def test_a_host_that_is_more_than_a_name_is_refused_everywhere(make_client: ClientFactory, host: str) -> None:
    client = make_client(NETWORK, peer=PROXY)
    for path in ("/v1/taxonomy", "/livez"):
        assert client.get(path, headers={"host": host, **GOOD}).status_code == 421


def test_the_gate_goes_by_the_path_that_the_router_goes_by(
    make_client: ClientFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As libraries did that put the address together from the Host header.
    monkeypatch.setattr(Request, "url", URL("http://localhost/livez?/v1/people"))
    monkeypatch.setattr("pilah_api.gate.check_host", lambda *_: None)
    assert make_client().get("/v1/people").status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_on_a_network_address_everything_but_the_probes_needs_credentials(
    make_client: ClientFactory, path: str
) -> None:
    client = make_client(NETWORK, peer=PROXY)
    without = client.get(path)
    if path in ("/livez", "/static/pilah.css"):
        assert without.status_code == 200
    elif path == "/readyz":
        # It answers, and says what is missing: a worker for batches.
        assert without.status_code == 503
        assert "no worker is alive" in without.json()["detail"]
    else:
        assert without.status_code == 401
        assert without.headers["www-authenticate"].startswith("Bearer")
        assert client.get(path, headers=GOOD).status_code in (200, 404)


def test_a_browser_without_a_session_is_led_to_the_sign_in_page(make_client: ClientFactory) -> None:
    client = make_client(NETWORK, peer=PROXY)
    answer = client.get("/tempel", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/masuk?ke=/tempel")
    assert client.get("/masuk", headers={"accept": "text/html"}).status_code == 200


@pytest.mark.parametrize("peer", ["10.0.0.6", "192.168.1.9", "testclient", ""])
def test_requests_past_the_proxy_are_refused(make_client: ClientFactory, peer: str) -> None:
    client = make_client(NETWORK, peer=peer)
    assert client.get("/v1/taxonomy", headers=GOOD).status_code == 421
    assert client.post("/v1/session", json={"login": "a", "password": "b"}).status_code == 421
    assert client.get("/livez").status_code == 200


def test_behind_a_proxy_on_the_same_machine_everything_needs_credentials_too(make_client: ClientFactory) -> None:
    client = make_client(Settings(public_url="https://pilah.example"))
    assert client.get("/v1/taxonomy").status_code == 401
    assert client.get("/v1/taxonomy", headers={"host": "pilah.example"}).status_code == 401
    assert client.get("/v1/taxonomy", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("name", ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"])
def test_a_proxy_that_the_settings_do_not_know_opens_nothing(make_client: ClientFactory, name: str) -> None:
    assert make_client().get("/v1/taxonomy", headers={name: "127.0.0.1"}).status_code == 401


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        (PROXY, "203.0.113.9", "203.0.113.9"),
        (PROXY, "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (PROXY, "1.1.1.1, 203.0.113.9, 10.0.0.5", "203.0.113.9"),
        (PROXY, "", PROXY),
        (PROXY, "1.1.1.1, 203.0.113.9:4711", "203.0.113.9"),
        (PROXY, "[2001:db8::1]:443", "2001:db8::1"),
        (PROXY, "2001:db8::1", "2001:db8::1"),
        (f"::ffff:{PROXY}", "203.0.113.9", "203.0.113.9"),
        ("203.0.113.7", "1.1.1.1", "203.0.113.7"),
    ],
)
def test_the_address_of_a_client_is_taken_from_trusted_proxies_only(peer: str, forwarded: str, expected: str) -> None:
    assert client_address(NETWORK, peer, Headers({"x-forwarded-for": forwarded})) == expected


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
    with pytest.raises(SettingsError, match="PILAH_PUBLIC_URL, PILAH_PROXIES, PILAH_SECRET"):
        make_client(Settings(host=EVERYWHERE, api_key=KEY))


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
        ({"origin": "http://["}, False),
    ],
)
def test_forms_come_from_our_own_pages(headers: dict[str, str], allowed: bool) -> None:
    given = Headers({"host": "localhost:8000", **headers})
    if allowed:
        check_same_origin(given)
        check_same_origin(given, "https://pilah.example")
    else:
        with pytest.raises(RefusedError, match="another site"):
            check_same_origin(given)


@pytest.mark.parametrize(("host", "name"), [("A:1", "a"), ("[::1]:2", "::1"), ("[", ""), ("", ""), ("a.", "a")])
def test_host_name(host: str, name: str) -> None:
    assert host_name(host) == name
