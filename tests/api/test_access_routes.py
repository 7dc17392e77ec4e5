"""Sessions, people, keys and the audit over HTTP: what administrators and programs hold on to."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from httpx2 import Response

from pilah_api.access import Role
from pilah_api.app import create_app
from pilah_api.services.people import first_link
from pilah_api.settings import Settings
from pilah_api.store.units import Store
from tests.api.conftest import ClientFactory
from tests.api.stand_in import StandIn
from tests.api.stores import Clock, Place, person

WORDS = "kopi-hujan-pagi-lampu"
NEW = {"login": "sari", "name": "Sari Dewi", "roles": ["petugas"]}


def follow(client: TestClient, code: str | None) -> Response:
    """Press the button of the page that a one-time link shows."""
    return client.post("/masuk/tautan", data={"kode": code})


def code_of(link: str) -> str:
    return link.partition("?kode=")[2]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = Place(tmp_path / "home", None, clock).open()
    yield store
    store.close()


@pytest.fixture
def admin(make_client: ClientFactory, kept: Store) -> TestClient:
    """A client signed in as the first administrator by the link of the first start."""
    client = make_client(store=kept)
    answer = follow(client, first_link(kept))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sandi")
    client.headers["x-csrf-token"] = client.get("/v1/session").json()["csrf_token"]
    return client


def test_who_am_i(admin: TestClient) -> None:
    found = admin.get("/v1/session").json()
    assert (found["kind"], found["login"], found["roles"]) == ("person", "admin", ["admin"])
    assert found["must_set_password"] is True


def test_the_cookie_is_signed_and_out_of_reach_of_scripts(make_client: ClientFactory, kept: Store) -> None:
    answer = follow(make_client(store=kept), first_link(kept))
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("pilah_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    value = cookie.partition("=")[2].partition(";")[0]
    forged = make_client(store=kept)
    # Not the last sign: some of its bits stand for nothing, so another one may spell the same signature.
    other = value[:-2] + ("a" if value[-2] != "a" else "b") + value[-1]
    for wrong in (other, value.split(".")[0], "x.y", ""):
        assert forged.get("/v1/session", headers={"cookie": f"pilah_session={wrong}"}).status_code == 401
    assert forged.get("/v1/session", headers={"cookie": f"pilah_session={value}"}).status_code == 200


def test_behind_tls_the_cookie_is_secure_and_bound_to_the_host(make_client: ClientFactory, kept: Store) -> None:
    client = make_client(Settings(public_url="https://pilah.example"), store=kept)
    cookie = follow(client, first_link(kept)).headers["set-cookie"]
    assert cookie.startswith("__Host-pilah=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")


def test_an_account_from_its_making_to_its_erasure(admin: TestClient, make_client: ClientFactory, kept: Store) -> None:
    made = admin.post("/v1/people", json=NEW)
    assert made.status_code == 201
    body = made.json()
    where = made.headers["location"]
    assert where == f"/v1/people/{body['person']['id']}"
    sari = make_client(store=kept)
    assert follow(sari, code_of(body["link"])).status_code == 303
    sari.headers["x-csrf-token"] = sari.get("/v1/session").json()["csrf_token"]
    assert sari.put("/v1/session/password", json={"new": WORDS}).status_code == 204
    assert sari.get("/v1/people").status_code == 403
    assert sari.delete("/v1/session").status_code == 204
    assert sari.get("/v1/session").status_code == 401
    opened = sari.post("/v1/session", json={"login": "sari", "password": WORDS})
    assert opened.json()["roles"] == ["petugas"]
    changed = admin.patch(where, json={"roles": ["penelaah", "penyelia"]})
    assert changed.json()["roles"] == ["penelaah", "penyelia"]
    assert sari.get("/v1/session").status_code == 401, "a lost role ends the session"
    assert admin.delete(where).status_code == 204
    erased = admin.get(where).json()
    assert (erased["name"], erased["active"]) == ("", False)
    assert admin.delete(where).status_code == 409
    assert sari.post("/v1/session", json={"login": "sari", "password": WORDS}).status_code == 401
    with kept.reading() as unit:
        assert unit.audit.verify() == []
        text = " ".join(f"{record.detail} {record.object} {record.actor}" for record in unit.audit.walk())
        tombstones = unit.audit.page(None, 10, f"person:{erased['id']}")
    assert "Sari" not in text
    assert tombstones[0].action == "erasure"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**NEW, "login": "198501012010011001"}, "NIP"),
        ({**NEW, "login": "S"}, "small letters"),
        ({**NEW, "name": " "}, "printable"),
        ({**NEW, "name": "a\x00b"}, "printable"),
        ({**NEW, "roles": []}, "no role"),
        ({**NEW, "roles": ["raja"]}, "unknown role"),
        ({**NEW, "roles": ["auditor", "admin"]}, "no other role"),
        ({"login": "sari"}, "missing"),
    ],
)
def test_a_wrong_account_is_refused_with_what_to_do(admin: TestClient, body: dict[str, Any], words: str) -> None:
    answer = admin.post("/v1/people", json=body)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_taken_login_is_a_conflict(admin: TestClient) -> None:
    assert admin.post("/v1/people", json=NEW).status_code == 201
    answer = admin.post("/v1/people", json=NEW)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")


def test_the_last_administrator_stays(admin: TestClient) -> None:
    mine = f"/v1/people/{admin.get('/v1/session').json()['id']}"
    assert admin.patch(mine, json={"active": False}).status_code == 409
    assert admin.patch(mine, json={"roles": ["auditor"]}).status_code == 409
    assert admin.delete(mine).status_code == 409
    admin.post("/v1/people", json={**NEW, "roles": ["admin"]})
    assert admin.patch(mine, json={"roles": ["petugas"]}).status_code == 200


def test_a_key_is_shown_once_and_opens_its_scopes_only(
    admin: TestClient, make_client: ClientFactory, kept: Store
) -> None:
    made = admin.post("/v1/keys", json={"name": "portal", "scopes": ["audit"], "days": 30}).json()
    program = make_client(store=kept)
    program.headers["authorization"] = f"Bearer {made['secret']}"
    who = program.get("/v1/session").json()
    assert (who["kind"], who["name"], who["scopes"], who["csrf_token"]) == ("key", "portal", ["audit"], None)
    assert program.get("/v1/audit").status_code == 200
    assert program.get("/v1/people").status_code == 403
    listed = admin.get("/v1/keys").json()["items"]
    assert made["secret"] not in admin.get("/v1/keys").text
    assert made["secret"].startswith(listed[0]["hint"])
    assert listed[0]["used_at"] is not None
    assert admin.delete(f"/v1/keys/{made['key']['id']}").json()["revoked_at"]
    assert program.get("/v1/taxonomy").status_code == 401, "a revoked key is a wrong key, even where none is needed"


def test_a_key_ends_on_time(admin: TestClient, make_client: ClientFactory, kept: Store, clock: Clock) -> None:
    secret = admin.post("/v1/keys", json={"name": "portal", "scopes": ["judge"], "days": 1}).json()["secret"]
    program = make_client(store=kept)
    program.headers["authorization"] = f"Bearer {secret}"
    assert program.get("/v1/model").status_code == 200
    clock.move(hours=25)
    assert program.get("/v1/model").status_code == 401


def test_the_key_of_the_settings_is_a_key_like_others(make_client: ClientFactory) -> None:
    key = "k" * 32
    client = make_client(Settings(api_key=key))
    client.headers["authorization"] = f"Bearer {key}"
    assert client.get("/v1/session").json()["scopes"] == ["batches", "judge", "stats"]
    assert client.post("/v1/classify", json={"texts": ["kopi"]}).status_code == 200
    assert client.get("/v1/audit").status_code == 403


@pytest.mark.parametrize(("path", "body", "secret"), [
    ("/v1/people", NEW, "link"),
    ("/v1/keys", {"name": "portal", "scopes": ["judge"]}, "secret"),
])  # fmt: skip
def test_a_repeated_request_gets_the_same_answer_without_what_is_shown_once(
    admin: TestClient, path: str, body: dict[str, Any], secret: str
) -> None:
    headers = {"idempotency-key": "satu"}
    first = admin.post(path, json=body, headers=headers)
    again = admin.post(path, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()[secret]
    assert again.json() == {**first.json(), secret: None}
    other = admin.post(path, json={**body, "name": "lain"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/retry-mismatch")
    assert len(admin.get(path).json()["items"]) == (2 if path == "/v1/people" else 1)


@pytest.mark.parametrize("key", ["", " ", "a" * 201, "ä".encode()])
def test_a_malformed_retry_key_is_refused(admin: TestClient, key: str) -> None:
    answer = admin.post("/v1/people", json=NEW, headers={"idempotency-key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/header/idempotency-key"


def test_lists_come_in_pages_that_link_to_the_next(admin: TestClient, kept: Store) -> None:
    for number in range(6):
        person(kept, Role.PETUGAS, login=f"orang{number}")
    seen, address, pages = [], "/v1/people?limit=3", 0
    while address:
        answer = admin.get(address)
        seen += [one["login"] for one in answer.json()["items"]]
        link = re.match(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
        assert bool(link) is bool(answer.json()["next"])
        address = link.group(1) if link else ""
        pages += 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize("path", ["/v1/people", "/v1/keys", "/v1/audit"])
@pytest.mark.parametrize("query", ["cursor=!!", "cursor=%00", "cursor=ä", "limit=0", "limit=201", "limit=x"])
def test_a_wrong_page_is_refused(admin: TestClient, path: str, query: str) -> None:
    assert admin.get(f"{path}?{query}").status_code == 422


def test_the_audit_is_read_and_verified(admin: TestClient) -> None:
    admin.post("/v1/people", json=NEW)
    records = admin.get("/v1/audit?limit=2").json()
    assert [record["action"] for record in records["items"]] == ["person.link_made", "person.added"]
    mine = admin.get("/v1/session").json()["id"]
    assert all(record["actor"] == f"person:{mine}" for record in records["items"])
    older = admin.get("/v1/audit", params={"cursor": records["next"]}).json()["items"]
    assert older[-1]["action"] == "store.created"
    checked = admin.get("/v1/audit/verification").json()
    assert checked["intact"]
    assert checked["findings"] == []
    again = admin.get("/v1/audit/verification", params={"anchor": checked["anchor"]}).json()
    assert again["intact"]
    assert not admin.get("/v1/audit/verification?anchor=1:abc").json()["intact"]


def test_records_carry_the_id_of_their_request(admin: TestClient) -> None:
    admin.post("/v1/people", json=NEW, headers={"x-request-id": "permintaan-7"})
    assert {record["request"] for record in admin.get("/v1/audit?limit=2").json()["items"]} == {"permintaan-7"}


@pytest.mark.parametrize("given", [None, "", "wrong"])
def test_a_change_by_cookie_needs_the_token_of_its_session(admin: TestClient, given: str | None) -> None:
    del admin.headers["x-csrf-token"]
    headers = {} if given is None else {"x-csrf-token": given}
    answer = admin.post("/v1/people", json=NEW, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/missing-form-token")
    answer = admin.post("/keluar", data={"csrf": given or ""}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_change_by_cookie_comes_from_our_own_pages(admin: TestClient, headers: dict[str, str]) -> None:
    assert admin.post("/v1/people", json=NEW, headers=headers).json()["type"] == "/problems/cross-site"
    answer = admin.post("/v1/session", json={"login": "x", "password": "y"}, headers=headers)
    assert answer.json()["type"] == "/problems/cross-site"


def test_the_token_of_another_session_is_none(admin: TestClient, make_client: ClientFactory, kept: Store) -> None:
    link = admin.post("/v1/people", json={**NEW, "roles": ["admin"]}).json()["link"]
    other = make_client(store=kept)
    follow(other, code_of(link))
    other.headers["x-csrf-token"] = admin.headers["x-csrf-token"]
    assert other.post("/v1/people", json={**NEW, "login": "lain"}).status_code == 403


def test_signing_in_by_the_page(admin: TestClient, make_client: ClientFactory, kept: Store) -> None:
    token = admin.headers.pop("x-csrf-token")
    form = {"csrf": token, "new": WORDS, "again": WORDS}
    assert "tidak sama" in admin.post("/sandi", data={**form, "again": "lain"}).text
    assert admin.post("/sandi", data={**form, "new": "pendek", "again": "pendek"}).status_code == 422
    assert admin.post("/sandi", data=form).status_code == 303
    assert admin.post("/keluar", data={"csrf": token}).headers["location"] == "/masuk"
    browser = make_client(store=kept)
    page = browser.get("/masuk?ke=/docs")
    assert 'value="/docs"' in page.text
    refused = browser.post("/masuk", data={"login": "admin", "password": "salah", "ke": "/docs"})
    assert refused.status_code == 401
    assert 'value="admin"' in refused.text
    assert "tidak cocok" in refused.text
    answer = browser.post("/masuk", data={"login": "admin", "password": WORDS, "ke": "/docs"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs")
    assert ">admin</a>" in browser.get("/").text


def test_the_page_says_how_long_a_lock_lasts(make_client: ClientFactory) -> None:
    client = make_client()
    for _ in range(5):
        client.post("/masuk", data={"login": "a", "password": "b"})
    answer = client.post("/masuk?lang=en", data={"login": "a", "password": "b"})
    assert answer.status_code == 429
    assert f"Wait {answer.headers['retry-after']} seconds" in answer.text
    over_api = client.post("/v1/session", json={"login": "a", "password": "b"})
    assert (over_api.status_code, over_api.json()["type"]) == (429, "/problems/locked-out")
    assert int(over_api.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nb: c", ""]
)
def test_signing_in_never_leads_to_another_site(admin: TestClient, target: str) -> None:
    admin.put("/v1/session/password", json={"new": WORDS})
    answer = admin.post("/masuk", data={"login": "admin", "password": WORDS, "ke": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_used_link_is_told(make_client: ClientFactory, kept: Store) -> None:
    client = make_client(store=kept)
    token = first_link(kept)
    assert follow(client, token).status_code == 303
    again = follow(make_client(store=kept), token)
    assert again.status_code == 401
    assert "sudah terpakai" in again.text


def test_opening_a_link_does_not_use_it_up(make_client: ClientFactory, kept: Store) -> None:
    client = make_client(store=kept)
    token = first_link(kept)
    for _ in range(2):
        shown = client.get(f"/masuk/tautan?kode={token}")
        assert shown.status_code == 200
        assert "set-cookie" not in shown.headers
        assert f'name="kode" value="{token}"' in shown.text
        assert f"?lang=en&amp;kode={token}" in shown.text
    foreign = client.post("/masuk/tautan", data={"kode": token}, headers={"sec-fetch-site": "cross-site"})
    assert (foreign.status_code, foreign.json()["type"]) == (403, "/problems/cross-site")
    assert follow(client, token).status_code == 303


def test_a_changed_password_changes_the_cookie(admin: TestClient, make_client: ClientFactory, kept: Store) -> None:
    thief = make_client(store=kept)
    thief.cookies.update(admin.cookies)
    assert admin.put("/v1/session/password", json={"new": WORDS}).status_code == 204
    assert admin.get("/v1/session").status_code == 200
    assert thief.get("/v1/session").status_code == 401


def test_no_name_is_kept_for_repetitions(admin: TestClient, kept: Store) -> None:
    headers = {"idempotency-key": "satu"}
    made = admin.post("/v1/people", json=NEW, headers=headers).json()
    where = f"/v1/people/{made['person']['id']}"
    assert admin.post(f"{where}/link", headers=headers).status_code == 201
    with kept.engine.connect() as connection:
        stored = " ".join(str(row) for row in connection.execute(sa.text("SELECT * FROM idempotency_keys")))
    assert "Sari" not in stored
    assert "sari" not in stored
    admin.delete(where)
    again = admin.post("/v1/people", json=NEW, headers=headers).json()
    assert (again["person"]["name"], again["link"]) == ("", None)
    assert "Sari" not in str(again)


def test_a_retry_key_is_free_again_after_a_day(admin: TestClient, clock: Clock) -> None:
    body, headers = {"name": "portal", "scopes": ["judge"]}, {"idempotency-key": "satu"}
    first = admin.post("/v1/keys", json=body, headers=headers).json()
    clock.move(hours=25)
    with_store = admin.app.state.store  # type: ignore[attr-defined]
    link = first_link(with_store)
    assert follow(admin, link).status_code == 303
    admin.headers["x-csrf-token"] = admin.get("/v1/session").json()["csrf_token"]
    second = admin.post("/v1/keys", json=body, headers=headers).json()
    assert second["secret"]
    assert second["key"]["id"] != first["key"]["id"]


def test_a_form_may_carry_its_token_and_be_repeated(admin: TestClient) -> None:
    token = admin.headers.pop("x-csrf-token")
    mine = admin.get("/v1/session").json()["id"]
    headers = {"idempotency-key": "satu"}
    first = admin.post(f"/v1/people/{mine}/link", data={"csrf": token}, headers=headers)
    again = admin.post(f"/v1/people/{mine}/link", data={"csrf": token}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == {**first.json(), "link": None}


@pytest.mark.parametrize("person_id", ["0" * 32, "x", "%00", "%F0%9F%98%80", "a" * 500, "..%2F..%2Fetc"])
def test_foreign_ids_are_not_found(admin: TestClient, person_id: str) -> None:
    for method, path, body in (
        ("GET", f"/v1/people/{person_id}", None),
        ("PATCH", f"/v1/people/{person_id}", {"name": "x"}),
        ("DELETE", f"/v1/people/{person_id}", None),
        ("POST", f"/v1/people/{person_id}/link", None),
        ("DELETE", f"/v1/keys/{person_id}", None),
    ):
        assert admin.request(method, path, json=body).status_code == 404


def test_without_a_store_what_stores_nothing_still_answers(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    settings = dataclasses.replace(Settings(), home=tmp_path / "home")
    with TestClient(create_app(settings, StandIn()), base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        assert client.post("/v1/classify", json={"texts": ["kopi"]}).status_code == 200
        assert client.get("/masuk").status_code == 200
        for answer in (client.get("/readyz"), client.post("/v1/session", json={"login": "a", "password": "b"})):
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/store-unavailable")
            assert str(tmp_path) not in answer.text


def test_a_database_that_fails_midway_is_a_503(admin: TestClient, kept: Store) -> None:
    kept.engine.dispose()
    (Path(str(kept.engine.url.database))).unlink()
    answer = admin.get("/v1/people")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
