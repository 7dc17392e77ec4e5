"""Finding and masking what identifies a person. All numbers and addresses are invented."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilah_data.privacy import Finding, Identifier, find_identifiers, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # NIK: region, birth date, serial; women have 40 added to the day
        ("NIK 3273011708900004 ya", "NIK @NIK ya"),
        ("NIK saya 3273015708900004", "NIK saya @NIK"),
        ("NIK 3273 0157 0890 0004", "NIK @NIK"),
        ("lahir 29 Februari 2000: 3273012902000001", "lahir 29 Februari 2000: @NIK"),
        ("perempuan, 29 Februari: 3273016902040001", "perempuan, 29 Februari: @NIK"),
        ("daftar: 1 3273011708900004 Budi", "daftar: 1 @NIK Budi"),
        ("3273011708900004 12 Mei", "@NIK 12 Mei"),
        # NIP: birth date, appointment, sex, serial
        ("NIP 198705152010011003", "NIP @NIP"),
        ("NIP. 19870515 201001 1 003", "NIP. @NIP"),
        ("NIP 19870515 2010011003", "NIP @NIP"),
        ("NI PPPK 199203042022212005", "NI PPPK @NIP"),
        # NPWP
        ("NPWP 12.345.678.9-012.345", "NPWP @NPWP"),
        ("NPWP 08.123.456.7-890.123", "NPWP @NPWP"),
        # phones
        ("WA 081234567890", "WA @TELEPON"),
        ("WA 0812-3456-7890 ya", "WA @TELEPON ya"),
        ("telp 0812.3456.789", "telp @TELEPON"),
        ("+6281234567890", "@TELEPON"),
        ("+62 812-3456-7890", "@TELEPON"),
        ("+62-812 3456 7890", "@TELEPON"),
        ("6281234567890 aktif", "@TELEPON aktif"),
        ("hubungi 081234567890.", "hubungi @TELEPON."),
        ("kode pos 43123 081234567890", "kode pos 43123 @TELEPON"),
        ("(021) 555 1234", "@TELEPON"),
        ("telp (0274) 512-345.", "telp @TELEPON."),
        ("kantor 021-5551234", "kantor @TELEPON"),
        ("+62 21 555 1234", "@TELEPON"),
        ("08-1234-5678", "@TELEPON"),
        ("08.12.3456.7890", "@TELEPON"),
        # a date or an hour beside a number does not hide it
        ("14-02-2024 08.00 0812-3456-7890", "14-02-2024 08.00 @TELEPON"),
        ("14-02-2024 05-03-2024 0812-3456-7890", "14-02-2024 05-03-2024 @TELEPON"),
        ("08.00-12.00 0812 3456 7890", "08.00-12.00 @TELEPON"),
        ("08-12-2024 081234567890", "08-12-2024 @TELEPON"),
        ("1987-05-15 2010 01 1 003", "@NIP"),
        ("3273-0117-0890-0004", "@NIK"),
        # mail, handles, links
        ("lihatwww.contoh.id", "lihatHTTPURL"),
        ("surel: budi.s@dinas.tirtawana.go.id!", "surel: @EMAIL!"),
        ("a.b+c@contoh.co", "@EMAIL"),
        ("halo @budi_s, apa kabar", "halo @USER, apa kabar"),
        ("RT @akun.resmi: gas", "RT @USER: gas"),
        ("(@budi)", "(@USER)"),
        ("lihat https://t.co/AbC123", "lihat HTTPURL"),
        ("lihat (http://contoh.id/a?b=c&d=e#f).", "lihat (HTTPURL)."),
        ("www.contoh.id/x, ya", "HTTPURL, ya"),
        ("chat.whatsapp.com/AbCdEf123", "HTTPURL"),
        ("wa.me/6281234567890", "HTTPURL"),
        ("instagram.com/budi dan bit.ly/3xYz", "HTTPURL dan HTTPURL"),
    ],
)
def test_an_identifier_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "kampanye damai, RT 05 RW 12",
        "nomor 1, 2, dan 3",
        "harga Rp1.250.000,00 per 12 bulan",
        "total 150000000 rupiah",
        "No. 800/1234/BKPSDM/2024",
        "pesanan 4412345678",
        "resi 1234567890123456",  # sixteen digits, but no date in them
        "resi 9999999999999999",
        "invoice 123456789012345678",
        "17-08-1945 pukul 10.00",
        "2024-11-27",
        "rapat 08-12-2024 19.30",
        "08.12.2024 08.00-10.00",
        "08-12-24 10.00-12.00",
        "08-09-2024 10-11-2024",
        "14.02.2024 05.03.2024",
        "2024-11-27 08.00-12.00 13.00",
        "08.00-12.00 13.00-15.00",
        "14/02/2024 08.00",
        "2014-2019 2019-2024",
        "2014 2019 2024 2029",
        "TPS 08 120 95 210",
        "TPS 08 1.234.567 suara",
        "Rp 1.500.000.000 dan Rp1.500.000.000.000",
        "No 800/021-123456/2024",
        "Awww.gemes",
        "www...",
        "27/11/2024 07:00-13:00",
        "jam 08.00-12.00",
        "08:15",
        "PP 94/2021 pasal 5 huruf n",
        "SKB No. 2 Tahun 2022",
        "suara sah 12.345.678",
        "1 2 3 4 5 6 7 8 9 10 11 12 13",
        "3273014517900004",  # month 17
        "3273013208900004",  # day 32
        "3273013002900004",  # 30 February
        "3273012902010004",  # 29 February 2001
        "0273011708900004",  # no region begins with zero
        "harga naik @ 5.000",
        "a @ b",
        "surel tanpa titik: budi@kantor",
        "t.co tanpa jalur",
    ],
)
def test_an_ordinary_number_is_left_alone(text: str) -> None:
    assert mask(text) == text


def test_findings_name_kind_and_place() -> None:
    text = "cc @budi 081234567890"
    found = list(find_identifiers(text))
    assert found == [Finding(Identifier.HANDLE, 3, 8), Finding(Identifier.PHONE, 9, 21)]
    assert [text[f.start : f.end] for f in found] == ["@budi", "081234567890"]


def test_a_mail_address_is_not_a_handle() -> None:
    assert [f.kind for f in find_identifiers("budi@contoh.id")] == [Identifier.EMAIL]


def test_a_handle_inside_a_link_belongs_to_the_link() -> None:
    assert [f.kind for f in find_identifiers("https://tiktok.com/@budi/video/1")] == [Identifier.URL]


@pytest.mark.parametrize("kind", Identifier)
def test_a_placeholder_is_left_alone(kind: Identifier) -> None:
    for text in (kind.value, f"a {kind.value} b", f"{kind.value}.terima kasih", f"({kind.value})"):
        assert mask(text) == text


def test_a_handle_of_any_length_is_masked_whole() -> None:
    for length in (1, 63, 64, 65, 5000):
        masked = mask(f"halo @{'y' * length}, apa kabar")
        assert masked == mask(masked) == "halo @USER, apa kabar"


def test_a_handle_that_begins_like_a_placeholder_is_masked() -> None:
    assert mask("@NIPong") == "@USER"


IDENTIFYING = [
    "3273011708900004", "198705152010011003", "12.345.678.9-012.345", "081234567890", "+62 812-3456-7890",
    "budi@contoh.id", "@budi", "https://t.co/AbC", "www.contoh.id", "HTTPURL", "@USER", "wa.me/62812",
]  # fmt: skip
ORDINARY = ["nomor 2", "dan", "12", "RT 05", "🔥", "é", "@", "/", "#"]
AROUND = ["", ".", ",", ")", "'", "\n", "...", "!", ".terima"]


pieces = st.tuples(st.sampled_from(IDENTIFYING + ORDINARY), st.sampled_from(AROUND)).map("".join)


@settings(deadline=None, max_examples=300)
@given(st.lists(pieces, max_size=12).map(" ".join))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_masking_any_text_twice_is_masking_it_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(IDENTIFYING + ORDINARY), max_size=12).map("".join))
def test_findings_are_sorted_and_do_not_overlap(text: str) -> None:
    found = list(find_identifiers(text))
    assert all(0 <= f.start < f.end <= len(text) for f in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    "text",
    [
        "@" + "a." * 20_000,
        "a." * 20_000 + "@",
        "1 " * 20_000,
        "08" + " 1" * 20_000,
        "08-12-24 " * 5_000,
        "08.00 " * 8_000,
    ],
)
def test_a_long_text_is_searched_in_passing(text: str) -> None:
    assert mask(text)
