"""The pages under Kelola as a browser without JavaScript gets them: rules, refusals, forms sent twice, windows out of date."""

from __future__ import annotations

import html
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from pilah_api.access import Role
from pilah_api.permissions import RULES
from pilah_api.services.people import add_person
from pilah_api.services.shelf import SHIPPED, Shelf
from pilah_api.settings import Settings
from pilah_api.store.units import Store
from pilah_api.web import kelola_frame
from pilah_model.judgement import Post
from tests.api.artefacts import version
from tests.api.conftest import ClientFactory
from tests.api.stand_in import INFO, StandIn
from tests.api.stores import TEST, Place

PAGES = [
    rule.path for rule in RULES if rule.method == "GET" and rule.path.startswith("/kelola") and "{" not in rule.path
]
POST = "Ayo coblos nomor 2 ya, rahasia sekali"
MAIN = re.compile(r"<main.*?</main>", re.DOTALL)


def test_the_file_of_an_export_that_fails_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    monkeypatch.setattr(kelola_frame, "SpooledTemporaryFile", lambda **_: file)

    def export(write: Callable[[str], object]) -> None:
        write("satu")
        raise LookupError

    with pytest.raises(LookupError):
        kelola_frame.written(export)
    assert file.closed


@dataclass
class Desk:
    """Somebody signed in, who opens pages and sends their forms."""

    client: TestClient
    id: str
    store: Store
    token: str = ""

    def get(self, path: str, expected: int = 200) -> str:
        return self._seen(self.client.get(path, headers={"accept": "text/html"}), expected)

    def form(self, path: str) -> dict[str, str]:
        """Return the hidden fields of a page's forms, as a browser would send them."""
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', self.get(path))
        return {name: html.unescape(value) for name, value in fields}

    def post(self, path: str, expected: int = 200, /, **fields: object) -> str:
        return self._seen(self.send(path, **fields), expected)

    def send(self, path: str, /, **fields: object) -> Response:
        token = self.token or re.findall(r'name="csrf" value="([^"]+)"', self.client.get("/sandi").text)[0]
        return self.client.post(path, data={"csrf": token, **fields}, headers={"accept": "text/html"})

    def actions(self) -> list[str]:
        with self.store.reading() as unit:
            return [record.action for record in unit.audit.walk()]

    @staticmethod
    def _seen(response: Response, expected: int) -> str:
        assert response.status_code == expected, response.text
        return str(response.text)


Enter = Callable[..., Desk]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    store = Place(tmp_path / "home", None).open()
    yield store
    store.close()


@pytest.fixture
def enter(make_client: ClientFactory, kept: Store) -> Enter:
    def sign_in(*roles: Role, login: str = "dewi", settings: Settings | None = None) -> Desk:
        client = make_client(settings, store=kept)
        with kept.writing(TEST) as unit:
            made = add_person(unit, login, login.title(), frozenset(roles))
        assert client.post("/masuk/tautan", data={"kode": made.token}).status_code == 303
        return Desk(client, made.person.id, kept)

    return sign_in


@pytest.fixture
def admin(enter: Enter) -> Desk:
    return enter(Role.ADMIN)


def words(page: str) -> str:
    """Return what a page says between its frame and its end."""
    found = MAIN.search(page)
    assert found is not None
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group())))


# --- who may ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.PETUGAS, Role.PENELAAH, Role.PENYELIA])
def test_others_neither_see_nor_open_the_pages(enter: Enter, role: Role) -> None:
    desk = enter(role)
    assert 'href="/kelola"' not in desk.get("/")
    for path in PAGES:
        desk.get(path, 403)
    for path in ("/kelola/orang", "/kelola/ambang", "/kelola/retensi", "/kelola/audit/ekspor", "/kelola/belajar/model"):
        assert desk.send(path, yakin="ya").status_code == 403


