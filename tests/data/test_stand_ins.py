"""Listed names are read as stand-ins: the same for every camp, and nothing else is touched."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from pilah_data.errors import DataError
from pilah_data.names import NATIONAL, Names
from pilah_data.stand_ins import StandIns


@pytest.fixture(scope="module")
def read(names: Names) -> StandIns:
    return StandIns.of(names)


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        ("Coblos Ganjar Pranowo, ganjar pasti menang", "coblos calon a, calon a pasti menang"),
        ("Prabowo atau Anies? Prabowo!", "calon a atau calon b? calon a!"),
        ("Pak Jokowi dan Joko Widodo", "pak calon a dan calon a"),
        ("Cak Imin, Muhaimin Iskandar", "calon a, calon a"),
        ("Anies Baswedan & Gibran", "pasangan a"),
        ("Prabowo-Gibran lawan Ganjar - Mahfud", "pasangan a lawan pasangan b"),
        ("Partai Gerindra dan PKS", "partai a dan partai b"),
        ("dari Jawa Barat ke Jatim, kembali ke Jabar", "dari provinsi a ke provinsi b, kembali ke provinsi a"),
        ("pilih nomor urut 3, bukan nomor 2", "pilih nomor urut 1, bukan nomor 2"),
        ("01 atau 03? 03!", "01 atau 02? 02!"),
        ("nomor dua", "nomor satu"),
        ("#GanjarPresiden", "# calon a presiden"),
        ("menurutku sandi lebih muda", "menurutku calon a lebih muda"),
        ("G4njar", "calon a"),
    ],
)
def test_listed_names_are_read_as_stand_ins(read: StandIns, post: str, expected: str) -> None:
    assert " ".join(read(post).split()) == expected


@pytest.mark.parametrize(
    "post",
    [
        "simpan kata sandi di tempat aman",
        "GANTI KATA SANDI ANDA",
        "amin ya rabbal alamin",
        "goreng telur di pan lama",
        "para buruh berkarya untuk umat",
        "Buruh pabrik itu tetangga saya",
        "jam 02:30 di ruang 2, tanggal 3 mei",
        "Pak Darmo dari Desa Sukamaju",
    ],
)
def test_common_words_and_unlisted_names_stay(read: StandIns, post: str) -> None:
    assert read(post) == post.lower()


@pytest.mark.parametrize("post", ["Coblos PAN ya", "kita pilih Demokrat saja", "pasangan AMIN pasti bisa"])
def test_capitals_tell_a_name_from_a_common_word(read: StandIns, post: str) -> None:
    assert any(word in read(post) for word in ("partai a", "pasangan a", "calon a"))


def test_a_capital_says_nothing_where_all_is_in_capitals(read: StandIns) -> None:
    assert read("GORENG TELUR DI PAN LAMA") == "goreng telur di pan lama"


def test_no_national_contestant_party_or_province_can_be_told_from_another(read: StandIns, names: Names) -> None:
    sides = [side for race in names.races if race.region == NATIONAL for side in race.sides]
    people = sorted({person.name for side in sides for person in side.persons})
    for group in (people, [p.spellings[1] for p in names.parties if p.spellings[1].lower().startswith("partai ")]):
        assert len({read(f"ayo dukung {name}, jangan pilih yang lain") for name in group}) == 1
    provinces = [region.name for region in names.regions]
    assert {read(f"kampanye di {name} ramai") for name in provinces} == {"kampanye di provinsi a ramai"}
    for first, second in itertools.permutations(people[:6], 2):
        assert read(f"{first} lebih baik daripada {second}") == "calon a lebih baik daripada calon b"


def test_the_list_is_written_and_read_again(read: StandIns, tmp_path: Path) -> None:
    path = tmp_path / "stand_ins.json"
    read.write(path)
    assert StandIns.read(path).listed == read.listed
    post = "Ganjar dan PKS di Bali nomor 3"
    assert StandIns.read(path)(post) == read(post)


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"version": "1"}', '{"version": "1", "listed": {"kota": {}}}', '{"version": "0", "listed": {}}'],
)
def test_a_damaged_or_foreign_list_is_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "stand_ins.json"
    path.write_text(content)
    with pytest.raises(DataError, match=r"restore the model|train the model again") as caught:
        StandIns.read(path)
    assert str(path) in str(caught.value)
