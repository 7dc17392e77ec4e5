"""Papers of a case: what stands in them, that the same case gives the same bytes, and that the pack can be checked by its hashes."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from pypdf import PdfReader

from pilah_api.access import Caller, ForbiddenError, Person
from pilah_api.chain import digest
from pilah_api.papers.ink import printable
from pilah_api.papers.lists import sbt_csv
from pilah_api.papers.matter import Matter
from pilah_api.papers.pack import write_pack
from pilah_api.papers.sheet import Heading, Sheet
from pilah_api.services.cases import change_case, look, number_of, open_case
from pilah_api.services.cases_evidence import add_evidence
from pilah_api.services.cases_exports import Paper, export
from pilah_api.services.cases_moves import move_case
from pilah_api.services.cases_states import State
from pilah_api.services.evidence_files import AlteredError, read
from pilah_api.store.units import Store
from pilah_model.judgement import Post
from tests.api.casework import CLARIFICATION, INTAKE, NIP, TEXT, almanac, crew, html, opened, png, upload
from tests.api.stand_in import StandIn
from tests.api.stores import TEST, Place

REPORTER = ("Wati", "Kenanga", "wati@example.org", "Joko")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "home", None)


@pytest.fixture
def people(store: Store) -> dict[str, Person]:
    return crew(store)


@pytest.fixture
def case_id(store: Store, place: Place, people: Mapping[str, Person]) -> str:
    """A case with two files that was closed with a reason after its clarification was noted."""
    made = opened(store, dict(people))
    add_evidence(store, place.home, people["petugas"], made, upload(png()), TEST)
    add_evidence(store, place.home, people["petugas"], made, upload(html(), "halaman.html"), TEST)
    walk = (
        ("petugas", State.TRIASE),
        ("petugas", State.TELAAH_1),
        ("penelaah", State.TELAAH_2),
        ("penyelia", State.KLARIFIKASI),
    )
    for name, state in walk:
        _move(store, people[name], made, state)
    with store.writing(TEST) as unit:
        change_case(unit, people["petugas"], made, 5, CLARIFICATION, almanac())
    return made


def _move(store: Store, who: Person, case_id: str, state: State) -> None:
    with store.writing(TEST) as unit:
        version = unit.cases.get(case_id, unsealed=False).version
        move_case(unit, who, case_id, version, state, f"Alasan menuju {state}.", almanac())


def made(store: Store, place: Place, who: Person, case_id: str, paper: Paper) -> bytes:
    with export(store, place.home, who, case_id, paper, almanac(), TEST).file as file:
        return file.read()


def words(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def matter_of(store: Store, who: Person, case_id: str) -> Matter:
    with store.reading() as unit:
        return Matter(look(unit, Caller(person=who), case_id), almanac())


@pytest.mark.parametrize("paper", Paper)
def test_the_same_case_gives_the_same_bytes_at_any_time(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str, paper: Paper
) -> None:
    first = made(store, place, people["petugas"], case_id, paper)
    place.clock.move(days=3)
    assert made(store, place, people["penyelia"], case_id, paper) == first
    with store.reading() as unit:
        record = unit.audit.page(None, 1)[0]
    assert record.action == "case.exported"
    detail = json.loads(record.detail)
    assert (detail["paper"], detail["sha256"]) == (paper.value, hashlib.sha256(first).hexdigest())


def test_another_case_gives_other_bytes(store: Store, place: Place, people: Mapping[str, Person], case_id: str) -> None:
    before = made(store, place, people["petugas"], case_id, Paper.LAPORAN)
    with store.writing(TEST) as unit:
        change_case(unit, people["penyelia"], case_id, 6, {"place": "Alun-alun"}, almanac())
    assert made(store, place, people["petugas"], case_id, Paper.LAPORAN) != before


def test_the_report_states_its_formal_and_material_conditions(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    text = words(made(store, place, people["petugas"], case_id, Paper.LAPORAN))
    for part in ("Wati Pelapor", "Darto Terlapor", NIP, "3 Oktober 2024", "19.45", "WITA", "Pilkada serentak 2024"):
        assert part in text
    for part in ("bukan putusan", "PP 94/2021", "1 Desember 2026", "3 Desember 2026", "tangkapan.png", "Joko Saksi"):
        assert part in text
    assert "[U+1F525 FIRE] gas coblos nomor 2" in text
    assert "Halaman 1 dari" in text


def test_the_minutes_name_day_and_place_and_leave_room_to_sign(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    text = words(made(store, place, people["penyelia"], case_id, Paper.KLARIFIKASI))
    assert "Pada hari Rabu, tanggal 25 November 2026, bertempat di Ruang rapat Lapas Sukamaju" in text
    assert "Mengaku menulis sendiri dan menyesal." in text
    assert "Yang memberi klarifikasi" in text
    assert not any(name in text for name in REPORTER)


def test_the_list_of_evidence_holds_every_hash(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    text = words(made(store, place, people["petugas"], case_id, Paper.BUKTI)).replace(" ", "")
    for content in (png(), html()):
        assert hashlib.sha256(content).hexdigest() in text
    assert "dapatdipalsukan" in text


def test_the_copy_for_the_person_names_roles_and_neither_reporter_nor_staff(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    text = words(made(store, place, people["penyelia"], case_id, Paper.SALINAN))
    for part in ("Darto Terlapor", "Alasan menuju klarifikasi.", "penelaah", "penyelia", "BPASN", "Keberatan"):
        assert part in text
    assert "Tidak ada usulan mesin" in text
    assert not any(name in text for name in (*REPORTER, "Sari", "Bayu", "Nur "))


def test_the_copy_tells_the_part_of_the_model(store: Store, place: Place, people: Mapping[str, Person]) -> None:
    with store.writing(TEST) as unit:
        post = unit.posts.add_judged(TEXT, StandIn().classify([Post(TEXT)])[0], "console")
        assert post is not None
        case_id = open_case(unit, people["petugas"], INTAKE, almanac(), post_id=post.id)
    text = words(made(store, place, people["petugas"], case_id, Paper.SALINAN))
    assert "Model pilah-uji versi 0.0.1" in text
    assert "keyakinan tinggi" in text
    assert "0,94" not in text


def test_the_pack_is_checked_by_its_own_hashes_and_by_the_audit(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    content = made(store, place, people["petugas"], case_id, Paper.PAKET)
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        assert pack.testzip() is None
        files = {name: pack.read(name) for name in pack.namelist()}
    lines = files.pop("SHA256SUMS").decode().splitlines()
    listed = {name: sha256 for sha256, name in (line.split("  ", 1) for line in lines)}
    assert listed == {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    manifest = json.loads(files["manifest.json"])
    assert {one["path"]: one["sha256"] for one in manifest["files"]} | {
        "manifest.json": listed["manifest.json"]
    } == listed
    assert {png(), html()} <= set(files.values())
    with store.reading() as unit:
        chain = {record.seq: record for record in unit.audit.walk()}
    for record in json.loads(files["audit.json"]):
        kept = chain[record["seq"]]
        assert (kept.hash, digest(kept)) == (record["hash"], record["hash"])
    assert [record["action"] for record in json.loads(files["audit.json"])].count("case.evidence_added") == 2
    assert json.loads(files["kasus.json"])["sections"]["kiriman"]["text"] == TEXT


def test_a_pack_is_not_made_of_altered_evidence(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    path = place.home / "evidence" / hashlib.sha256(png()).hexdigest()
    path.chmod(0o600)
    path.write_bytes(b"lain")
    with pytest.raises(AlteredError):
        made(store, place, people["petugas"], case_id, Paper.PAKET)


@pytest.mark.parametrize("name", ["penelaah", "auditor"])
def test_papers_are_taken_along_by_officers_and_supervisors_only(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str, name: str
) -> None:
    with pytest.raises(ForbiddenError):
        made(store, place, people[name], case_id, Paper.LAPORAN)


def test_a_spreadsheet_computes_nothing_that_was_typed(store: Store, people: Mapping[str, Person]) -> None:
    case_id = opened(
        store, dict(people), {**INTAKE, "place": '=HYPERLINK("x")', "description": "-1", "party_name": "A;=1+1;B"}
    )
    rows = list(csv.reader(io.StringIO(sbt_csv(matter_of(store, people["petugas"], case_id)).decode("utf-8-sig"))))
    values = {code: value for code, _, value in rows}
    assert values["tempat_kejadian"] == '\'=HYPERLINK("x")'
    assert values["uraian"] == "'-1"
    assert values["nama_terlapor"] == "A;'=1+1;B"
    assert values["nip_nik_terlapor"] == NIP
    assert not any(value.startswith(("=", "+", "-", "@")) for value in values.values())


def test_markup_and_signs_without_a_glyph_are_written_out() -> None:
    assert printable("a<b>&\n✌️é") == "a&lt;b&gt;&amp;<br/>[U+270C VICTORY HAND]é"
    assert printable("\x07\u202e") == "[U+0007][U+202E RIGHT-TO-LEFT OVERRIDE]"


def test_a_very_long_post_runs_over_pages(store: Store, place: Place, people: Mapping[str, Person]) -> None:
    text = "panjang\n" * 1500 + "kata" * 3000 + " akhir"
    case_id = opened(store, dict(people), {**INTAKE, "text": text})
    content = made(store, place, people["petugas"], case_id, Paper.LAPORAN)
    assert len(PdfReader(io.BytesIO(content)).pages) > 10
    assert "akhir" in words(content)


@pytest.mark.parametrize("value", ["ب" * 300, "🔥" * 250, "baris\n" * 60], ids=["names", "emoji", "lines"])
def test_a_value_higher_than_a_page_runs_over_pages(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str, value: str
) -> None:
    names = ("party_name", "position", "account", "place", "contestant", "description", "text", "parent", "witnesses")
    long = dict.fromkeys((*names, "clarified_at_place", "clarification"), f"{value} akhir"[-300:])
    with store.writing(TEST) as unit:
        change_case(unit, people["penyelia"], case_id, 6, {**long, "description": f"{value} akhir"}, almanac())
    add_evidence(
        store,
        place.home,
        people["petugas"],
        case_id,
        upload(png(3), f"{value.strip()[:140]}.png".replace("\n", " "), captured_by=value[:120].replace("\n", " ")),
        TEST,
    )
    for paper in (Paper.LAPORAN, Paper.KLARIFIKASI, Paper.BUKTI, Paper.SALINAN):
        content = made(store, place, people["petugas"], case_id, paper)
        assert len(PdfReader(io.BytesIO(content)).pages) > 1
        assert paper is Paper.BUKTI or "akhir" in words(content)
    assert made(store, place, people["petugas"], case_id, Paper.PAKET)


@pytest.mark.parametrize("count", range(52, 62))
def test_no_height_of_a_row_is_too_much_for_a_page(count: int) -> None:
    sheet = Sheet(Heading("Judul", "K", "versi 1"))
    lines = "\n".join(f"baris{number}" for number in range(count))
    sheet.fields([("Uraian", lines)])
    sheet.table(("No.", "Alasan"), [("1", lines.replace("\n", "\n\n")), ("2", "x")], (0.3, 0.7))
    assert words(sheet.pdf()).count("baris") == 2 * count


def test_an_empty_case_has_papers_too(store: Store, place: Place, people: Mapping[str, Person]) -> None:
    case_id = opened(store, dict(people), {"kind": "temuan", "unit": "Lapas X", "known_on": "2026-11-24"})
    for paper in Paper:
        assert made(store, place, people["petugas"], case_id, paper)
    matter = matter_of(store, people["petugas"], case_id)
    pack = io.BytesIO()
    write_pack(pack, matter, lambda sha256: read(place.home, sha256), [])
    assert b"berita-acara" not in pack.getvalue()
    assert matter.number == number_of(matter.seen.case)
    assert matter.seen.case.created_at == dt.datetime(2026, 11, 26, 8, 0, tzinfo=dt.UTC)
