"""Every route, every role, every scope and nobody: the server grants what docs/permissions.md says, and nothing else."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from pilah_api.access import Caller, Key, Person, Role, Scope
from pilah_api.app import create_app
from pilah_api.cookies import Cookies
from pilah_api.permissions import RULES, Door, Rule, as_markdown, find_rule
from pilah_api.services.cases import open_case
from pilah_api.services.keys import make_key
from pilah_api.services.people import add_person
from pilah_api.services.sessions import sign_in_by_link
from pilah_api.settings import Settings
from pilah_api.store.units import Store, Unit
from pilah_model.judgement import Post
from tests.api.casework import OPENING, TEXT, almanac
from tests.api.stand_in import StandIn
from tests.api.stores import START, TEST, Place

PUBLIC_URL = "https://pilah.example"
CALLERS = ["nobody", *Role, *(f"key:{scope}" for scope in Scope)]
FOREIGN = "0" * 32
NUMBERS = itertools.count()
"""For logins that nobody has."""
PERSON = Person("p", "sari", "Sari", frozenset(), True, True, START, None)
KEY = Key("k", "x", "", frozenset(), "test", START, START, None, None)
BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/classify": {"json": {"texts": ["kopi"]}},
    "POST /v1/session": {"json": {"login": "nobody", "password": "nothing"}},
    "PUT /v1/session/password": {"json": {"new": "x"}},
    "POST /v1/people": {"json": {"login": "x", "name": "x", "roles": ["petugas"]}},
    "PATCH /v1/people/{person_id}": {"json": {"name": "x"}},
    "POST /v1/batches": {"files": {"file": ("x.csv", b"")}},
    "POST /berkas": {"files": {"file": ("x.csv", b"")}},
    "POST /berkas/{batch_id}/pilih": {"data": {"aksi": "buang"}},
    "POST /v1/keys": {"json": {"name": "x", "scopes": ["judge"], "days": 0}},
    "POST /v1/cases": {"json": {"fields": {}}},
    "PATCH /v1/cases/{case_id}": {"json": {"fields": {}}, "headers": {"if-match": '"1"'}},
    "POST /v1/cases/{case_id}/members": {"json": {"no_interest": True}},
    "POST /v1/cases/{case_id}/moves": {"json": {"to": "triase"}, "headers": {"if-match": '"1"'}},
    "POST /v1/cases/{case_id}/erasure": {"json": {"reason": "x"}},
    "POST /kasus/baru": {"data": {"unit": "x"}},
    "POST /kasus/{case_id}/isi/{section}": {"data": {"version": "1"}},
    "POST /kasus/{case_id}/langkah": {"data": {"version": "1", "to": "triase"}},
    "POST /kasus/{case_id}/ikut": {"data": {"no_interest": "ya"}},
    "POST /kasus/{case_id}/bukti": {"data": {"zone": "WIB"}},
    "POST /kasus/{case_id}/hapus": {"data": {"reason": "x"}},
    "POST /": {"data": {"text": "kopi"}},
    "POST /tempel": {"data": {"text": "kopi"}},
    "POST /cek": {"data": {"text": "kopi"}},
    "POST /masuk": {"data": {"login": "nobody", "password": "nothing"}},
    "POST /masuk/tautan": {"data": {"kode": "nothing"}},
    "POST /sandi": {"data": {"new": "x", "again": "x"}},
    "POST /keluar": {"data": {}},
}


class House:
    """A running server with somebody of every kind, seen from this machine or through its proxy."""

    def __init__(self, home: Path, store: Store, settings: Settings):
        self.store = store
        self.client = TestClient(
            create_app(settings, StandIn(), store),
            base_url="http://localhost:8000",
            follow_redirects=False,
            client=("127.0.0.1", 1),
        )
        self.client.__enter__()
        app = self.client.app
        assert isinstance(app, FastAPI)
        self.cookies: Cookies = app.state.cookies
        with store.writing(TEST) as unit:
            unit.workers.beat("a", "here:1", "model")

    def headers(self, caller: str) -> dict[str, str]:
        if caller == "nobody":
            return {}
        with self.store.writing(TEST) as unit:
            if caller.startswith("key:"):
                _, text = make_key(unit, "x", frozenset({Scope(caller[4:])}), 1, "test")
                return {"authorization": f"Bearer {text}"}
            link = add_person(unit, f"a{next(NUMBERS)}", "Uji", frozenset({Role(caller)})).token
        opened = sign_in_by_link(self.store, link, "test")
        cookie = self.cookies.setting(opened.token or "", opened.session.expires_at, self.store.now()).split(";")[0]
        return {"cookie": cookie, "x-csrf-token": self.cookies.form_token(opened.session.id)}

    def state(self) -> tuple[object, ...]:
        """Return what a request that is refused must leave as it was."""
        with self.store.reading() as unit:
            # When a key was used is noted for a refused request too.
            keys = [replace(key, used_at=None) for key in unit.keys.page(None, 1000)]
            return unit.people.page(None, 1000), keys, unit.audit.head()

    def ask(self, rule: Rule, headers: dict[str, str], *, host: str = "localhost") -> int:
        path = re.sub(r"\{[^}]*\}", FOREIGN, rule.path).replace("/static/" + FOREIGN, "/static/pilah.css")
        path = path.replace(f"/problems/{FOREIGN}", "/problems/internal")
        extra = dict(BODIES.get(f"{rule.method} {rule.path}", {}))
        sent = {"host": host, **headers, **extra.pop("headers", {})}
        return self.client.request(rule.method, path, headers=sent, **extra).status_code


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, House]]:
    made = {}
    for name, url in (("local", None), ("network", PUBLIC_URL)):
        home = tmp_path_factory.mktemp(name)
        made[name] = House(
            home, Place(home, None).open(), Settings(home=home, public_url=url, rate_known=0, rate_anonymous=0)
        )
    yield made
    for house in made.values():
        house.client.__exit__(None, None, None)
        house.store.close()


def granted(table: str, rule: Rule, caller: str, *, local: bool) -> bool:
    """Read the answer from the rendered table, as an auditor would."""
    head, _, *rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in table.splitlines()]
    row = next(row for row in rows if row[0] == f"`{rule.method} {rule.path}`")
    open_to_all = row[1] == "yes" or (row[1] == "on this machine" and local)
    column = caller.replace("key:", "key: ")
    return open_to_all or (caller != "nobody" and row[head.index(column)] == "yes")


def table_of(root: Path) -> str:
    page = (root / "docs" / "permissions.md").read_text(encoding="utf-8")
    return page[page.index("| route |") :]


def test_the_documented_table_is_the_enforced_one(root: Path) -> None:
    assert table_of(root) == as_markdown(), "render it anew with pilah_api.permissions.as_markdown"


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("place", ["local", "network"])
def test_nobody_gets_more_or_less_than_the_table_grants(
    root: Path, houses: dict[str, House], place: str, caller: str
) -> None:
    house, table = houses[place], table_of(root)
    wrong = []
    for rule in RULES:
        # A new session each time: signing out must not spoil the next call.
        status = house.ask(rule, house.headers(caller), host="localhost" if place == "local" else "pilah.example")
        refused = status in (401, 403)
        # A refused sign-in is an answer of the route, not of the gate.
        if rule.path in ("/v1/session", "/masuk", "/masuk/tautan") and rule.door is Door.PUBLIC:
            refused = False
        if refused is granted(table, rule, caller, local=place == "local"):
            wrong.append((rule.method, rule.path, status))
        assert status < 500
    assert wrong == []


def _somebody(unit: Unit) -> Person:
    return add_person(unit, f"b{next(NUMBERS)}", "Uji", frozenset({Role.PETUGAS})).person


def _post(unit: Unit) -> str:
    judgement = StandIn().classify([Post(TEXT)])[0]
    post = unit.posts.add_judged(TEXT, judgement, "console")
    assert post is not None
    unit.queue.add(post.id, judgement.decision, 1, unit.now.date(), "a" * 64, [])
    return post.id


def _batch(unit: Unit) -> str:
    return unit.batches.add(f"person:{_somebody(unit).id}", "a.csv", {}, "f" * 64, timedelta(days=7))


OBJECTS: dict[str, Callable[[Unit], str]] = {
    "name": lambda _: "tiada.svg",  # a plot of the data card belongs to nobody
    "person_id": lambda unit: _somebody(unit).id,
    "key_id": lambda unit: make_key(unit, "x", frozenset({Scope.JUDGE}), 1, "test")[0].id,
    "batch_id": _batch,
    "post_id": _post,
    "case_id": lambda unit: open_case(unit, _somebody(unit), OPENING, almanac()),
    # These are below a case, which decides.
    "evidence_id": lambda _: FOREIGN,
    "paper": lambda _: "berkas.zip",
    "section": lambda _: "asal",
    "slug": lambda _: "internal",
    "path:path": lambda _: "pilah.css",
}
"""For each name in an address, somebody else's object of that kind; a new kind of object needs a maker here."""


