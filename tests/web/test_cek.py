"""The page Cek dulu: kind advice on an own draft, and not a trace of it anywhere."""

from __future__ import annotations

import dataclasses
import html
import io
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import MetaData, select

from pilah_api.access import Role
from pilah_api.app import create_app
from pilah_api.cookies import Cookies
from pilah_api.logging_setup import configure_logging
from pilah_api.settings import Settings
from pilah_api.store.units import Store
from pilah_data.advice import advice
from pilah_data.taxonomy import FORMS
from tests.api.conftest import ClientFactory
from tests.api.stand_in import StandIn
from tests.api.stores import Place, enter
from tests.web.test_tempel import visible

PARTISAN = "Ayo coblos nomor 2 ya kawan"
UNSURE = "Lanjutkan Pak!"
PLAIN = "Kopi pagi di blok C"


def check(client: TestClient, text: str, expected: int = 200, query: str = "", **fields: str) -> str:
    response = client.post("/cek" + query, data={"text": text, **fields})
    assert response.status_code == expected
    assert response.headers["cache-control"] == "no-store"
    return response.text


def test_the_empty_form_says_that_nothing_is_kept(client: TestClient) -> None:
    page = client.get("/cek").text
    assert "Naskah dan hasilnya tidak disimpan" in page
    assert 'aria-current="page">Cek dulu' in page
    assert 'id="hasil"' not in page


def test_what_may_be_read_the_words_the_rule_and_what_to_do(client: TestClient) -> None:
    words = visible(check(client, PARTISAN))
    for phrase in (
        "Dapat dibaca sebagai memihak",
        "bukan tuduhan dan bukan putusan. Mesin bisa keliru",
        "Keyakinan mesin: tinggi",
        "[petunjuk: coblos nomor 2 ]",
        advice().forms["B02"].sees.id,
        f"{FORMS['B02'].basis['sebelum_penetapan']} (sebelum penetapan calon)",  # type: ignore[index]
        "UU 7/2017 ps. 283 (sesudah penetapan calon)",
        "rujukan yang mungkin relevan, bukan putusan",
        "Apa yang dapat saya ubah?",
        "mesin tidak lagi melihat keberpihakan",
        advice().forms["B02"].hint.id,
        advice().forms["B05"].lawful.id,
        advice().subtypes["N2"].lawful.id,
    ):
        assert phrase in words, phrase


@pytest.mark.parametrize("text", [PARTISAN, UNSURE, PLAIN])
@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_no_figure_and_no_accusation(client: TestClient, text: str, query: str) -> None:
    page = check(client, text, query=query)
    told = visible(page[page.index('id="hasil"') : page.index("</main>")])
    assert not re.search(r"\d[.,]\d|\d\s*%", told.replace("PP 42", ""))
    assert not re.search(r"melanggar|bersalah|pelanggar\b|guilty|violates", told, re.IGNORECASE)


def test_two_readings_allege_nothing_and_ask_for_clarity(client: TestClient) -> None:
    words = visible(check(client, UNSURE))
    assert "Dapat dibaca dengan dua cara" in words
    assert advice().unclear[0].id in words
    assert "Keyakinan mesin" not in words
    assert "SKB" not in words


def test_a_calm_result_is_no_permit(client: TestClient) -> None:
    words = visible(check(client, PLAIN))
    assert "Tidak tampak keberpihakan" in words
    assert "Hasil tenang bukan izin" in words
    assert advice().unseen[0].id in words
    assert "Apa yang dapat saya ubah?" not in words


def test_a_short_answer_to_a_partisan_post_is_warned_of(client: TestClient) -> None:
    warning = "Kiriman yang Anda tanggapi dapat dibaca sebagai memihak"
    assert warning in visible(check(client, "Setuju!", konteks=PARTISAN))
    assert warning not in visible(check(client, "Setuju!", konteks=PLAIN))
    assert warning not in visible(check(client, "Setuju!", konteks=" \n"))


