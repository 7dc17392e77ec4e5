"""The review queue on both databases: leases, blindness, rounds, outcomes, undo, groups, and what is left of a post."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from pilah_api.access import NotFoundError, Person, Role
from pilah_api.services.claiming import declare_conflict, release, renew, take_next
from pilah_api.services.deciding import apply_to_alike, decide, decide_or_keep, erase_due, find_alike, reverse
from pilah_api.services.keeping import purge
from pilah_api.services.queueing import priority
from pilah_api.services.review_rules import (
    Fault,
    InvalidDecisionError,
    Refusal,
    Relation,
    ReviewRefusedError,
    checked,
)
from pilah_api.services.review_sight import Mode, look
from pilah_api.store.engine import for_writing
from pilah_api.store.queue_tables import QueueRow
from pilah_api.store.reviews import Content, ReviewState
from pilah_api.store.units import Store
from pilah_api.store.work_tables import PostRow, ReviewRow
from pilah_api.verdicts import verdict
from pilah_data.errors import InputError
from pilah_data.taxonomy import Decision, Label
from pilah_model.judgement import FormScore, Post
from tests.api.queue_posts import (
    ATTACK,
    CALM,
    MAYBE,
    NO,
    NOT_POLITICS,
    PARTISAN,
    UNSURE,
    YES,
    bring,
    bring_one,
    by,
    hold,
    settle,
)
from tests.api.stand_in import StandIn
from tests.api.stores import TEST, Place, person

P, N, B, K = Label.PARTISAN, Label.POLITIK_NETRAL, Label.BUKAN_POLITIK, Label.PERLU_KONTEKS


@dataclasses.dataclass
class Team:
    """Who works here."""

    first: Person
    second: Person
    third: Person
    boss: Person
    auditor: Person


@pytest.fixture
def team(store: Store) -> Team:
    return Team(
        person(store, Role.PETUGAS, login="petugas"),
        person(store, Role.PENELAAH, login="penelaah"),
        person(store, Role.PENELAAH, login="penelaah2"),
        person(store, Role.PENYELIA, login="penyelia"),
        person(store, Role.AUDITOR, login="auditor"),
    )


def refusal(work: Callable[[], object]) -> Refusal:
    with pytest.raises(ReviewRefusedError) as caught:
        work()
    return caught.value.why


def outcome(store: Store, post_id: str) -> tuple[str | None, str | None]:
    with store.reading() as unit:
        entry = unit.queue.get(post_id)
    return entry.outcome, entry.basis


def actions(store: Store, post_id: str) -> list[str]:
    with store.reading() as unit:
        return [record.action for record in reversed(unit.audit.page(None, 100, f"post:{post_id}"))]


def undo(store: Store, who: Person, review_id: str) -> object:
    with store.writing(by(who)) as unit:
        return reverse(unit, who, review_id)


def test_what_passed_does_not_enter_and_the_rest_does_masked(store: Store) -> None:
    sent = bring(store, CALM, f"{PARTISAN}, hubungi 0812-3456-7890", UNSURE, link="https://contoh.id/kiriman/7")
    assert (len(sent.ids), sent.passed) == (2, 1)
    with store.reading() as unit:
        first, second = (unit.queue.get(post_id) for post_id in sent.ids)
        assert (first.queue, second.queue) == (Decision.TINJAU, Decision.BUTUH_KONTEKS)
        assert "0812" not in unit.posts.get(first.id).text
        assert unit.posts.link(first.id) == "https://contoh.id/kiriman/7"
        assert first.known_on == dt.date(2026, 11, 26)
    with store.engine.connect() as connection:
        sealed = connection.scalar(sa.select(PostRow.link_sealed).limit(1))
    assert sealed is not None
    assert "contoh" not in sealed
    assert actions(store, first.id) == ["review.queued"]


@pytest.mark.parametrize("days", [1, -367])
def test_an_impossible_day_is_refused_and_nothing_is_stored(store: Store, days: int) -> None:
    with pytest.raises(InputError, match="became known"):
        bring(store, PARTISAN, known_on=dt.date(2026, 11, 26) + dt.timedelta(days=days))
    with store.reading() as unit:
        assert unit.queue_lists.waiting() == []


def test_the_gravest_and_surest_come_first() -> None:
    (judged,) = StandIn().classify([Post(PARTISAN)])
    grave = dataclasses.replace(judged, forms=(FormScore("B08", 0.6),))
    gravest = dataclasses.replace(judged, forms=(FormScore("B01", 0.9), FormScore("B09", 0.6)))
    unsure = dataclasses.replace(judged, probabilities={**judged.probabilities, P: 0.7})
    assert priority(gravest) < priority(grave) < priority(judged) < priority(unsure)


def test_the_next_post_is_the_most_urgent_of_its_queue(store: Store, team: Team) -> None:
    late = bring(store, PARTISAN, known_on=dt.date(2026, 11, 25)).ids[0]
    early = bring(store, ATTACK, known_on=dt.date(2026, 11, 20)).ids[0]
    with store.writing(by(team.first)) as unit:
        taken = take_next(unit, team.first)
    assert taken is not None
    assert taken.post_id == early
    with store.writing(by(team.second)) as unit:
        other = take_next(unit, team.second)
    assert other is not None
    assert other.post_id == late
    with store.writing(by(team.third)) as unit:
        assert take_next(unit, team.third) is None


def test_the_next_post_tells_nothing_of_queue_or_round(store: Store, team: Team) -> None:
    for number in range(6):
        bring(store, f"{PARTISAN} {number}", f"Lanjutkan, Pak {number}!")
    settle(store, team.first, bring_one(store, ATTACK), YES)
    seen = set()
    for seed in range(40):
        with store.writing(by(team.second)) as unit:
            taken = take_next(unit, team.second, random.Random(seed))
            assert taken is not None
            entry = unit.queue.get(taken.post_id)
            seen.add((entry.queue, entry.round))
            release(unit, team.second, taken.id)
    assert seen == {(Decision.TINJAU, 1), (Decision.BUTUH_KONTEKS, 1), (Decision.TINJAU, 2)}


def test_taking_again_is_the_same_and_a_second_one_is_refused(store: Store, team: Team) -> None:
    post_id, other = bring_one(store), bring_one(store, ATTACK)
    held = hold(store, team.first, post_id)
    assert hold(store, team.first, post_id).id == held.id
    with store.writing(by(team.first)) as unit:
        again = take_next(unit, team.first)
    assert again is not None
    assert again.id == held.id
    assert refusal(lambda: hold(store, team.first, other)) is Refusal.HOLDS_ANOTHER
    assert refusal(lambda: hold(store, team.second, post_id)) is Refusal.HELD
    assert actions(store, post_id) == ["review.queued", "review.claimed"]


def test_of_many_at_once_one_gets_the_post(store: Store) -> None:
    people = [person(store, Role.PETUGAS, login=f"orang{number}") for number in range(6)]
    post_id = bring_one(store)
    got: list[str] = []
    barrier = threading.Barrier(len(people))

    def grab(who: Person) -> None:
        barrier.wait()
        with store.writing(by(who)) as unit:
            if (taken := take_next(unit, who)) is not None:
                got.append(taken.person_id)

    threads = [threading.Thread(target=grab, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    with store.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(ReviewRow)) == 1
    assert actions(store, post_id).count("review.claimed") == 1


def test_several_at_once_get_different_posts(store: Store) -> None:
    people = [person(store, Role.PETUGAS, login=f"orang{number}") for number in range(4)]
    for number in range(4):
        bring(store, f"{PARTISAN} {number}")
    got: list[str] = []

    def grab(who: Person) -> None:
        with store.writing(by(who)) as unit:
            if (taken := take_next(unit, who)) is not None:
                got.append(taken.post_id)

    threads = [threading.Thread(target=grab, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == len(got)
    assert len(got) >= (4 if store.kind == "sqlite" else 1)


def test_work_renews_a_lease_and_rest_ends_it(store: Store, team: Team, place: Place) -> None:
    post_id = bring_one(store)
    held = hold(store, team.first, post_id)
    draft = Content(K, reason="sedang menunggu foto")
    place.clock.move(minutes=14)
    with store.writing(by(team.first)) as unit:
        renew(unit, team.first, held.id, draft)
    place.clock.move(minutes=14)
    assert refusal(lambda: hold(store, team.second, post_id)) is Refusal.HELD
    place.clock.move(minutes=2)
    taken = hold(store, team.second, post_id)
    assert "review.lapsed" in actions(store, post_id)
    assert refusal(lambda: decide_or_keep(store, by(team.first), team.first, held.id, NO)) is Refusal.LOST
    with store.writing(by(team.second)) as unit:
        release(unit, team.second, taken.id)
    # What was filled in is there when the post comes back.
    assert hold(store, team.first, post_id).content == dataclasses.replace(NO, reason="")


def test_an_ended_lease_counts_while_nobody_else_came(store: Store, team: Team, place: Place) -> None:
    post_id = bring_one(store)
    held = hold(store, team.first, post_id)
    place.clock.move(hours=3)
    with store.writing(by(team.first)) as unit:
        assert decide(unit, team.first, held.id, MAYBE).state is ReviewState.DECIDED


def test_a_released_post_keeps_the_draft_for_its_writer_only(store: Store, team: Team) -> None:
    post_id = bring_one(store)
    held = hold(store, team.first, post_id)
    with store.writing(by(team.first)) as unit:
        release(unit, team.first, held.id, Content(P, ("B02",), reason="rahasia saya"))
        release(unit, team.first, held.id)
    assert hold(store, team.second, post_id).content == Content()
    assert actions(store, post_id).count("review.released") == 1


def test_a_conflict_gives_back_and_bars_for_good(store: Store, team: Team) -> None:
    post_id = bring_one(store)
    held = hold(store, team.first, post_id)
    for _ in range(2):
        with store.writing(by(team.first)) as unit:
            declare_conflict(unit, team.first, held.id, Relation.KELUARGA)
    assert refusal(lambda: hold(store, team.first, post_id)) is Refusal.NOT_OPEN
    with store.writing(by(team.first)) as unit:
        assert take_next(unit, team.first) is None
    assert actions(store, post_id).count("review.conflict_declared") == 1
    hold(store, team.second, post_id)


@pytest.mark.parametrize(
    ("labels", "round_", "result", "basis"),
    [
        ([P], 2, None, None),
        ([N], None, N, "satu_penelaah"),
        ([B], None, B, "satu_penelaah"),
        ([K], None, K, "satu_penelaah"),
        ([P, P], None, P, "dua_sepakat"),
        ([P, N], 3, None, None),
        ([P, K], 3, None, None),
        ([P, N, P], None, P, "mayoritas"),
        ([P, N, N], None, N, "mayoritas"),
        ([P, N, K], None, K, "tiga_berbeda"),
        ([P, B, N], None, K, "tiga_berbeda"),
    ],
)
def test_what_follows_from_decisions(
    labels: list[Label], round_: int | None, result: Label | None, basis: str | None
) -> None:
    found = verdict(labels)
    assert (found.next_round, found.outcome, found.basis) == (round_, result, basis)


def test_two_who_agree_make_a_post_ready_for_a_case(store: Store, team: Team) -> None:
    post_id = bring_one(store)
    settle(store, team.first, post_id, YES)
    assert refusal(lambda: hold(store, team.first, post_id)) is Refusal.NOT_OPEN
    settle(store, team.second, post_id, dataclasses.replace(YES, forms=("B05",)))
    assert outcome(store, post_id) == ("partisan", "dua_sepakat")
    with store.reading() as unit:
        (listed,) = unit.queue_lists.page("partisan", None, 10)
        assert listed.entry.forms == ("B02", "B05")
        assert [one.round for one in unit.reviews.decisions(post_id)] == [1, 2]
        assert unit.posts.get(post_id).text == PARTISAN
    assert actions(store, post_id) == [
        "review.queued",
        "review.claimed",
        "review.decided",
        "review.claimed",
        "review.decided",
        "review.closed",
    ]


def test_a_disagreement_goes_to_somebody_new(store: Store, team: Team) -> None:
    post_id = bring_one(store)
    settle(store, team.first, post_id, YES)
    settle(store, team.second, post_id, NO)
    for involved in (team.first, team.second):
        assert refusal(lambda who=involved: hold(store, who, post_id)) is Refusal.NOT_OPEN  # type: ignore[misc]
    settle(store, team.boss, post_id, NOT_POLITICS)
    assert outcome(store, post_id) == ("perlu_konteks", "tiga_berbeda")
    with store.reading() as unit:
        assert unit.posts.get(post_id).state == "butuh_konteks"


def test_rounds_are_open_by_role(store: Store, team: Team) -> None:
    post_id = bring_one(store)
    assert refusal(lambda: hold(store, team.boss, post_id)) is Refusal.NOT_OPEN
    assert refusal(lambda: hold(store, team.auditor, post_id)) is Refusal.NOT_OPEN
    settle(store, team.second, post_id, YES)
    assert refusal(lambda: hold(store, team.first, post_id)) is Refusal.NOT_OPEN
    assert refusal(lambda: hold(store, team.boss, post_id)) is Refusal.NOT_OPEN
    settle(store, team.third, post_id, NO)
    hold(store, team.boss, post_id)


def test_nobody_sees_the_model_or_others_before_deciding(store: Store, team: Team) -> None:
    post_id = bring_one(store)
    hold(store, team.first, post_id)
    with store.reading() as unit:
        sight = look(unit, team.first, post_id)
        assert sight.mode is Mode.HELD
        assert (sight.judgement, sight.precision, sight.decisions, sight.alike) == (None, None, (), ())
        assert look(unit, team.second, post_id).post is None
        assert look(unit, team.boss, post_id).judgement is None
        assert look(unit, team.auditor, post_id).judgement is not None
    with store.writing(by(team.first)) as unit:
        decide(unit, team.first, unit.queue.get(post_id).holder or "", YES)
    with store.reading() as unit:
        mine = look(unit, team.first, post_id)
        assert mine.mode is Mode.DECIDED
        assert mine.judgement is not None
        assert mine.decisions == ()
        assert look(unit, team.boss, post_id).decisions == ()
    hold(store, team.second, post_id)
    with store.reading() as unit:
        theirs = look(unit, team.second, post_id)
        assert (theirs.mode, theirs.judgement, theirs.decisions) == (Mode.HELD, None, ())
    settle(store, team.second, post_id, NO)
    with store.reading() as unit:
        # The third is not decided: what the first said stays hidden from the second.
        assert look(unit, team.second, post_id).decisions == ()
    settle(store, team.third, post_id, NO)
    with store.reading() as unit:
        assert len(look(unit, team.first, post_id).decisions) == 3
        assert len(look(unit, team.boss, post_id).decisions) == 3


def test_a_decision_twice_is_one_and_another_is_refused(store: Store, team: Team) -> None:
    post_id = bring_one(store)
    held = hold(store, team.first, post_id)
    for _ in range(2):
        with store.writing(by(team.first)) as unit:
            decide(unit, team.first, held.id, YES)
    assert refusal(lambda: settle_again(store, team.first, held.id, NO)) is Refusal.DECIDED
    assert actions(store, post_id).count("review.decided") == 1
    with pytest.raises(NotFoundError):
        settle_again(store, team.second, held.id, YES)


def settle_again(store: Store, who: Person, review_id: str, content: Content) -> None:
    with store.writing(by(who)) as unit:
        decide(unit, who, review_id, content)


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (Content(), {Fault.LABEL, Fault.REASON}),
        (Content(P, reason="jelas"), {Fault.FORMS}),
        (Content(N, ("B02",), reason="x"), {Fault.NO_FORMS}),
        (Content(P, ("B02",), "netral.informasi"), {Fault.REASON}),
        (Content(N, reason=" \n "), {Fault.REASON}),
        (Content(N, reason="x" * 2001), {Fault.TOO_LONG}),
    ],
)
def test_what_a_decision_lacks_is_told(content: Content, faults: set[Fault]) -> None:
    with pytest.raises(InvalidDecisionError) as caught:
        checked(content)
    assert set(caught.value.faults) == faults


def test_a_reason_is_stored_in_full_masked_and_with_a_reference() -> None:
    stored = checked(dataclasses.replace(YES, reason="lihat @akun_warga"))
    assert stored.reason.endswith("\nlihat @USER")
    assert stored.reason.startswith("Peserta dapat dikenali")
    assert "B02: SKB 2022 B8" in (stored.reference or "")
    assert checked(dataclasses.replace(NO, reference="UU 20/2023")).reference == "UU 20/2023"


def test_a_neutral_post_is_forgotten_once_its_decision_is_final(store: Store, team: Team, place: Place) -> None:
    post_id = bring_one(store)
    settle(store, team.first, post_id, NO)
    assert erase_due(store) == 0
    place.clock.move(minutes=16)
    assert erase_due(store) == 1
    assert erase_due(store) == 0
    with store.reading() as unit:
        entry = unit.queue.get(post_id)
        assert (entry.kept, entry.outcome) == (False, "politik_netral")
        assert look(unit, team.first, post_id).mode is Mode.GONE
        assert unit.queue_lists.precision(StandIn().info.sha256) == (0, 1)
        with pytest.raises(NotFoundError):
            unit.posts.get(post_id)
    assert actions(store, post_id)[-1] == "erasure"
    with store.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(ReviewRow)) == 0


def test_purge_forgets_decided_posts_keeps_periods_and_closes_what_lapsed(
    store: Store, team: Team, place: Place
) -> None:
    gone, kept, waiting = bring_one(store), bring_one(store, ATTACK), bring_one(store, UNSURE)
    settle(store, team.first, gone, NO)
    place.clock.move(days=29)
    settle(store, team.first, kept, MAYBE)
    place.clock.move(days=2)
    counts = purge(store, place.home, TEST).counts
    assert counts["posts.selesai"] == 1
    assert counts["posts.butuh_konteks"] == 1
    assert outcome(store, waiting) == ("kedaluwarsa", None)
    with store.reading() as unit:
        # Its 30 days began with the decision.
        assert unit.queue.get(kept).kept
    place.clock.move(days=30)
    purge(store, place.home, TEST)
    with store.reading() as unit:
        assert not unit.queue.get(kept).kept
        assert unit.audit.verify() == []


def test_a_decision_is_taken_back_in_time_and_stays_on_record(store: Store, team: Team, place: Place) -> None:
    post_id = bring_one(store)
    done = settle(store, team.first, post_id, dataclasses.replace(NO, reason="berita saja"))
    again = undo(store, team.first, done.id)
    assert undo(store, team.first, done.id) == again
    with store.reading() as unit:
        sight = look(unit, team.first, post_id)
        assert sight.mode is Mode.HELD
        assert sight.review is not None
        assert (sight.review.content.template, sight.review.content.reason) == ("netral.informasi", "berita saja")
        rows = unit.reviews.of_post(post_id)
        assert sorted(one.state for one in rows) == ["decided", "leased", "reversed"]
        assert unit.reviews.decisions(post_id) == []
    settle(store, team.first, post_id, YES)
    assert outcome(store, post_id) == (None, None)
    assert actions(store, post_id).count("review.decided") == 2
    place.clock.move(minutes=16)
    with store.reading() as unit:
        last = unit.reviews.decisions(post_id)[0]
    assert refusal(lambda: undo(store, team.first, last.id)) is Refusal.TOO_LATE


def test_a_decision_stands_once_the_next_review_began(store: Store, team: Team) -> None:
    post_id = bring_one(store)
    done = settle(store, team.first, post_id, YES)
    hold(store, team.second, post_id)
    assert refusal(lambda: undo(store, team.first, done.id)) is Refusal.TOO_LATE
    with pytest.raises(NotFoundError):
        undo(store, team.second, done.id)


def test_a_decision_stands_once_a_case_was_opened(store: Store, team: Team) -> None:
    post_id = bring_one(store)
    settle(store, team.first, post_id, YES)
    done = settle(store, team.second, post_id, YES)
    with for_writing(store.engine).begin() as connection:
        connection.execute(sa.update(PostRow).values(state="kasus"))
    assert refusal(lambda: undo(store, team.second, done.id)) is Refusal.TOO_LATE


def test_like_posts_are_decided_together_on_request(store: Store, team: Team) -> None:
    text = "Ayo warga sekampung besok pagi coblos nomor dua demi jalan desa yang mulus dan terang"
    same, near, held, other = (
        bring_one(store, f"{text} {tail}") for tail in ("", "🔥🔥", "#menyala", "kata pak lurah di warung kopi kemarin")
    )
    hold(store, team.third, held)
    done = settle(store, team.first, same, YES)
    with store.writing(by(team.first)) as unit:
        assert {alike.id for alike in find_alike(unit, team.first, same)} == {near}
        made = apply_to_alike(unit, team.first, done.id, [near, held, other])
        assert apply_to_alike(unit, team.first, done.id, [near]) == []
    assert [one.post_id for one in made] == [near]
    assert actions(store, near) == ["review.queued", "review.decided_alike"]
    assert refusal(lambda: hold(store, team.first, near)) is Refusal.NOT_OPEN
    # Each is taken back by itself.
    undo(store, team.first, made[0].id)
    with store.reading() as unit:
        assert len(unit.reviews.decisions(same)) == 1
        assert unit.reviews.decisions(near) == []
        assert unit.queue.get(other).round == 1


def test_a_decision_that_was_taken_back_is_applied_to_nothing(store: Store, team: Team) -> None:
    bring(store, PARTISAN)
    post_id = bring_one(store)
    done = settle(store, team.first, post_id, YES)
    undo(store, team.first, done.id)
    with store.writing(by(team.first)) as unit:
        assert refusal(lambda: apply_to_alike(unit, team.first, done.id, [])) is Refusal.TOO_LATE


def test_precision_counts_what_the_model_marked_and_people_finished(store: Store, team: Team) -> None:
    for number in range(2):
        yes = bring_one(store, f"{PARTISAN} {number}")
        settle(store, team.first, yes, YES)
        settle(store, team.second, yes, YES)
    settle(store, team.first, bring_one(store, ATTACK), NO)
    settle(store, team.first, bring_one(store, UNSURE), NO)
    settle(store, team.first, bring_one(store, f"{PARTISAN} terbuka"), YES)
    with store.reading() as unit:
        assert unit.queue_lists.precision(StandIn().info.sha256) == (2, 3)
        assert unit.queue_lists.precision("0" * 64) == (0, 0)


def test_the_list_pages_without_loss(store: Store, team: Team) -> None:
    made = {bring(store, f"{PARTISAN} {n}", known_on=dt.date(2026, 11, 20 + n % 3)).ids[0] for n in range(7)}
    hold(store, team.first, sorted(made)[0])
    seen: list[str] = []
    place: tuple[dt.date, str] | None = None
    with store.reading() as unit:
        while found := unit.queue_lists.page("terbuka", place, 3):
            seen += [one.entry.id for one in found]
            place = (found[-1].entry.known_on, found[-1].entry.id)
        holders = [one.held_by for one in unit.queue_lists.page("semua", None, 10)]
    assert len(seen) == len(made)
    assert set(seen) == made
    assert [name for name in holders if name] == ["petugas"]


def test_a_closed_entry_has_an_outcome_and_an_open_one_a_round(store: Store) -> None:
    bring_one(store)
    with pytest.raises(sa.exc.IntegrityError), for_writing(store.engine).begin() as connection:
        connection.execute(sa.update(QueueRow).values(round=None))
