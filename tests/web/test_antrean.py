"""The review queue in a real browser: by keyboard alone, without JavaScript, and when things go wrong in the middle."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from pilah_api.access import Role
from pilah_api.services.queueing import Incoming, send_to_queue
from pilah_api.settings import Settings
from pilah_api.store.audit import Origin
from pilah_api.store.opening import open_store
from pilah_api.store.reviews import ReviewState
from pilah_api.store.units import Store
from pilah_model.judgement import Post
from tests.api.queue_posts import CALM, PARTISAN, UNSURE, bring, settle
from tests.api.queue_posts import YES as AGREED
from tests.api.stand_in import StandIn
from tests.web.conftest import SIZES, Workplace, barriers, serving, shot
from tests.web.layout import fits

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PASSWORD = "kuda hijau menari pelan"
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
READY = "body.by-key"
"""Set by the script once the page listens to keys."""
MODEL_WORDS = ("tinjau", "94,0", "0.94", "keyakinan", "B02 ajakan memilih: ", "sependapat", "<mark")


def choose(page: Page, label: str, reason: str | None = None) -> None:
    page.get_by_role("radio", name=re.compile(f"^{label}")).check()
    if reason:
        page.get_by_role("radio", name=reason).check()


def take(page: Page) -> None:
    page.goto("/antrean")
    page.get_by_role("button", name="Ambil berikutnya").click()
    page.locator("#telaah-held").wait_for()


def reviews(store: Store, state: ReviewState = ReviewState.DECIDED) -> list[str]:
    with store.reading() as unit:
        people = unit.people.page(None, 100)
        entries = unit.queue_lists.page("semua", None, 200)
        found = [one for entry in entries for one in unit.reviews.of_post(entry.entry.id)]
    logins = {person.id: person.login for person in people}
    return sorted(logins[one.person_id] for one in found if one.state is state)


def sign_in_again(page: Page, login: str) -> None:
    page.get_by_label("Nama masuk").fill(login)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Masuk").click()


def set_password(page: Page) -> None:
    page.goto("/sandi")
    page.get_by_label("Kata sandi baru", exact=True).fill(PASSWORD)
    page.get_by_label("Kata sandi baru, sekali lagi").fill(PASSWORD)
    page.get_by_role("button", name="Simpan kata sandi").click()
    page.wait_for_url("**/")


def end_sessions(store: Store, login: str) -> None:
    with store.writing(Origin("console", "test")) as unit:
        found = unit.people.find(login)
        assert found is not None
        unit.sessions.close_all(found.id)


def test_thirty_posts_by_keyboard_alone(workplace: Workplace) -> None:
    for number in range(30):
        bring(workplace.store, f"{PARTISAN} {number * 7919}" if number % 3 else f"Lanjutkan, Pak {number}!")
    page = workplace.enter(Role.PETUGAS, login="sari")
    page.add_init_script(
        "for (const kind of ['mousedown', 'mousemove', 'pointerdown', 'touchstart'])"
        " addEventListener(kind, () => sessionStorage.setItem('mouse', kind), true);"
    )
    page.goto("/antrean")
    page.locator(f"{READY} #antrean").wait_for()
    press = page.keyboard.press
    press("j")
    press("j")
    press("k")
    expect(page.locator("[data-row]:focus")).to_have_count(1)
    press("n")
    for number in range(30):
        page.locator(f"{READY} #telaah-held").wait_for()
        if number == 0:
            press("?")
            assert page.locator("#pintasan").get_attribute("open") is not None
            press("?")
        if number % 4 == 0:
            press("3")
            press("f")
            press("2")
            press("a")
        elif number % 4 == 1:
            press("4")
            press("a")
        elif number % 4 == 2:
            press("2")
            press("t")
            page.keyboard.insert_text("Kutipan berita tanpa sikap sendiri.")
            press("Escape")
        else:
            press("1")
            press("b")
        press("Enter")
        page.locator(f"{READY} #telaah-decided").wait_for()
        if number == 5:
            press("u")
            page.locator(f"{READY} #telaah-held").wait_for()
            expect(page.locator("[name=label]:checked")).to_have_count(1)
            press("Enter")
            page.locator(f"{READY} #telaah-decided").wait_for()
        press("n" if number % 2 else "Enter")
    page.wait_for_url("**/antrean?kabar=kosong")
    assert page.evaluate("sessionStorage.getItem('mouse')") is None
    assert reviews(workplace.store) == ["sari"] * 31
    with workplace.store.reading() as unit:
        assert sum(one.number for one in unit.queue_lists.waiting()) == 8
        assert unit.audit.verify() == []


@pytest.mark.parametrize("size", SIZES)
@BOTH
def test_a_post_from_paste_to_outcome(workplace: Workplace, size: str, javascript: bool) -> None:
    name = f"antrean-{size}-{'js' if javascript else 'no-js'}"
    page = workplace.enter(Role.PETUGAS, login="sari", size=size)
    boss = workplace.enter(Role.PENYELIA, login="bos", size=size)
    if not javascript:
        # axe is a script itself, so that the browser runs it and none of ours.
        for one in (page, boss):
            one.route("**/*.js?*", lambda route: route.abort())
    page.goto("/")
    page.get_by_label("Teks kiriman").fill(f"{PARTISAN}\n\n{UNSURE}\n\n{CALM}")
    page.get_by_text("Keterangan kiriman (opsional)").click()
    page.get_by_label("Platform").fill("Facebook")
    page.get_by_role("button", name="Periksa kiriman").click()
    page.locator("#kirim").wait_for()
    shot(page, f"{name}-1-kirim")
    assert barriers(page) == []
    page.locator("#kirim").get_by_role("button", name="Kirim ke antrean").click()
    page.get_by_text("2 kiriman masuk antrean.").wait_for()
    shot(page, f"{name}-2-antrean")
    assert barriers(page) == []
    take(page)
    text = page.locator("blockquote.post").inner_text()
    choose(page, "Partisan")
    page.get_by_role("button", name="Simpan keputusan").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Pilih paling sedikit satu bentuk")
    page.get_by_role("checkbox", name="B02").check()
    page.get_by_label("Catatan").fill("Ajakan langsung.")
    shot(page, f"{name}-3-telaah")
    assert barriers(page) == []
    page.get_by_role("button", name="Simpan keputusan").click()
    page.locator("#telaah-decided").wait_for()
    expect(page.locator("blockquote.post")).to_have_text(text)
    expect(page.get_by_role("main")).to_contain_text("Usulan model")
    shot(page, f"{name}-4-hasil")
    assert barriers(page) == []
    page.get_by_role("link", name="Tampilkan kata petunjuk model").click()
    expect(page.locator("mark")).to_have_count(1)
    page.goto("/antrean")
    shot(page, f"{name}-5-antrean")
    boss.goto("/antrean?lang=en")
    assert boss.get_by_text("Second review").count() >= 1
    shot(boss, f"{name}-6-penyelia")
    assert barriers(boss) == []
    for one in (page, boss):
        assert fits(one)


@BOTH
def test_the_page_of_a_held_post_tells_nothing_of_the_model(workplace: Workplace, javascript: bool) -> None:
    (post_id,) = bring(workplace.store, PARTISAN).ids
    page = workplace.enter(Role.PENELAAH, login="budi", javascript=javascript)
    page.goto("/antrean")
    answers = [page.content()]
    take(page)
    answers.append(page.content())
    choose(page, "Perlu konteks")
    page.get_by_role("button", name="Simpan draf").click()
    page.get_by_text("Draf tersimpan.").wait_for()
    answers.append(page.content())
    page.goto("/antrean")
    answers.append(page.content())
    answers.append(page.request.get(f"/antrean/{post_id}?petunjuk=1").text())
    body = page.request.get(f"/v1/reviews/{post_id}").json()
    assert body["mode"] == "held"
    assert (body["model"], body["own"], body["others"]) == (None, None, [])
    assert body["state"]["round"] is None
    for html in answers:
        main = re.sub(r"(?s)<footer.*?</footer>|<nav.*?</nav>", "", html)
        assert "<main" in main
        assert not [word for word in MODEL_WORDS if word.lower() in main.lower()]


def test_a_second_reviewer_does_not_learn_of_the_first(workplace: Workplace) -> None:
    (post_id,) = bring(workplace.store, PARTISAN).ids
    first = workplace.enter(Role.PETUGAS, login="sari")
    second = workplace.enter(Role.PENELAAH, login="budi")
    second.goto("/antrean")
    before = second.inner_text("main")
    with workplace.store.reading() as unit:
        sari = unit.people.find("sari")
    assert sari is not None
    settle(workplace.store, sari, post_id, AGREED)
    second.goto("/antrean")
    assert second.inner_text("main") == before
    take(second)
    assert "Telaah kedua" not in second.content()
    choose(second, "Politik, netral", "Berita atau informasi")
    second.get_by_role("button", name="Simpan keputusan").click()
    second.locator("#telaah-decided").wait_for()
    assert "Keputusan lain" not in second.content()
    first.goto(f"/antrean/{post_id}")
    assert "Keputusan lain" not in first.content()


@BOTH
def test_two_officers_take_at_once(workplace: Workplace, javascript: bool) -> None:
    (post_id,) = bring(workplace.store, PARTISAN).ids
    sari = workplace.enter(Role.PETUGAS, login="sari", javascript=javascript)
    budi = workplace.enter(Role.PETUGAS, login="budi", javascript=javascript)
    for page in (sari, budi):
        page.goto("/antrean")
    for page in (sari, budi):
        page.get_by_role("button", name=f"Ambil {post_id[-8:]}").click()
    sari.locator("#telaah-held").wait_for()
    budi.get_by_text("Kiriman itu baru saja diambil rekan Anda").wait_for()
    budi.goto(f"/antrean/{post_id}")
    expect(budi.locator("blockquote")).to_have_count(0)
    assert reviews(workplace.store, ReviewState.LEASED) == ["sari"]


@BOTH
def test_a_session_that_ends_in_the_middle_loses_nothing(workplace: Workplace, javascript: bool) -> None:
    (post_id,) = bring(workplace.store, PARTISAN).ids
    page = workplace.enter(Role.PETUGAS, login="sari", javascript=javascript)
    set_password(page)
    take(page)
    choose(page, "Perlu konteks", "Objeknya tidak disebut")
    page.get_by_label("Catatan").fill('Baris satu <b>\nbaris dua & "kutip"')
    end_sessions(workplace.store, "sari")
    page.get_by_role("button", name="Simpan keputusan").click()
    page.get_by_text("Isian itu dibawa").wait_for()
    shot(page, f"antrean-sesi-{'js' if javascript else 'no-js'}")
    assert not javascript or barriers(page) == []
    page.get_by_label("Nama masuk").fill("sari")
    page.get_by_label("Kata sandi").fill("bukan sandinya")
    page.get_by_role("main").get_by_role("button", name="Masuk").click()
    page.get_by_role("alert").wait_for()
    sign_in_again(page, "sari")
    page.get_by_role("heading", name="Isian Anda masih ada").wait_for()
    expect(page.locator("blockquote")).to_contain_text('baris dua & "kutip"')
    shot(page, f"antrean-lanjutkan-{'js' if javascript else 'no-js'}")
    assert not javascript or barriers(page) == []
    assert reviews(workplace.store) == []
    page.get_by_role("button", name="Kirim isian ini").click()
    page.locator("#telaah-decided").wait_for()
    with workplace.store.reading() as unit:
        (decision,) = unit.reviews.decisions(post_id)
    assert decision.content.template == "konteks.objek"
    assert decision.content.reason.endswith('Baris satu <b>\nbaris dua & "kutip"')


def test_a_page_of_an_earlier_session_is_sent_again_not_lost(workplace: Workplace) -> None:
    bring(workplace.store, PARTISAN)
    page = workplace.enter(Role.PETUGAS, login="sari", javascript=False)
    set_password(page)
    take(page)
    end_sessions(workplace.store, "sari")
    other = page.context.new_page()
    other.goto("/masuk")
    sign_in_again(other, "sari")
    other.wait_for_url("**/")
    choose(page, "Bukan politik", "Kata yang mirip")
    page.get_by_role("button", name="Simpan keputusan").click()
    page.get_by_role("button", name="Kirim isian ini").click()
    page.locator("#telaah-decided").wait_for()
    assert reviews(workplace.store) == ["sari"]


@BOTH
def test_sent_twice_or_after_going_back_it_counts_once(workplace: Workplace, javascript: bool) -> None:
    bring(workplace.store, PARTISAN)
    page = workplace.enter(Role.PETUGAS, login="sari", javascript=javascript)
    take(page)
    choose(page, "Perlu konteks", "Objeknya tidak disebut")
    fields = page.evaluate("[...new FormData(document.querySelector('#telaah'))]") if javascript else []
    page.get_by_role("button", name="Simpan keputusan").dblclick()
    page.locator("#telaah-decided").wait_for()
    if fields:
        again = page.request.post(page.url + "/putuskan", form=dict(fields))
        assert again.ok
    page.go_back()
    page.wait_for_load_state()
    if page.locator("#telaah-held").count():
        choose(page, "Bukan politik", "Kata yang mirip")
        page.get_by_role("button", name="Simpan keputusan").click()
    page.locator("#telaah-decided").wait_for()
    assert reviews(workplace.store) == ["sari"]
    with workplace.store.reading() as unit:
        (entry,) = unit.queue_lists.page("semua", None, 5)
    assert entry.entry.outcome == "perlu_konteks"


def test_a_paste_sent_twice_enters_the_queue_once(workplace: Workplace) -> None:
    page = workplace.enter(Role.PETUGAS, login="sari", javascript=False)
    page.goto("/")
    page.get_by_label("Teks kiriman").fill(PARTISAN)
    page.get_by_role("button", name="Periksa kiriman").click()
    page.locator("#kirim").get_by_role("button", name="Kirim ke antrean").dblclick()
    page.get_by_text("1 kiriman masuk antrean.").wait_for()
    with workplace.store.reading() as unit:
        assert len(unit.queue_lists.page("semua", None, 5)) == 1


def test_a_restart_in_the_middle_keeps_draft_and_lease(browser: Browser, tmp_path: Path) -> None:
    home = tmp_path / "rumah"
    settings = Settings(port=0, home=home)
    store = open_store(home, None, None)
    with serving(settings, store) as address:
        office = Workplace(address, store, browser)
        (post_id,) = bring(store, PARTISAN).ids
        page = office.enter(Role.PETUGAS, login="sari")
        take(page)
        choose(page, "Perlu konteks")
        page.get_by_label("Catatan").fill("menunggu foto")
        page.get_by_role("button", name="Simpan draf").click()
        page.get_by_text("Draf tersimpan.").wait_for()
        state = page.context.storage_state()
        page.context.close()
    store.close()
    store = open_store(home, None, None)
    with serving(settings, store) as address:
        context = browser.new_context(base_url=address, storage_state=state)
        again = context.new_page()
        again.goto("/antrean")
        again.get_by_role("link", name="Lanjutkan").click()
        expect(again.get_by_label("Catatan")).to_have_value("menunggu foto")
        again.get_by_role("button", name="Simpan keputusan").click()
        again.locator("#telaah-decided").wait_for()
        with store.reading() as unit:
            assert len(unit.reviews.decisions(post_id)) == 1
        context.close()
    store.close()


@BOTH
def test_a_conflict_is_declared(workplace: Workplace, javascript: bool) -> None:
    bring(workplace.store, PARTISAN)
    page = workplace.enter(Role.PETUGAS, login="sari", javascript=javascript)
    take(page)
    page.locator("summary", has_text="Saya punya hubungan").click()
    page.get_by_role("button", name="Nyatakan dan kembalikan").click()
    expect(page.get_by_role("alert")).to_contain_text("Pilih hubungan yang dinyatakan")
    page.locator("summary", has_text="Saya punya hubungan").click()
    page.get_by_role("radio", name="Keluarga").check()
    page.get_by_role("button", name="Nyatakan dan kembalikan").click()
    page.get_by_text("tidak akan diberikan kepada Anda lagi").wait_for()
    page.wait_for_load_state()
    assert page.get_by_role("button", name="Ambil").count() <= 1
    page.get_by_role("button", name="Ambil berikutnya").click()
    page.get_by_text("Tidak ada lagi yang menunggu Anda").wait_for()


def test_like_posts_are_shown_and_decided_on_request(workplace: Workplace) -> None:
    text = "Ayo warga sekampung besok pagi coblos nomor dua demi jalan desa yang mulus dan terang"
    (judged,) = StandIn().classify([Post(text)])
    with workplace.store.writing(Origin("console", "test")) as unit:
        send_to_queue(unit, [Incoming(f"{text} {tail}", judged) for tail in ("", "🔥", "💪💪")], "console")
    page = workplace.enter(Role.PETUGAS, login="sari")
    take(page)
    choose(page, "Partisan", "mengajak memilih")
    page.get_by_role("checkbox", name="B02").check()
    page.get_by_role("button", name="Simpan keputusan").click()
    page.get_by_role("heading", name="Kiriman yang hampir sama").wait_for()
    shot(page, "antrean-serupa")
    assert barriers(page) == []
    page.locator("[name=kiriman]").first.check()
    page.get_by_role("button", name="Terapkan keputusan saya").click()
    page.get_by_text("Keputusan diterapkan").wait_for()
    assert reviews(workplace.store) == ["sari", "sari"]
    expect(page.locator("[name=kiriman]")).to_have_count(1)


def test_an_auditor_reads_and_does_nothing(workplace: Workplace) -> None:
    (post_id,) = bring(workplace.store, PARTISAN).ids
    page = workplace.enter(Role.AUDITOR, login="wati")
    page.goto("/antrean")
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    page.get_by_role("link", name=post_id[-8:]).click()
    expect(page.get_by_role("main")).to_contain_text("Usulan model")
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    assert barriers(page) == []
    shot(page, "antrean-auditor")
    with workplace.store.reading() as unit:
        assert unit.audit.page(None, 1, f"post:{post_id}")[0].action == "review.viewed"


def test_single_keys_can_be_switched_off(workplace: Workplace) -> None:
    bring(workplace.store, PARTISAN)
    page = workplace.enter(Role.PETUGAS, login="sari")
    take(page)
    page.locator("#pintasan summary").click()
    page.get_by_label("Pakai pintasan satu tombol").uncheck()
    page.locator("#judul").focus()
    page.keyboard.press("1")
    expect(page.locator("[name=label]:checked")).to_have_count(0)
    page.reload()
    page.keyboard.press("1")
    expect(page.locator("[name=label]:checked")).to_have_count(0)