def test_a_stranger_is_led_to_the_sign_in(make_client: ClientFactory, kept: Store) -> None:
    answer = make_client(store=kept).get("/kelola/audit", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/masuk?ke=/kelola/audit")


def test_an_auditor_reads_all_and_changes_nothing(enter: Enter, admin: Desk) -> None:
    auditor = enter(Role.AUDITOR, login="rina")
    for path in (*PAGES, f"/kelola/orang/{admin.id}", "/kelola/ambang?lolos=0.2&tinjau=0.8"):
        page = auditor.get(path)
        allowed = {"/kelola/audit/periksa", "/kelola/audit/ekspor"}
        assert set(re.findall(r'<form method="post" action="([^"]+)"', page)) <= allowed, path
    before = auditor.actions()
    for path in ("/kelola/orang", f"/kelola/orang/{admin.id}", "/kelola/kunci", "/kelola/ambang", "/kelola/retensi"):
        assert auditor.send(path, yakin="ya", tindakan="hapus").status_code == 403
    for path in ("/kelola/belajar/ekspor", "/kelola/belajar/model", "/kelola/kunci/x"):
        assert auditor.send(path, yakin="ya", alasan="x", model=SHIPPED).status_code == 403
    assert auditor.actions() == before


def test_a_form_without_the_sessions_token_is_refused(admin: Desk) -> None:
    answer = admin.client.post("/kelola/retensi", data={"yakin": "ya"})
    assert answer.status_code == 403
    assert "purge" not in admin.actions()


def test_every_page_speaks_both_languages_and_keeps_to_the_policy(admin: Desk) -> None:
    for path, language in itertools.product(PAGES, ("id", "en")):
        page = admin.get(f"{path}?lang={language}")
        assert f'<html lang="{language}">' in page
        assert " style=" not in page
        assert not re.search(r"\son\w+=", page)
        for address in re.findall(r'(?:src|href|action)="([^"]+)"', page):
            assert address.startswith(("/", "#")), address


def test_no_page_shows_a_post(admin: Desk) -> None:
    with admin.store.writing(TEST) as unit:
        unit.posts.add_judged(POST, StandIn().classify([Post(POST)])[0], "console")
    for path in (*PAGES, "/kelola/ambang?lolos=0.2&tinjau=0.95"):
        assert "rahasia sekali" not in admin.get(path)


# --- people -------------------------------------------------------------------------------------------------------------


def test_a_new_account_shows_its_link_once_and_a_second_sending_makes_no_second(admin: Desk) -> None:
    form = {**admin.form("/kelola/orang"), "login": "Sari", "nama": "Sari Dewi", "peran": ["petugas", "penelaah"]}
    first = admin.post("/kelola/orang", **form)
    (link,) = re.findall(r'value="(http://[^"]+/masuk/tautan\?kode=[^"]+)"', first)
    second = admin.post("/kelola/orang", **form)
    assert "/masuk/tautan?kode=" not in second
    assert "sudah ditampilkan sekali" in words(second)
    assert admin.actions().count("person.added") == 2, "the administrator and Sari"
    assert admin.client.get(link.replace("http://localhost:8000", "")).status_code == 200
    listed = words(admin.get("/kelola/orang"))
    assert "sari Sari Dewi Penelaah, Petugas aktif · belum ada kata sandi" in listed


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"login": "198501012010011001", "nama": "X", "peran": ["petugas"]}, 422, "NIP"),
        ({"login": "sari", "nama": " ", "peran": ["petugas"]}, 422, "Ikuti petunjuk"),
        ({"login": "sari", "nama": "X"}, 422, "paling sedikit satu peran"),
        ({"login": "sari", "nama": "X", "peran": ["auditor", "admin"]}, 422, "Auditor tidak boleh"),
        ({"login": "dewi", "nama": "<b>X</b>", "peran": ["petugas"]}, 409, "sudah dipakai"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    admin: Desk, fields: dict[str, object], status: int, said: str
) -> None:
    page = admin.post("/kelola/orang", status, **fields)
    assert said in words(page)
    assert f'value="{html.escape(str(fields["nama"]))}"' in page
    assert admin.actions().count("person.added") == 1


