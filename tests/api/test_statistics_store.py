"""Counts of the store, on both databases: every post counts once, whether it is still there or not."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from pilah_api.store.columns import new_id
from pilah_api.store.courses import Course
from pilah_api.store.posts import PostState
from pilah_api.store.statistics import Posted
from pilah_api.store.units import Store
from pilah_api.store.work_tables import JudgementRow, PostRow, ReviewRow
from tests.api.casework import crew, opened
from tests.api.counted import Brought, bring, open_cases, read
from tests.api.stores import START, TEST, Place

WEEK = dt.date(2026, 11, 23)
POSTS = (
    Brought(),
    Brought(reviews=read("partisan", "partisan", forms=("B02", "B01"))),
    Brought(reviews=read("partisan", "partisan", forms=("B01", "B02"))),
    Brought(reviews=read("partisan", "politik_netral", "politik_netral", forms=("B02",))),
    Brought(reviews=read("politik_netral")),
    Brought("butuh_konteks", (), read("perlu_konteks", "perlu_konteks")),
    Brought(seen=("B05", "B02")),
)
EXPECTED = {
    Course("tinjau", "pilah-uji 1", "B02", "", "", "", ""): 1,
    Course("tinjau", "pilah-uji 1", "B02", "partisan", "partisan", "", "B01,B02"): 2,
    Course("tinjau", "pilah-uji 1", "B02", "partisan", "politik_netral", "politik_netral", ""): 1,
    Course("tinjau", "pilah-uji 1", "B02", "politik_netral", "", "", ""): 1,
    Course("butuh_konteks", "pilah-uji 1", "", "perlu_konteks", "perlu_konteks", "", ""): 1,
    Course("tinjau", "pilah-uji 1", "B02,B05", "", "", "", ""): 1,
}


def posted(store: Store) -> Posted:
    with store.reading() as unit:
        return unit.statistics.posts()


def courses(store: Store) -> dict[Course, int]:
    return dict(posted(store).courses)


def test_every_post_takes_one_course(store: Store) -> None:
    assert courses(store) == {}
    bring(store, POSTS)
    assert courses(store) == EXPECTED
    assert posted(store).weeks == {(WEEK, "tinjau"): 6, (WEEK, "butuh_konteks"): 1}


def test_outcomes() -> None:
    found = {(c.first, c.second, c.third): c.outcome for c in EXPECTED}
    assert found == {
        ("", "", ""): "",
        ("partisan", "partisan", ""): "partisan",
        ("partisan", "politik_netral", "politik_netral"): "politik_netral",
        # What is not partisan needs one reviewer.
        ("politik_netral", "", ""): "politik_netral",
        ("perlu_konteks", "perlu_konteks", ""): "perlu_konteks",
    }


def test_what_was_taken_back_or_is_not_decided_does_not_count(store: Store) -> None:
    (post,) = bring(store, [Brought(reviews=read("partisan", "partisan"), undone=(2,))])
    with Session(store.engine) as session:
        lease = session.query(ReviewRow).filter_by(round=1).one()
        session.add(
            ReviewRow(
                id=new_id(START + dt.timedelta(hours=1)),
                post_id=post,
                person_id=lease.person_id,
                round=3,
                turn=9,
                state="leased",
                label="politik_netral",
                forms=[],
                conflict_of_interest=False,
            )
        )
        session.commit()
    assert [(c.first, c.second, c.third) for c in courses(store)] == [("partisan", "", "")]


def test_of_two_decisions_in_a_round_the_later_one_stands(store: Store) -> None:
    bring(store, [Brought(reviews=(*read("partisan"), (1, "politik_netral", ())))])
    assert [c.first for c in courses(store)] == ["politik_netral"]


def test_of_two_judgements_the_one_that_people_are_shown_counts(store: Store) -> None:
    bring(store, [Brought()])
    case_id = opened(store, crew(store))
    with Session(store.engine) as session:
        old = session.query(JudgementRow).one()
        values = {column.key: getattr(old, column.key) for column in JudgementRow.__table__.columns}
        session.add(JudgementRow(**values | {"id": new_id(START + dt.timedelta(days=1)), "decision": "butuh_konteks"}))
        (post,) = session.query(PostRow)
        post.case_id = case_id
        session.commit()
        post_id = post.id
    assert [(c.decision, n) for c, n in courses(store).items()] == [("tinjau", 1)]
    with store.reading() as unit:
        in_case = unit.case_posts.judgement(case_id)
        assert in_case is not None
        assert (unit.posts.judgement(post_id).decision, in_case.decision) == ("tinjau", "tinjau")


@pytest.mark.parametrize(("hour", "week"), [(16, 16), (17, 23)])
def test_a_week_begins_on_monday_in_the_west_of_indonesia(store: Store, hour: int, week: int) -> None:
    bring(store, [Brought(at=dt.datetime(2026, 11, 22, hour, 30, tzinfo=dt.UTC))])
    assert posted(store).weeks == {(dt.date(2026, 11, week), "tinjau"): 1}


def test_counts_outlive_the_posts(place: Place) -> None:
    store = place.open()
    bring(store, POSTS)
    place.clock.move(days=400)
    for _ in range(2):
        with store.writing(TEST) as unit:
            dropped = unit.retention.drop_posts(PostState.TINJAU, dt.timedelta(days=365))
        assert courses(store) == EXPECTED
    assert dropped == 0
    # The same course again adds to the tally that is there.
    bring(store, POSTS[1:2])
    place.clock.move(days=1)
    with store.writing(TEST) as unit:
        assert unit.retention.drop_posts(PostState.TINJAU, dt.timedelta(days=365)) == 1
    counted = courses(store)
    assert sum(counted.values()) == len(POSTS) + 1
    assert counted[next(c for c in EXPECTED if c.confirmed)] == 3
    store.close()


def test_an_erased_case_leaves_its_posts_counted_and_itself(store: Store) -> None:
    (case, *_) = open_cases(store, ("Lapas A", "T2", "arsip", 2), ("Lapas B", None, "masuk", 1))
    bring(store, [Brought(reviews=read("partisan", "partisan", forms=("B02",)), case_id=case)])
    before = courses(store)
    with store.writing(TEST) as unit:
        assert unit.retention.erase_case(case).posts == 1
    assert courses(store) == before
    with store.reading() as unit:
        assert unit.statistics.cases() == {("Lapas A", "T2"): 2, ("Lapas B", ""): 1}
        assert unit.cases.counts() == {"arsip": 1, "dihapus": 1, "masuk": 1}
