"""The page Ringkasan: for those who watch over the work, in words and numbers of their language, on one sheet of paper."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from pilah_api.access import Role
from pilah_api.services.summary import summarise
from pilah_api.store.units import Store
from pilah_api.web.ringkasan_view import MOST_UNITS, blocks, key_figures, moment
from pilah_api.web.texts import Language, Texts
from pilah_data.taxonomy import FORMS
from tests.api.counted import Brought, bring, open_cases, read
from tests.api.stores import START, Place
from tests.api.test_summary import office
from tests.web.conftest import SIZES, Workplace, barriers, shot
from tests.web.layout import fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

ID, EN = Texts(Language.ID), Texts(Language.EN)


@pytest.fixture
def here(tmp_path: Path) -> Store:
    return Place(tmp_path, None).open()


def test_the_key_figures(here: Store) -> None:
    few = [
        ("Kiriman dalam telaah", "kurang dari 5"),
        ("Sudah diputus penelaah", "kurang dari 5"),
        ("Kasus", "kurang dari 5"),
    ]
    assert key_figures(summarise(here), ID) == few
    office(here)
    assert key_figures(summarise(here), ID) == [
        ("Kiriman dalam telaah", "120"),
        ("Sudah diputus penelaah", "100"),
        ("Kasus", "40"),
        ("Ketepatan tanda Tinjau", "64–84%"),
    ]
    here.close()


def test_every_block_says_in_words_what_it_shows(here: Store) -> None:
    office(here)
    found = {block.key: block for block in blocks(summarise(here), ID)}
    assert found["ketepatan"].sentences[0] == (
        "pilah-uji 1: Dari 80 kiriman bertanda Tinjau yang dibaca dua penelaah, 60 dinilai partisan oleh keduanya."
    )
    assert (
        found["kesepakatan"].sentences[0] == "100 kiriman dibaca dua penelaah; 92 di antaranya diberi label yang sama."
    )
    outcomes = found["keputusan"].grid
    assert outcomes is not None
    assert outcomes.heads == ("Partisan", "Perlu konteks", "Politik, netral", "belum diputus", "Jumlah")
    assert outcomes.rows[0] == ("Tinjau", ("60", "0", "20", "20", "100"))
    assert outcomes.rows[-1] == ("Jumlah", ("60", "20", "20", "20", "120"))
    units = found["unit"].grid
    assert units is not None
    assert units.heads == ("kampanye", "belum diisi", "Jumlah")
    states = found["status"].grid
    assert states is not None
    assert [name for name, _ in states.rows] == ["Arsip", "Masuk"]
    weeks = found["pekan"].grid
    assert weeks is not None
    assert weeks.rows[0][0] == "23-11-2026 – 29-11-2026"
    english = {block.key: block for block in blocks(summarise(here), EN)}
    assert english["bentuk"].grid is not None
    assert english["bentuk"].grid.rows[0] == ("B02 call to vote", ("80", "60"))
    here.close()


def test_too_little_is_said_and_nothing_is_drawn(here: Store) -> None:
    bring(here, [Brought()] * 4)
    assert all(block.chart is None and block.grid is None for block in blocks(summarise(here), ID))
    here.close()


def test_what_is_hidden_is_said_in_words(here: Store) -> None:
    bring(here, [Brought(reviews=read("partisan", "partisan"))] * 18)
    bring(here, [Brought(reviews=read("politik_netral", "politik_netral"))] * 2)
    found = {block.key: block for block in blocks(summarise(here), ID)}
    assert "jumlah persisnya disembunyikan" in found["ketepatan"].sentences[0]
    assert "Kappa belum dihitung" in found["kesepakatan"].sentences[1]
    here.close()


def test_a_moment_is_told_in_the_west_of_indonesia() -> None:
    assert moment(dt.datetime(2026, 11, 26, 20, 5, tzinfo=dt.UTC)) == "27-11-2026 03.05"


def _busy(store: Store) -> None:
    """As much as a page can hold: half a year, every form, more units than the chart has room for."""
    for week in range(30):
        at = START - dt.timedelta(weeks=week)
        codes = [code for code in FORMS if code != "B11"]
        bring(
            store,
            [
                *[Brought(seen=(c,), reviews=read("partisan", "partisan", forms=(c,)), at=at) for c in codes],
                *[Brought("butuh_konteks", (), read("perlu_konteks", "politik_netral"), at=at)] * 6,
            ],
        )
    stages = ("T0", "T1", "T2", "T3", "T4", "T5")
    open_cases(store, *[(f"Lapas Kelas IIA Nomor {n}", stages[n % 6], "masuk", 6 + n) for n in range(MOST_UNITS + 8)])


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_in_a_browser(workplace: Workplace, size: str, javascript: bool) -> None:
    _busy(workplace.store)
    page = workplace.enter(Role.PENYELIA, login="ani", size=size, javascript=javascript)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.get_by_role("link", name="Ringkasan").click()
    expect(page.get_by_role("heading", level=2)).to_have_count(7)
    expect(page.locator("svg.chart")).to_have_count(6)
    shot(page, f"ringkasan-{size}-{'js' if javascript else 'no-js'}")
    page.locator("summary").first.click()
    expect(page.get_by_role("columnheader", name="Pekan")).to_be_visible()
    if javascript:
        assert fits(page)
        assert barriers(page) == []
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Agreement of reviewers")).to_be_visible()
    assert complaints == []


@pytest.mark.browser
def test_it_is_downloaded_and_printed_on_one_sheet(workplace: Workplace) -> None:
    _busy(workplace.store)
    page = workplace.enter(Role.AUDITOR, login="budi")
    page.goto("/ringkasan")
    assert _downloaded(page, "CSV").startswith("table,row,column,value,low,high")
    assert json.loads(_downloaded(page, "JSON"))["least"] == 5
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert len(sheets) == 1


def _downloaded(page: Page, name: str) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name).click()
    assert waiting.value.suggested_filename == f"pilah-ringkasan.{name.lower()}"
    return Path(waiting.value.path()).read_text(encoding="utf-8")


@pytest.mark.browser
def test_who_only_brings_posts_in_does_not_see_it(workplace: Workplace) -> None:
    page = workplace.enter(Role.PETUGAS, login="sari")
    expect(page.get_by_role("link", name="Ringkasan")).to_have_count(0)
    answer = page.goto("/ringkasan")
    assert answer is not None
    assert answer.status == 403
