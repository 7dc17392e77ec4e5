"""`/v1/cases` over HTTP: the whole story from a paste to a verified pack, and what stands in the way of mistakes."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import zipfile
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message

from pilah_api import cli
from pilah_api.access import Role, Scope
from pilah_api.services.keys import make_key
from pilah_api.services.people import add_person
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store
from pilah_api.web.kasus_desk import get_form
from tests.api.casework import CLARIFICATION, INTAKE, NIP, OPENING, RECOMMENDATION, RESULT, TEXT, html, png
from tests.api.conftest import ClientFactory
from tests.api.queue_posts import YES, bring_one, settle
from tests.api.stores import TEST, person

Enter = Callable[..., TestClient]
FILE = {"captured_by": "Sari", "captured_at": "2026-11-25T10:00", "zone": "WIT", "url_visible": "true"}
NAMES = ("Darto", "darto", NIP, "Wati", "Kenanga", "Joko", "coblos", "Wirya", "tangkapan")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "home", None, None)
    yield store
    store.close()


@pytest.fixture
def enter(make_client: ClientFactory, kept: Store) -> Enter:
    """Sign somebody of these roles in; return their client, which carries the form token."""

    def sign_in(*roles: Role, login: str) -> TestClient:
        with kept.writing(TEST) as unit:
            token = add_person(unit, login, login.title(), frozenset(roles)).token
        client = make_client(store=kept)
        assert client.post("/masuk/tautan", data={"kode": token}).status_code == 303
        client.headers["x-csrf-token"] = client.get("/v1/session").json()["csrf_token"]
        return client

    return sign_in


def opened(client: TestClient, fields: dict[str, Any] | None = None, **more: str) -> str:
    answer = client.post("/v1/cases", json={"fields": fields or INTAKE, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/cases/{answer.json()['id']}"
    return str(answer.json()["id"])


def tag(client: TestClient, case_id: str) -> dict[str, str]:
    return {"if-match": client.get(f"/v1/cases/{case_id}").headers["etag"]}


def fill(client: TestClient, case_id: str, fields: dict[str, Any]) -> None:
    answer = client.patch(f"/v1/cases/{case_id}", json={"fields": fields}, headers=tag(client, case_id))
    assert answer.status_code == 200, answer.text


def move(client: TestClient, case_id: str, to: str) -> None:
    answer = client.post(
        f"/v1/cases/{case_id}/moves", json={"to": to, "reason": "alasan"}, headers=tag(client, case_id)
    )
    assert answer.status_code == 200, answer.text


def join(client: TestClient, case_id: str) -> None:
    assert client.post(f"/v1/cases/{case_id}/members", json={"no_interest": True}).status_code == 204


def send(client: TestClient, case_id: str, name: str, content: bytes) -> Any:
    return client.post(f"/v1/cases/{case_id}/evidence", data=FILE, files={"file": (name, content)})


def test_from_a_paste_to_a_pack_that_its_hashes_and_the_audit_confirm(
    enter: Enter, kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    (judged,) = officer.post("/v1/classify", json={"texts": [TEXT]}).json()["results"]
    assert judged["decision"] == "tinjau"
    post_id = bring_one(kept, TEXT)
    for login in ("andi", "bela"):
        settle(kept, person(kept, Role.PENELAAH, login=login), post_id, YES)
    (source,) = officer.get("/v1/cases/sources").json()["items"]
    case_id = opened(officer, OPENING, post_id=source["id"])
    assert officer.get("/v1/cases/sources").json()["items"] == []
    fill(officer, case_id, INTAKE)
    sent = {f"{n}.png": png(n, n) for n in (1, 2)} | {"halaman.html": html()}
    for name, content in sent.items():
        assert send(officer, case_id, name, content).json()["sha256"] == hashlib.sha256(content).hexdigest()
    move(officer, case_id, "triase")
    move(officer, case_id, "telaah_1")
    reader, lead = enter(Role.PENELAAH, login="bayu"), enter(Role.PENYELIA, login="nur")
    join(reader, case_id)
    move(reader, case_id, "telaah_2")
    join(lead, case_id)
    move(lead, case_id, "klarifikasi")
    fill(officer, case_id, CLARIFICATION)
    move(lead, case_id, "rekomendasi")
    fill(lead, case_id, RECOMMENDATION)
    move(lead, case_id, "hasil")
    fill(lead, case_id, RESULT)
    checked = lead.post(f"/v1/cases/{case_id}/verification").json()
    assert checked["intact"]
    assert len(checked["files"]) == 3

    answer = lead.get(f"/v1/cases/{case_id}/papers/paket-bukti.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="K-')
    assert answer.headers["x-pilah-sha256"] == hashlib.sha256(answer.content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        lines = pack.read("SHA256SUMS").decode().splitlines()
        sums = {name: sha256 for sha256, name in (line.split("  ", 1) for line in lines)}
        assert all(hashlib.sha256(pack.read(name)).hexdigest() == sha256 for name, sha256 in sums.items())
        assert {pack.read(name) for name in pack.namelist() if name.startswith("bukti/")} == set(sent.values())
        (exported,) = [json.loads(pack.read("audit.json"))[0]["action"]]
    assert exported == "case.opened"
    with kept.reading() as unit:
        record = unit.audit.page(None, 1, f"case:{case_id}")[0]
    assert json.loads(record.detail)["sha256"] == answer.headers["x-pilah-sha256"]

    monkeypatch.setenv("PILAH_HOME", str(tmp_path / "home"))
    assert cli.run(["audit", "verify"]) == 0
    assert "intact" in capsys.readouterr().out


def test_a_change_names_the_version_that_it_was_made_for(enter: Enter) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    case_id = opened(officer)
    address = f"/v1/cases/{case_id}"
    body = {"fields": {"place": "Alun-alun"}}
    assert officer.patch(address, json=body).json()["type"] == "/problems/version-required"
    assert officer.patch(address, json=body, headers={"if-match": "1"}).status_code == 422
    assert officer.patch(address, json=body, headers={"if-match": '"1"'}).headers["etag"] == '"2"'
    late = officer.patch(address, json={"fields": {"place": "Pasar"}}, headers={"if-match": '"1"'})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/changed-meanwhile")
    assert late.headers["etag"] == '"2"'
    assert officer.get(address).json()["fields"]["place"] == "Alun-alun"


def test_programs_read_states_without_identity(enter: Enter, kept: Store, make_client: ClientFactory) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    case_id = opened(officer)
    send(officer, case_id, "tangkapan.png", png())
    with kept.writing(TEST) as unit:
        _, text = make_key(unit, "portal", frozenset({Scope.CASES}), 1, "test")
    program = make_client(store=kept)
    program.headers["authorization"] = f"Bearer {text}"
    page, case = program.get("/v1/cases"), program.get(f"/v1/cases/{case_id}")
    assert page.json()["items"][0]["state"] == "masuk"
    assert case.json()["sealed"] is True
    assert case.json()["evidence"] == []
    for answer in (page, case):
        assert not any(name in answer.text for name in NAMES)
    assert program.post("/v1/cases", json={"fields": OPENING}).status_code == 403
    assert program.get(f"/v1/cases/{case_id}/papers/kasus.json").status_code == 403


def test_an_auditor_reads_and_is_told_no_names(enter: Enter) -> None:
    officer, auditor = enter(Role.PETUGAS, login="sari"), enter(Role.AUDITOR, login="agus")
    case_id = opened(officer)
    assert not any(name in auditor.get(f"/v1/cases/{case_id}").text for name in NAMES)
    seen = auditor.get("/v1/audit", params={"about": f"case:{case_id}"})
    assert [record["action"] for record in seen.json()["items"]] == ["case.opened"]
    assert not any(name in seen.text for name in NAMES)


def test_a_case_is_opened_once_however_often_it_is_asked_for(enter: Enter) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    answers = [
        officer.post("/v1/cases", json={"fields": OPENING}, headers={"idempotency-key": "a"}).json()["id"]
        for _ in range(3)
    ]
    assert len(set(answers)) == 1
    assert len(officer.get("/v1/cases").json()["items"]) == 1


def test_wrong_fields_are_pointed_at_and_never_quoted(enter: Enter) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    answer = officer.post("/v1/cases", json={"fields": {**OPENING, "nip": "rahasia-123", "unknown": "rahasia-123"}})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/fields/nip", "/fields/unknown"}
    assert "rahasia" not in answer.text
    case_id = opened(officer, OPENING)
    moved = officer.post(f"/v1/cases/{case_id}/moves", json={"to": "triase"}, headers={"if-match": '"1"'})
    assert {error["pointer"] for error in moved.json()["errors"]} >= {"/fields/party_name"}
    for to, status in (("nowhere", 422), ("arsip", 409)):
        answer = officer.post(f"/v1/cases/{case_id}/moves", json={"to": to}, headers={"if-match": '"1"'})
        assert answer.status_code == status


def test_pages_of_cases_follow_one_another(enter: Enter) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    made = [opened(officer, OPENING) for _ in range(5)]
    found: list[str] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"limit": 2, "state": ["masuk", "triase"], **({"cursor": cursor} if cursor else {})}
        page = officer.get("/v1/cases", params=query).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(made)
    assert officer.get("/v1/cases", params={"state": "nowhere"}).status_code == 422
    assert (
        officer.get("/v1/cases", params={"name": "Darto"}).json()["items"] == officer.get("/v1/cases").json()["items"]
    )


@pytest.mark.parametrize(("name", "content"), [("halaman.html", html()), ("gambar.png", png())])
def test_evidence_leaves_as_an_attachment_that_runs_nothing(enter: Enter, name: str, content: bytes) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    case_id = opened(officer)
    exhibit = send(officer, case_id, name, content).json()
    answer = officer.get(f"/v1/cases/{case_id}/evidence/{exhibit['id']}")
    assert answer.content == content
    assert answer.headers["content-disposition"].endswith(f"; filename*=UTF-8''{name}")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    wanted = "image/png" if name.endswith("png") else "application/octet-stream"
    assert answer.headers["content-type"] == wanted
    page = officer.get(f"/kasus/{case_id}", headers={"accept": "text/html"})
    assert "sandbox" not in page.headers["content-security-policy"]


def test_files_are_refused_by_what_they_are(enter: Enter) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    case_id = opened(officer)
    for name, content in (("a.png", html()), ("../a.png", png()), ("a.png", png(after=b"x")), ("a.zip", b"PK\x03\x04")):
        assert send(officer, case_id, name, content).status_code == 422
    assert officer.post(f"/v1/cases/{case_id}/evidence", data=FILE).status_code == 422
    assert officer.get(f"/v1/cases/{case_id}").json()["evidence"] == []


def test_a_file_may_be_larger_than_other_bodies_but_not_endless(enter: Enter) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    case_id = opened(officer)
    padded = b"<html>" + b" " * (9 * 1024 * 1024)
    assert send(officer, case_id, "besar.html", padded).status_code == 201
    assert officer.post("/v1/cases", content=padded, headers={"content-type": "application/json"}).status_code == 413
    assert send(officer, case_id, "terlalu.html", b"<html>" + b" " * (33 * 1024 * 1024)).status_code == 413
    assert send(officer, case_id, "terlalu.html", b"<html>" + b" " * (32 * 1024 * 1024)).status_code == 422


@pytest.mark.parametrize(("state", "runs"), [("butuh_konteks", True), ("ditutup", False)])
def test_list_page_and_interface_agree_whether_the_time_limit_runs(enter: Enter, state: str, runs: bool) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    case_id = opened(officer)
    move(officer, case_id, "triase")
    move(officer, case_id, state)
    page = {"accept": "text/html"}
    listed = officer.get(f"/kasus?keadaan={state}", headers=page).text
    assert (officer.get(f"/v1/cases/{case_id}").json()["countdown"] is not None) == runs
    assert ('id="tenggat"' in officer.get(f"/kasus/{case_id}", headers=page).text) == runs
    assert (re.search(r"\d+ hari kerja", listed) is not None) == runs


def test_the_files_of_a_form_are_closed_though_its_handler_fails() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="berkas"; filename="a.png"\r\n\r\nisi\r\n--x--\r\n'
    scope = {"type": "http", "headers": [(b"content-type", b"multipart/form-data; boundary=x")]}

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def fail() -> None:
        forms = get_form(Request(scope, receive))
        assert isinstance(forms, AsyncGenerator)
        file = (await anext(forms))["berkas"]
        assert isinstance(file, UploadFile)
        with pytest.raises(LookupError):
            await forms.athrow(LookupError())
        assert file.file.closed

    asyncio.run(fail())


def test_a_closed_case_is_erased_by_a_supervisor(enter: Enter) -> None:
    officer, lead = enter(Role.PETUGAS, login="sari"), enter(Role.PENYELIA, login="nur")
    case_id = opened(officer)
    join(lead, case_id)
    move(officer, case_id, "ditutup")
    assert officer.post(f"/v1/cases/{case_id}/erasure", json={"reason": "x"}).status_code == 403
    assert lead.post(f"/v1/cases/{case_id}/erasure", json={"reason": "bukan pelanggaran"}).status_code == 204
    answer = lead.get(f"/v1/cases/{case_id}")
    assert answer.json()["state"] == "dihapus"
    assert not any(name in answer.text for name in NAMES)
    assert lead.post(f"/v1/cases/{case_id}/erasure", json={"reason": "x"}).status_code == 409


def test_lists_of_ones_own_in_the_data_folder_count_at_once(enter: Enter, tmp_path: Path) -> None:
    officer = enter(Role.PETUGAS, login="sari")
    case_id = opened(officer)
    before = officer.get(f"/v1/cases/{case_id}").json()["countdown"]
    assert (before["working_due"], before["certain"]) == ("2026-12-03", True)
    path = tmp_path / "home" / "holidays.toml"
    path.write_text('as_of = 2026-01-01\n[[year]]\nyear = 2026\nday = [{ on = 2026-12-03, name = "x" }]', "utf-8")
    assert officer.get(f"/v1/cases/{case_id}").json()["countdown"]["working_due"] == "2026-12-04"
