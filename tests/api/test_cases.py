"""Cases on both databases: who sees what, what is recorded, what stands in the way of a step, and how a case ends."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from pilah_api.access import Caller, ConflictError, ForbiddenError, NotFoundError, Person, Role
from pilah_api.services.auditing import verify
from pilah_api.services.cases import change_case, join_case, look, number_of, open_case, see_case
from pilah_api.services.cases_evidence import add_evidence
from pilah_api.services.cases_moves import erase, move_case, offers
from pilah_api.services.cases_sources import posts_ready
from pilah_api.services.cases_states import CLOSED_DAYS, State
from pilah_api.services.cases_values import InvalidFieldsError, Wrong, values_of
from pilah_api.services.deciding import reverse
from pilah_api.services.keeping import purge
from pilah_api.services.review_rules import ReviewRefusedError
from pilah_api.store.case_records import StaleError
from pilah_api.store.posts import PostState
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from pilah_model.judgement import Post
from tests.api.casework import (
    CLARIFICATION,
    INTAKE,
    NIK,
    NIP,
    OPENING,
    RECOMMENDATION,
    RESULT,
    TEXT,
    almanac,
    crew,
    opened,
    png,
    upload,
)
from tests.api.queue_posts import ATTACK, NO, PARTISAN, YES, bring, settle
from tests.api.stand_in import StandIn
from tests.api.stores import TEST, Place, person

People = Mapping[str, Person]
NAMES = ("Darto", "darto", NIP, "Wati", "Kenanga", "Joko", "coblos", "Wirya", "Sukamaju Hebat")


@pytest.fixture
def people(store: Store) -> dict[str, Person]:
    return crew(store)


def version(store: Store, case_id: str) -> int:
    with store.reading() as unit:
        return unit.cases.get(case_id, unsealed=False).version


def change(store: Store, who: Person, case_id: str, values: Mapping[str, object], at: int | None = None) -> int:
    with store.writing(TEST) as unit:
        return change_case(unit, who, case_id, at or version(store, case_id), values, almanac())


def move(store: Store, who: Person, case_id: str, to: State, reason: str = "alasan") -> int:
    with store.writing(TEST) as unit:
        return move_case(unit, who, case_id, version(store, case_id), to, reason, almanac())


def records(store: Store, case_id: str) -> list[tuple[str, dict[str, object]]]:
    with store.reading() as unit:
        found = unit.audit.page(None, 500, f"case:{case_id}")
    return [(record.action, json.loads(record.detail)) for record in reversed(found)]


def to_result(place: Place, store: Store, people: People, case_id: str) -> None:
    """Take a filled case up to its result."""
    add_evidence(store, place.home, people["petugas"], case_id, upload(png()), TEST)
    move(store, people["petugas"], case_id, State.TRIASE)
    move(store, people["petugas"], case_id, State.TELAAH_1)
    move(store, people["penelaah"], case_id, State.TELAAH_2)
    move(store, people["penyelia"], case_id, State.KLARIFIKASI)
    change(store, people["petugas"], case_id, CLARIFICATION)
    move(store, people["penyelia"], case_id, State.REKOMENDASI)
    change(store, people["penyelia"], case_id, RECOMMENDATION)
    move(store, people["penyelia"], case_id, State.HASIL)


def test_what_is_opened_comes_back_to_those_who_work_on_it(store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    with store.reading() as unit:
        seen = look(unit, Caller(person=people["penelaah"]), case_id)
    assert seen.unsealed
    assert seen.state is State.MASUK
    assert seen.case.stage == "T2"
    assert {name: list(v) if isinstance(v, tuple) else v for name, v in seen.values.items()} == INTAKE


def test_nobody_else_sees_whom_a_case_concerns(store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    stranger = person(store, Role.PENELAAH, login="tono")
    for caller in (Caller(person=people["auditor"]), Caller(person=stranger), Caller()):
        with store.reading() as unit:
            seen = look(unit, caller, case_id)
        assert not seen.unsealed
        assert seen.case.sealed
        assert not any(name in repr(seen) for name in NAMES)
        assert seen.values["zone"] == "WITA"
    # An auditor who once worked on a case no longer does.
    with store.writing(TEST) as unit:
        unit.cases.join(case_id, people["auditor"].id)
        assert not look(unit, Caller(person=people["auditor"]), case_id).unsealed


def test_nothing_that_names_anybody_lies_open_in_the_database_or_the_audit(store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    change(store, people["petugas"], case_id, {"account": "nama.lain", "zone": "WIT"})
    with store.engine.connect() as connection:
        rows = [
            repr(connection.execute(sa.text(f"SELECT * FROM {table}")).all())
            for table in ("cases", "case_steps", "audit")
        ]
    for text in rows:
        assert not any(name in text for name in NAMES)
        assert "nama.lain" not in text


def test_every_look_at_what_is_sealed_is_recorded_and_no_other(store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    see_case(store, Caller(person=people["auditor"]), case_id, TEST)
    assert "case.viewed" not in [action for action, _ in records(store, case_id)]
    see_case(store, Caller(person=people["petugas"]), case_id, TEST)
    assert records(store, case_id)[-1] == ("case.viewed", {"sealed": False})


def test_a_change_is_recorded_with_values_of_what_names_nobody_only(store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    change(store, people["petugas"], case_id, {"nik": NIK, "zone": "WIB", "uniform": "tidak"})
    assert records(store, case_id)[-1] == (
        "case.changed",
        {"version": 2, "fields": {"nik": "changed", "zone": {"old": "WITA", "new": "WIB"}}},
    )


def test_a_change_that_changes_nothing_leaves_no_trace(store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    before = records(store, case_id)
    assert change(store, people["petugas"], case_id, {"zone": "WITA", "office_note": ""}) == 1
    assert records(store, case_id) == before


def test_nobody_overwrites_what_they_have_not_seen(store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    change(store, people["petugas"], case_id, {"place": "Alun-alun"}, at=1)
    with pytest.raises(StaleError) as caught:
        change(store, people["penyelia"], case_id, {"place": "Pasar"}, at=1)
    assert caught.value.version == 2
    with pytest.raises(StaleError), store.writing(TEST) as unit:
        move_case(unit, people["petugas"], case_id, 1, State.TRIASE, "", almanac())
    with store.reading() as unit:
        assert values_of(unit.cases.get(case_id, unsealed=True))["place"] == "Alun-alun"


def test_a_case_needs_three_things_to_be_opened(store: Store, people: People) -> None:
    with pytest.raises(InvalidFieldsError) as caught, store.writing(TEST) as unit:
        open_case(unit, people["petugas"], {"unit": "Lapas X"}, almanac())
    assert {fault.field for fault in caught.value.faults} == {"kind", "known_on"}
    case_id = opened(store, dict(people), dict(OPENING))
    with pytest.raises(InvalidFieldsError):
        change(store, people["petugas"], case_id, {"unit": ""})


@pytest.mark.parametrize("role", ["penelaah", "auditor"])
def test_readers_open_and_fill_nothing(store: Store, people: People, role: str) -> None:
    with pytest.raises(ForbiddenError), store.writing(TEST) as unit:
        open_case(unit, people[role], OPENING, almanac())
    case_id = opened(store, dict(people))
    with pytest.raises(ForbiddenError):
        change(store, people[role], case_id, {"place": "x"})


def test_who_has_not_joined_does_nothing_and_joining_takes_a_declaration(store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    late = person(store, Role.PENYELIA, login="tono")
    with pytest.raises(ForbiddenError, match="join"):
        change(store, late, case_id, {"place": "x"})
    with pytest.raises(ForbiddenError, match="join"):
        move(store, late, case_id, State.DITUTUP)
    with store.writing(TEST) as unit:
        with pytest.raises(InputError):
            join_case(unit, late, case_id, no_interest=False)
        with pytest.raises(ForbiddenError):
            join_case(unit, people["auditor"], case_id, no_interest=True)
        assert join_case(unit, late, case_id, no_interest=True)
        assert not join_case(unit, late, case_id, no_interest=True)
    assert records(store, case_id)[-1] == ("case.joined", {"declared_no_interest": True})
    assert change(store, late, case_id, {"place": "x"}) == 2


def test_a_case_walks_its_whole_line(place: Place, store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    to_result(place, store, people, case_id)
    objection = {**RESULT, "objection_on": "2026-11-25", "objection_to": "Kepala Kanwil", "objection_reason": "keliru"}
    change(store, people["penyelia"], case_id, objection)
    move(store, people["penyelia"], case_id, State.KEBERATAN)
    change(store, people["penyelia"], case_id, {"objection_result": "ditolak", "objection_result_on": "2026-11-26"})
    move(store, people["penyelia"], case_id, State.ARSIP)
    with store.reading() as unit:
        case = unit.cases.get(case_id, unsealed=False)
        steps = unit.cases.steps(case_id, unsealed=True)
    assert (case.state, case.closed_at) == (State.ARSIP, place.clock.now)
    assert case.retain_until is not None
    assert case.retain_until.date() == dt.date(2031, 12, 30)  # midnight in the zone of the case, WITA
    assert [step.target for step in steps] == [
        "triase",
        "telaah_1",
        "telaah_2",
        "klarifikasi",
        "rekomendasi",
        "hasil",
        "keberatan",
        "arsip",
    ]
    actions = [action for action, _ in records(store, case_id)]
    assert actions.count("case.moved") == 7
    assert actions.count("case.appealed") == 1
    assert verify(store, None, TEST).findings == []


def test_what_is_missing_keeps_a_case_where_it_is(store: Store, people: People) -> None:
    case_id = opened(store, dict(people), {**INTAKE, "identified_by": "", "url": ""})
    move(store, people["petugas"], case_id, State.TRIASE)
    with pytest.raises(InvalidFieldsError) as caught:
        move(store, people["petugas"], case_id, State.TELAAH_1)
    assert {(fault.field, fault.wrong) for fault in caught.value.faults} == {
        ("url", Wrong.MISSING),
        ("identified_by", Wrong.MISSING),
        ("evidence", Wrong.MISSING),
    }
    with store.reading() as unit:
        assert unit.cases.get(case_id, unsealed=False).state == State.TRIASE


def test_a_step_that_there_is_not_and_a_step_without_a_reason(store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    with pytest.raises(ConflictError):
        move(store, people["penyelia"], case_id, State.ARSIP)
    for reason in ("", "  \n", "x" * 5001):
        with pytest.raises(InputError):
            move(store, people["petugas"], case_id, State.DITUTUP, reason)


def test_two_readings_take_two_people(place: Place, store: Store) -> None:
    one, other = (person(store, Role.PETUGAS, Role.PENYELIA, login=login) for login in ("satu", "dua"))
    with store.writing(TEST) as unit:
        case_id = open_case(unit, one, INTAKE, almanac())
        join_case(unit, other, case_id, no_interest=True)
    add_evidence(store, place.home, one, case_id, upload(png()), TEST)
    for target in (State.TRIASE, State.TELAAH_1, State.TELAAH_2):
        move(store, one, case_id, target)
    for target in (State.KLARIFIKASI, State.DITUTUP, State.TRIASE):
        with pytest.raises(ForbiddenError, match="somebody else"):
            move(store, one, case_id, target)
    with store.reading() as unit:
        assert all(offer.barred for offer in offers(look(unit, Caller(person=one), case_id), one))
        assert not any(offer.barred for offer in offers(look(unit, Caller(person=other), case_id), other))
    move(store, other, case_id, State.TRIASE)
    # A new round: whoever reads first now may be anybody.
    move(store, one, case_id, State.TELAAH_1)
    move(store, other, case_id, State.TELAAH_2)
    move(store, one, case_id, State.KLARIFIKASI)


def test_offers_say_what_is_still_missing(store: Store, people: People) -> None:
    case_id = opened(store, dict(people), {**OPENING, "kind": "temuan"})
    with store.reading() as unit:
        found = offers(look(unit, Caller(person=people["petugas"]), case_id), people["petugas"])
    assert {offer.move.target: offer.missing for offer in found} == {State.TRIASE: ("party_name",), State.DITUTUP: ()}
    assert not found[0].is_open
    assert found[1].is_open


def test_a_stored_post_becomes_part_of_one_case_only(store: Store, people: People) -> None:
    with store.writing(TEST) as unit:
        post = unit.posts.add_judged(TEXT, StandIn().classify([Post(TEXT)])[0], "console", context="induk")
        assert post is not None
    with store.writing(TEST) as unit:
        case_id = open_case(unit, people["petugas"], OPENING, almanac(), post_id=post.id)
    with store.reading() as unit:
        values = values_of(unit.cases.get(case_id, unsealed=True))
        judgement = unit.case_posts.judgement(case_id)
        assert unit.posts.get(post.id).state is PostState.KASUS
    assert (values["text"], values["parent"]) == (post.text, "induk")
    assert judgement is not None
    assert (judgement.model, judgement.decision, judgement.forms) == ("pilah-uji", "tinjau", ("B02", "B05"))
    with pytest.raises(ConflictError), store.writing(TEST) as unit:
        open_case(unit, people["petugas"], OPENING, almanac(), post_id=post.id)
    with pytest.raises(NotFoundError), store.writing(TEST) as unit:
        open_case(unit, people["petugas"], OPENING, almanac(), post_id="x")
    with store.reading() as unit:
        assert len(unit.cases.page(list(State), None, 10)) == 1


def test_a_post_in_review_becomes_a_case_once_two_people_found_it_partisan(store: Store, people: People) -> None:
    other = person(store, Role.PENELAAH, login="dewi")
    (post_id,) = bring(store, PARTISAN, known_on=dt.date(2026, 11, 24), link="https://facebook.example/p/1").ids
    given = {"kind": "temuan", "unit": "Lapas Sukamaju"}
    for who in (people["penelaah"], other):
        with store.reading() as unit:
            assert posts_ready(unit) == []
        with pytest.raises(ConflictError, match="in review"), store.writing(TEST) as unit:
            open_case(unit, people["petugas"], given, almanac(), post_id=post_id)
        review = settle(store, who, post_id, YES)
    with store.writing(TEST) as unit:
        assert [post.id for post in posts_ready(unit)] == [post_id]
        case_id = open_case(unit, people["petugas"], given, almanac(), post_id=post_id)
    with store.reading() as unit:
        values = values_of(unit.cases.get(case_id, unsealed=True))
        assert posts_ready(unit) == []
    assert values["known_on"] == "2026-11-24"
    assert values["forms"] == ("B02",)
    assert values["url"] == "https://facebook.example/p/1"
    with pytest.raises(ReviewRefusedError), store.writing(TEST) as unit:
        reverse(unit, other, review.id)


def test_what_reviewers_found_harmless_becomes_no_case(store: Store, people: People) -> None:
    (post_id,) = bring(store, ATTACK).ids
    settle(store, people["penelaah"], post_id, NO)
    with store.reading() as unit:
        assert posts_ready(unit) == []
    with pytest.raises(ConflictError), store.writing(TEST) as unit:
        open_case(unit, people["petugas"], OPENING, almanac(), post_id=post_id)


def test_a_case_that_is_no_violation_is_erased_in_time(place: Place, store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    move(store, people["petugas"], case_id, State.DITUTUP, "Bukan kiriman yang bersangkutan.")
    place.clock.move(days=CLOSED_DAYS - 1)
    assert purge(store, place.home, TEST).counts["cases"] == 0
    place.clock.move(days=2)
    assert purge(store, place.home, TEST).counts["cases"] == 1
    with store.reading() as unit:
        case = unit.cases.get(case_id, unsealed=True)
        assert case.state == State.DIHAPUS
        assert case.version == 3
        assert values_of(case) == {"unit": "Lapas Sukamaju", "happened_on": "2024-10-03", "known_on": "2026-11-24"} | {
            "retain_until": values_of(case)["retain_until"]
        }
        assert [step.reason for step in unit.cases.steps(case_id, unsealed=True)] == [None]
        assert not look(unit, Caller(person=people["petugas"]), case_id).unsealed
    assert records(store, case_id)[-1][0] == "erasure"


def test_a_closed_case_that_is_opened_again_is_not_erased(place: Place, store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    move(store, people["petugas"], case_id, State.DITUTUP)
    with pytest.raises(ForbiddenError):
        move(store, people["petugas"], case_id, State.TRIASE)
    move(store, people["penyelia"], case_id, State.TRIASE, "Bukti baru.")
    place.clock.move(days=CLOSED_DAYS + 5)
    assert purge(store, place.home, TEST).counts["cases"] == 0
    with store.reading() as unit:
        assert unit.cases.get(case_id, unsealed=False).closed_at is None


def test_an_erasure_takes_everything_but_the_tombstone(place: Place, store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    exhibit = add_evidence(store, place.home, people["petugas"], case_id, upload(png()), TEST)
    with pytest.raises(ConflictError):
        erase(store, place.home, people["penyelia"], case_id, "keliru", TEST)
    move(store, people["petugas"], case_id, State.DITUTUP, "Akun palsu.")
    with pytest.raises(ForbiddenError):
        erase(store, place.home, people["petugas"], case_id, "keliru", TEST)
    with pytest.raises(InputError):
        erase(store, place.home, people["penyelia"], case_id, " ", TEST)
    assert erase(store, place.home, people["penyelia"], case_id, "bukan pelanggaran", TEST) == ()
    assert not (place.home / "evidence" / exhibit.sha256).exists()
    assert records(store, case_id)[-1] == (
        "erasure",
        {"evidence": [exhibit.sha256], "posts": 0, "reason": "bukan pelanggaran"},
    )
    with store.reading() as unit:
        assert unit.evidence.of(case_id, unsealed=True) == []
    with pytest.raises(ConflictError), store.writing(TEST) as unit:
        join_case(unit, people["penelaah"], case_id, no_interest=True)
    assert verify(store, None, TEST).findings == []


def test_lists_are_by_state_newest_first_and_sealed(place: Place, store: Store, people: People) -> None:
    made = []
    for _ in range(3):
        made.append(opened(store, dict(people)))
        place.clock.move(minutes=1)
    move(store, people["petugas"], made[0], State.DITUTUP)
    with store.reading() as unit:
        first = unit.cases.page([State.MASUK], None, 1)
        rest = unit.cases.page([State.MASUK], first[0].id, 10)
        counts = unit.cases.counts()
    assert [case.id for case in (*first, *rest)] == [made[2], made[1]]
    assert all(case.sealed for case in (*first, *rest))
    assert counts == {"masuk": 2, "ditutup": 1}
    assert len({number_of(case) for case in (*first, *rest)}) == 2


def test_new_data_keys_reach_every_sealed_field(place: Place, store: Store, people: People) -> None:
    case_id = opened(store, dict(people))
    add_evidence(store, place.home, people["petugas"], case_id, upload(png()), TEST)
    move(store, people["petugas"], case_id, State.DITUTUP, "alasan")
    with store.writing(TEST) as unit:
        # Four names of people; identity, reporter and content; a file's name and its taker; a reason.
        assert unit.retention.renew_sealed() == 4 + 3 + 2 + 1
    with store.reading() as unit:
        assert look(unit, Caller(person=people["petugas"]), case_id).values["nip"] == NIP


def test_a_case_that_there_is_not(store: Store, people: People) -> None:
    with pytest.raises(NotFoundError):
        see_case(store, Caller(person=people["petugas"]), "x", TEST)
    with pytest.raises(NotFoundError):
        change(store, people["petugas"], "x", {}, at=1)
