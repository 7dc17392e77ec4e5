"""What became of a post is written down by the work itself, counts the same as a look at every review, and can be recounted."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from pilah_api.access import Person, Role
from pilah_api.services.deciding import apply_to_alike, reverse
from pilah_api.store import migrate
from pilah_api.store.courses import Course
from pilah_api.store.engine import database_url, for_writing, make_engine
from pilah_api.store.migrate import HEAD
from pilah_api.store.posts import PostState
from pilah_api.store.units import Store
from pilah_api.store.work_tables import JudgementRow, PostRow
from pilah_model.judgement import Post
from tests.api.counted import Brought, read
from tests.api.counted import bring as put_in
from tests.api.queue_posts import ATTACK, MAYBE, NO, PARTISAN, UNSURE, YES, bring, bring_one, by, settle
from tests.api.stand_in import StandIn
from tests.api.stores import START, TEST, Place, miscounted, person

WEEK = dt.date(2026, 11, 23)


def written(store: Store) -> list[str | None]:
    with store.engine.connect() as connection:
        return list(connection.scalars(sa.select(PostRow.course).order_by(PostRow.id)))


def labels(store: Store) -> Counter[tuple[str, str, str]]:
    with store.reading() as unit:
        return Counter((c.first, c.second, c.third) for c in unit.statistics.posts().courses.elements())


def recount(store: Store) -> int:
    with store.writing(TEST) as unit:
        return unit.statistics.recount()


def _older_rows() -> tuple[dict[str, object], dict[str, object]]:
    """A post and its judgement as they were stored before courses were written down."""
    post = {
        "id": "0" * 32,
        "state": "tinjau",
        "text": "teks uji",
        "fingerprint": "0" * 64,
        "facts": {},
        "brought_by": "person:x",
        "created_at": START,
    }
    judgement = {
        "id": "1" * 32,
        "post_id": "0" * 32,
        "label": "partisan",
        "decision": "tinjau",
        "confidence": 0.9,
        "probabilities": {"partisan": 0.9},
        "forms": [{"code": "B02", "probability": 0.8}],
        "thresholds": {},
        "model_name": "pilah-uji",
        "model_version": "1",
        "model_sha256": "0" * 64,
        "taxonomy": "1.0",
        "engine": "x",
        "created_at": START,
    }
    return post, judgement


def test_a_post_carries_its_course_from_arrival_to_outcome(store: Store) -> None:
    first, second = (person(store, Role.PENELAAH, login=login) for login in ("bayu", "dewi"))
    post_id = bring_one(store, ATTACK)
    assert labels(store) == {("", "", ""): 1}
    settle(store, first, post_id, YES)
    assert labels(store) == {("partisan", "", ""): 1}
    review = settle(store, second, post_id, NO)
    assert labels(store) == {("partisan", "politik_netral", ""): 1}
    with store.writing(by(second)) as unit:
        reverse(unit, second, review.id)
    assert labels(store) == {("partisan", "", ""): 1}
    settle(store, second, post_id, YES)
    with store.reading() as unit:
        posted = unit.statistics.posts()
    assert posted.courses == {Course("tinjau", "pilah-uji 0.0.1", "B03", "partisan", "partisan", "", "B02"): 1}
    assert posted.weeks == {(WEEK, "tinjau"): 1}
    assert None not in written(store)
    assert recount(store) == 0


def test_posts_alike_that_are_decided_at_once_are_counted_each(store: Store) -> None:
    first = person(store, Role.PENELAAH, login="bayu")
    one, other, alone = bring(store, PARTISAN, PARTISAN + "!", UNSURE).ids
    done = settle(store, first, one, YES)
    with store.writing(by(first)) as unit:
        assert [review.post_id for review in apply_to_alike(unit, first, done.id, [other])] == [other]
    settle(store, first, alone, MAYBE)
    assert labels(store) == {("partisan", "", ""): 2, ("perlu_konteks", "", ""): 1}
    assert None not in written(store)
    assert recount(store) == 0


def test_what_is_undone_is_not_written_down(store: Store) -> None:
    def fail() -> None:
        with store.writing(TEST) as unit:
            unit.posts.add_judged(PARTISAN, StandIn().classify([Post(PARTISAN)])[0], "console")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert written(store) == []


def test_posts_put_in_by_other_means_count_and_are_written_down_by_a_recount(store: Store) -> None:
    bring(store, PARTISAN, UNSURE)
    put_in(store, [Brought(reviews=read("partisan", "partisan")), Brought("butuh_konteks", ())])
    before = labels(store)
    assert sum(before.values()) == 4
    assert recount(store) == 2
    assert None not in written(store)
    assert labels(store) == before
    assert recount(store) == 0


def test_a_course_that_was_tampered_with_is_found_and_mended(store: Store) -> None:
    bring(store, PARTISAN, UNSURE)
    before = written(store)
    wrong = sa.update(PostRow).where(PostRow.course == before[0]).values(course=before[1])
    with for_writing(store.engine).begin() as connection:
        connection.execute(wrong)
    assert len(miscounted(store)) == 1
    assert recount(store) == 1
    assert written(store) == before


def test_decisions_at_once_and_a_recount_leave_every_course_right(place: Place) -> None:
    store = place.open()
    people = [person(store, Role.PENELAAH, login=f"baca{n}") for n in range(3)]
    posts = bring(store, *(f"Ayo coblos nomor dua, kabar {n}" for n in range(12))).ids
    counted: list[int] = []

    def decide_on(who: Person, some: Sequence[str]) -> None:
        for post_id in some:
            settle(store, who, post_id, YES)

    threads = [threading.Thread(target=decide_on, args=(who, posts[n::3])) for n, who in enumerate(people)]
    threads.append(threading.Thread(target=lambda: counted.extend(recount(store) for _ in range(4))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [0, 0, 0, 0]
    assert labels(store) == {("partisan", "", ""): 12}
    assert miscounted(store) == {}
    assert None not in written(store)
    store.close()


def test_a_deleted_post_moves_to_the_tallies_once(place: Place) -> None:
    store = place.open()
    first = person(store, Role.PENELAAH, login="bayu")
    settle(store, first, bring_one(store, PARTISAN), YES)
    with store.reading() as unit:
        before = unit.statistics.posts()
    place.clock.move(days=100)
    for expected in (1, 0):
        with store.writing(TEST) as unit:
            assert unit.retention.drop_posts(PostState.TINJAU, dt.timedelta(days=90)) == expected
        with store.reading() as unit:
            assert unit.statistics.posts() == before
    store.close()


def test_an_older_database_is_counted_when_it_is_opened(place: Place) -> None:
    engine = make_engine(database_url(place.home, place.url))
    with for_writing(engine).begin() as connection:
        migrate._run(connection, "0009")
        post, judgement = _older_rows()
        # By their columns of then: a hash of the text is no longer among them.
        known = [sa.column(one.name, one.type) for one in sa.inspect(PostRow).columns if one.name in post]
        connection.execute(sa.insert(sa.table("posts", *known, sa.column("fingerprint", sa.String()))).values(post))
        connection.execute(sa.insert(JudgementRow).values(judgement))
    engine.dispose()
    store = place.open()
    with store.engine.connect() as connection:
        assert connection.scalar(sa.select(JudgementRow.partisan)) == 0.9
    assert written(store) == ['2026-11-23 ["tinjau","pilah-uji 1","B02","","","",""]']
    assert "fingerprint" not in {one["name"] for one in sa.inspect(store.engine).get_columns("posts")}
    with store.reading() as unit:
        assert unit.fact("version") == HEAD
    store.close()
