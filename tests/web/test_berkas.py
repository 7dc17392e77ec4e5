"""The page Berkas: upload, columns, progress and results, in a browser and as one without JavaScript gets it."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import itertools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pilah_api.access import Role
from pilah_api.jobs.terms import model_key
from pilah_api.jobs.worker import Pace, Worker
from pilah_api.settings import Settings
from pilah_api.store.posts import PostState
from tests.api.batch_work import KINDS, drain, feed, key, parts_of, work
from tests.api.stand_in import StandIn
from tests.api.stores import enter, stored
from tests.web.conftest import SIZES, Workplace, barriers, shot
from tests.web.layout import fits

if TYPE_CHECKING:
    pass

HTML = {"accept": "text/html"}


class Desk:
    """Somebody signed in, with a client that sends forms as a browser does."""

    def __init__(self, client: TestClient, *roles: Role, login: str = "sari"):
        app = client.app
        assert isinstance(app, FastAPI)
        store, cookies = app.state.store, app.state.cookies
        opened = enter(store, *roles, login=login)
        cookie = cookies.setting(opened.token or "", opened.session.expires_at, store.now()).split(";")[0]
        self.client, self.headers = client, {**HTML, "cookie": cookie}
        self.token = cookies.form_token(opened.session.id)

    def get(self, path: str, expected: int = 200) -> str:
        answer = self.client.get(path, headers=self.headers)
        assert answer.status_code == expected, answer.text
        return answer.text

    def post(self, path: str, expected: int = 303, /, **fields: str | list[str]) -> str:
        """Send a form; return where it leads, or the page that refuses it."""
        answer = self.client.post(path, headers=self.headers, data={"csrf": self.token, **fields})
        assert answer.status_code == expected, answer.text
        return str(answer.headers.get("location", answer.text))

    def upload(self, content: bytes, name: str = "umpan.csv", expected: int = 303) -> str:
        file = {"file": (name, content)}
        answer = self.client.post("/berkas", headers=self.headers, data={"csrf": self.token}, files=file)
        assert answer.status_code == expected, answer.text
        return str(answer.headers.get("location", answer.text))

    def finished(self, content: bytes, **fields: Any) -> str:
        place = self.post(self.upload(content), aksi="mulai", **fields)
        work(self.client)
        return place


@pytest.fixture
def desk(client: TestClient) -> Desk:
    return Desk(client)


def visible(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_from_upload_to_results_without_javascript(desk: Desk) -> None:
    assert "Belum ada berkas" in desk.get("/berkas")
    choice = desk.upload(feed(60, blank=7) + b"x,Hubungi 0812-3456-7890,\n")
    page = desk.get(choice)
    assert "Otomatis: teks" in page
    assert page.count("<tr>") == 6
    place = desk.post(choice, aksi="mulai")
    waiting = desk.get(place)
    assert "Menunggu giliran" in waiting
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in waiting
    work(desk.client)
    done = visible(desk.get(place))
    for words in ("60 baris dinilai", "Tinjau: 15", "Butuh konteks: 15", "1 baris tidak dapat dinilai", "usulan mesin"):
        assert words in done, words
    assert "Halaman 1 dari 2" in done
    second = visible(desk.get(f"{place}?hal=2"))
    assert "Halaman 2 dari 2" in second
    assert "0812" not in done + second
    assert "Selesai" in desk.get("/berkas")


def test_the_sample_is_masked_and_markup_stays_text(desk: Desk) -> None:
    page = desk.get(desk.upload(b"teks,akun\nHubungi 0812-3456-7890 <b>ya</b>,@budi\n", "<b>.csv"))
    assert "0812" not in page
    assert "@budi" not in page
    assert "&lt;b&gt;ya&lt;/b&gt;" in page
    assert "<b>ya" not in page


def test_columns_are_chosen_where_they_cannot_be_guessed(desk: Desk) -> None:
    choice = desk.upload(b"satu,dua\nx,Ayo coblos nomor dua\ny,Apel pagi\n")
    page = desk.get(choice, 422)
    assert "Kolom teks tidak dapat ditebak" in page
    assert '<option value="dua">dua</option>' in page
    assert "Ayo coblos nomor dua" in page
    again = desk.post(choice, 200, aksi="lihat", text_column="dua")
    assert '<option value="dua" selected>' in again
    place = desk.post(choice, aksi="mulai", text_column="dua", only=["tinjau", "butuh_konteks"], explain="true")
    work(desk.client)
    done = visible(desk.get(place))
    assert "2 baris dinilai" in done
    assert "1 baris" in done
    assert "coblos nomor dua" in done


def test_what_cannot_be_read_is_told_in_the_language_of_the_page_with_what_helps(desk: Desk) -> None:
    choice = desk.upload(b"%PDF-1.7", "surat.pdf")
    page = desk.get(choice, 422)
    assert "Berkas ini belum dapat diperiksa" in page
    assert "<p>surat.pdf adalah PDF. Minta datanya dalam bentuk tabel (CSV atau XLSX).</p>" in page
    assert 'lang="en"' not in page.partition("<main")[2]
    assert "surat.pdf is a PDF. Ask for the data as a table" in desk.get(f"{choice}?lang=en", 422)
    zeros = visible(desk.get(desk.upload(b"teks\nApel\x00pagi\n", "nul.csv"), 422))
    assert "nul.csv bukan berkas teks. Simpan sebagai CSV UTF-8 atau XLSX" in zeros
    for word in ("--", "option", "zero bytes"):
        assert word not in zeros
    assert desk.post(choice, 422, aksi="mulai")
    assert desk.post(choice, aksi="buang") == "/berkas"
    desk.get(choice, 404)
    assert "Belum ada berkas, atau berkasnya kosong" in desk.upload(b"", "", 422)


def test_an_upload_is_looked_into_once_and_the_look_goes_with_the_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = desk.upload(b"teks,akun\nHubungi 0812-3456-7890,@budi\n")

    def never(*_: object) -> None:
        raise AssertionError("looked once more")

    with monkeypatch.context() as patch:
        patch.setattr("pilah_api.services.drafts.look", never)
        page = desk.get(choice)
    assert "@TELEPON" in page
    note = parts_of(desk.client)[1].home / "batches" / choice.split("/")[2] / "look.json"
    assert "0812" not in note.read_text(encoding="ascii")
    desk.post(choice, aksi="mulai")
    assert not note.exists()


def test_starting_twice_makes_one_batch(desk: Desk) -> None:
    choice = desk.upload(feed(3))
    assert desk.post(choice, aksi="mulai") == desk.post(choice, aksi="mulai")
    assert desk.get("/berkas").count("umpan.csv") == 1


def test_drafts_and_batches_of_others_are_not_there(desk: Desk, client: TestClient) -> None:
    choice = desk.upload(feed(3))
    other = Desk(client, login="budi")
    other.get(choice, 404)
    other.post(choice, 404, aksi="mulai")
    place = desk.finished(feed(3))
    other.get(place, 404)
    for path in ("batal", "antrean"):
        other.post(f"{place}/{path}", 404)
    for wrong in ("../pilah.db", "..%2f..", "x" * 32):
        other.get(f"/berkas/{wrong}/pilih", 404)
    assert client.get(place, headers={**HTML, **key(client)}).status_code == 403


def test_an_administrator_sees_states_and_no_posts(desk: Desk, client: TestClient) -> None:
    place = desk.finished(feed(8))
    admin = Desk(client, Role.ADMIN, login="dewi")
    page = admin.get(place)
    assert "hanya dibaca oleh pengunggahnya dan penyelia" in page
    assert KINDS[1] not in page
    assert 'id="unggah"' not in admin.get("/berkas")
    lead = Desk(client, Role.PENYELIA, login="citra")
    assert KINDS[1] in lead.get(place)


def test_filters_sorting_and_addresses_of_pages(desk: Desk) -> None:
    place = desk.finished(feed(300))
    review = desk.get(f"{place}?usulan=tinjau&urut=least_sure")
    assert '<option value="tinjau" selected>' in review
    assert "75 baris" in visible(review)
    assert "usulan=tinjau&amp;urut=least_sure&amp;hal=2#baris" in review
    assert review.count('<td class="card-tinjau">') == 50
    assert '<td class="card-lolos">' not in review
    assert "Tidak ada baris yang cocok" in desk.get(f"{place}?usulan=tinjau&penilaian=bukan_politik")
    assert "Halaman 6 dari 6" in visible(desk.get(f"{place}?hal=99999"))
    for nonsense in ("usulan=x", "penilaian=perlu_konteks", "bentuk=B99", "urut=x", "hal=-1", "hal=%C2%B2"):
        assert "300 baris" in visible(desk.get(f"{place}?{nonsense}"))


def test_cancelling(desk: Desk) -> None:
    place = desk.post(desk.upload(feed(3)), aksi="mulai")
    assert desk.post(f"{place}/batal") == place
    assert "berkasnya dihapus" in desk.get(place)
    done = desk.finished(feed(3))
    assert desk.post(f"{done}/batal") == done
    assert "3 baris dinilai" in visible(desk.get(done))


def test_a_failed_batch_says_why(client: TestClient) -> None:
    desk = Desk(client)
    place = desk.post(desk.upload(feed(30)), aksi="mulai")
    store, settings = parts_of(client)
    drain(Worker(store, settings.home, StandIn(), Settings(max_batch_rows=10).bounds))
    page = desk.get(place)
    assert "berhenti sebelum selesai" in page
    assert "Berkas ini memuat lebih dari 10 baris, batas server ini" in page
    assert "more than 10 rows" not in page
    assert "There are more than 10 rows, the limit of this server" in desk.get(f"{place}?lang=en")


def test_a_reason_that_is_not_known_is_shown_openly_and_marked_as_english(client: TestClient) -> None:
    desk = Desk(client)
    place = desk.post(desk.upload(feed(3)), aksi="mulai")
    store, _ = parts_of(client)
    with store.writing() as unit:
        lease = unit.shards.claim(dt.timedelta(seconds=60), model_key(StandIn()), ())
        assert lease is not None
        unit.shards.fail(lease, "a reason <of> tomorrow")
    page = desk.get(place)
    assert '<p lang="en">a reason &lt;of&gt; tomorrow</p>' in page
    assert "<details" not in page.partition('role="alert"')[2].partition("</div>")[0]


NOTED = b"Laporan November\nnomor,teks,akun\n1,Apel pagi,a\n2,,b\n3,Kopi pagi,c\n4,Beras\n"


def test_notes_and_the_list_of_problems_speak_the_language_of_the_page(desk: Desk) -> None:
    place = desk.finished(NOTED)
    page = desk.get(place)
    assert "<li>1 baris di atas judul kolom dilewati.</li>" in page
    assert f'<a href="{place}/masalah" download>' in page
    assert "<li>1 rows above the column names are left out.</li>" in desk.get(f"{place}?lang=en")
    for query, name, expected in (
        (
            "",
            "umpan.tidak-dinilai.csv",
            [
                ["baris", "kolom", "alasan", "tempat"],
                ["4", "teks", "Kolom 'teks' kosong", ""],
                ["6", "", "Baris ini memiliki 2 sel, padahal judulnya 3 kolom.", ""],
            ],
        ),
        (
            "?lang=en",
            "umpan.not-judged.csv",
            [["row", "column", "reason", "place"], ["4", "teks", "The column 'teks' is blank", ""]],
        ),
    ):
        answer = desk.client.get(f"{place}/masalah{query}", headers=desk.headers)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert name in answer.headers["content-disposition"]
        assert answer.content.startswith(codecs.BOM_UTF8)
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        for row, wanted in zip(rows, expected, strict=False):
            assert [row[0], row[1], row[3]] == [wanted[0], wanted[1], wanted[3]]
            assert row[2].startswith(wanted[2])
        assert not any(re.search(r"--|option", cell) for row in rows for cell in row)
    store, _ = parts_of(desk.client)
    with store.reading() as unit:
        assert [record.action for record in unit.audit.walk()].count("batch.downloaded") == 2


def test_a_list_of_problems_is_no_formula_and_is_not_there_for_others(desk: Desk, client: TestClient) -> None:
    place = desk.finished(b'"=1;=2 teks",isi\n1,Apel pagi\n1,\n1,Kopi,sisa;=2\n')
    rows = desk.get(f"{place}/masalah")
    for delimiter in ",;\t":
        cells = [cell for row in csv.reader(io.StringIO(rows.lstrip("\ufeff")), delimiter=delimiter) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    Desk(client, login="budi").get(f"{place}/masalah", 404)
    empty = desk.get(f"{desk.finished(feed(3))}/masalah")
    assert empty == "\ufeffbaris,kolom,alasan,tempat\r\n"


def test_sending_to_the_queue_once(desk: Desk) -> None:
    place = desk.finished(feed(8))
    assert "4 kiriman berusulan tinjau atau butuh konteks" in desk.get(place)
    for _ in range(2):
        assert desk.post(f"{place}/antrean") == f"{place}#antrean"
    page = desk.get(place)
    assert "4 kiriman dari berkas ini sudah dikirim" in page
    assert f'action="{place}/antrean"' not in page
    store, _ = parts_of(desk.client)
    assert [len(stored(store, state)) for state in (PostState.TINJAU, PostState.BUTUH_KONTEKS)] == [2, 2]


def test_charts_have_tables_with_the_same_numbers(desk: Desk) -> None:
    page = desk.get(desk.finished(feed(8)))
    assert page.count('role="img"') == 4
    assert "<caption>Keputusan</caption>" in page
    assert re.search(r'<th scope="row">Tinjau</th><td>2</td>', page), "no count is hidden from who reads the posts"


def test_the_list_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pilah_api.web.berkas._LISTED", 2)
    for n in range(3):
        desk.post(desk.upload(feed(3), f"umpan{n}.csv"), aksi="mulai")
    page = desk.get("/berkas")
    assert "umpan2.csv" in page
    assert "umpan0.csv" not in page
    (older,) = re.findall(r'href="(/berkas\?cursor=[^"]+)"', page)
    assert "umpan0.csv" in desk.get(older)


@pytest.mark.parametrize("path", ["/berkas", "/berkas/{id}/pilih", "/berkas/{id}"])
def test_english(desk: Desk, path: str) -> None:
    choice = desk.upload(feed(5))
    address = path.replace("{id}", choice.split("/")[2])
    if path.endswith("{id}"):
        desk.post(choice, aksi="mulai")
        work(desk.client)
    page = visible(desk.get(f"{address}?lang=en"))
    assert "berkas" not in page.lower().replace("/berkas", "")


# --- in a browser -------------------------------------------------------------------------------------------------


@contextmanager
def working(office: Workplace, home: Path) -> Iterator[threading.Event]:
    """Have a worker beside the server, which stops after a while until the event that is yielded is set."""
    stop, go, lists = threading.Event(), threading.Event(), itertools.count()

    def wait(_: object) -> None:
        if next(lists) > 40:  # within the second shard
            go.wait(60)

    one = Worker(office.store, home, StandIn(before=wait), Settings().bounds, Pace(poll=0.05))
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    try:
        yield go
    finally:
        stop.set()
        go.set()
        thread.join(timeout=30)


@pytest.mark.browser
@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_an_officer_checks_a_file(workplace: Workplace, tmp_path: Path, size: str, javascript: bool) -> None:
    complaints: list[str] = []
    name = f"berkas-{size}-{'js' if javascript else 'no-js'}"
    page = workplace.enter(Role.PETUGAS, login="sari", size=size, javascript=javascript)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def look(step: str) -> None:
        shot(page, f"{name}-{step}")
        if javascript:
            assert fits(page), step
            assert barriers(page) == [], step

    page.goto("/berkas")
    look("1-empty")
    content = feed(700, blank=5)
    page.get_by_label("Berkas", exact=True).set_input_files(
        {"name": "umpan.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Unggah").click()
    page.get_by_role("heading", name="Pilih kolom").wait_for()
    look("2-columns")
    page.get_by_label("Kolom pengenal").select_option("nomor")
    page.get_by_label("Tandai kata petunjuk").check()
    with working(workplace, tmp_path / "home") as go:
        page.get_by_role("button", name="Mulai memeriksa").click()
        page.get_by_role("progressbar").wait_for()
        page.get_by_text("256 dari 700 baris").wait_for()
        look("3-progress")
        go.set()
        page.get_by_role("heading", name="Unduh hasil").wait_for(timeout=60_000)
    page.get_by_text("Grafik", exact=True).click()
    look("4-results")
    page.get_by_label("Usulan").select_option("tinjau")
    page.get_by_role("button", name="Tampilkan").click()
    page.get_by_text("174 baris", exact=True).wait_for()
    look("5-filtered")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename == "umpan.pilah.xlsx"
    page.get_by_role("button", name="Kirim ke antrean").click()
    page.get_by_text("sudah dikirim ke antrean").wait_for()
    page.goto("/berkas")
    look("6-list")
    assert complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("size", list(SIZES))
def test_what_is_wrong_with_a_file_is_said_in_indonesian_and_by_the_switch_in_english(
    workplace: Workplace, tmp_path: Path, size: str
) -> None:
    page = workplace.enter(Role.PETUGAS, login="sari", size=size)

    def look(step: str) -> None:
        shot(page, f"alasan-{size}-{step}")
        assert fits(page), step
        assert barriers(page) == [], step

    def upload(name: str, content: bytes) -> None:
        page.goto("/berkas")
        page.get_by_label("Berkas", exact=True).set_input_files(
            {"name": name, "mimeType": "text/csv", "buffer": content}
        )
        page.get_by_role("button", name="Unggah").click()
        page.get_by_role("heading", name="Pilih kolom").wait_for()

    upload("nul.csv", b"teks\nApel\x00pagi\n")
    page.get_by_role("alert").get_by_text("nul.csv bukan berkas teks.").wait_for()
    look("1-refused")
    page.get_by_role("link", name="English").click()
    page.get_by_role("alert").get_by_text("nul.csv is no text file.").wait_for()
    look("2-refused-english")
    page.get_by_role("link", name="Bahasa Indonesia").click()
    upload("umpan.csv", NOTED)
    with working(workplace, tmp_path / "home"):
        page.get_by_role("button", name="Mulai memeriksa").click()
        page.get_by_role("heading", name="Unduh hasil").wait_for(timeout=60_000)
    page.get_by_text("Catatan pembacaan").click()
    page.get_by_text("1 baris di atas judul kolom dilewati.").wait_for()
    look("3-notes")
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh daftarnya").click()
    assert download.value.suggested_filename == "umpan.tidak-dinilai.csv"


@pytest.mark.browser
def test_a_dropped_file_is_taken(workplace: Workplace) -> None:
    page = workplace.enter(Role.PETUGAS, login="sari")
    page.goto("/berkas")
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["teks\\nApel pagi\\n"], "jatuh.csv"));
          document.querySelector("#unggah").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        }"""
    )
    page.get_by_role("button", name="Unggah").click()
    page.get_by_role("heading", name="jatuh.csv").wait_for()