def test_every_kind_of_object_in_an_address_has_a_maker() -> None:
    named = {name for rule in RULES for name in re.findall(r"\{([^}]*)\}", rule.path)}
    assert named == set(OBJECTS), "add a maker of somebody else's object of that kind to OBJECTS"


@pytest.mark.parametrize("caller", CALLERS)
def test_a_refusal_tells_nothing_of_somebody_elses_object_and_changes_nothing(
    houses: dict[str, House], caller: str
) -> None:
    house, told = houses["network"], []
    for rule in (rule for rule in RULES if "{" in rule.path and rule.door is not Door.PUBLIC):
        if rule.allows(Caller(**_standing(caller)), local=False):
            continue
        with house.store.writing(TEST) as unit:
            theirs = re.sub(r"\{([^}]*)\}", lambda found: OBJECTS[found[1]](unit), rule.path)
        nobodys = re.sub(r"\{[^}]*\}", FOREIGN, rule.path)
        asking = {"host": "pilah.example", **house.headers(caller)}
        before = house.state()
        answers = []
        for path in (theirs, nobodys):
            extra = dict(BODIES.get(f"{rule.method} {rule.path}", {}))
            sent = {**asking, **extra.pop("headers", {})}
            answer = house.client.request(rule.method, path, headers=sent, **extra)
            problem = answer.json()
            answers.append((answer.status_code, problem["type"], problem["detail"], problem["errors"]))
        assert answers[0] == answers[1], f"{rule.method} {rule.path} tells whether the object exists"
        assert answers[0][0] in (401, 403)
        assert house.state() == before
        told.append(rule.path)
    assert told or caller in (Role.ADMIN, Role.AUDITOR)


