"""The page Tempel as a browser without JavaScript gets it."""

from __future__ import annotations

import html
import re

import pytest
from fastapi.testclient import TestClient

from pilah_api.settings import Settings
from pilah_api.web.texts import Language, Texts
from pilah_api.web.view import turning_sentence
from pilah_data.taxonomy import Decision
from pilah_model.turning import Turning
from tests.api.conftest import ClientFactory
from tests.api.stand_in import StandIn

PASTE = "Gas coblos nomor 2 ya\n<b>baris dua</b>\n\nLanjutkan Pak!\n\nKami netral, kami melayani"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def send(client: TestClient, text: str, expected: int = 200, query: str = "", **fields: str) -> str:
    response = client.post("/" + query, data={"text": text, **fields})
    assert response.status_code == expected
    return response.text


def visible(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("path", ["/", "/tempel"])
def test_the_empty_form(client: TestClient, path: str) -> None:
    page = client.get(path).text
    assert '<html lang="id">' in page
    assert '<label class="field-label" for="teks">Teks kiriman</label>' in page
    assert "bukan putusan" in page
    assert "pilah-uji" in page
    assert 'class="card' not in page


def test_judgements_are_shown_with_the_whole_original_text(client: TestClient) -> None:
    page = send(client, PASTE)
    assert page.count("<article") == 3
    assert "Gas <mark>" in page
    assert ">coblos nomor 2<" in page
    assert "&lt;b&gt;baris dua&lt;/b&gt;</blockquote>" in page
    words = visible(page)
    for phrase in (
        "3 kiriman diperiksa",
        "Tinjau: 1",
        "Butuh konteks: 1",
        "Lolos: 1",
        "[petunjuk: coblos nomor 2 ]",
        "Penilaian model: Partisan · Keyakinan: tinggi",
        "B02 ajakan memilih",
        "Arah Mendukung",
        "rujukan yang mungkin relevan, bukan putusan",
        "SKB 2022 B8; PP 94/2021 ps. 5 n 6; UU 7/2017 ps. 283",
        "Keyakinan pada label ini (Partisan): 94,0%",
        "usulan mesin, bukan putusan",
        "lolos di bawah 0,300; tinjau mulai 0,700",
    ):
        assert phrase in words, phrase


def test_the_typed_text_stays_in_the_form(client: TestClient) -> None:
    assert html.escape(PASTE, quote=False).replace("<", "&lt;") in send(client, PASTE).replace("\r\n", "\n")
    assert ">\n\nkopi</textarea>" in send(client, "\nkopi")


def test_english_by_address_and_cookie(client: TestClient) -> None:
    first = client.get("/?lang=en")
    assert '<html lang="en">' in first.text
    assert "pilah_lang=en" in first.headers["set-cookie"]
    assert "HttpOnly" in first.headers["set-cookie"]
    words = visible(send(client, PASTE))
    assert "Review: 1" in words
    assert "call to vote" in words
    assert "Confidence in this label (Partisan): 94.0%" in words
    assert "possibly relevant references, not a ruling" in words
    assert '<html lang="id">' in client.get("/?lang=id").text


@pytest.mark.parametrize("query", ["?lang=xx", "?lang=", "?lang=<script>", ""])
def test_an_unknown_language_is_indonesian(client: TestClient, query: str) -> None:
    page = client.get("/" + query).text
    assert '<html lang="id">' in page
    assert "<script>" not in page


def test_the_language_switch_keeps_what_was_typed(client: TestClient) -> None:
    page = send(client, "belum selesai", query="?lang=en", keep="form")
    assert "belum selesai</textarea>" in page
    assert 'class="card' not in page
    assert 'role="alert"' not in page


@pytest.mark.parametrize(("split", "posts"), [("auto", 3), ("baris", 4), ("utuh", 1), ("nonsense", 3)])
def test_the_way_of_splitting(client: TestClient, split: str, posts: int) -> None:
    page = send(client, PASTE, split=split)
    assert page.count("<article") == posts
    assert f'value="{split if split != "nonsense" else "auto"}" checked' in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Belum ada teks yang dapat dibaca"),
        (" \r\n\t ", "Belum ada teks yang dapat dibaca"),
        ("\u200b\u200b", "Belum ada teks yang dapat dibaca"),
        ("\x00\x07", "Belum ada teks yang dapat dibaca"),
        ("kopi\n\u200b", "Kiriman ke-2: hanya berisi karakter yang tidak terlihat"),
        ("x" * 100_001, "Kiriman ke-1: panjangnya 100.001 karakter; paling banyak 100.000"),
        ("\n".join(["kopi"] * 257), "Ada 257 kiriman; sekali periksa paling banyak 256"),
    ],
)
def test_errors_are_told_in_the_page_with_the_text_kept(client: TestClient, text: str, words: str) -> None:
    page = send(client, text, expected=422)
    assert words in visible(page)
    assert 'role="alert"' in page
    assert 'aria-invalid="true"' in page
    # A null character cannot stand in HTML; browsers would drop it, too.
    assert html.escape(text.replace("\r\n", "\n")) in page.replace("\r\n", "\n")


def test_errors_in_english(client: TestClient) -> None:
    assert "Post 1: has 100,001 characters" in visible(send(client, "x" * 100_001, expected=422, query="?lang=en"))


@pytest.mark.parametrize(
    "text", ["kopi \u202eterbalik", "\x1b[31mkopi", "مرحبا بالعالم", "kopi\ufffd", "k" * 100_000, "{{ 7 * 7 }} ${x}"]
)
def test_odd_texts_are_judged(client: TestClient, text: str) -> None:
    page = send(client, text)
    assert page.count("<article") == 1
    assert html.escape(text) in page


