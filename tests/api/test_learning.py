"""Feedback goes out masked, decided, without cases, with a reason; on both databases."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from pilah_api.services.learning import count_ready, export_feedback
from pilah_api.store import work_tables as tables
from pilah_api.store.engine import for_writing
from pilah_api.store.queue import LAPSED
from pilah_api.store.queue_tables import QueueRow
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn
from tests.api.stores import TEST, Place

TELLING = "Ayo coblos nomor 2, daftar ke @timsukses, 0812-3456-7890, NIK 3201014507900001, lihat https://contoh.id/x"


def keep(place: Place, store: Store, text: str, outcome: str | None, *forms: str, state: str | None = None) -> None:
    """Store a post, a second after the one before, and how its reviews ended; None is still under review."""
    place.clock.move(seconds=1)
    with store.writing(TEST) as unit:
        post = unit.posts.add_judged(text, StandIn().classify([Post(text)])[0], "console")
        assert post is not None
        entry = {
            "id": post.id,
            "post_id": post.id,
            "queue": "tinjau",
            "priority": 0,
            "known_on": unit.now.date(),
            "round": None if outcome else 2,
            "outcome": outcome,
            "forms": list(forms),
            "model_sha256": "f" * 64,
            "entered_at": unit.now,
        }
    with for_writing(store.engine).begin() as connection:
        connection.execute(sa.insert(QueueRow).values(**entry))
        if state:
            connection.execute(sa.update(tables.PostRow).values(state=state).where(tables.PostRow.id == post.id))


@pytest.fixture
def reviewed(place: Place, store: Store) -> Store:
    keep(place, store, TELLING, "partisan", "B02", "B05")
    keep(place, store, "Lanjutkan, Pak! Demi TPS kita", "politik_netral")
    keep(place, store, "Coblos nomor 3 dong", None)
    keep(place, store, "Coblos nomor 4 dong", "partisan", "B02", state="kasus")
    keep(place, store, "Coblos nomor 5 dong", LAPSED)
    keep(place, store, TELLING.upper(), "partisan", "B02")
    with store.writing(TEST) as unit:
        unit.posts.add_judged("Coblos nomor 6 dong", StandIn().classify([Post("Coblos nomor 6 dong")])[0], "console")
    return store


def test_an_export_is_masked_decided_and_without_cases(reviewed: Store) -> None:
    lines: list[str] = []
    found = export_feedback(reviewed, lines.append, "melatih model berikutnya", TEST)
    rows = [json.loads(line) for line in lines]
    assert [(row["label"], row["forms"]) for row in rows] == [("partisan", ["B02", "B05"]), ("politik_netral", [])]
    assert rows[0]["text"] == "Ayo coblos nomor 2, daftar ke @USER, @TELEPON, NIK @NIK, lihat HTTPURL"
    assert all(set(row) == {"text", "label", "forms"} for row in rows)
    assert (found.posts, found.undecided, found.in_cases, found.repeated) == (2, 1, 1, 1)
    with reviewed.reading() as unit:
        (record,) = unit.audit.page(None, 1)
    assert record.action == "feedback.exported"
    assert json.loads(record.detail) == {
        "posts": 2,
        "labels": {"partisan": 1, "politik_netral": 1},
        "with_cases": False,
        "reason": "melatih model berikutnya",
    }


def test_a_text_that_was_stored_unmasked_still_goes_out_masked(reviewed: Store) -> None:
    with for_writing(reviewed.engine).begin() as connection:
        connection.execute(sa.update(tables.PostRow).values(text=TELLING).where(tables.PostRow.state == "tinjau"))
    lines: list[str] = []
    export_feedback(reviewed, lines.append, "uji", TEST)
    for secret in ("timsukses", "0812", "3201014507900001", "contoh.id"):
        assert secret not in "".join(lines)


def test_cases_go_out_only_when_asked_for_by_name(reviewed: Store) -> None:
    lines: list[str] = []
    assert export_feedback(reviewed, lines.append, "dengan izin", TEST, with_cases=True).posts == 3
    assert any("nomor 4" in line for line in lines)


def test_without_a_reason_nothing_goes_out_and_nothing_is_recorded(reviewed: Store) -> None:
    lines: list[str] = []
    with reviewed.reading() as unit:
        before = unit.audit.head()
    with pytest.raises(InputError, match="reason"):
        export_feedback(reviewed, lines.append, "  ", TEST)
    assert lines == []
    with reviewed.reading() as unit:
        assert unit.audit.head() == before


def test_many_posts_are_read_in_their_order(place: Place, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pilah_api.store.feedback._AT_ONCE", 2)
    for number in range(5):
        keep(place, store, f"Lanjutkan, Pak! Kabar {number}", "perlu_konteks")
    lines: list[str] = []
    export_feedback(store, lines.append, "uji", TEST)
    assert [json.loads(line)["text"][-1] for line in lines] == list("01234")


def test_what_is_ready_is_counted_without_reading_a_text(reviewed: Store) -> None:
    found = count_ready(reviewed)
    assert found.labels == {"partisan": 2, "politik_netral": 1}
    assert (found.posts, found.undecided, found.in_cases) == (3, 1, 1)