def test_roles_closing_opening_and_erasing(admin: Desk, enter: Enter) -> None:
    sari = enter(Role.PETUGAS, login="sari")
    path = f"/kelola/orang/{sari.id}"
    assert admin.send(path, tindakan="peran", peran=["penyelia"]).headers["location"] == f"{path}?kabar=diubah"
    assert "Peran sudah diubah" in words(admin.get(f"{path}?kabar=diubah"))
    assert sari.client.get("/sandi").status_code == 401, "a lost role ends the session"
    assert admin.send(path, tindakan="tutup").status_code == 303
    assert "Buka dulu" in words(admin.post(path, 409, tindakan="tautan"))
    assert admin.send(path, tindakan="buka").status_code == 303
    assert "centang dulu" in words(admin.post(path, 422, tindakan="hapus"))
    assert admin.send(path, tindakan="hapus", yakin="ya").status_code == 303
    erased = admin.get(path)
    assert "(dihapus)" in words(erased)
    assert "<form" not in MAIN.search(erased).group()  # type: ignore[union-attr]
    assert admin.send(path, tindakan="peran", peran=["petugas"]).status_code == 409
    assert admin.send(path, tindakan="terbang").status_code == 400
    admin.get("/kelola/orang/nobody", 404)


def test_the_last_administrator_stays(admin: Desk) -> None:
    path = f"/kelola/orang/{admin.id}"
    for fields in (
        {"tindakan": "tutup"},
        {"tindakan": "hapus", "yakin": "ya"},
        {"tindakan": "peran", "peran": "petugas"},
    ):
        assert "pengelola terakhir" in words(admin.post(path, 409, **fields))


def test_a_new_link_takes_the_place_of_the_old_one(admin: Desk, enter: Enter, make_client: ClientFactory) -> None:
    sari = enter(Role.PETUGAS, login="sari")
    path = f"/kelola/orang/{sari.id}"
    codes = []
    for _ in range(2):
        page = admin.post(path, tindakan="tautan", kirim=admin.form(path)["kirim"])
        codes += re.findall(r"kode=([\w-]+)\"", page)
    client = make_client(store=admin.store)
    assert client.post("/masuk/tautan", data={"kode": codes[0]}).status_code == 401
    assert client.post("/masuk/tautan", data={"kode": codes[1]}).status_code == 303


# --- keys ---------------------------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_works_and_ends(admin: Desk, make_client: ClientFactory) -> None:
    form = {**admin.form("/kelola/kunci"), "nama": "Portal", "cakupan": ["audit"], "hari": "30"}
    (secret,) = re.findall(r'value="(pilah_[\w-]{40,})"', admin.post("/kelola/kunci", **form))
    again = admin.post("/kelola/kunci", **form)
    assert secret not in again
    assert "sudah ditampilkan sekali" in words(again)
    assert admin.actions().count("key.made") == 1
    program, headers = make_client(store=admin.store), {"authorization": f"Bearer {secret}"}
    assert program.get("/v1/audit", headers=headers).status_code == 200
    with admin.store.reading() as unit:
        (key,) = unit.keys.page(None, 10)
    path = f"/kelola/kunci/{key.id}"
    assert "centang dulu" in words(admin.post(path, 422))
    assert admin.send(path, yakin="ya").status_code == 303
    assert program.get("/v1/audit", headers=headers).status_code == 401
    assert admin.send(path, yakin="ya").status_code == 303, "revoking again changes nothing"
    assert admin.actions().count("key.revoked") == 1
    assert "dicabut" in words(admin.get("/kelola/kunci"))


def test_a_form_that_was_changed_on_the_way_back_is_another_one(admin: Desk) -> None:
    form = {**admin.form("/kelola/kunci"), "nama": "Satu", "cakupan": ["judge"], "hari": "30"}
    admin.post("/kelola/kunci", **form)
    admin.post("/kelola/kunci", **{**form, "nama": "Dua"})
    assert admin.actions().count("key.made") == 2


def test_a_wrong_key_is_said(admin: Desk) -> None:
    right = {"nama": "X", "cakupan": "judge", "hari": "30"}
    for wrong in (
        *({"hari": days} for days in ("", "x", "-1", "0", "731", "9" * 30)),
        {"nama": " "},
        {"nama": "x" * 101},
        {"cakupan": ""},
        {"cakupan": "people"},
    ):
        assert "paling sedikit satu cakupan" in words(admin.post("/kelola/kunci", 422, **{**right, **wrong})), wrong
    assert "key.made" not in admin.actions()


