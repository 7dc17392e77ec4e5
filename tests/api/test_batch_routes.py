"""`/v1/batches` over HTTP: uploads of every kind, results in every format, and who sees what."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pilah_api.access import Role, Scope
from pilah_api.batch_schemas import BatchesPage, BatchOut
from pilah_api.jobs.results import Finding, Order, Results
from pilah_api.jobs.terms import SHARD_ROWS
from pilah_api.services.keeping import purge
from pilah_api.settings import Settings
from pilah_data.taxonomy import Decision, Label
from pilah_model.batch import InProcess, ScoreOptions, score_file
from tests.api.batch_work import feed, key, parts_of, upload, work
from tests.api.conftest import ClientFactory
from tests.api.stand_in import StandIn
from tests.api.stores import TEST, enter
from tests.data import exports, workbooks

ROWS = SHARD_ROWS + 20


@pytest.fixture
def headers(client: TestClient) -> dict[str, str]:
    return key(client)


def folders(client: TestClient) -> list[str]:
    place = parts_of(client)[1].home / "batches"
    return sorted(path.name for path in place.iterdir()) if place.is_dir() else []


def person(client: TestClient, role: Role, login: str) -> dict[str, str]:
    """Sign somebody in; return the headers of their requests."""
    app = client.app
    assert isinstance(app, FastAPI)
    store, cookies = app.state.store, app.state.cookies
    opened = enter(store, role, login=login)
    cookie = cookies.setting(opened.token or "", opened.session.expires_at, store.now()).split(";")[0]
    return {"cookie": cookie, "x-csrf-token": cookies.form_token(opened.session.id)}


def done(client: TestClient, headers: dict[str, str], content: bytes, name: str = "umpan.csv", **fields: str) -> str:
    """Upload a feed, have it judged, and return its id."""
    made = upload(client, headers, content, name, **fields)
    assert made.status_code == 202, made.text
    work(client)
    found = client.get(f"/v1/batches/{made.json()['id']}", headers=headers).json()
    assert found["state"] == "done", found["error"]
    return str(made.json()["id"])


def results(client: TestClient, headers: dict[str, str], batch: str, kind: str = "csv") -> Any:
    answer = client.get(f"/v1/batches/{batch}/results", params={"format": kind}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_feed_from_upload_to_results(client: TestClient, headers: dict[str, str], tmp_path: Path) -> None:
    content = feed(ROWS, blank=3)
    made = upload(client, headers, content, "umpan bulan ini.csv")
    assert made.status_code == 202
    waiting = BatchOut.model_validate_json(made.content)
    assert made.headers["location"] == f"/v1/batches/{waiting.id}"
    assert (waiting.state, waiting.rows_total, waiting.eta_seconds) == ("waiting", None, None)
    assert client.get(f"{made.headers['location']}/results", headers=headers).status_code == 409
    work(client)
    found = BatchOut.model_validate_json(client.get(made.headers["location"], headers=headers).content)
    assert (found.state, found.rows_total, found.rows_done, found.rows_failed) == ("done", ROWS, ROWS, 1)
    assert sum((found.decisions or {}).values()) == ROWS - 1
    answer = results(client, headers, waiting.id)
    assert "filename*=UTF-8''umpan%20bulan%20ini.pilah.csv" in answer.headers["content-disposition"]
    source, target = tmp_path / "umpan.csv", tmp_path / "out.csv"
    source.write_bytes(content)
    score_file(InProcess(StandIn()), source, target, ScoreOptions())
    assert answer.content == target.read_bytes(), "what `pilah score` writes, to the byte"
    errors = client.get(f"/v1/batches/{waiting.id}/errors", headers=headers)
    assert errors.content == (tmp_path / "out.csv.errors.csv").read_bytes()


def test_every_output_format_holds_the_same(client: TestClient, headers: dict[str, str]) -> None:
    import openpyxl
    import pyarrow.parquet as pq

    batch = done(client, headers, feed(20))
    rows = list(csv.DictReader(io.StringIO(results(client, headers, batch).text)))
    assert [row["nomor"] for row in rows] == [f"r{n}" for n in range(20)]
    expected = [(row["nomor"], row["pilah_decision"], float(row["pilah_confidence"])) for row in rows]
    tabs = csv.DictReader(io.StringIO(results(client, headers, batch, "tsv").text), delimiter="\t")
    assert list(tabs) == rows
    lines = [json.loads(line) for line in results(client, headers, batch, "jsonl").text.splitlines()]
    assert [(x["nomor"], x["pilah_decision"], x["pilah_confidence"]) for x in lines] == expected
    book = openpyxl.load_workbook(io.BytesIO(results(client, headers, batch, "xlsx").content), read_only=True)
    head, *body = book.active.iter_rows(values_only=True)
    at = [head.index(name) for name in ("nomor", "pilah_decision", "pilah_confidence")]
    assert [tuple(row[n] for n in at) for row in body] == expected
    table = pq.read_table(io.BytesIO(results(client, headers, batch, "parquet").content)).to_pylist()
    assert [(x["nomor"], x["pilah_decision"], x["pilah_confidence"]) for x in table] == expected
    assert table[0]["pilah_truncated"] is False
    assert client.get(f"/v1/batches/{batch}/results?format=docx", headers=headers).status_code == 422


def uploads() -> Iterator[tuple[str, bytes, int]]:
    book = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{word}</t></is></c></row>'
        for n, word in enumerate(("teks", "Ayo coblos nomor dua", "Apel pagi"), start=1)
    )
    yield "umpan.xlsx", workbooks.raw_xlsx(book), 2
    yield "umpan.jsonl", b'{"text": "Ayo coblos nomor dua"}\n{"text": "Apel pagi", "suka": 3}\n', 2
    yield "umpan.json", json.dumps([{"teks": "Apel pagi"}, {"teks": "Lanjutkan, Pak!"}]).encode(), 2
    yield "tweets.js", exports.x_tweets().encode(), len(exports.TEXTS)
    yield "result.json", exports.telegram_chat().encode(), 1 + len(exports.TEXTS)
    yield "arsip.zip", exports.zipped({"a.csv": "teks\nApel pagi\n", "b/b.csv": "teks\nKopi\nHujan\n"}), 3
    chat = "12/01/24 08.10 - Sari: Apel pagi\n12/01/24 08.12 - Budi: Ayo coblos nomor dua\n"
    yield "Chat WhatsApp.txt", chat.encode(), 2


@pytest.mark.parametrize(("name", "content", "rows"), list(uploads()), ids=[name for name, _, _ in uploads()])
def test_uploads_of_every_kind(
    client: TestClient, headers: dict[str, str], name: str, content: bytes, rows: int
) -> None:
    batch = done(client, headers, content, name)
    lines = results(client, headers, batch, "jsonl").text.splitlines()
    assert len(lines) == rows


def test_options(client: TestClient, headers: dict[str, str]) -> None:
    content = b"ini;itu;balas\nAyo coblos nomor dua;a;pertanyaan\nApel pagi;b;\n"
    batch = done(
        client,
        headers,
        content,
        text_column="ini",
        id_column="itu",
        context_column="balas",
        only="tinjau,butuh_konteks",
        explain="true",
    )
    (row,) = csv.DictReader(io.StringIO(results(client, headers, batch).text), delimiter=";")
    assert (row["itu"], row["pilah_decision"]) == ("a", "tinjau")
    assert json.loads(row["pilah_evidence"])[0][2] == "coblos nomor dua"
    found = client.get(f"/v1/batches/{batch}", headers=headers).json()
    assert found["decisions"] == {"tinjau": 1, "lolos": 1}, "what was left out is counted"
    assert found["options"] == {
        "text_column": "ini",
        "id_column": "itu",
        "context_column": "balas",
        "format": None,
        "encoding": None,
        "sheet": None,
        "explain": True,
        "only": ["butuh_konteks", "tinjau"],
    }


@pytest.mark.parametrize(
    ("fields", "pointer", "words"),
    [
        ({"text_column": "tidak_ada"}, None, "its columns are nomor, teks, tanggal (option text_column)"),
        ({"context_column": "tidak_ada"}, None, "option context_column"),
        ({"format": "docx"}, None, "option format"),
        ({"encoding": "morse"}, None, "option encoding"),
        ({"sheet": "1"}, None, "no workbook"),
        ({"only": "tinjau,gaul"}, "/only", "'gaul'"),
        ({"explain": "mungkin"}, "/explain", "true or false"),
        ({"texts_column": "teks"}, "/texts_column", "not known"),
    ],
)
def test_wrong_options_are_told_and_nothing_stays(
    client: TestClient, headers: dict[str, str], fields: dict[str, str], pointer: str | None, words: str
) -> None:
    answer = upload(client, headers, feed(3), **fields)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert str(parts_of(client)[1].home) not in answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == ([pointer] if pointer else [])
    assert folders(client) == []


def test_files_that_cannot_be_judged_are_refused_and_nothing_stays(client: TestClient, headers: dict[str, str]) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"teks\n" + b"a" * (80 << 20))
    for name, content, words in (
        ("umpan.csv", b"a,b\n1,2\n", "no column looks like the text"),
        ("umpan.csv", b"teks\n", "holds no posts"),
        ("umpan.pdf", b"%PDF-1.7", "is a PDF"),
        ("umpan.xlsx", b"PK\x03\x04" + b"x" * 300, "damaged"),
        ("keluar.zip", exports.zipped({"../../keluar.csv": "teks\nApel\n"}), "made to do harm"),
        ("bom.zip", bomb.getvalue(), "zip bomb"),
        ("lagi.zip", exports.zipped({"a.zip": exports.zipped({"a.csv": "teks\nApel\n"})}), "archive within"),
        ("dinilai.csv", b"teks,pilah_label\nApel,x\n", "looks scored"),
    ):
        answer = upload(client, headers, content, name)
        assert answer.status_code == 422, name
        assert words in answer.json()["detail"]
        assert name in answer.json()["detail"]
        assert str(parts_of(client)[1].home) not in answer.text
    assert folders(client) == []


def test_what_unpacks_to_more_than_the_server_reads_is_refused(make_client: ClientFactory) -> None:
    client = make_client(Settings(max_upload_bytes=4096))
    answer = upload(client, key(client), exports.zipped({"a.csv": "teks\n" + "Apel pagi\n" * 4000}), "besar.zip")
    assert answer.status_code == 422
    assert "unpacks to more" in answer.json()["detail"]


def test_bodies_that_are_no_upload(client: TestClient, headers: dict[str, str]) -> None:
    def post(content: bytes, kind: str) -> Any:
        return client.post("/v1/batches", headers={**headers, "content-type": kind}, content=content)

    form = "multipart/form-data; boundary=x"
    part = b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n'
    file = b'; filename="a.csv"'
    assert post(b"{}", "application/json").status_code == 415
    assert post(b"", "multipart/form-data").status_code == 415
    assert post(b"nothing", form).status_code == 400
    whole = part % (b"file", file, feed(3)) + b"--x--\r\n"
    assert post(whole[:-40], form).status_code == 400, "cut off"
    assert post(part % (b"only", b"", b"tinjau") + b"--x--\r\n", form).status_code == 422
    assert post(part % (b"file", file, b"") + b"--x--\r\n", form).status_code == 422
    assert post(part % (b"berkas", file, feed(3)) + b"--x--\r\n", form).json()["errors"][0]["pointer"] == "/berkas"
    assert post(part % (b"file", file, feed(3)) * 2 + b"--x--\r\n", form).status_code == 422
    assert post(part % (b"only", b"", b"a" * 20_000) + whole, form).status_code == 422
    assert post(part % (b"only", b"", b"\xff") + whole, form).status_code == 422
    assert post(part % (b"only", b"", b"") * 50 + whole, form).status_code == 400
    assert post(part % (b"x" * 9000, b"", b"") + whole, form).status_code == 400
    assert folders(client) == []
    assert post(whole, form).status_code == 202


def test_uploads_have_a_limit_of_their_own(make_client: ClientFactory) -> None:
    client = make_client(Settings(max_body_bytes=2048, max_upload_bytes=20_000))
    headers = key(client)
    assert upload(client, headers, feed(300)).status_code == 202
    too_large = upload(client, headers, feed(3000))
    assert (too_large.status_code, too_large.json()["type"]) == (413, "/problems/too-large")
    assert len(folders(client)) == 1


def test_an_unannounced_body_is_stopped_at_the_limit(make_client: ClientFactory) -> None:
    client = make_client(Settings(max_upload_bytes=20_000))
    headers = {**key(client), "content-type": "multipart/form-data; boundary=x"}

    def chunks() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(100):
            yield b"a" * 1000

    assert client.post("/v1/batches", headers=headers, content=chunks()).status_code == 413
    assert folders(client) == []


def test_a_full_disk_is_told(client: TestClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 10, 0))
    answer = upload(client, headers, feed(3))
    assert (answer.status_code, answer.json()["type"]) == (507, "/problems/storage-full")


def test_a_repeated_upload_makes_one_batch(client: TestClient, headers: dict[str, str]) -> None:
    again = {**headers, "idempotency-key": "a"}
    first, second = upload(client, again, feed(3)), upload(client, again, feed(3))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert folders(client) == [first.json()["id"]]
    assert upload(client, again, feed(4)).json()["type"] == "/problems/retry-mismatch"
    assert upload(client, again, feed(3), explain="true").json()["type"] == "/problems/retry-mismatch"
    assert upload(client, {**headers, "idempotency-key": "ä".encode()}, feed(3)).status_code == 422  # type: ignore[dict-item]
    assert folders(client) == [first.json()["id"]]


def test_cancelling(client: TestClient, headers: dict[str, str]) -> None:
    batch = upload(client, headers, feed(3)).json()["id"]
    for _ in range(2):
        answer = client.delete(f"/v1/batches/{batch}", headers=headers)
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert folders(client) == []
    work(client)
    assert client.get(f"/v1/batches/{batch}/results", headers=headers).status_code == 409
    finished = done(client, headers, feed(3))
    assert client.delete(f"/v1/batches/{finished}", headers=headers).status_code == 409


def test_only_its_owner_and_those_who_watch_see_a_batch(client: TestClient, headers: dict[str, str]) -> None:
    batch = done(client, headers, feed(3))
    address = f"/v1/batches/{batch}"
    for other in (key(client), person(client, Role.PETUGAS, "adi"), person(client, Role.PENELAAH, "budi")):
        for path in ("", "/results", "/errors", "/events"):
            assert client.get(address + path, headers=other).status_code == 404
        assert client.delete(address, headers=other).status_code == 404
        assert client.get("/v1/batches", headers=other).json()["items"] == []
    lead, admin = person(client, Role.PENYELIA, "citra"), person(client, Role.ADMIN, "dewi")
    for path in ("", "/results", "/errors"):
        assert client.get(address + path, headers=lead).status_code == 200
    assert client.get(address, headers=admin).status_code == 200
    assert client.get(f"{address}/results", headers=admin).status_code == 403
    assert client.get(address, headers=key(client, Scope.JUDGE)).status_code == 403


def test_an_upload_by_cookie_needs_the_token_before_the_file(client: TestClient) -> None:
    signed_in = person(client, Role.PETUGAS, "sari")
    token = signed_in.pop("x-csrf-token")
    file = {"file": ("umpan.csv", feed(3))}
    for data in ({}, {"csrf": "x" * 20}):
        answer = client.post("/v1/batches", headers=signed_in, files=file, data=data)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/missing-form-token")
    late: list[tuple[str, tuple[str | None, bytes]]] = [
        ("file", ("umpan.csv", feed(3))),
        ("csrf", (None, token.encode())),
    ]
    assert client.post("/v1/batches", headers=signed_in, files=late).status_code == 403
    assert folders(client) == []
    assert client.post("/v1/batches", headers=signed_in, files=file, data={"csrf": token}).status_code == 202


def test_batches_are_listed_newest_first_by_pages(client: TestClient, headers: dict[str, str]) -> None:
    made = [upload(client, headers, feed(n + 1)).json()["id"] for n in range(3)]
    page = BatchesPage.model_validate_json(client.get("/v1/batches?limit=2", headers=headers).content)
    assert [item.id for item in page.items] == made[:0:-1]
    rest = client.get("/v1/batches", params={"limit": 2, "cursor": page.next}, headers=headers).json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (made[:1], None)


def test_progress_is_streamed_until_the_end(client: TestClient, headers: dict[str, str]) -> None:
    batch = done(client, headers, feed(3))
    answer = client.get(f"/v1/batches/{batch}/events", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    retry, end = answer.text.strip().split("\n\n")
    assert retry.startswith("retry:")
    kind, data = end.split("\n")
    assert kind == "event: end"
    assert BatchOut.model_validate_json(data.removeprefix("data: ")).state == "done"


def test_a_stream_ends_when_the_server_stops(client: TestClient, headers: dict[str, str]) -> None:
    app = client.app
    assert isinstance(app, FastAPI)
    batch = upload(client, headers, feed(3)).json()["id"]
    looks = iter([False, True])
    app.state.is_stopping = lambda: next(looks)
    answer = client.get(f"/v1/batches/{batch}/events", headers=headers)
    assert "event: progress" in answer.text
    assert "event: end" not in answer.text


def test_what_is_done_with_a_batch_is_recorded_without_names(client: TestClient, headers: dict[str, str]) -> None:
    batch = done(client, headers, feed(3), "budi.csv")
    results(client, headers, batch, "xlsx")
    client.get(f"/v1/batches/{batch}/errors", headers=headers)
    other = upload(client, headers, feed(3)).json()["id"]
    client.delete(f"/v1/batches/{other}", headers=headers)
    store, _ = parts_of(client)
    with store.reading() as unit:
        of_one = unit.audit.page(None, 10, f"batch:{batch}")
        of_other = unit.audit.page(None, 10, f"batch:{other}")
    assert [record.action for record in of_one] == ["batch.downloaded", "batch.downloaded", "batch.made"]
    assert json.loads(of_one[1].detail) == {"what": "xlsx"}
    assert [record.action for record in of_other] == ["batch.cancelled", "batch.made"]
    assert "budi" not in "".join(record.detail for record in of_one)


def test_too_many_unfinished_batches(
    client: TestClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pilah_api.services.batches.MOST_OPEN", 1)
    assert upload(client, headers, feed(3)).status_code == 202
    assert upload(client, headers, feed(3)).status_code == 409
    assert len(folders(client)) == 1


def test_formats_that_cannot_hold_the_results_are_refused_before_anything_is_sent(
    client: TestClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"teks,catatan\nApel pagi," + b"a" * 40_000 + b"\n"
    batch = done(client, headers, content)
    answer = client.get(f"/v1/batches/{batch}/results?format=xlsx", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    monkeypatch.setattr("pilah_api.jobs.exports.find_spec", lambda _: None)
    assert client.get(f"/v1/batches/{batch}/results?format=parquet", headers=headers).status_code == 409
    assert results(client, headers, batch).status_code == 200


def test_files_of_an_archive_that_cannot_be_read_are_named_as_the_sender_knows_them(
    client: TestClient, headers: dict[str, str]
) -> None:
    members: dict[str, str | bytes] = {
        "a.csv": "nama\nSari\n",
        "b.csv": b"teks\nApel\nkaf\xe9 \xc3\xa9 \xc3\xa9\n",
        "c.csv": "teks\nRapat\n",
    }
    batch = done(client, headers, exports.zipped(members), "umpan.zip")
    answer = client.get(f"/v1/batches/{batch}/errors", headers=headers)
    column, byte = csv.DictReader(io.StringIO(answer.text))
    assert (column["row"], column["place"], byte["row"], byte["place"]) == ("0", "a.csv", "3", "b.csv")
    assert column["reason"].startswith("a.csv: no column looks like the text of a post")
    assert byte["reason"].endswith("name it with encoding")
    assert column["reason"].count("--") == 0
    assert str(parts_of(client)[1].home) not in answer.text


def test_results_of_a_version_that_kept_line_ends_are_read(client: TestClient, headers: dict[str, str]) -> None:
    batch = done(client, headers, b"teks;nomor\r\nApel pagi;1\r\n")
    summary = parts_of(client)[1].home / "batches" / batch / "finished" / "summary.json"
    kept = json.loads(summary.read_bytes())
    assert kept["dialect"] == {"delimiter": ";", "encoding": "utf-8"}
    summary.write_text(json.dumps(kept | {"dialect": kept["dialect"] | {"line_end": "\r\n"}}))
    assert results(client, headers, batch).text.startswith("teks;nomor;")


def test_results_that_were_deleted_on_time_are_gone(client: TestClient, headers: dict[str, str]) -> None:
    batch = done(client, headers, feed(3))
    store, settings = parts_of(client)
    shutil.rmtree(settings.home / "batches" / batch)
    assert client.get(f"/v1/batches/{batch}/results", headers=headers).status_code == 404
    assert client.get(f"/v1/batches/{batch}", headers=headers).json()["decisions"] is None
    assert purge(store, settings.home, TEST).counts["batches"] == 0


def test_rows_are_found_sorted_and_kept_exactly(client: TestClient, headers: dict[str, str]) -> None:
    batch = done(client, headers, feed(40))
    found = Results(parts_of(client)[1].home / "batches" / batch / "finished")
    assert len(found.find(Finding())) == len(found) == 40
    review = found.find(Finding(Decision.TINJAU))
    assert {row.judgement.decision for row in found.rows(review)} == {Decision.TINJAU}
    assert list(review) == list(found.find(Finding(form="B02")))
    assert len(found.find(Finding(form="B03"))) == 0
    assert {row.judgement.label for row in found.rows(found.find(Finding(label=Label.PARTISAN)))} == {Label.PARTISAN}
    sure = [row.judgement.confidence for row in found.rows(found.find(Finding(order=Order.SUREST)))]
    assert sure == sorted(sure, reverse=True)
    unsure = [row.judgement.confidence for row in found.rows(found.find(Finding(order=Order.LEAST_SURE)))]
    assert unsure == sorted(unsure)
    first = next(found.all())
    assert first.judgement.thresholds == {"lolos_below": 0.3, "tinjau_from": 0.7}