@pytest.mark.parametrize("caller", [Role.PETUGAS, Role.PENELAAH, "key:batches"])
def test_somebody_elses_batch_is_as_good_as_none(houses: dict[str, House], caller: str) -> None:
    house = houses["network"]
    for rule in (rule for rule in RULES if "{batch_id}" in rule.path):
        if not rule.allows(Caller(**_standing(caller)), local=False):
            continue
        answers = []
        for make in (_batch, lambda _: FOREIGN):
            with house.store.writing(TEST) as unit:
                path = rule.path.replace("{batch_id}", make(unit))
            extra = dict(BODIES.get(f"{rule.method} {rule.path}", {}))
            sent = {"host": "pilah.example", **house.headers(caller), **extra.pop("headers", {})}
            answer = house.client.request(rule.method, path, headers=sent, **extra)
            answers.append((answer.status_code, answer.json()["type"]))
        assert answers[0] == answers[1], f"{rule.method} {rule.path} tells whether the batch exists"
        assert answers[0][0] in (404, 422)


def _standing(caller: str) -> dict[str, Any]:
    """Return a caller as the table of permissions sees one."""
    if caller == "nobody":
        return {}
    if caller.startswith("key:"):
        return {"key": replace(KEY, scopes=frozenset({Scope(caller[4:])}))}
    return {"person": replace(PERSON, roles=frozenset({Role(caller)}))}


def test_every_route_has_a_rule_and_every_rule_a_route(root: Path) -> None:
    import ast

    declared = set()
    for path in [*(root / "api/pilah_api/routes").glob("*.py"), *(root / "api/pilah_api/web").glob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prefix = next(
            (
                keyword.value.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "APIRouter"
                for keyword in node.keywords
                if keyword.arg == "prefix" and isinstance(keyword.value, ast.Constant)
            ),
            "",
        )
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                    (where,) = decorator.args[:1]
                    assert isinstance(where, ast.Constant)
                    declared.add((decorator.func.attr.upper(), str(prefix) + str(where.value)))
    ruled = {(rule.method, rule.path) for rule in RULES}
    assert ruled - declared == {("GET", "/static/{path:path}"), ("GET", "/openapi.json")}
    assert declared - ruled == set()


def test_a_route_without_a_rule_is_closed(tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path), StandIn())
    forgotten = APIRouter()
    forgotten.add_api_route("/forgotten", lambda: "open", methods=["GET"])
    app.include_router(forgotten)
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        assert client.get("/forgotten").status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "rule"),
    [
        ("GET", "/v1/people/abc", "/v1/people/{person_id}"),
        ("HEAD", "/static/a/b.css", "/static/{path:path}"),
        ("GET", "/v1/audit/verification", "/v1/audit/verification"),
        ("GET", "/v1/people/abc/link", None),
        ("GET", "/v1/people/a/b", None),
        ("POST", "/v1/audit", None),
        ("GET", "/v1/people/", None),
        ("GET", "/livez\n", None),
    ],
)
def test_rules_are_found_by_method_and_whole_path(method: str, path: str, rule: str | None) -> None:
    found = find_rule(method, path)
    assert (found.path if found else None) == rule


def test_a_person_of_several_roles_has_the_sum_of_them(houses: dict[str, House]) -> None:
    rule = find_rule("GET", "/v1/people")
    assert rule is not None
    assert houses["local"].ask(rule, houses["local"].headers("admin")) == 200