@pytest.mark.browser
def test_the_words_of_the_progress_agree_with_the_server(workplace: Workplace) -> None:
    from pilah_api.store.batches import Progress
    from pilah_api.web.berkas_view import bar
    from pilah_api.web.texts import Language, Texts
    from tests.api.stores import START

    texts = Texts(Language.ID)
    page = workplace.enter(Role.PETUGAS, login="sari")
    page.goto("/berkas")
    say = "async ([batch, texts]) => (await import(document.querySelector('script[type=module]').src)).words(batch, texts)"
    names = {
        "soFar": "so_far",
        "rate": "rate",
        "left": "left",
        "seconds": "seconds",
        "minutes": "minutes",
        "hours": "hours",
    }
    data = {"lang": "id", **{name: texts(f"files.{text}") for name, text in names.items()}}
    for done, rate in ((0, None), (1280, 110.4), (1280, 1.0), (1280, 0.05)):
        batch = Progress(
            "a",
            "person:1",
            "running",
            "a.csv",
            5001,
            done,
            0,
            START,
            None,
            START,
            START,
            True,
            rate,
            None,
            "",
            "",
            None,
        )
        sent = {"rows_done": done, "rows_total": 5001, "rate": rate, "eta_seconds": batch.seconds_left}
        assert page.evaluate(say, [sent, data]) == bar(batch, texts).words