# --- thresholds ---------------------------------------------------------------------------------------------------------


def test_thresholds_are_looked_at_moved_told_and_given_back(admin: Desk) -> None:
    with admin.store.writing(TEST) as unit:
        unit.posts.add_judged(POST, StandIn().classify([Post(POST)])[0], "console")
    ahead = admin.get("/kelola/ambang?lolos=0,25&tinjau=0,95")
    assert "1 dari 1 kiriman tersimpan akan mendapat usulan lain" in words(ahead)
    assert "Tinjau → Butuh konteks: 1" in words(ahead)
    assert "thresholds.moved" not in admin.actions()
    form = {**admin.form("/kelola/ambang?lolos=0,25&tinjau=0,95"), "tindakan": "ubah"}
    assert "Isi alasannya" in words(admin.post("/kelola/ambang", 422, **form))
    assert admin.send("/kelola/ambang", **form, alasan="terlalu banyak").status_code == 303
    page = words(admin.get("/kelola/ambang"))
    assert "Digeser oleh pengelola" in page
    assert "0,2500 / 0,9500" in page
    assert "terlalu banyak" in page
    (judged,) = admin.client.post("/v1/classify", json={"texts": [POST]}).json()["results"]
    assert (judged["decision"], judged["thresholds"]["tinjau_from"]) == ("butuh_konteks", 0.95)
    back = {**admin.form("/kelola/ambang"), "tindakan": "asal"}
    assert admin.send("/kelola/ambang", **back).status_code == 303
    assert admin.client.get("/v1/model").json()["policy"]["source"] == "artefact"
    assert admin.actions().count("thresholds.moved") == 2


def test_a_window_out_of_date_does_not_overwrite(admin: Desk) -> None:
    first, second = (
        {**admin.form(f"/kelola/ambang?lolos={low}&tinjau=0.9"), "alasan": "uji", "tindakan": "ubah"}
        for low in ("0.1", "0.2")
    )
    assert admin.send("/kelola/ambang", **first).status_code == 303
    late = admin.post("/kelola/ambang", 409, **second)
    assert "sudah diubah di jendela lain" in words(late)
    assert "0,1000" in words(late)
    assert admin.post("/kelola/ambang", 409, **first), "the same form again changes nothing"
    assert admin.actions().count("thresholds.moved") == 1


def test_impossible_thresholds_are_explained(admin: Desk) -> None:
    for low in ("0", "0.5", "-1", "x", "1e-3", "٠٫٢", "0.2.1", "nan", ""):
        page = admin.client.get("/kelola/ambang", params={"lolos": low, "tinjau": "0.8"})
        assert page.status_code == 422
        assert "paling tinggi 0,3333" in words(page.text), low
        answer = admin.post("/kelola/ambang", 422, lolos=low, tinjau="0.8", alasan="uji", tindakan="ubah")
        assert "paling tinggi 0,3333" in words(answer), low


# --- cards --------------------------------------------------------------------------------------------------------------


def test_the_card_of_another_model_is_not_taken_for_this_ones(admin: Desk) -> None:
    page = words(admin.get("/kelola/model"))
    assert "bukan model bawaan" in page
    assert "a stand-in for tests" in page


def test_the_shipped_models_card_in_short_and_in_full(admin: Desk, root: Path) -> None:
    figures = json.loads((root / "model" / "figures.json").read_text(encoding="utf-8"))
    sha256 = figures["model"]["sha256"]
    admin.client.app.state.judge = StandIn(info=type(INFO)("pilah-mini", "0", sha256, "1.0", "x"))  # type: ignore[attr-defined]
    page = admin.get("/kelola/model")
    assert "Setiap hasil adalah usulan" in words(page)
    assert "F1 makro, tiga label" in words(page)
    assert "Intended use" in page
    assert "<h3>Model card" in page


def test_the_data_card_with_its_plots(admin: Desk) -> None:
    page = admin.get("/kelola/data")
    assert "<h3>Data card: Pilah</h3>" in page
    assert '<td class="number">' in page
    plots = re.findall(r'<img src="(/kelola/data/gambar/[\w.]+)"', page)
    assert plots
    for address in plots:
        answer = admin.client.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    for name in ("DATA_CARD.md", "..%2Fmeasured.json", "nothing.svg"):
        assert admin.client.get(f"/kelola/data/gambar/{name}").status_code == 404


