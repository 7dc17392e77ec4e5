"""`/v1/reviews` and the forms behind the page: what each caller sees, and what may be sent again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message

from pilah_api.access import Role, Scope
from pilah_api.cookies import Cookies
from pilah_api.gate import FORMS, Gate
from pilah_api.services.cases_clock import almanac_of
from pilah_api.services.keys import make_key
from pilah_api.services.sessions import Opened
from pilah_api.settings import Settings
from pilah_api.store.units import Store
from pilah_api.web.answers import answer
from tests.api.conftest import ClientFactory
from tests.api.queue_posts import ATTACK, NO, PARTISAN, UNSURE, YES, bring, bring_one, settle
from tests.api.stores import START, TEST, Place, enter

DECISION = {"label": "partisan", "forms": ["B02"], "template": "partisan.ajakan"}
FORM = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    opened = place.open()
    yield opened
    opened.close()


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("rumah"), None)


@pytest.fixture
def client(make_client: ClientFactory, store: Store) -> TestClient:
    return make_client(store=store)


def cookies_of(client: TestClient) -> Cookies:
    app = client.app
    assert isinstance(app, FastAPI)
    found: Cookies = app.state.cookies
    return found


def headers(client: TestClient, opened: Opened) -> dict[str, str]:
    cookies = cookies_of(client)
    cookie = cookies.setting(opened.token or "", opened.session.expires_at, opened.session.expires_at).split(";")[0]
    return {"cookie": cookie, "x-csrf-token": cookies.form_token(opened.session.id)}


def test_a_post_goes_through_the_interface(client: TestClient, store: Store) -> None:
    post_id = bring_one(store)
    first = headers(client, enter(store, Role.PETUGAS, login="sari"))
    second = headers(client, enter(store, Role.PENELAAH, login="budi"))
    taken = client.post("/v1/reviews/next", headers=first).json()
    assert (taken["mode"], taken["text"], taken["model"]) == ("held", PARTISAN, None)
    assert client.post(f"/v1/reviews/{post_id}/claim", headers=second).status_code == 409
    path = f"/v1/reviews/{post_id}/decision"
    done = client.post(path, json={"review": taken["review"], **DECISION}, headers=first).json()
    assert (done["mode"], done["model"]["decision"], done["model"]["agrees"]) == ("decided", "tinjau", True)
    assert done["model"]["precision"] == [0, 0, 0.0, 1.0]
    assert client.post("/v1/reviews/next", headers=first).status_code == 404
    back = client.delete(path, headers=first).json()
    assert (back["mode"], back["model"]) == ("held", None)
    client.post(path, json={"review": back["review"], **DECISION}, headers=first)
    theirs = client.post(f"/v1/reviews/{post_id}/claim", headers=second).json()
    assert (theirs["mode"], theirs["others"], theirs["state"]["round"]) == ("held", [], None)
    assert client.delete(f"/v1/reviews/{post_id}/claim", headers=second).json()["mode"] == "shut"
    theirs = client.post("/v1/reviews/next", headers=second).json()
    closed = client.post(path, json={"review": theirs["review"], **DECISION}, headers=second).json()
    assert closed["state"]["outcome"] == "partisan"
    assert len(closed["others"]) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"forms": ["B99"]}, "/forms/0"),
        ({"template": "tidak.ada"}, "/template"),
        ({"label": "pasti"}, None),
        ({"reason": 5}, "/reason"),
    ],
)
def test_a_wrong_decision_is_told(
    client: TestClient, store: Store, change: dict[str, object], pointer: str | None
) -> None:
    post_id = bring_one(store)
    mine = headers(client, enter(store, Role.PETUGAS, login="sari"))
    review = client.post("/v1/reviews/next", headers=mine).json()["review"]
    answer = client.post(f"/v1/reviews/{post_id}/decision", json={"review": review, **DECISION, **change}, headers=mine)
    assert answer.status_code == 422
    if pointer:
        assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_program_lists_states_and_nothing_else(client: TestClient, store: Store) -> None:
    first, second = bring(store, PARTISAN, UNSURE).ids
    settle(store, enter(store, Role.PETUGAS, login="sari").person, first, YES)
    with store.writing(TEST) as unit:
        _, text = make_key(unit, "papan", frozenset({Scope.REVIEWS}), 1, "test")
    key = {"authorization": f"Bearer {text}"}
    page = client.get("/v1/reviews?limit=1", headers=key)
    more = client.get(page.headers["link"].split(";")[0].strip("<>"), headers=key).json()
    items = [*page.json()["items"], *more["items"]]
    assert [item["id"] for item in items] == sorted([first, second])
    # What a first review said must not show in the state of a post that is still open.
    keep = ("state", "round", "outcome", "basis", "days_left")
    assert len({tuple(item[name] for name in keep) for item in items}) == 1
    one = client.get(f"/v1/reviews/{first}", headers=key).json()
    assert (one["mode"], one["text"], one["model"], one["others"]) == ("state", None, None, [])
    for method, path in (("POST", "next"), ("POST", f"{first}/claim"), ("POST", f"{first}/decision")):
        assert client.request(method, f"/v1/reviews/{path}", headers=key, json=DECISION).status_code == 403
    assert client.get("/v1/reviews?cursor=zzzz", headers=key).status_code == 422
    assert client.get("/v1/reviews?state=other", headers=key).status_code == 422


def test_who_watches_sees_rounds_and_who_reviews_does_not(client: TestClient, store: Store) -> None:
    post_id = bring_one(store)
    settle(store, enter(store, Role.PETUGAS, login="sari").person, post_id, YES)
    seen = {
        role: client.get("/v1/reviews", headers=headers(client, enter(store, role, login=f"x{role}"))).json()["items"]
        for role in (Role.PETUGAS, Role.PENELAAH, Role.PENYELIA, Role.AUDITOR)
    }
    assert [items[0]["round"] for items in seen.values()] == [None, None, 2, 2]


def test_closed_posts_are_listed_by_outcome(client: TestClient, store: Store) -> None:
    yes, no = bring(store, PARTISAN, ATTACK).ids
    sari = enter(store, Role.PETUGAS, login="sari")
    settle(store, sari.person, yes, YES)
    settle(store, enter(store, Role.PENELAAH, login="budi").person, yes, YES)
    settle(store, sari.person, no, NO)
    mine = headers(client, sari)
    listed = {
        state: [item["id"] for item in client.get(f"/v1/reviews?state={state}", headers=mine).json()["items"]]
        for state in ("open", "closed", "partisan", "perlu_konteks")
    }
    assert listed == {"open": [], "closed": sorted([yes, no]), "partisan": [yes], "perlu_konteks": []}


def test_a_form_of_an_ended_session_comes_back_from_sign_in_only_packed(client: TestClient) -> None:
    fields = {"telaah": "x", "catatan": "baris satu\nbaris dua", "csrf": "lama"}
    answer = client.post("/antrean/abc/putuskan", data=fields, headers=FORM)
    assert answer.status_code == 401
    assert "baris dua" not in answer.text
    found = re.search(r'name="bawa" value="([^"]+)"', answer.text)
    assert found is not None
    unsent = cookies_of(client).unpack(found.group(1))
    assert unsent is not None
    assert (unsent.path, dict(unsent.fields)) == (
        "/antrean/abc/putuskan",
        {"telaah": "x", "catatan": "baris satu\nbaris dua"},
    )
    assert cookies_of(client).unpack(found.group(1)[:-2] + "aa") is None


@pytest.mark.parametrize(
    ("path", "extra", "size"),
    [
        ("/antrean/abc/putuskan", {"sec-fetch-site": "cross-site"}, 10),
        ("/antrean/abc/putuskan", {"accept": "application/json"}, 10),
        ("/antrean/abc/putuskan", {}, 70_000),
        ("/antrean/abc/putuskan", {"content-length": "0" * 9 + "70000"}, 70_000),
        ("/antrean/abc/putuskan", {"transfer-encoding": "chunked"}, 10),
        ("/sandi", {}, 10),
        ("/keluar", {}, 10),
    ],
)
def test_what_is_not_carried(client: TestClient, path: str, extra: dict[str, str], size: int) -> None:
    answer = client.post(path, data={"catatan": "x" * size}, headers=FORM | extra)
    assert answer.status_code in (401, 403)
    assert 'name="bawa"' not in answer.text


def test_a_stranger_s_form_that_does_not_come_is_not_waited_for(client: TestClient) -> None:
    sent: list[Message] = []

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def keep(message: Message) -> None:
        sent.append(message)

    async def refuse() -> None:
        assert isinstance(client.app, FastAPI)
        gate = Gate(client.app, Settings(request_seconds=0), answer)
        given = {**FORM, "content-type": FORMS[0], "content-length": "10", "host": "localhost"}
        scope: dict[str, object] = {
            "type": "http",
            "app": client.app,
            "method": "POST",
            "path": "/antrean/abc/putuskan",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 1),
        }
        async with asyncio.timeout(120):
            await gate(scope, never, keep)

    asyncio.run(refuse())
    assert sent[0]["status"] == 401


def test_a_paste_goes_into_the_queue_by_what_the_server_judges(client: TestClient, store: Store) -> None:
    mine = headers(client, enter(store, Role.PETUGAS, login="sari"))
    paste = {"text": f"{PARTISAN}\n\nApel pagi lancar\n\n{UNSURE}", "sekali": "a", "platform": "X", "tautan": ""}
    sent = client.post("/antrean/kirim", data={**paste, "nomor": ["1", "2", "3"]}, headers=mine)
    assert sent.headers["location"] == "/antrean?kabar=terkirim&n=2&lolos=1"
    again = client.post("/antrean/kirim", data={**paste, "nomor": ["1", "2", "3"]}, headers=mine)
    assert again.headers["location"] == sent.headers["location"]
    one = client.post(
        "/antrean/kirim", data={**paste, "sekali": "b", "hanya": "3", "tautan": "https://contoh.id"}, headers=mine
    )
    assert one.headers["location"].endswith("n=1&lolos=0")
    wrongs: tuple[dict[str, object], ...] = (
        {"nomor": []},
        {"nomor": ["1"], "platform": "x" * 101},
        {"nomor": ["1"], "diketahui": "2031-01-01"},
        {"nomor": ["1"], "diketahui": "kemarin"},
        {"nomor": ["99", "x"]},
        {"nomor": ["1" * 5000]},
    )
    for wrong in wrongs:
        answer = client.post("/antrean/kirim", data={**paste, "sekali": "c", **wrong}, headers=mine)
        assert answer.status_code == 422
        assert PARTISAN in answer.text
    with store.reading() as unit:
        assert len(unit.queue_lists.page("semua", None, 10)) == 3


def test_the_queue_and_its_cases_count_by_one_calendar_of_the_place(
    client: TestClient, store: Store, tmp_path: Path
) -> None:
    post_id, known = bring_one(store), START.date()
    officer = headers(client, enter(store, Role.PENYELIA, login="nur"))

    def due() -> tuple[str, int, str]:
        state = client.get(f"/v1/reviews/{post_id}", headers=officer).json()["state"]
        count = almanac_of(tmp_path / "home").countdown(known, known)
        assert (state["due_on"], state["days_left"]) == (count.working_due.isoformat(), count.working_left)
        assert client.get("/v1/reviews", headers=officer).json()["items"][0] == state
        page = client.get("/antrean", headers=officer | FORM).text
        (words,) = set(re.findall(r">(\d+) hari kerja<", page))
        return state["due_on"], state["days_left"], words

    assert due() == ("2026-12-07", 7, "7")
    (tmp_path / "home" / "holidays.toml").write_text(
        'as_of = 2026-11-01\n[[year]]\nyear = 2026\nday = [{ on = 2026-11-30, name = "Libur kantor" }]\n',
        encoding="utf-8",
    )
    assert due() == ("2026-12-08", 7, "7")
    (tmp_path / "home" / "holidays.toml").unlink()
    assert due() == ("2026-12-07", 7, "7")
