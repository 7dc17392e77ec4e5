"""The pictures of README and of the officers' page: made here, and checked to still show what the pages show.

`PILAH_PICTURES=1` makes them anew, with the words that stand beside them in `docs/images/contents.json`. Without it a
page whose headings, buttons or proposals differ from those words fails, for then its picture is out of date.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pilah_api.access import Role
from pilah_api.services.cases import open_case
from pilah_api.services.queueing import Incoming, send_to_queue
from pilah_api.settings import Settings
from pilah_api.store.opening import open_store
from pilah_model.artefacts import shipped_artefact
from pilah_model.classifier import Classifier
from pilah_model.judgement import Post
from tests.api.casework import INTAKE, almanac
from tests.api.counted import Brought, bring, open_cases, read
from tests.api.stores import START, TEST
from tests.web.conftest import Workplace, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
CONTENTS = IMAGES / "contents.json"
LARGEST = 120_000
"""Bytes of a picture: README must open quickly on a slow line."""
PASTE = (
    "Gas coblos nomor 2 ya gaes, Wirya pasti menang! Ajak tetangga semua #WiSunMenang\n\n"
    "Kami segenap pegawai Lapas Sukamaju berikrar menjaga netralitas dan tidak mendukung calon mana pun.\n\n"
    "Beliau memang juara di hati, lanjutkan perjuangan, Pak!"
)
QUEUE = (
    "Utk rekan2 blok A, nanti pas coblosan arahin WBP nya ke nomor 2 ya, jgn rame2",
    "Gas pol dukung Raharja-Melati, kita kawal sampai menang! #RaMelJuara",
    "Yang ga pilih Wirya siap2 aja dimutasi ke blok belakang wkwk",
    "Pakai kaos merah pas coblosan ya, biar kompak #TimKita",
)


@pytest.fixture(scope="module")
def judge() -> Classifier:
    """The model that ships, so that the pictures show what it says."""
    return Classifier.load(shipped_artefact(), threads=1)


@pytest.fixture
def office(browser: Browser, tmp_path: Path, judge: Classifier) -> Iterator[Workplace]:
    settings = Settings(port=0, home=tmp_path / "home")
    store = open_store(settings.home, None, None)
    with serving(settings, store, judge) as found:
        made = Workplace(found, store, browser)
        yield made
        for context in made.opened:
            context.close()
    store.close()


def tempel(office: Workplace, _: Classifier) -> Page:
    page = office.enter(Role.PETUGAS, login="sari")
    page.goto("/")
    page.get_by_label("Teks kiriman").fill(PASTE)
    page.get_by_role("button", name="Periksa kiriman").click()
    page.locator("#hasil").wait_for()
    page.evaluate("document.querySelector('#hasil').scrollIntoView()")
    return page


def antrean(office: Workplace, judge: Classifier) -> Page:
    queued(office, judge)
    page = office.enter(Role.PETUGAS, login="sari")
    page.goto("/antrean")
    return page


def telaah(office: Workplace, judge: Classifier) -> Page:
    queued(office, judge, QUEUE[:1])
    page = office.enter(Role.PETUGAS, login="sari")
    page.goto("/antrean")
    page.get_by_role("button", name="Ambil berikutnya").click()
    page.locator("#telaah-held").wait_for()
    page.get_by_role("radio", name=re.compile("^Partisan")).check()
    page.get_by_role("checkbox", name="B09").check()
    return page


def kasus(office: Workplace, _: Classifier) -> Page:
    page = office.enter(Role.PETUGAS, login="sari")
    with office.store.writing(TEST) as unit:
        who = unit.people.find("sari")
        assert who is not None
        case_id = open_case(unit, who, {**INTAKE, "known_on": date.today().isoformat()}, almanac())
    page.goto(f"/kasus/{case_id}")
    return page


def ringkasan(office: Workplace, _: Classifier) -> Page:
    for week in range(10):
        at = START - timedelta(weeks=week)
        sure = [Brought(seen=("B02",), reviews=read("partisan", "partisan", forms=("B02",)), at=at)] * (9 - week // 2)
        other = [Brought(seen=("B01",), reviews=read("partisan", "politik_netral", "politik_netral"), at=at)] * 2
        lawful = [Brought(seen=("B04",), reviews=read("politik_netral", "politik_netral"), at=at)] * 3
        unsure = [Brought("butuh_konteks", (), read("perlu_konteks", "perlu_konteks"), at=at)] * (6 + week % 3)
        bring(office.store, [*sure, *other, *lawful, *unsure])
    open_cases(
        office.store,
        ("Lapas Sukamaju", "T2", "masuk", 12),
        ("Rutan Cibaru", "T2", "arsip", 9),
        ("Kanwil", None, "arsip", 7),
    )
    page = office.enter(Role.PENYELIA, login="nur")
    page.goto("/ringkasan")
    return page


SCENES: dict[str, Callable[[Workplace, Classifier], Page]] = {
    scene.__name__: scene for scene in (tempel, antrean, telaah, kasus, ringkasan)
}


def queued(office: Workplace, judge: Classifier, texts: tuple[str, ...] = QUEUE) -> None:
    """Put posts into the queue, known on different days."""
    judged = judge.classify([Post(text) for text in texts], explain=True)
    posts = [
        Incoming(text, judgement, known_on=date.today() - timedelta(days=n % 3))
        for n, (text, judgement) in enumerate(zip(texts, judged, strict=True))
    ]
    with office.store.writing(TEST) as unit:
        send_to_queue(unit, posts, "console")


def words_of(page: Page) -> list[str]:
    """Return what a picture is of: the menu, headings, buttons and proposals of a page, without words that hold a number."""
    found = page.locator("nav a, h1, h2, h3, main button, .badge, main thead th, summary").all_inner_texts()
    plain = [" ".join(re.sub(r"\S*\d\S*", " ", text).split()) for text in found]
    return list(dict.fromkeys(text for text in plain if text))


def picture_of(page: Page) -> bytes:
    """Return a small picture of what is in the window: few colours are enough for a page."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB").quantize(96).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


@pytest.mark.parametrize("name", SCENES)
def test_the_picture_shows_what_the_page_shows(office: Workplace, judge: Classifier, name: str) -> None:
    page = SCENES[name](office, judge)
    contents = json.loads(CONTENTS.read_text(encoding="utf-8")) if CONTENTS.is_file() else {}
    if os.environ.get("PILAH_PICTURES"):
        IMAGES.mkdir(exist_ok=True)
        (IMAGES / f"{name}.png").write_bytes(picture_of(page))
        contents[name] = words_of(page)
        CONTENTS.write_text(json.dumps(contents, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    assert words_of(page) == contents.get(name), (
        f"docs/images/{name}.png is out of date; make it anew with PILAH_PICTURES=1 and look at it"
    )


@pytest.mark.parametrize("name", SCENES)
def test_the_picture_is_small_and_shown_with_words(name: str, root: Path) -> None:
    from PIL import Image

    path = IMAGES / f"{name}.png"
    assert path.stat().st_size <= LARGEST
    with Image.open(path) as picture:
        assert picture.size == (1366, 768)
    shown = [
        alt
        for document in (root / "README.md", root / "docs" / "officers.md")
        for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", document.read_text(encoding="utf-8"))
        if (document.parent / target).resolve() == path
    ]
    assert shown, "no document shows it"
    assert all(len(alt.split()) >= 4 for alt in shown), "who cannot see a picture reads its words"


def test_no_other_picture_lies_there() -> None:
    assert {path.stem for path in IMAGES.glob("*.png")} == set(SCENES)
