"""Debian's Chromium goes through the pages under Kelola as administrator and as auditor, in two sizes, with and without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from pilah_api.access import Role
from pilah_api.permissions import RULES
from pilah_api.services.shelf import Shelf
from pilah_model.judgement import Post
from tests.api.artefacts import version
from tests.api.stand_in import StandIn
from tests.api.stores import TEST
from tests.web.conftest import SIZES, Workplace, barriers, shot
from tests.web.layout import fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGES = [
    rule.path for rule in RULES if rule.method == "GET" and rule.path.startswith("/kelola") and "{" not in rule.path
]
WAYS = [(size, js) for size in SIZES for js in (True, False)]
IDS = [f"{size}-{'js' if js else 'no-js'}" for size, js in WAYS]


def furnish(office: Workplace, home: Path) -> None:
    """Give an office posts, a key and a second model version."""
    with office.store.writing(TEST) as unit:
        for text in ("Ayo coblos nomor 2 ya", "Lanjutkan, Pak!"):
            unit.posts.add_judged(text, StandIn().classify([Post(text)])[0], "console")
    Shelf(home / "home").add(version(home / "newer", "9.9.9"))


def look(page: Page, path: str, name: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert fits(page), path
    shot(page, name + (path.replace("/", "_").partition("?")[0]))


def look_at_all(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Menu utama").get_by_role("link", name="Kelola").click()
    for path in PAGES:
        look(page, path, name)


def manage_people(page: Page, name: str) -> None:
    page.goto("/kelola/orang")
    page.get_by_label("Nama masuk").fill("sari")
    page.get_by_label("Nama", exact=True).fill("Sari Dewi")
    page.get_by_label("Petugas").check()
    page.get_by_role("button", name="Buat akun").click()
    assert "/masuk/tautan?kode=" in page.get_by_role("textbox", name="Tautan sekali pakai").input_value()
    shot(page, f"{name}-link")
    page.get_by_role("button", name="Tutup akun").click()
    expect(page.get_by_role("status")).to_contain_text("Akun ditutup")
    page.get_by_label("Ya, hapus sari").check()
    page.get_by_role("button", name="Hapus akun").click()
    expect(page.get_by_role("heading", name="(dihapus)")).to_have_count(1)


def manage_keys(page: Page, name: str) -> None:
    page.goto("/kelola/kunci")
    page.get_by_label("Program yang memakainya").fill("Portal")
    page.get_by_label("Menilai").check()
    page.get_by_role("button", name="Buat kunci").click()
    assert page.get_by_role("textbox", name="Kunci baru").input_value().startswith("pilah_")
    shot(page, f"{name}-key")
    page.locator("summary").click()
    page.get_by_label("Ya, program ini langsung ditolak.").check()
    page.get_by_role("button", name="Cabut kunci").click()
    expect(page.get_by_role("status")).to_contain_text("dicabut")


def move_thresholds(page: Page, name: str) -> None:
    page.goto("/kelola/ambang")
    page.get_by_label("Lolos di bawah").fill("0,2")
    page.get_by_label("Tinjau mulai").fill("0,95")
    page.get_by_role("button", name="Lihat akibatnya").click()
    page.get_by_role("heading", name="Akibat bila digeser").wait_for()
    expect(page.get_by_role("main")).to_contain_text("1 dari 2 kiriman")
    shot(page, f"{name}-ahead")
    page.get_by_label("Alasan").fill("uji coba di kantor")
    page.get_by_role("button", name="Berlakukan ambang ini").click()
    expect(page.get_by_role("status")).to_contain_text("sudah berlaku")
    shot(page, f"{name}-moved")
    page.get_by_role("button", name="Kembali ke ambang model").click()
    expect(page.get_by_role("status")).to_contain_text("berlaku kembali")


def read_the_audit(page: Page, name: str) -> None:
    page.goto("/kelola/audit")
    page.get_by_role("button", name="Periksa sekarang").click()
    expect(page.get_by_role("status")).to_contain_text("Utuh")
    page.get_by_label("Jenis").select_option("thresholds.moved")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    assert fits(page)
    shot(page, f"{name}-found")
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh catatan").click()
    assert download.value.suggested_filename.startswith("pilah-audit-")


def purge(page: Page) -> None:
    page.goto("/kelola/retensi")
    page.get_by_label("Ya, hapus yang sudah lewat waktunya.").check()
    page.get_by_role("button", name="Hapus sekarang").click()
    expect(page.get_by_role("status")).to_contain_text("Selesai")


def learn(page: Page, name: str) -> None:
    page.goto("/kelola/belajar")
    panel = page.get_by_role("region", name="Ekspor umpan balik")
    panel.get_by_label("Alasan").fill("melatih")
    panel.get_by_label("Saya berwenang").check()
    with page.expect_download() as download:
        panel.get_by_role("button", name="Unduh umpan balik").click()
    assert download.value.suggested_filename.startswith("pilah-umpan-balik-")
    row = page.locator("tr", has_text="9.9.9")
    row.locator("summary").click()
    row.get_by_label("Alasan").fill("lulus gerbang")
    row.get_by_label("Ya, penilaian berikutnya").check()
    shot(page, f"{name}-versions")
    row.get_by_role("button", name="Pakai model ini").click()
    expect(page.get_by_role("status")).to_contain_text("sekarang dipakai")


@pytest.mark.parametrize(("size", "javascript"), WAYS, ids=IDS)
def test_an_administrator_at_work(workplace: Workplace, tmp_path: Path, size: str, javascript: bool) -> None:
    furnish(workplace, tmp_path)
    page = workplace.enter(Role.ADMIN, login="dewi", size=size, javascript=javascript)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    name = f"admin-{size}-{'js' if javascript else 'no-js'}"
    look_at_all(page, name)
    manage_people(page, name)
    manage_keys(page, name)
    move_thresholds(page, name)
    read_the_audit(page, name)
    purge(page)
    learn(page, name)
    assert complaints == []


@pytest.mark.parametrize("size", SIZES)
def test_an_auditor_reads_and_no_page_has_a_barrier(workplace: Workplace, tmp_path: Path, size: str) -> None:
    furnish(workplace, tmp_path)
    page = workplace.enter(Role.AUDITOR, login="rina", size=size)
    for path in (*PAGES, "/kelola/ambang?lolos=0.2&tinjau=0.95"):
        look(page, path, f"auditor-{size}")
        assert barriers(page) == [], path
        expect(page.get_by_role("main").get_by_role("button", name="Hapus")).to_have_count(0)


def test_no_barrier_for_an_administrator(workplace: Workplace, tmp_path: Path) -> None:
    furnish(workplace, tmp_path)
    page = workplace.enter(Role.ADMIN, login="dewi")
    for path in (*PAGES, "/kelola/ambang?lolos=0.2&tinjau=0.95"):
        page.goto(path)
        for summary in page.locator("main summary").all():
            summary.click()
        assert barriers(page) == [], path
    page.goto("/kelola/orang")
    page.get_by_role("link", name="dewi").last.click()
    assert barriers(page) == []


def test_others_meet_a_page_that_says_so(workplace: Workplace) -> None:
    page = workplace.enter(Role.PETUGAS, login="sari")
    expect(page.get_by_role("navigation", name="Menu utama").get_by_role("link", name="Kelola")).to_have_count(0)
    page.goto("/kelola")
    expect(page.get_by_role("heading", name="Tidak diizinkan untuk peran Anda")).to_have_count(1)