# --- audit --------------------------------------------------------------------------------------------------------------


def test_the_audit_is_filtered_by_login_kind_and_day(admin: Desk, enter: Enter) -> None:
    sari = enter(Role.PETUGAS, login="sari")
    rows = re.findall(r"<tr>\s*<th scope=\"row\">(\d+)</th>", admin.get("/kelola/audit?perihal=sari"))
    with admin.store.reading() as unit:
        expected = [str(record.seq) for record in unit.audit.page(None, 50, f"person:{sari.id}")]
    assert rows == expected
    assert "session.opened" in words(admin.get("/kelola/audit?pelaku=SARI"))
    only = admin.get("/kelola/audit?jenis=person.added")
    assert set(re.findall(r'<code class="short">([\w.]+)</code></td>', only)) == {"person.added"}
    assert "Tidak ada catatan" in words(admin.get("/kelola/audit?sampai=2000-01-01"))
    assert "Tanggalnya tidak terbaca" in words(admin.get("/kelola/audit?dari=kemarin", 422))
    assert "Tidak ada catatan" in words(admin.get("/kelola/audit?perihal=%3Cscript%3E"))
    assert admin.get("/kelola/audit?sebelum=x")
    assert "Tanggalnya tidak terbaca" in words(admin.get("/kelola/audit?sampai=9999-12-31", 422))


def test_the_audit_goes_on_page_by_page(admin: Desk) -> None:
    with admin.store.writing(TEST) as unit:
        for number in range(120):
            unit.audit.append("test.done", f"thing:{number}")
    address, seen = "/kelola/audit?jenis=test.done", []
    while address:
        page = admin.get(address)
        seen += re.findall(r"thing:(\d+)</code>", page)
        found = re.findall(r'href="(/kelola/audit\?jenis=[^"]+)#catatan"', page)
        address = html.unescape(found[0]) if found else ""
    assert seen == [str(number) for number in reversed(range(120))]


def test_the_audit_is_verified_and_exported(admin: Desk) -> None:
    whole = admin.post("/kelola/audit/periksa")
    (anchor,) = re.findall(r'id="jangkar-baru" readonly value="(\d+:\w+)"', whole)
    assert "Utuh" in words(whole)
    assert "Utuh" in words(admin.post("/kelola/audit/periksa", jangkar=f" {anchor} "))
    assert "Tidak utuh" in words(admin.post("/kelola/audit/periksa", jangkar="1:0"))
    answer = admin.send("/kelola/audit/ekspor")
    assert answer.headers["content-disposition"].startswith('attachment; filename="pilah-audit-')
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["action"] for line in lines] == admin.actions()
    assert lines[-1]["action"] == "audit.exported"


# --- retention ----------------------------------------------------------------------------------------------------------


def test_a_purge_asks_first_and_is_in_the_history(admin: Desk) -> None:
    assert "centang dulu" in words(admin.post("/kelola/retensi", 422))
    assert "purge" not in admin.actions()
    assert "hal dihapus" in words(admin.post("/kelola/retensi", yakin="ya"))
    page = words(admin.get("/kelola/retensi"))
    assert "Belum pernah" not in page
    assert "dewi" in page


# --- learning -----------------------------------------------------------------------------------------------------------


def test_an_export_needs_reason_and_consent(admin: Desk) -> None:
    assert "centang dulu" in words(admin.post("/kelola/belajar/ekspor", 422, alasan="melatih"))
    assert "Isi alasannya" in words(admin.post("/kelola/belajar/ekspor", 422, yakin="ya"))
    assert "feedback.exported" not in admin.actions()
    answer = admin.send("/kelola/belajar/ekspor", alasan="melatih", yakin="ya")
    assert (answer.status_code, answer.text) == (200, "")
    assert "umpan-balik" in answer.headers["content-disposition"]
    assert admin.actions()[-1] == "feedback.exported"
    assert "melatih" in words(admin.get("/kelola/belajar"))


