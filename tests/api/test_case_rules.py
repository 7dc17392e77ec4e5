"""Fields, states and moves as data: complete, consistent, and as strict as they say."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest

from pilah_api.access import Role
from pilah_api.services.cases import with_facts
from pilah_api.services.cases_fields import BY_NAME, FIELDS, Group, Kind, Section
from pilah_api.services.cases_states import MOVES, OPEN_STATES, State, find_move, writers
from pilah_api.services.cases_values import InvalidFieldsError, Wrong, read_values
from tests.api.casework import INTAKE, NIK, NIP

TODAY = dt.date(2026, 11, 26)
FULL = with_facts({name: tuple(v) if isinstance(v, list) else str(v) for name, v in INTAKE.items()}, "T2", 1)
LINE = [
    State.MASUK,
    State.TRIASE,
    State.TELAAH_1,
    State.TELAAH_2,
    State.KLARIFIKASI,
    State.REKOMENDASI,
    State.HASIL,
    State.KEBERATAN,
    State.ARSIP,
]


def missing(source: State, target: State, **changes: str) -> list[str]:
    move = find_move(source, target)
    assert move is not None
    return move.missing({**FULL, **changes})


def wrong(**given: Any) -> dict[str, Wrong]:
    with pytest.raises(InvalidFieldsError) as caught:
        read_values(given, TODAY, ["pilkada-2024"])
    return {fault.field: fault.wrong for fault in caught.value.faults}


def test_the_line_of_the_states_is_whole_and_every_state_is_reached() -> None:
    assert all(find_move(one, following) for one, following in itertools.pairwise(LINE))
    reached = {State.MASUK}
    while found := {move.target for move in MOVES if move.source in reached} - reached:
        reached |= found
    assert reached == set(State) - {State.DIHAPUS}
    assert len({(move.source, move.target) for move in MOVES}) == len(MOVES)


def test_every_open_state_can_end_and_an_ended_one_is_moved_by_nobody_but_a_supervisor() -> None:
    for state in OPEN_STATES:
        assert any(move.source is state for move in MOVES)
    assert all(move.roles == {Role.PENYELIA} for move in MOVES if move.source in (State.DITUTUP, State.ARSIP))
    assert not any(move.source in (State.ARSIP, State.DIHAPUS) for move in MOVES)


def test_only_a_supervisor_moves_on_from_the_second_reading() -> None:
    for target in (State.KLARIFIKASI, State.REKOMENDASI, State.HASIL, State.KEBERATAN, State.ARSIP):
        assert {role for move in MOVES if move.target is target for role in move.roles} == {Role.PENYELIA}
    assert not any(move.roles & {Role.AUDITOR, Role.ADMIN} for move in MOVES)


def test_the_second_reading_is_by_somebody_else() -> None:
    assert all(move.other_than == (State.TELAAH_1,) for move in MOVES if move.source is State.TELAAH_2)


def test_needs_name_fields_that_there_are_and_values_they_may_have() -> None:
    beside = {"stage", "evidence"}
    for need in (need for move in MOVES for need in move.needs):
        names = set(need.fields) | ({need.when[0]} if need.when else set())
        assert names <= set(BY_NAME) | beside
        for name in need.fields:
            if need.among:
                assert set(need.among) <= set(BY_NAME[name].options)
        if need.when and need.when[0] in BY_NAME and need.when[1]:
            assert set(need.when[1]) <= set(BY_NAME[need.when[0]].options)


@pytest.mark.parametrize(
    "name",
    [
        "identified_by",
        "identified_note",
        "fake_account",
        "place",
        "zone",
        "url",
        "text",
        "contestant",
        "evidence",
        "witnesses",
    ],
)
def test_no_case_goes_beyond_triage_without_its_formal_and_material_conditions(name: str) -> None:
    assert missing(State.TRIASE, State.TELAAH_1) == []
    assert missing(State.TRIASE, State.TELAAH_1, **{name: ""}) == [name]


@pytest.mark.parametrize("answer", ["diduga", "ya", "belum_diperiksa"])
def test_an_account_that_may_be_fake_goes_no_further(answer: str) -> None:
    assert missing(State.TRIASE, State.TELAAH_1, fake_account=answer) == ["fake_account"]


def test_a_report_needs_its_reporter_and_a_finding_does_not() -> None:
    without = {"reporter_name": "", "reporter_address": "", "reporter_conflict": ""}
    assert missing(State.MASUK, State.TRIASE, **without) == ["reporter_name", "reporter_address"]
    assert missing(State.MASUK, State.TRIASE, kind="temuan", **without) == []
    assert missing(State.TRIASE, State.TELAAH_1, kind="temuan", **without) == []
    assert missing(State.TRIASE, State.TELAAH_1, **without) == [*without]


def test_nip_or_nik_will_do() -> None:
    assert missing(State.TRIASE, State.TELAAH_1, nip="", nik=NIK) == []
    assert missing(State.TRIASE, State.TELAAH_1, nip="", nik="") == ["nip"]


def test_outside_of_all_stages_a_reason_is_needed() -> None:
    assert missing(State.TRIASE, State.TELAAH_1, stage="T0") == ["outside_reason"]
    assert missing(State.TRIASE, State.TELAAH_1, stage="T0", outside_reason="keanggotaan partai") == []


def test_nothing_is_recommended_before_the_person_was_heard() -> None:
    assert missing(State.KLARIFIKASI, State.REKOMENDASI) == ["clarified", "clarified_on"]
    heard = {"clarified": "diberikan", "clarified_on": "2026-11-25"}
    assert missing(State.KLARIFIKASI, State.REKOMENDASI, **heard) == ["clarification", "accidental"]
    assert missing(State.KLARIFIKASI, State.REKOMENDASI, clarified="menolak", clarified_on="2026-11-25") == []


def test_a_recommendation_leads_where_it_says() -> None:
    done = {
        "clarified": "menolak",
        "clarified_on": "2026-11-25",
        "recommendation_reason": "x",
        "recommendation": "bawaslu",
    }
    assert missing(State.REKOMENDASI, State.HASIL, **done) == ["recipient"]
    assert missing(State.REKOMENDASI, State.DITUTUP, **{**done, "recipient": "Bawaslu"}) == ["recommendation"]
    assert missing(State.REKOMENDASI, State.HASIL, **{**done, "recommendation": "ditutup"}) == ["recommendation"]


def test_an_appeal_that_was_made_is_answered_before_the_case_goes_on() -> None:
    answered = {"objection_result": "ditolak", "objection_result_on": "2026-11-25", "retain_until": "2031-12-31"}
    assert missing(State.KEBERATAN, State.ARSIP, **answered) == []
    assert missing(State.KEBERATAN, State.ARSIP, **{**answered, "objection_result": "menunggu"}) == ["objection_result"]
    assert missing(State.KEBERATAN, State.ARSIP, **answered, appeal_on="2026-11-25") == [
        "appeal_result",
        "appeal_to",
        "appeal_result_on",
    ]


def test_what_names_people_is_sealed() -> None:
    named = (
        "reporter",
        "party_",
        "nip",
        "nik",
        "account",
        "url",
        "witness",
        "text",
        "contestant",
        "clarification",
        "position",
    )
    for field in FIELDS:
        free = field.kind in (Kind.LINE, Kind.TEXT, Kind.LINK, Kind.NIP, Kind.NIK)
        # What is written freely may name somebody, so only codes, dates and the unit lie open.
        assert field.group.sealed is (free and field.name != "unit"), field.name
        if field.name.startswith(named) and free:
            assert field.group in (Group.IDENTITY, Group.REPORTER, Group.CONTENT)


def test_no_field_asks_for_a_favoured_party_or_a_score() -> None:
    assert not {name for name in BY_NAME if any(word in name for word in ("favour", "score", "party_estimate", "rank"))}


def test_an_archived_or_erased_case_is_written_by_nobody() -> None:
    for section in Section:
        assert not any(writers(section, state) for state in (State.DITUTUP, State.ARSIP, State.DIHAPUS))
    assert writers(Section.REKOMENDASI, State.REKOMENDASI) == {Role.PENYELIA}
    assert writers(Section.TERLAPOR, State.TRIASE) == {Role.PETUGAS, Role.PENYELIA}


def test_values_are_cleaned_but_a_post_stays_verbatim() -> None:
    read = read_values(
        {
            "text": " dua  spasi\r\nbaris 🔥 ",
            "unit": "  Lapas   X ",
            "nip": "19870412 201012 1 003",
            "forms": ["B05", "B02"],
        },
        TODAY,
        [],
    )
    assert read == {"text": " dua  spasi\nbaris 🔥 ", "unit": "Lapas X", "nip": NIP, "forms": ("B02", "B05")}
    assert read_values({"text": " \n ", "parent": None, "zone": ""}, TODAY, []) == {
        "text": "",
        "parent": "",
        "zone": "",
    }


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("nip", "198713122010121003", Wrong.NOT_A_NIP),
        ("nip", "1987041220101210031", Wrong.NOT_A_NIP),
        ("nik", "3201017204870002x", Wrong.NOT_A_NIK),
        ("nik", "3201013204870002", Wrong.NOT_A_NIK),
        ("happened_on", "2026-11-27", Wrong.IN_FUTURE),
        ("happened_on", "26-11-2026", Wrong.NOT_A_DATE),
        ("happened_on", "2026-02-30", Wrong.NOT_A_DATE),
        ("retain_until", "2026-11-26", Wrong.IN_PAST),
        ("happened_at", "24:00", Wrong.NOT_A_MOMENT),
        ("zone", "UTC", Wrong.NOT_OFFERED),
        ("election", "pemilu-1955", Wrong.NOT_OFFERED),
        ("forms", ["B99"], Wrong.NOT_OFFERED),
        ("forms", "B02", Wrong.NOT_TEXT),
        ("unit", 5, Wrong.NOT_TEXT),
        ("unit", "x" * 201, Wrong.TOO_LONG),
        ("unit", "a\x00b", Wrong.UNREADABLE),
        ("url", "javascript:alert(1)", Wrong.NOT_A_LINK),
        ("url", "https://", Wrong.NOT_A_LINK),
        ("url", "http://[", Wrong.NOT_A_LINK),
        ("duplicate_of", "Darto", Wrong.NOT_A_NUMBER),
        ("favourite", "x", Wrong.UNKNOWN_FIELD),
    ],
)
def test_what_is_wrong_is_named(name: str, value: object, why: Wrong) -> None:
    assert wrong(**{name: value}) == {name: why}


def test_all_wrong_fields_are_named_at_once() -> None:
    assert wrong(nip="1", zone="x", unit="ok") == {"nip": Wrong.NOT_A_NIP, "zone": Wrong.NOT_OFFERED}
