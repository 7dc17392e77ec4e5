"""The server is what its description says, for whatever a client makes of it: every call, every check that schemathesis knows."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.openapi.loaders import from_asgi
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from pilah_api.access import Role
from pilah_api.services.people import add_person
from pilah_api.services.sessions import sign_in_by_link
from pilah_api.settings import Settings
from tests.api.stores import TEST, Place
from tests.api.test_permissions import NUMBERS, OBJECTS, House
from tests.conftest import ROOT

CASES = int(os.environ.get("PILAH_TEST_CASES", "4"))
"""Random cases for each call, beside the ones at every border of the description; `make fuzz` asks for many."""
LABELS = [
    f"{method.upper()} {path}"
    for path, methods in json.loads((ROOT / "api" / "openapi.json").read_text(encoding="utf-8"))["paths"].items()
    for method in methods
]
MANY = 100
"""From so many cases on each run has others."""
SAID_IN_WORDS = {
    "POST /v1/classify": "a text is not blank",
    "PUT /v1/session/password": "a password is not easily guessed",
    "POST /v1/people": "a name is printable; a login is not taken",
    "PATCH /v1/people/{person_id}": "a name is printable",
    "POST /v1/keys": "a name is printable",
    "GET /v1/batches": "a cursor was handed out by the call",
    "GET /v1/reviews": "a cursor was handed out by the call",
    "GET /v1/cases": "a cursor was handed out by the call",
    "POST /v1/batches": "a file is a feed",
    "POST /v1/reviews/{post_id}/decision": "a label is one that people give, with the reasons that go with it",
    "POST /v1/cases": "three fields must be filled",
    "PATCH /v1/cases/{case_id}": "a change names the version it saw (428)",
    "POST /v1/cases/{case_id}/moves": "a move names the version it saw (428), and a state that follows",
    "POST /v1/cases/{case_id}/evidence": "a file is of a type that is taken, with when and by whom it was captured",
    "POST /v1/cases/{case_id}/members": "who joins declares that no interest stands against it",
    "POST /v1/cases/{case_id}/erasure": "a reason is not blank",
    "GET /v1/cases/{case_id}/papers/{paper}": "a paper is one that there is",
    "GET /v1/people": "a cursor was handed out by the call",
    "GET /v1/keys": "a cursor was handed out by the call",
    "GET /v1/audit": "a cursor was handed out by the call",
}
"""Rules that a schema cannot hold, so that a request may fit the schema and be refused all the same."""
HOST = "http://localhost:8000"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("conformance")
    store = Place(home, None).open()
    made = House(home, store, Settings(home=home, rate_known=0, rate_anonymous=0))
    yield made
    made.client.__exit__(None, None, None)
    store.close()


@pytest.fixture(scope="module")
def description(house: House) -> OpenApiSchema:
    found = from_asgi("/openapi.json", house.client.app, headers={"host": "localhost"})
    # Every request comes with good credentials; what happens without is the matter of test_permissions.py.
    found.config.generation.update(with_security_parameters=False)
    return found


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("label", LABELS)
def test_every_call_does_what_its_description_says(
    description: OpenApiSchema, house: House, label: str, mode: GenerationMode
) -> None:
    method, _, path = label.partition(" ")
    operation = description[path][method]
    unsayable: list[Any] = [positive_data_acceptance] if label in SAID_IN_WORDS else []

    @settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=CASES < MANY)
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def check(case: schemathesis.Case[Any], real: bool) -> None:
        if real and mode is GenerationMode.POSITIVE:
            _point_at_something(case, house)
        # A new session each time: a call may end or replace the one that it comes with.
        case.call_and_validate(
            base_url=HOST, headers=_of_many_roles(house), excluded_checks=unsayable, additional_checks=[_a_hint]
        )

    if mode is GenerationMode.NEGATIVE and not _may_be_wrong(operation):
        return
    check()


def _point_at_something(case: schemathesis.Case[Any], house: House) -> None:
    """Let the address name an object that is there."""
    with house.store.writing(TEST) as unit:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = OBJECTS[name](unit)


def _of_many_roles(house: House) -> dict[str, str]:
    """Sign somebody in who may do everything that a person may."""
    with house.store.writing(TEST) as unit:
        link = add_person(unit, f"c{next(NUMBERS)}", "Uji", frozenset(Role) - {Role.AUDITOR}).token
    opened = sign_in_by_link(house.store, link, "test")
    cookie = house.cookies.setting(opened.token or "", opened.session.expires_at, house.store.now()).split(";")[0]
    return {"cookie": cookie, "x-csrf-token": house.cookies.form_token(opened.session.id)}


def _a_hint(_: schemathesis.CheckContext, response: schemathesis.Response, __: schemathesis.Case[Any]) -> None:
    """Check that a refusal says in a sentence what is wrong, which no schema can ask for."""
    if response.status_code >= 400:
        assert len(response.json()["detail"].split()) > 3


def _may_be_wrong(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    """Return whether a request can break the description: any text will do for an id in the address."""
    return bool(operation.body) or any(one.location.value != "path" for one in operation.iter_parameters())


def test_a_malformed_form_is_answered_as_described(house: House) -> None:
    document = json.loads((ROOT / "api" / "openapi.json").read_text(encoding="utf-8"))
    forms = [
        (path, call)
        for path, methods in document["paths"].items()
        for call in methods.values()
        if "multipart/form-data" in call.get("requestBody", {}).get("content", {})
    ]
    assert len(forms) >= 2
    for path, call in forms:
        headers = {**_of_many_roles(house), "content-type": "multipart/form-data; boundary=x"}
        answer = house.client.post(
            re.sub(r"\{[^}]*\}", "0" * 32, path), content=b"--x\r\n1e9--x--\r\n", headers=headers
        )
        assert answer.status_code == 400
        assert "400" in call["responses"], path
