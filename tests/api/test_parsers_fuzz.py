"""Whatever text arrives where one is parsed: a value, or the one error that says what is wrong; never anything else."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from pilah_api import setting_readers
from pilah_api.access import Role, Scope, parse_roles, parse_scopes
from pilah_api.cookies import Cookies
from pilah_api.keyring import Keyring, KeyringError, parse_data_keys
from pilah_api.problems import RefusedError
from pilah_api.routes.paging import read_cursor
from pilah_api.security import bearer_key, client_address, host_name
from pilah_api.services.federation import Errand
from pilah_api.settings import Settings, SettingsError, names, variable
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from pilah_data.privacy import Identifier, find_identifiers, mask
from pilah_model.batch.dates import as_day, day_of, written_of
from tests.api.stores import Place
from tests.api.test_permissions import House

CASES = int(os.environ.get("PILAH_TEST_CASES", "60"))
often = settings(deadline=None, max_examples=CASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
texts = st.text(st.characters(codec=None), max_size=40)
hosts = st.from_regex(r"[a-z0-9.:\[\]@/%_-]{0,30}", fullmatch=True) | texts
headers = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)
dates = st.from_regex(r"\d{0,4}[/. :T-]?\d{0,4}[/. :-]?\d{0,10}(\.\d{0,3})?( \+\d{4} \d{4})?", fullmatch=True) | texts


@often
@given(texts | st.binary(max_size=30).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_a_cursor_is_a_position_or_refused(text: str) -> None:
    try:
        position = read_cursor(text)
        assert position is not None
        assert position.isascii()
    except RefusedError as error:
        assert error.slug == "invalid-input"  # noqa: PT017


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server on each database: what one takes for text the other may refuse."""
    home = tmp_path_factory.mktemp("fuzz")
    url = request.getfixturevalue("cluster") if request.param == "postgresql" else None
    store: Store = Place(home, url).open()
    made = House(home, store, Settings(home=home, rate_known=0, rate_anonymous=0))
    yield made
    made.client.__exit__(None, None, None)
    store.close()


@pytest.mark.parametrize("path", ["/v1/people", "/v1/keys", "/v1/audit"])
def test_no_cursor_limit_or_filter_makes_the_server_fail(house: House, path: str) -> None:
    asking = house.headers(Role.ADMIN)

    @often
    @given(cursor=texts | st.binary(max_size=9).map(lambda raw: base64.urlsafe_b64encode(raw).decode()), limit=texts)
    @example(cursor=base64.b64encode(b"a\0b").decode(), limit="1")
    @example(cursor=base64.b64encode(b"9" * 18).decode(), limit="200")
    def check(cursor: str, limit: str) -> None:
        plain = cursor.encode("utf-8", "replace").decode()
        for query in ({"cursor": plain}, {"limit": limit.encode("utf-8", "replace").decode()}, {"about": plain}):
            assert house.client.get(path, params=query, headers=asking).status_code in (200, 422)

    check()


def test_no_retry_key_makes_the_server_fail_or_create_twice(house: House) -> None:
    asking = house.headers(Role.ADMIN)
    body = {"name": "uji", "scopes": ["judge"]}

    @often
    @given(headers)
    @example("a" * 200)
    @example("a" * 201)
    @example("' OR 1=1 --")
    def check(key: str) -> None:
        sent = {
            **{name.encode(): value.encode() for name, value in asking.items()},
            b"idempotency-key": key.encode("latin-1"),
        }
        first, second = (house.client.post("/v1/keys", json=body, headers=sent) for _ in range(2))
        assert first.status_code == second.status_code
        assert first.status_code in (201, 422)
        if first.status_code == 201:
            assert first.json()["key"] == second.json()["key"]

    check()


@often
@given(st.sampled_from(names()), texts | st.from_regex(r"[a-z0-9:/@.,-]{0,30}", fullmatch=True))
def test_a_setting_is_a_value_or_refused_by_name(name: str, text: str) -> None:
    try:
        Settings.from_environment({variable(name): text})
    except SettingsError as error:
        assert variable(name) in str(error)  # noqa: PT017