def test_the_draft_stays_and_the_language_changes_around_it(client: TestClient) -> None:
    page = check(client, PARTISAN, query="?lang=en", keep="form", konteks=UNSURE)
    assert f"{PARTISAN}</textarea>" in page
    assert f"{UNSURE}</textarea>" in page
    assert 'id="hasil"' not in page
    words = visible(check(client, PARTISAN, query="?lang=en"))
    assert "It may be read as taking sides" in words
    assert advice().forms["B02"].hint.en in words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Belum ada teks yang dapat dibaca"),
        ({"text": "\u200b"}, "Belum ada teks yang dapat dibaca"),
        ({"text": "x" * 100_001}, "100.001 karakter"),
        ({"text": "kopi", "konteks": "x" * 100_001}, "100.001 karakter"),
    ],
)
def test_what_cannot_be_read_is_told_without_a_number_of_the_post(
    client: TestClient, fields: dict[str, str], words: str
) -> None:
    page = check(client, expected=422, **fields)
    assert words in visible(page)
    assert "Kiriman ke-" not in page


def test_a_draft_of_several_paragraphs_is_one_draft(client: TestClient) -> None:
    page = check(client, f"{PLAIN}\r\n\r\n{PARTISAN}\r\nsalam")
    assert html.escape(f"{PARTISAN}\r\nsalam") in page
    assert page.count("<blockquote") == 1


def test_without_a_model_the_page_says_so(tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path / "home", model=tmp_path / "none"))
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        assert "Model belum siap" in check(client, PARTISAN, expected=503)


def test_another_sites_form_is_refused(client: TestClient) -> None:
    response = client.post("/cek", data={"text": PLAIN}, headers={"origin": "http://evil.example"})
    assert response.status_code == 403


SECRET = "zebracross7391"


def _everything_stored(store: Store) -> Iterator[str]:
    tables = MetaData()
    tables.reflect(store.engine)
    with store.engine.connect() as connection:
        for table in tables.tables.values():
            yield from (f"{table.name}: {row}" for row in connection.execute(select(table)))


@pytest.fixture
def loud(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that serving writes at its most talkative."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logging("debug")
    yield written
    for name in ("pilah", "uvicorn"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)


def test_nothing_of_a_draft_is_kept_anywhere(
    make_client: ClientFactory, judge: StandIn, tmp_path: Path, loud: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    place = Place(home, None)
    store = place.open()
    client = make_client(store=store)
    opened = enter(store, Role.PETUGAS)
    cookies: Cookies = client.app.state.cookies  # type: ignore[attr-defined]
    cookie = cookies.setting(opened.token or "", opened.session.expires_at, store.now()).split(";")[0]
    client.get("/cek", headers={"cookie": cookie})
    before, files = list(_everything_stored(store)), _files(home)

    def fail(_: object) -> None:
        raise RuntimeError(f"a fault that quotes {SECRET}")

    for headers in ({}, {"cookie": cookie}):
        for text in (f"{PARTISAN} {SECRET}", f"{UNSURE} {SECRET}", SECRET, f"{SECRET} " * 9_000):
            client.post("/cek", data={"text": text, "konteks": f"{PARTISAN} {SECRET}"}, headers=headers)
        judge.before = fail
        assert client.post("/cek", data={"text": SECRET}, headers=headers).status_code == 500
        judge.before = StandIn().before
    assert '"path": "/cek"' in loud.getvalue()  # the log was on
    assert SECRET not in loud.getvalue() + "".join(capfd.readouterr())
    after = list(_everything_stored(store))
    assert len(after) == len(before)
    assert not [row for row in after if SECRET in row]
    assert _files(home).keys() == files.keys()
    assert not [path for path, content in _files(home).items() if SECRET.encode() in content]
    store.close()
    assert not [path for path, content in _files(home).items() if SECRET.encode() in content]


def _files(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_the_words_that_would_change_the_reading_are_named(client: TestClient, judge: StandIn) -> None:
    assert "Tanpa “coblos”, mesin tidak lagi melihat" in visible(check(client, PARTISAN))

    stubborn = dataclasses.replace(judge)
    judge.classify = lambda posts, *, explain=False: [  # type: ignore[method-assign]
        dataclasses.replace(j, evidence=j.evidence if explain else None)
        for j in stubborn.classify([dataclasses.replace(p, text=PARTISAN) for p in posts], explain=explain)
    ]
    assert "mesin membaca keseluruhan kalimat" in visible(check(client, PARTISAN))
