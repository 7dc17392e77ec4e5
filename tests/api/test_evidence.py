"""Evidence: what is taken in and what is refused, by content; how originals are kept; and that an altered one is found."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import struct
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from pilah_api.access import ConflictError, ForbiddenError, NotFoundError, Person, Role
from pilah_api.services import cases_evidence
from pilah_api.services.cases_evidence import MOST_BYTES, Upload, add_evidence, fetch_evidence, verify_evidence
from pilah_api.services.evidence_files import AlteredError, place, read
from pilah_api.services.evidence_types import EvidenceError, MediaType, type_of
from pilah_api.services.keeping import purge
from pilah_api.store.units import Store
from tests.api.casework import crew, html, jpeg, mp4, opened, pdf, png, upload
from tests.api.stores import TEST, Place, person

FILES = {
    MediaType.PNG: png(),
    MediaType.JPEG: jpeg(),
    MediaType.PDF: pdf(),
    MediaType.HTML: html(),
    MediaType.MP4: mp4(),
}


def archive(comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("nol", b"\x00" * 10_000_000)
        packed.comment = comment
    return out.getvalue()


def code(content: bytes) -> str:
    with pytest.raises(EvidenceError) as caught:
        type_of(content)
    return caught.value.code


@pytest.mark.parametrize("kind", FILES)
def test_real_files_are_known_by_their_content(kind: MediaType) -> None:
    assert type_of(FILES[kind]) is kind


@pytest.mark.parametrize(
    "content",
    [
        b"<!-- tersimpan --> <!DOCTYPE html><html>",
        b"\xef\xbb\xbf<html lang='id'>",
        "<html><p>halo</p>".encode("utf-16"),
        b'<?xml version="1.0"?>\n<!doctype html>',
    ],
)
def test_saved_pages_come_in_many_shapes(content: bytes) -> None:
    assert type_of(content) is MediaType.HTML


def test_a_telephone_may_put_a_further_picture_behind_the_first() -> None:
    assert type_of(jpeg(after=jpeg())) is MediaType.JPEG
    assert type_of(jpeg(after=b"\x00" * 20)) is MediaType.JPEG


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"halo",
        b"GIF89a" + b"\x00" * 40,
        archive(),
        b"MZ\x90\x00",
        b"<svg xmlns='x'/>",
        b"\x00<html>",
        b"{}",
        b"RIFF\x00\x00\x00\x00WEBP",
    ],
)
def test_everything_else_is_refused(content: bytes) -> None:
    assert code(content) == "type"


@pytest.mark.parametrize("kind", FILES)
def test_a_zip_behind_any_file_is_refused(kind: MediaType) -> None:
    assert code(FILES[kind] + archive()) in ("polyglot", "damaged")


def test_a_zip_is_found_whatever_follows_it() -> None:
    bomb = archive(b"<p>ekor</p>")
    assert code(b"%PDF-1.7\n" + bomb + b"\nstartxref\n0\n%%EOF\n") == "polyglot"
    assert code(html() + bomb + b"<!-- ekor -->") in ("polyglot", "damaged")


def test_pictures_and_pages_that_are_something_else_too_are_refused() -> None:
    assert code(png(after=b"<script>alert(1)</script>")) == "polyglot"
    assert code(jpeg(after=mp4())) == "polyglot"
    assert code(b"<html><!-- %PDF-1.7 -->") == "polyglot"
    assert code(mp4(after=b"GIF89a")) == "damaged"


@pytest.mark.parametrize("kind", [MediaType.PNG, MediaType.JPEG, MediaType.MP4, MediaType.PDF])
def test_a_file_that_was_cut_is_refused(kind: MediaType) -> None:
    assert code(FILES[kind][:-9]) == "damaged"


def test_a_flipped_bit_in_a_picture_is_found() -> None:
    content = bytearray(png())
    content[45] ^= 1
    assert code(bytes(content)) == "damaged"


def test_a_picture_of_too_many_points_is_refused_unseen() -> None:
    assert code(png(60_000, 60_000)) == "pixels"
    wide = bytearray(jpeg())
    at = wide.index(b"\xff\xc0")
    wide[at + 5 : at + 9] = struct.pack(">HH", 60_000, 60_000)
    assert code(bytes(wide)) == "pixels"


@pytest.mark.parametrize("cut", range(2, 200, 7))
def test_any_beginning_of_a_file_is_answered_and_never_fails(cut: int) -> None:
    for content in FILES.values():
        if cut >= len(content):
            continue
        try:
            type_of(content[:cut])
        except EvidenceError:
            continue
        assert content.startswith(b"<")


# --- taking in ------------------------------------------------------------------------------------------------------


@pytest.fixture
def people(store: Store) -> dict[str, Person]:
    return crew(store)


@pytest.fixture
def case_id(store: Store, people: Mapping[str, Person]) -> str:
    return opened(store, dict(people))


def refused(store: Store, place: Place, who: Person, case_id: str, sent: Upload) -> str:
    with pytest.raises(EvidenceError) as caught:
        add_evidence(store, place.home, who, case_id, sent, TEST)
    return caught.value.code


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.png",
        "..\\windows.png",
        "/etc/x.png",
        "a\x00.png",
        "a\n.png",
        "gnp\u202egpj.png",
        "a\u200b.png",
        ".png",
        "...",
        "",
        "x" * 151 + ".png",
        "con.png",
        "NUL.png",
        "c:x.png",
        "a|b.png",
        'a"b.png',
        "\ud800.png",
    ],
)
def test_hostile_names_are_refused_and_nothing_is_written(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str, name: str
) -> None:
    assert refused(store, place, people["petugas"], case_id, upload(png(), name)) == "name"
    assert not (place.home / "evidence").exists()


@pytest.mark.parametrize("name", ["tangkapan layar 1.png", "Foto é ✌.PNG", "a.html.png"])
def test_ordinary_names_are_taken(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str, name: str
) -> None:
    assert add_evidence(store, place.home, people["petugas"], case_id, upload(png(), name), TEST).name == name


def test_what_goes_with_a_file_is_checked(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    who = people["petugas"]
    for wrong, sent in {
        "ending": upload(html(), "halaman.png"),
        "empty": upload(b""),
        "captured_by": upload(png(), captured_by="  "),
        "captured_at": upload(png(), captured_at="kemarin"),
        "zone": upload(png(), zone="UTC"),
        "too_large": upload(b"\x00" * (MOST_BYTES + 1)),
    }.items():
        assert refused(store, place, who, case_id, sent) == wrong
    for moment in ("2026-11-27T10:00", "0001-01-01T00:00"):
        assert refused(store, place, who, case_id, upload(png(), captured_at=moment)) == "captured_at"


def test_an_original_is_kept_once_unaltered_and_out_of_reach(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    sent = upload(png())
    exhibit = add_evidence(store, place.home, people["petugas"], case_id, sent, TEST)
    path = place.home / "evidence" / exhibit.sha256
    assert exhibit.sha256 == hashlib.sha256(sent.content).hexdigest()
    assert path.read_bytes() == sent.content
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(p.name for p in path.parent.iterdir()) == [exhibit.sha256]
    with pytest.raises(ConflictError):
        add_evidence(store, place.home, people["petugas"], case_id, upload(png(), "lain.png"), TEST)
    with store.reading() as unit:
        (kept,) = unit.evidence.of(case_id, unsealed=True)
        (sealed,) = unit.evidence.of(case_id, unsealed=False)
        record = unit.audit.page(None, 1)[0]
    assert kept == exhibit
    assert (kept.zone, kept.captured_by) == ("WIB", "Sari")
    assert (sealed.name, sealed.captured_by) == (None, None)
    assert record.action == "case.evidence_added"
    assert json.loads(record.detail)["sha256"] == exhibit.sha256
    assert "tangkapan" not in record.detail


def test_two_cases_may_hold_the_same_file_and_one_keeps_it(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    other = opened(store, dict(people))
    for one in (case_id, other):
        exhibit = add_evidence(store, place.home, people["petugas"], one, upload(png()), TEST)
    with store.writing(TEST) as unit:
        assert unit.retention.erase_case(case_id).evidence == ()
    assert fetch_evidence(store, place.home, people["petugas"], other, exhibit.id, TEST)[1] == png()


def test_only_those_who_work_on_the_case_touch_its_evidence(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    exhibit = add_evidence(store, place.home, people["petugas"], case_id, upload(png()), TEST)
    stranger = person(store, Role.PETUGAS, login="tono")
    for who in (stranger, people["auditor"]):
        with pytest.raises(ForbiddenError):
            fetch_evidence(store, place.home, who, case_id, exhibit.id, TEST)
        with pytest.raises(ForbiddenError):
            verify_evidence(store, place.home, who, case_id, TEST)
        with pytest.raises(ForbiddenError):
            add_evidence(store, place.home, who, case_id, upload(jpeg(), "a.jpg"), TEST)
    other = opened(store, dict(people))
    with pytest.raises(NotFoundError):
        fetch_evidence(store, place.home, people["petugas"], other, exhibit.id, TEST)


def test_a_file_that_was_altered_is_found_and_never_handed_out(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    whole = add_evidence(store, place.home, people["petugas"], case_id, upload(jpeg(), "a.jpg"), TEST)
    exhibit = add_evidence(store, place.home, people["petugas"], case_id, upload(png()), TEST)
    path = place.home / "evidence" / exhibit.sha256
    path.chmod(0o600)
    path.write_bytes(png(3, 3))
    checked = verify_evidence(store, place.home, people["penelaah"], case_id, TEST)
    assert {one.exhibit.id: one.intact for one in checked} == {whole.id: True, exhibit.id: False}
    with store.reading() as unit:
        assert json.loads(unit.audit.page(None, 1)[0].detail) == {"altered": [exhibit.id], "files": 2}
    with pytest.raises(AlteredError):
        fetch_evidence(store, place.home, people["petugas"], case_id, exhibit.id, TEST)
    with pytest.raises(AlteredError):
        add_evidence(store, place.home, people["petugas"], opened(store, dict(people)), upload(png()), TEST)
    path.unlink()
    gone = verify_evidence(store, place.home, people["petugas"], case_id, TEST)
    assert {one.exhibit.id: one.intact for one in gone} == {whole.id: True, exhibit.id: False}


def test_a_case_holds_only_so_much(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases_evidence, "MOST_FILES", 1)
    add_evidence(store, place.home, people["petugas"], case_id, upload(png()), TEST)
    assert refused(store, place, people["petugas"], case_id, upload(jpeg(), "a.jpg")) == "too_many"


def test_a_file_that_a_purge_would_take_for_lost_belongs_to_a_case_again(
    store: Store, place: Place, people: Mapping[str, Person], case_id: str
) -> None:
    sha256 = place_old(place)
    exhibit = add_evidence(store, place.home, people["petugas"], case_id, upload(png()), TEST)
    assert exhibit.sha256 == sha256
    place.clock.move(days=3)
    purge(store, place.home, TEST)
    assert read(place.home, sha256) == png()


def place_old(where: Place) -> str:
    """Put a file into the folder that no case knows, and make it old."""
    sha256 = place(where.home, png())
    os.utime(where.home / "evidence" / sha256, (0, 0))
    return sha256


def test_many_uploads_of_one_file_at_once_leave_one_file(tmp_path: Path) -> None:
    threads = [threading.Thread(target=place, args=(tmp_path, png())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.read_bytes() for path in (tmp_path / "evidence").iterdir()] == [png()]
