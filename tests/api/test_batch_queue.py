"""Sending the posts of a finished batch to the review queue: masked, once each, recorded, and gone on with after a cut."""

from __future__ import annotations

import dataclasses
import json

import pytest
import sqlalchemy as sa

from pilah_api.access import Caller, ConflictError, NotFoundError, Person, Role
from pilah_api.jobs.folder import BatchFolder
from pilah_api.jobs.results import FILES, Finding, Order, Results
from pilah_api.jobs.terms import BatchOptions
from pilah_api.jobs.worker import Worker
from pilah_api.services import batch_queue
from pilah_api.services.batch_queue import send_to_queue
from pilah_api.store.audit import Origin
from pilah_api.store.posts import PostState
from pilah_api.store.units import Store
from pilah_api.store.work_tables import JudgementRow, PostRow
from pilah_data.feeds import FeedOptions
from tests.api.batch_work import BOUNDS, add, drain, state
from tests.api.stand_in import StandIn
from tests.api.stores import START, Place, stored

OFFICER = Caller(person=Person("1", "sari", "Sari", frozenset({Role.PETUGAS}), True, True, START, None))
ORIGIN = Origin("person:1", "r1")
ROWS: tuple[tuple[str, str, str], ...] = (
    ("Apel pagi", "sari", ""),
    ("Ayo coblos nomor dua 0812-3456-7890", "budi", "Tanya ke 0812-3456-7891"),
    ("Lanjutkan, Pak!", "citra", ""),
    ("Jangan pilih satu\x00", "dewi", ""),
)
FEED = "".join(
    json.dumps({"teks": text, "tanggal": f"2024-02-0{n}", "akun": account, "balasan": answered}) + "\n"
    for n, (text, account, answered) in enumerate(ROWS, start=1)
).encode()


def finished(store: Store, place: Place) -> str:
    batch = add(
        store, place.home, FEED, options=BatchOptions(FeedOptions(context_column="balasan")), name="umpan.jsonl"
    )
    drain(Worker(store, place.home, StandIn(), BOUNDS))
    assert state(store, batch.id).state == "done"
    return batch.id


def queued(store: Store) -> list[tuple[str, str]]:
    with store.engine.connect() as connection:
        return [
            (row.text, row.state)
            for row in connection.execute(sa.select(PostRow.text, PostRow.state).order_by(PostRow.id))
        ]


def test_the_index_of_results_is_opened_once_however_often_it_is_asked(store: Store, place: Place) -> None:
    folder = BatchFolder(place.home, finished(store, place)).finished
    results = Results(folder)
    places = results.find(Finding())
    (folder / FILES.index).unlink()
    assert [int(place) for place in results.find(Finding(order=Order.LEAST_SURE))] != list(places)
    assert [found.row.number for found in results.rows(places)] == [1, 2, 3, 4]
    assert results.tally is results.tally


def test_results_without_a_row_are_found_to_be_empty(store: Store, place: Place) -> None:
    batch = add(store, place.home, b"teks,nomor\n,1\n")
    drain(Worker(store, place.home, StandIn(), BOUNDS))
    assert len(Results(BatchFolder(place.home, batch.id).finished).find(Finding())) == 0


def test_the_date_of_a_post_is_in_whichever_column_has_one(store: Store, place: Place) -> None:
    batch = add(store, place.home, b"teks,tanggal,created_at\nAyo coblos nomor dua,,2024-11-20\n")
    drain(Worker(store, place.home, StandIn(), BOUNDS))
    assert send_to_queue(store, place.home, OFFICER, batch.id, ORIGIN) == 1
    (post,) = stored(store, PostState.TINJAU)
    assert post.facts["date"] == "2024-11-20"


def test_what_needs_a_review_is_stored_masked_with_its_judgement(store: Store, place: Place) -> None:
    batch = finished(store, place)
    assert queued(store) == [], "nothing is sent unasked"
    assert send_to_queue(store, place.home, OFFICER, batch, ORIGIN) == 3
    (unsure,) = stored(store, PostState.BUTUH_KONTEKS)
    review = stored(store, PostState.TINJAU)
    assert unsure.text == "Lanjutkan, Pak!"
    assert not any("0812" in post.text + (post.context or "") for post in review)
    (answer,) = (post for post in review if post.context)
    assert answer.facts == {"row": 2, "date": "2024-02-02"}, "neither account nor anything else of the export"
    assert answer.brought_by == "person:1"
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(JudgementRow.__table__)).mappings().all()
        assert set(connection.scalars(sa.select(PostRow.batch_id))) == {batch}
    assert {row["model_name"] for row in rows} == {"pilah-uji"}
    assert rows[0]["thresholds"] == {"lolos_below": 0.3, "tinjau_from": 0.7}
    with store.reading() as unit:
        record = unit.audit.page(None, 1, f"batch:{batch}")[0]
    assert (record.action, record.actor, json.loads(record.detail)) == (
        "batch.sent_to_queue",
        "person:1",
        {"of": 3, "posts": 3},
    )
    assert state(store, batch).sent == 3


def test_nothing_is_sent_twice(store: Store, place: Place) -> None:
    batch = finished(store, place)
    send_to_queue(store, place.home, OFFICER, batch, ORIGIN)
    with pytest.raises(ConflictError, match="already"):
        send_to_queue(store, place.home, OFFICER, batch, ORIGIN)
    assert len(queued(store)) == 3


def test_a_sending_that_was_cut_off_is_gone_on_with(
    store: Store, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = finished(store, place)
    monkeypatch.setattr(batch_queue, "_AT_ONCE", 1)
    real, calls = batch_queue._send_some, iter(range(100))

    def cut(*arguments: object) -> int:
        if next(calls) == 2:
            raise RuntimeError("the power went out")
        return real(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(batch_queue, "_send_some", cut)
        with pytest.raises(RuntimeError):
            send_to_queue(store, place.home, OFFICER, batch, ORIGIN)
    assert len(queued(store)) == 2
    assert send_to_queue(store, place.home, OFFICER, batch, ORIGIN) == 1
    assert len({text for text, _ in queued(store)}) == 3


def test_who_may_not_read_the_posts_may_not_send_them(store: Store, place: Place) -> None:
    batch = finished(store, place)
    assert OFFICER.person is not None
    for role in (Role.PETUGAS, Role.ADMIN):
        other = Caller(person=dataclasses.replace(OFFICER.person, id="2", roles=frozenset({role})))
        with pytest.raises(NotFoundError):
            send_to_queue(store, place.home, other, batch, ORIGIN)
    lead = Caller(person=dataclasses.replace(OFFICER.person, id="2", roles=frozenset({Role.PENYELIA})))
    assert send_to_queue(store, place.home, lead, batch, Origin("person:2")) == 3


def test_a_batch_without_anything_to_review(store: Store, place: Place) -> None:
    batch = add(store, place.home, b"teks\nApel pagi\n")
    with pytest.raises(ConflictError, match="no results yet"):
        send_to_queue(store, place.home, OFFICER, batch.id, ORIGIN)
    drain(Worker(store, place.home, StandIn(), BOUNDS))
    with pytest.raises(ConflictError, match="no post"):
        send_to_queue(store, place.home, OFFICER, batch.id, ORIGIN)