def test_another_model_is_put_in_use_and_back_without_a_restart(admin: Desk, tmp_path: Path) -> None:
    kept = Shelf(tmp_path / "home").add(version(tmp_path / "newer", "9.9.9"))
    assert "tanpa laporan" in words(admin.get("/kelola/belajar"))
    form = {"model": kept.id, "alasan": "lulus gerbang", "dilihat": SHIPPED, "yakin": "ya"}
    assert "centang dulu" in words(admin.post("/kelola/belajar/model", 422, **{**form, "yakin": ""}))
    assert "Isi alasannya" in words(admin.post("/kelola/belajar/model", 422, **{**form, "alasan": ""}))
    assert "tidak ada di sini" in words(admin.post("/kelola/belajar/model", 422, **{**form, "model": "../x"}))
    assert admin.client.get("/v1/model").json()["model"]["name"] == "pilah-uji"
    assert admin.send("/kelola/belajar/model", **form).status_code == 303
    assert admin.client.get("/v1/model").json()["model"]["version"] == "9.9.9"
    (built,) = [line for line in admin.client.get("/metrics").text.splitlines() if line.startswith("pilah_build_info{")]
    assert 'model_version="9.9.9"' in built
    assert "jendela lain" in words(admin.post("/kelola/belajar/model", 409, **form)), "sent twice"
    assert admin.actions().count("model.changed") == 1
    page = words(admin.get("/kelola/belajar"))
    assert "9.9.9" in page
    assert "Kembali ke versi ini" in page
    back = {**form, "model": SHIPPED, "dilihat": kept.id}
    assert admin.send("/kelola/belajar/model", **back).status_code == 303
    assert admin.client.get("/v1/model").json()["model"]["version"] != "9.9.9"


def test_the_processes_of_another_model_are_watched_from_the_start(enter: Enter, tmp_path: Path) -> None:
    desk = enter(Role.ADMIN, settings=Settings(judges=1))
    kept = Shelf(tmp_path / "home").add(version(tmp_path / "newer", "9.9.9"))
    form = {"model": kept.id, "alasan": "lulus gerbang", "dilihat": SHIPPED, "yakin": "ya"}
    assert desk.send("/kelola/belajar/model", **form).status_code == 303
    judge = desk.client.app.state.judge  # type: ignore[attr-defined]
    assert [link.ready for link in judge.judges._processes] == [True]


def test_a_damaged_model_is_not_put_in_use(admin: Desk, tmp_path: Path) -> None:
    kept = Shelf(tmp_path / "home").add(version(tmp_path / "newer", "9.9.9"))
    (kept.folder / "policy.json").write_text("{}", encoding="utf-8")
    assert "rusak; tidak dapat dipakai" in words(admin.get("/kelola/belajar"))
    form = {"model": kept.id, "alasan": "coba", "dilihat": SHIPPED, "yakin": "ya"}
    assert "rusak atau dibuat" in words(admin.post("/kelola/belajar/model", 409, **form))
    assert Shelf(tmp_path / "home").choice().current == SHIPPED


def test_where_a_setting_names_the_model_the_page_offers_no_other(enter: Enter, tmp_path: Path) -> None:
    folder = version(tmp_path / "fixed", "1.1.1")
    desk = enter(Role.ADMIN, settings=Settings(model=folder))
    page = desk.get("/kelola/belajar")
    assert "ditentukan oleh pengaturan" in words(page)
    assert 'action="/kelola/belajar/model"' not in page
    form = {"model": SHIPPED, "alasan": "coba", "dilihat": SHIPPED, "yakin": "ya"}
    assert "pengaturan menentukan" in words(desk.post("/kelola/belajar/model", 409, **form))


def test_the_language_switch_of_an_answer_to_a_form_leads_to_its_page(admin: Desk) -> None:
    answers = {
        "/kelola/audit/periksa": "/kelola/audit",
        "/kelola/belajar/ekspor": "/kelola/belajar",
        "/kelola/retensi": "/kelola/retensi",
    }
    for path, home in answers.items():
        assert f'href="{home}?lang=en"' in admin.send(path).text
