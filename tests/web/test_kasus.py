"""The page Kasus in a browser: from an empty list to an exported pack, in two sizes, with and without JavaScript."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from pilah_api.access import Role
from pilah_api.services.cases import change_case, join_case, open_case
from pilah_api.services.cases_clock import almanac_of
from pilah_api.services.people import add_person
from pilah_api.store.audit import Origin
from tests.api.casework import CLARIFICATION, INTAKE, RECOMMENDATION, RESULT, TEXT, jpeg, png
from tests.api.queue_posts import YES, bring_one, settle
from tests.api.stores import person
from tests.web.conftest import SIZES, Workplace, barriers, shot
from tests.web.layout import fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
ORIGIN = Origin("console", "test")
CAPTURED = "2026-11-25T10:00"
SECTIONS = ("Asal laporan", "Terlapor", "Akun dan identifikasi", "Peristiwa", "Isi kiriman", "Kaitan dinas dan saksi")


def checked(page: Page, name: str) -> None:
    """Take a picture, and make sure that nobody is kept out and nothing runs over the edge."""
    shot(page, f"kasus-{name}")
    assert barriers(page) == []
    assert fits(page)


def fill(page: Page, section: str, values: dict[str, object]) -> None:
    """Fill one section by its form, as far as the values belong to it."""
    page.get_by_role("link", name=f"Isi atau ubah: {section}").click()
    page.get_by_role("button", name="Simpan").wait_for()
    for name, value in values.items():
        found = page.locator(f"[name={name}]")
        if not found.count():
            continue
        kind = found.first.get_attribute("type")
        if kind in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                page.locator(f"[name={name}][value={one}]").check()
        elif page.locator(f"select[name={name}]").count():
            found.select_option(str(value))
        else:
            found.fill(str(value))
    page.get_by_role("button", name="Simpan").click()
    page.get_by_role("status").wait_for()


def step(page: Page, label: str, reason: str = "") -> None:
    """Take a step that is offered."""
    offer = page.locator("details.offer", has=page.locator("summary", has_text=label)).first
    if offer.get_attribute("open") is None:
        offer.locator("summary").click()
    if reason:
        offer.get_by_label("Alasan").fill(reason)
    offer.get_by_role("button", name=label).click()
    page.get_by_text("Kasus dipindahkan.").wait_for()


def join(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Ikut menangani").click()
    page.get_by_text("Anda ikut menangani").wait_for()


def opened(page: Page) -> str:
    """Open a case from the post that waits; return its address."""
    page.goto("/kasus")
    page.get_by_text("Belum ada kasus").wait_for()
    page.get_by_role("link", name="Buka kasus").click()
    page.get_by_role("link", name="Pakai kiriman ini").click()
    page.get_by_label("Laporan orang lain").check()
    page.get_by_label("Unit kerja").fill("Lapas Sukamaju")
    page.get_by_label("Tanggal diketahui").fill("2026-11-24")
    page.get_by_role("button", name="Buka kasus").click()
    page.get_by_text("Kasus terbuka").wait_for()
    return page.url.split("?")[0]


def add(page: Page, file: Path, zone: str = "WITA") -> None:
    """Fill the form of a piece of evidence and send it."""
    page.get_by_text("Tambah bukti", exact=True).click()
    page.get_by_label("Berkas", exact=True).set_input_files(file)
    page.get_by_label("Diambil oleh").fill("Sari")
    page.get_by_label("Waktu pengambilan", exact=True).fill(CAPTURED)
    page.get_by_label(zone, exact=True).check()
    page.get_by_label("URL terlihat").check()
    page.get_by_role("button", name="Unggah bukti").click()


@pytest.mark.parametrize("size", SIZES)
def test_a_case_from_a_post_to_its_pack(workplace: Workplace, size: str, tmp_path: Path) -> None:
    post_id = bring_one(workplace.store, TEXT)
    for login in ("andi", "bela"):
        settle(workplace.store, person(workplace.store, Role.PENELAAH, login=login), post_id, YES)
    officer = workplace.enter(Role.PETUGAS, login="sari", size=size, javascript=False)
    address = opened(officer)
    shot(officer, f"kasus-{size}-2-opened")
    for section in SECTIONS:
        fill(officer, section, INTAKE)
    step(officer, "Mulai triase")
    expect(officer.get_by_role("link", name="Paling sedikit satu bukti")).to_have_count(1)
    picture = tmp_path / "tangkapan layar.png"
    picture.write_bytes(png(64, 48))
    add(officer, picture)
    officer.get_by_text("Bukti masuk").wait_for()
    officer.get_by_role("button", name="Periksa keutuhan bukti").click()
    officer.get_by_text("Semua 1 berkas masih sama").wait_for()
    step(officer, "Serahkan ke telaah 1")
    reader = workplace.enter(Role.PENELAAH, login="bayu", size=size, javascript=False)
    reader.goto(address)
    assert "Darto Terlapor" not in reader.content()
    shot(reader, f"kasus-{size}-4-sealed")
    join(reader, address)
    step(reader, "Cukup alasan, teruskan ke telaah 2", "Ajakan memilih dengan nama peserta.")
    lead = workplace.enter(Role.PENYELIA, login="nur", size=size, javascript=False)
    join(lead, address)
    step(lead, "Cukup alasan, minta klarifikasi", "Sependapat.")
    fill(lead, "Klarifikasi", dict(CLARIFICATION))
    step(lead, "Susun rekomendasi")
    fill(lead, "Rekomendasi", dict(RECOMMENDATION))
    step(lead, "Rekomendasi selesai, catat hasil")
    fill(lead, "Hasil dan penyimpanan", dict(RESULT))
    shot(lead, f"kasus-{size}-5-result")
    with lead.expect_download() as waiting:
        lead.get_by_role("link", name="Paket bukti lengkap").click()
    with zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes())) as pack:
        assert "formulir-laporan.pdf" in pack.namelist()
        assert pack.testzip() is None
    lead.goto("/kasus")
    expect(lead.get_by_role("row")).to_have_count(2)
    shot(lead, f"kasus-{size}-6-list")


@pytest.mark.parametrize("size", SIZES)
def test_nobody_is_kept_out_of_the_pages(workplace: Workplace, size: str) -> None:
    page = workplace.enter(Role.PETUGAS, Role.PENYELIA, login="nur", size=size)
    address = _filled(workplace, "nur")
    page.goto("/kasus")
    checked(page, f"{size}-7-list")
    page.goto("/kasus/baru")
    checked(page, f"{size}-8-new")
    page.goto(address)
    checked(page, f"{size}-9-case")
    page.goto(f"{address}/isi/akun")
    checked(page, f"{size}-10-section")
    page.goto(f"{address}?lang=en")
    checked(page, f"{size}-11-case-en")
    if size == "desktop":
        page.emulate_media(media="print")
        shot(page, "kasus-desktop-12-print")
        page.emulate_media(media="screen", color_scheme="dark")
        checked(page, f"{size}-13-dark")


def test_two_officers_at_once_lose_nothing(workplace: Workplace) -> None:
    first = workplace.enter(Role.PETUGAS, login="sari")
    second = workplace.enter(Role.PENYELIA, login="nur")
    address = _filled(workplace, "sari", "nur")
    for page in (first, second):
        page.goto(f"{address}/isi/terlapor")
    first.get_by_label("Jabatan").fill("Kepala regu")
    first.get_by_role("button", name="Simpan").click()
    first.get_by_role("status").wait_for()
    second.get_by_label("Jabatan").fill("Staf tata usaha")
    second.get_by_label("Unit kerja").fill("Rutan Sukamaju")
    second.get_by_role("button", name="Simpan").click()
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("baru saja diubah orang lain")
    expect(second.get_by_label("Jabatan")).to_have_value("Staf tata usaha")
    expect(second.get_by_label("Unit kerja")).to_have_value("Rutan Sukamaju")
    expect(second.locator("#kini-position")).to_contain_text("Kepala regu")
    checked(second, "conflict")
    second.get_by_role("button", name="Simpan").click()
    second.get_by_role("status").wait_for()
    assert "Staf tata usaha" in second.content()


def test_what_is_wrong_is_told_beside_its_field(workplace: Workplace) -> None:
    page = workplace.enter(Role.PETUGAS, login="sari")
    address = _filled(workplace, "sari")
    page.goto(f"{address}/isi/terlapor")
    page.get_by_label("NIP", exact=True).fill("123456789012345678")
    page.get_by_label("Nama terlapor").fill("Nama Baru")
    page.get_by_role("button", name="Simpan").click()
    expect(page.locator("#salah-nip")).to_contain_text("bukan susunan NIP")
    expect(page.get_by_label("Nama terlapor")).to_have_value("Nama Baru")
    expect(page.get_by_label("NIP", exact=True)).to_have_attribute("aria-invalid", "true")
    checked(page, "wrong-field")


def test_a_refused_file_keeps_what_was_typed(workplace: Workplace, tmp_path: Path) -> None:
    page = workplace.enter(Role.PETUGAS, login="sari", javascript=False)
    page.goto(_filled(workplace, "sari"))
    double = tmp_path / "dua.png"
    double.write_bytes(png(after=b"<script>alert(1)</script>"))
    add(page, double, "WIT")
    expect(page.get_by_role("alert")).to_contain_text("sekaligus berkas jenis lain")
    expect(page.get_by_label("Diambil oleh")).to_have_value("Sari")
    expect(page.get_by_label("WIT", exact=True)).to_be_checked()


def test_a_picture_is_shown_and_a_saved_page_never_runs(workplace: Workplace, tmp_path: Path) -> None:
    page = workplace.enter(Role.PETUGAS, login="sari")
    address = _filled(workplace, "sari")
    for name, content in (("foto.jpg", jpeg()), ("halaman.html", b"<!doctype html><html><script>1</script></html>")):
        page.goto(address)
        file = tmp_path / name
        file.write_bytes(content)
        add(page, file)
        page.get_by_text("Bukti masuk").wait_for()
    page.get_by_text("Lihat gambar").click()
    picture = page.get_by_role("img", name="Gambar bukti foto.jpg")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.exhibit-picture').naturalWidth === 8")
    with page.expect_download() as waiting:
        page.evaluate("location = document.querySelectorAll('.exhibits a')[1].href")
    assert waiting.value.suggested_filename == "halaman.html"


def _filled(workplace: Workplace, *logins: str) -> str:
    """Return the address of a filled case on which these people work; those that are missing are made."""
    almanac = almanac_of(Path("/nowhere"))
    with workplace.store.writing(ORIGIN) as unit:
        people = [
            unit.people.find(login) or add_person(unit, login, login.title(), frozenset({Role.PETUGAS})).person
            for login in logins
        ]
        case_id = open_case(unit, people[0], INTAKE, almanac)
        for one in people[1:]:
            join_case(unit, one, case_id, no_interest=True)
        change_case(unit, people[0], case_id, 1, {"office_note": "Di luar jam dinas, tanpa seragam."}, almanac)
    return f"/kasus/{case_id}"