READERS = (
    setting_readers.whole(0, 9), setting_readers.one_of("a"), setting_readers.address, setting_readers.secret,
    setting_readers.strong_secret, setting_readers.https_address, setting_readers.networks, setting_readers.database,
    setting_readers.data_keys, setting_readers.folder, setting_readers.issuer, setting_readers.printable, setting_readers.roles,
)  # fmt: skip


@often
@given(st.sampled_from(READERS), texts | hosts)
def test_a_reader_of_settings_raises_nothing_but_what_is_expected(reader: object, text: str) -> None:
    assert callable(reader)
    try:
        reader(text)
    except ValueError as error:
        assert not isinstance(error, UnicodeError)  # noqa: PT017
        assert str(error).startswith(("give", "nobody", "unknown", "no role", "an auditor"))  # noqa: PT017


@often
@given(st.lists(texts | st.sampled_from([*Role, *Scope]), max_size=4))
def test_roles_and_scopes_are_known_or_refused(given_: list[str]) -> None:
    for parse, kinds in ((parse_roles, set(Role)), (parse_scopes, set(Scope))):
        try:
            assert parse(given_) <= kinds
        except InputError as error:
            assert "one or more of" in str(error) or "auditor" in str(error)  # noqa: PT017


@often
@given(hosts)
def test_a_host_has_a_name_or_none(text: str) -> None:
    assert isinstance(host_name(text), str)


@often
@given(headers, headers)
def test_a_forwarding_header_never_makes_an_address_of_a_proxy(forwarded: str, authorization: str) -> None:
    settings_ = Settings.from_environment({"PILAH_PUBLIC_URL": "https://pilah.example"})
    sent = Headers(
        raw=[(b"x-forwarded-for", forwarded.encode("latin-1")), (b"authorization", authorization.encode("latin-1"))]
    )
    assert isinstance(client_address(settings_, "127.0.0.1", sent), str)
    try:
        assert bearer_key(sent)
    except RefusedError as error:
        assert error.slug == "unauthorized"  # noqa: PT017


@often
@given(st.dictionaries(st.sampled_from(["pilah_session", "pilah_oidc", "x"]), headers, max_size=3))
def test_a_cookie_that_was_not_signed_here_is_none(sent: dict[str, str]) -> None:
    cookies = Cookies("s" * 40, secure=False)
    assert cookies.read(sent) is None
    assert Errand.from_json(cookies.read_errand(sent, 600)) is None
    assert not cookies.is_form_token("a", next(iter(sent.values()), ""))


@often
@given(texts)
def test_data_keys_are_keys_or_refused(text: str) -> None:
    try:
        assert Keyring(parse_data_keys(text))
    except KeyringError as error:
        assert "data key" in str(error)  # noqa: PT017


@often
@given(dates)
@example("9999999999999")
@example("0000-00-00")
@example("31/02/24")
@example("Tue Nov 21 08:15:00 +9999 2023")
def test_a_date_is_a_day_or_none(text: str) -> None:
    day = day_of(text)
    assert day is None or date(1990, 1, 1) <= day < date(2100, 1, 1)
    written = written_of(text)
    if written is not None:
        assert any(as_day(written, order) for order in ("dmy", "mdy"))
        assert as_day(written, "both") is None or as_day(written, "dmy") or as_day(written, "mdy")


@often
@given(texts | st.from_regex(r"[0-9 .@+a-z:/-]{0,60}", fullmatch=True))
def test_masking_takes_all_it_finds_and_is_done_after_once(text: str) -> None:
    masked = mask(text)
    assert mask(masked) == masked
    assert {masked[found.start : found.end] for found in find_identifiers(masked)} <= set(Identifier)


def test_no_request_id_travels_into_a_header_or_log_unless_it_is_one(house: House) -> None:
    @often
    @given(headers)
    def check(value: str) -> None:
        answer = house.client.get("/livez", headers={b"x-request-id": value.encode("latin-1")})
        assert re.fullmatch(r"[A-Za-z0-9._:-]{1,128}", answer.headers["x-request-id"])

    check()