def test_bytes_that_are_not_utf8_are_no_failure(client: TestClient) -> None:
    response = client.post("/", content=b"text=kopi%FF%ED%A0%80&split=%FF", headers=FORM)
    assert response.status_code == 200
    assert "kopi\ufffd" in response.text


def test_a_long_post_says_that_it_was_truncated_and_scrolls_by_keyboard(client: TestClient) -> None:
    page = send(client, "kata " * 500)
    assert "lebih panjang daripada yang dibaca model" in page
    assert 'class="post post-long" dir="auto" tabindex="0"' in page


FACTS = {
    "konteks": "Menanggapi kiriman grup <kantor>",
    "waktu": "2026-11-26T08:15",
    "platform": "Facebook",
    "tautan": "javascript:alert(1)",
}


def test_what_is_told_of_the_posts_stays_and_is_shown_but_never_linked(client: TestClient) -> None:
    page = send(client, PASTE, 200, "", **FACTS)
    assert ">\nMenanggapi kiriman grup &lt;kantor&gt;</textarea>" in page
    for name in ("waktu", "platform", "tautan"):
        assert f'name="{name}"' in page
        assert f'value="{FACTS[name]}"' in page
    assert "Tanggal dan jam terbit 2026-11-26 08:15 Platform Facebook Tautan javascript:alert(1)" in visible(page)
    assert 'href="javascript' not in page
    assert '<dl class="told">' not in send(client, PASTE)


def test_the_context_goes_with_every_post(client: TestClient, judge: StandIn) -> None:
    seen: list[str | None] = []
    judge.before = lambda posts: seen.extend(post.context for post in posts)
    send(client, PASTE, konteks="debat semalam")
    assert seen[:3] == ["debat semalam"] * 3
    seen.clear()
    send(client, PASTE, konteks=" ")
    assert seen[:3] == [None] * 3


def test_a_context_that_is_too_long_is_told(client: TestClient) -> None:
    assert "konteks panjangnya 100.001 karakter" in visible(send(client, "kopi", expected=422, konteks="x" * 100_001))


def test_every_post_that_did_not_pass_says_what_would_change_its_proposal(client: TestClient) -> None:
    page = send(client, PASTE)
    assert page.count('class="turning"') == 2
    words = visible(page)
    assert "Apa yang mengubah hasil: Tanpa \u201ccoblos\u201d, usulan menjadi Lolos." in words
    assert "Tanpa \u201cLanjutkan\u201d, usulan menjadi Lolos." in words


@pytest.mark.parametrize(
    ("turning", "words"),
    [
        (Turning(), "Usulan tidak berubah bila kata-kata yang ditandai dihilangkan"),
        (Turning(complete=False), "Belum dihitung karena waktu untuk halaman ini habis"),
        (
            Turning(((0, 3), (4, 10), (11, 16)), 3, Decision.BUTUH_KONTEKS),
            "Tidak ada satu kata pun yang sendirian mengubah usulan. "
            "Tanpa \u201cGas\u201d, \u201ccoblos\u201d dan \u201cnomor\u201d sekaligus, usulan menjadi Butuh konteks.",
        ),
        (None, None),
    ],
)
def test_how_a_change_is_said(turning: Turning | None, words: str | None) -> None:
    assert turning_sentence(turning, "Gas coblos nomor 2", Texts(Language.ID)) == words or (
        words is not None
        and (turning_sentence(turning, "Gas coblos nomor 2", Texts(Language.ID)) or "").startswith(words)
    )


def test_results_are_reached_by_their_decision(client: TestClient) -> None:
    page = send(client, PASTE + "\n\nJangan pilih Santoso")
    jump = page[page.index('<nav class="jump"') : page.index("</nav>", page.index('<nav class="jump"'))]
    assert re.findall(r'class="card-(\w+)"|href="#kiriman-(\d+)"', jump) == [
        ("tinjau", ""),
        ("", "1"),
        ("", "4"),
        ("butuh_konteks", ""),
        ("", "2"),
        ("lolos", ""),
        ("", "3"),
    ]
    assert all(f'id="kiriman-{n}"' in page for n in range(1, 5))
    assert 'href="#kiriman-' not in send(client, "kopi")


def test_many_numbers_of_one_decision_are_folded(client: TestClient) -> None:
    assert "Nomor kiriman" not in visible(send(client, "\n".join(["kopi"] * 24)))
    assert "Nomor kiriman" in visible(send(client, "\n".join(["kopi"] * 25)))


def test_limits_follow_the_settings(make_client: ClientFactory) -> None:
    page = send(make_client(Settings(max_posts=2)), "a\nb\nc", expected=422)
    assert "paling banyak 2" in page


def test_another_sites_form_is_refused_with_a_page(client: TestClient) -> None:
    headers = {"origin": "http://evil.example", "accept": "text/html"}
    response = client.post("/", data={"text": "kopi"}, headers=headers)
    assert response.status_code == 403
    assert "Formulir dikirim dari situs lain" in response.text


def test_no_page_asks_for_anything_outside(client: TestClient) -> None:
    pages = [client.get(path).text for path in ("/", "/docs", "/problems", "/problems/not-found")]
    for page in [*pages, send(client, PASTE)]:
        for address in re.findall(r'(?:src|href|action)="([^"]+)"', page):
            assert address.startswith(("/", "#")), address
        assert " style=" not in page
        assert not re.search(r"\son\w+=", page)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
