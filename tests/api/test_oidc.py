"""Signing in by the agency's provider, against a small provider on this machine: the flow, and every way to cheat it."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from joserfc.jwk import OctKey, RSAKey

from pilah_api.access import Role
from pilah_api.app import create_app
from pilah_api.services.federation import open_provider
from pilah_api.services.people import change_person, erase_person
from pilah_api.settings import Settings, SettingsError
from pilah_api.store.units import Store
from pilah_data.errors import MissingExtraError
from tests.api.oidc_provider import CLIENT, SECRET, TinyProvider, new_key, running_provider
from tests.api.stand_in import StandIn
from tests.api.stores import TEST, Place, person

FAILED, STRANGER, DOWN = "tidak berhasil", "belum terdaftar", "tidak dapat dihubungi"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """One database is enough here: what differs between them is tested in test_federation.py."""
    return Place(tmp_path / "home", None)


@pytest.fixture
def provider() -> Iterator[TinyProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def settings(provider: TinyProvider) -> dict[str, str]:
    return {
        "PILAH_OIDC_ISSUER": provider.issuer,
        "PILAH_OIDC_CLIENT_ID": CLIENT,
        "PILAH_OIDC_CLIENT_SECRET": SECRET,
    }


def visit(store: Store, settings: dict[str, str]) -> TestClient:
    """A browser of its own, at a server with the given settings."""
    app = create_app(Settings.from_environment(settings), StandIn(), store)
    client = TestClient(app, base_url="http://localhost:8000", follow_redirects=False, client=("127.0.0.1", 1))
    client.__enter__()
    return client


@pytest.fixture
def browser(store: Store, settings: dict[str, str]) -> Iterator[TestClient]:
    client = visit(store, settings)
    yield client
    client.__exit__(None, None, None)


def begin(browser: TestClient, target: str = "/docs") -> str:
    answer = browser.get("/masuk/oidc", params={"ke": target})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def back(browser: TestClient, code: str, state: str) -> Response:
    return browser.get("/masuk/oidc/kembali", params={"code": code, "state": state})


def sign_in(browser: TestClient, provider: TinyProvider, **claims: Any) -> Response:
    return back(browser, *provider.sign_in(begin(browser), **claims))


def who(browser: TestClient) -> str | None:
    answer = browser.get("/v1/session")
    return str(answer.json()["login"]) if answer.status_code == 200 else None


def actions(store: Store) -> list[str]:
    with store.reading() as unit:
        assert unit.audit.verify() == []
        return [record.action for record in unit.audit.walk()]


def refused(answer: Response, words: str, status: int = 401) -> None:
    assert answer.status_code == status
    assert words in answer.text
    assert "pilah_session" not in answer.headers.get("set-cookie", "")


def test_a_person_with_an_account_comes_in(browser: TestClient, provider: TinyProvider, store: Store) -> None:
    person(store)
    answer = sign_in(browser, provider, login="SARI")
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs")
    assert who(browser) == "sari"
    assert actions(store)[-2:] == ["person.identity_bound", "session.opened"]
    with store.reading() as unit:
        assert '"by":"oidc"' in unit.audit.page(None, 1)[0].detail
    assert "pilah_oidc" not in browser.cookies
    # The provider is asked for its description and keys once, not at every sign-in.
    sign_in(browser, provider)
    assert provider.asked.count("/keys") == 1


def test_the_sign_in_page_shows_the_way_only_where_there_is_one(browser: TestClient, store: Store) -> None:
    page = browser.get("/masuk", params={"ke": "/docs?x=1&y"})
    assert 'href="/masuk/oidc?ke=/docs%3Fx%3D1%26y"' in page.text
    other = visit(store, {})
    assert "/masuk/oidc" not in other.get("/masuk").text
    assert other.get("/masuk/oidc").status_code == other.get("/masuk/oidc/kembali").status_code == 404
    other.__exit__(None, None, None)


def test_whoever_has_no_account_stays_outside_and_none_is_made(
    browser: TestClient, provider: TinyProvider, store: Store
) -> None:
    refused(sign_in(browser, provider, login="tono"), STRANGER)
    refused(sign_in(browser, provider, login="198501012010011001"), STRANGER)
    with store.reading() as unit:
        assert unit.people.page(None, 10) == []
    assert actions(store)[-1] == "session.refused"


def test_accounts_are_made_only_if_set_and_with_the_set_roles(
    store: Store, provider: TinyProvider, settings: dict[str, str]
) -> None:
    browser = visit(store, {**settings, "PILAH_OIDC_NEW_PEOPLE": "penelaah, petugas"})
    assert sign_in(browser, provider, login="tono", name="Tono\x07" * 60).status_code == 303
    with store.reading() as unit:
        (made,) = unit.people.page(None, 10)
    assert (made.login, made.name, made.roles) == ("tono", "tono", frozenset({Role.PETUGAS, Role.PENELAAH}))
    refused(sign_in(browser, provider, subject="s-2", login="198501012010011001"), STRANGER)
    browser.__exit__(None, None, None)


def test_an_administrators_account_is_not_had_for_its_login(
    browser: TestClient, provider: TinyProvider, store: Store
) -> None:
    person(store, Role.ADMIN, login="admin")
    refused(sign_in(browser, provider, login="admin"), STRANGER)
    sari = person(store)
    assert sign_in(browser, provider).status_code == 303
    with store.writing(TEST) as unit:
        change_person(unit, sari.id, roles=frozenset({Role.ADMIN, Role.PETUGAS}))
    assert sign_in(browser, provider).status_code == 303


def test_closed_and_erased_accounts_stay_closed(browser: TestClient, provider: TinyProvider, store: Store) -> None:
    sari = person(store)
    sign_in(browser, provider)
    with store.writing(TEST) as unit:
        change_person(unit, sari.id, active=False)
    refused(sign_in(browser, provider), STRANGER)
    with store.writing(TEST) as unit:
        erase_person(unit, sari.id)
        assert not unit.people.has_identity(sari.id)
    refused(sign_in(browser, provider), STRANGER)


def test_state_nonce_and_verifier_are_new_each_time(browser: TestClient) -> None:
    seen = [parse_qs(urlsplit(begin(browser)).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert seen[0][name] != seen[1][name]
    assert seen[0]["redirect_uri"] == ["http://localhost:8000/masuk/oidc/kembali"]


def test_an_answer_that_this_browser_did_not_begin_is_refused(
    browser: TestClient, provider: TinyProvider, store: Store, settings: dict[str, str]
) -> None:
    person(store)
    code, state = provider.sign_in(begin(browser))
    victim = visit(store, settings)
    refused(back(victim, code, state), FAILED)
    begin(victim)
    refused(back(victim, code, state), FAILED)
    refused(back(browser, code, "lain"), FAILED)
    victim.__exit__(None, None, None)
    assert provider.codes, "no code was redeemed"


def test_a_code_and_an_errand_work_once(browser: TestClient, provider: TinyProvider, store: Store) -> None:
    person(store)
    code, state = provider.sign_in(begin(browser))
    errand = browser.cookies["pilah_oidc"]
    assert back(browser, code, state).status_code == 303
    browser.cookies.clear()
    refused(back(browser, code, state), FAILED)
    browser.cookies.set("pilah_oidc", errand)
    refused(back(browser, code, state), FAILED)


def test_a_stolen_code_is_worthless_without_the_verifier(
    browser: TestClient, provider: TinyProvider, store: Store, settings: dict[str, str]
) -> None:
    person(store)
    code, _ = provider.sign_in(begin(browser))
    thief = visit(store, settings)
    state = parse_qs(urlsplit(begin(thief)).query)["state"][0]
    refused(back(thief, code, state), FAILED)
    thief.__exit__(None, None, None)


def test_a_made_up_errand_is_no_errand(browser: TestClient) -> None:
    for errand in ("", "a.b.c", "eyJzdGF0ZSI6IngifQ.aaaa.bbbb", "é"):
        cookie = b"pilah_oidc=" + errand.encode("latin-1")
        refused(browser.get("/masuk/oidc/kembali?code=a&state=b", headers={b"cookie": cookie}), FAILED)


def test_an_errand_lasts_ten_minutes(
    browser: TestClient, provider: TinyProvider, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(store)
    code, state = provider.sign_in(begin(browser))
    later = time.time() + 601
    with monkeypatch.context() as patch:
        patch.setattr("itsdangerous.timed.time.time", lambda: later)
        refused(back(browser, code, state), FAILED)


WRONG_CLAIMS: tuple[dict[str, Any], ...] = (
    {"nonce": "lain"},
    {"nonce": None},
    {"iss": "https://lain.example"},
    {"aud": "lain"},
    {"aud": [CLIENT, "lain"], "azp": "lain"},
    {"exp": 1},
    {"exp": "besok"},
    {"iat": 2**40},
    {"sub": ""},
    {"at_hash": "lain"},
    {"preferred_username": None},
    {"preferred_username": ["sari"]},
)


def test_a_token_that_says_something_else_is_refused(browser: TestClient, provider: TinyProvider, store: Store) -> None:
    person(store)
    for wrong in WRONG_CLAIMS:
        code, state = provider.sign_in(begin(browser))
        provider.claims |= wrong
        refused(back(browser, code, state), FAILED)
    assert sign_in(browser, provider).status_code == 303


def test_a_token_of_another_key_is_refused(browser: TestClient, provider: TinyProvider, store: Store) -> None:
    person(store)
    provider.signing_key = RSAKey.import_key(new_key("k2").as_dict(private=True) | {"kid": "k1"})
    refused(sign_in(browser, provider), FAILED)


def test_a_token_signed_with_a_shared_secret_or_not_at_all_is_refused(
    browser: TestClient, provider: TinyProvider, store: Store
) -> None:
    person(store)
    provider.signing_key = OctKey.import_key(SECRET * 4)
    for algorithm in ("HS256", "none"):
        provider.header = {"alg": algorithm, "kid": "k1"}
        refused(sign_in(browser, provider), FAILED)


def test_a_provider_that_changed_its_keys_is_asked_for_them_again_but_not_without_end(
    browser: TestClient, provider: TinyProvider, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pilah_api.services import provider as module

    person(store)
    sign_in(browser, provider)
    provider.key = new_key("k2")
    provider.header = {"alg": "RS256", "kid": "k2"}
    refused(sign_in(browser, provider), FAILED)
    monkeypatch.setattr(module, "_KEYS_ANEW_AFTER_SECONDS", 0)
    assert sign_in(browser, provider).status_code == 303
    assert provider.asked.count("/keys") == 2


def test_a_person_who_says_no_at_the_provider_is_back_at_the_page(browser: TestClient, provider: TinyProvider) -> None:
    state = parse_qs(urlsplit(begin(browser)).query)["state"][0]
    answer = browser.get("/masuk/oidc/kembali", params={"error": "access_denied", "state": state})
    refused(answer, FAILED)
    assert "access_denied" not in answer.text


def test_a_provider_that_describes_itself_badly_is_not_gone_to(browser: TestClient, provider: TinyProvider) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"issuer": "http://127.0.0.1:1"},
        {"token_endpoint": None},
        {"jwks_uri": "http://jauh.example/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://["},
    )
    for description in wrong:
        provider.description = description
        refused(browser.get("/masuk/oidc"), DOWN, 503)
    provider.description = {}
    assert begin(browser)


def test_a_provider_that_is_down_leaves_the_password(browser: TestClient, provider: TinyProvider, store: Store) -> None:
    person(store)
    provider.broken = True
    refused(browser.get("/masuk/oidc"), DOWN, 503)
    provider.broken = False
    code, state = provider.sign_in(begin(browser))
    provider.broken = True
    answer = back(browser, code, state)
    refused(answer, DOWN, 503)
    assert 'name="password"' in answer.text


def test_without_an_id_token_nobody_comes_in(browser: TestClient, provider: TinyProvider, store: Store) -> None:
    person(store)
    provider.without_id_token = True
    refused(sign_in(browser, provider), FAILED)


def test_a_client_without_a_secret_and_one_that_posts_it(
    store: Store, provider: TinyProvider, settings: dict[str, str]
) -> None:
    public = open_provider(Settings.from_environment({**settings, "PILAH_OIDC_CLIENT_SECRET": ""}))
    posting = open_provider(Settings.from_environment(settings))
    assert public is not None
    assert posting is not None
    provider.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (public._authentication(), posting._authentication()) == ("none", "client_secret_post")


def test_nobody_is_sent_on_to_another_site(browser: TestClient, provider: TinyProvider, store: Store) -> None:
    person(store)
    for target in ("https://jahat.example", "//jahat.example", "/\\jahat.example", "javascript:1"):
        code, state = provider.sign_in(begin(browser, target))
        assert back(browser, code, state).headers["location"] == "/"


def test_behind_a_proxy_the_cookie_is_bound_to_the_host_and_the_way_back_is_public(
    store: Store, provider: TinyProvider, settings: dict[str, str]
) -> None:
    browser = visit(store, {**settings, "PILAH_PUBLIC_URL": "https://pilah.example"})
    answer = browser.get("/masuk/oidc")
    assert "redirect_uri=https%3A%2F%2Fpilah.example%2Fmasuk%2Foidc%2Fkembali" in answer.headers["location"]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-pilah-oidc=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax", "Max-Age=600"):
        assert part in cookie
    browser.__exit__(None, None, None)


def test_half_a_setting_and_a_missing_extra_are_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = {"PILAH_OIDC_ISSUER": "https://login.example"}
    for settings, missing in ((issuer, "CLIENT_ID"), ({"PILAH_OIDC_CLIENT_ID": "a"}, "ISSUER")):
        with pytest.raises(SettingsError, match=f"PILAH_OIDC_{missing} is not set"):
            create_app(Settings.from_environment(settings))
    whole = Settings.from_environment({**issuer, "PILAH_OIDC_CLIENT_ID": "a"})
    assert isinstance(create_app(whole), FastAPI)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "authlib" else object())
    with pytest.raises(MissingExtraError, match=r"pip install 'pilah\[oidc\]'"):
        create_app(whole)


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("ISSUER", "http://login.example", "as the provider spells it"),
        ("ISSUER", "https://login.example/?a=1", "as the provider spells it"),
        ("NEW_PEOPLE", "petugas,admin", "administrator"),
        ("NEW_PEOPLE", "raja", "petugas"),
        ("CLAIM", "a\nb", "printable"),
    ],
)
def test_bad_settings_say_what_is_expected(name: str, value: str, hint: str) -> None:
    with pytest.raises(SettingsError, match=f"PILAH_OIDC_{name}") as caught:
        Settings.from_environment({f"PILAH_OIDC_{name}": value})
    assert hint in str(caught.value)
