"""Moved thresholds: stored on both databases, in force everywhere at once, recorded, and given back."""

from __future__ import annotations

import json
import threading

import pytest

from pilah_api.access import ConflictError
from pilah_api.services.policies import LOOK_AGAIN, RETRY_AFTER, InForce, PolicyBook, Source, move_thresholds, under
from pilah_api.services.previews import preview
from pilah_api.store.audit import Origin
from pilah_api.store.engine import StoreUnavailableError
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from pilah_data.taxonomy import Decision
from pilah_model.artefacts import shipped_artefact
from pilah_model.classifier import Classifier
from pilah_model.judgement import Post
from tests.api.conftest import ClientFactory
from tests.api.stand_in import INFO, StandIn
from tests.api.stores import TEST, Clock, Place

PARTISAN, UNSURE = "Ayo coblos nomor 2 ya", "Lanjutkan, Pak!"
OTHER = StandIn(info=type(INFO)("pilah-uji", "0.0.2", "f" * 64, "1.0", "stand-in"))


def moved(
    store: Store, low: float | None = 0.2, high: float = 0.8, *, seen: str = "", judge: StandIn | None = None
) -> InForce:
    with store.writing(TEST) as unit:
        thresholds = None if low is None else (low, high)
        return move_thresholds(unit, judge or StandIn(), thresholds, "terlalu banyak tinjauan", seen, "console")


def test_a_move_is_in_force_and_recorded_with_old_and_new(store: Store) -> None:
    book = PolicyBook()
    assert book.in_force(StandIn(), store).source is Source.ARTEFACT
    moved(store)
    book.forget()
    now = book.in_force(StandIn(), store)
    assert (now.policy.lolos_below, now.policy.tinjau_from, now.source) == (0.2, 0.8, Source.ADMINISTRATOR)
    assert now.as_json()["artefact"] == StandIn().policy.as_json()
    judged = book.apply(StandIn(), store).classify([Post(PARTISAN), Post(UNSURE)])
    assert [j.thresholds for j in judged] == [{"lolos_below": 0.2, "tinjau_from": 0.8}] * 2
    with store.reading() as unit:
        (record,) = unit.audit.page(None, 1)
        assert unit.audit.verify() == []
    detail = json.loads(record.detail)
    assert record.action == "thresholds.moved"
    assert detail["old"] == {"lolos_below": 0.3, "tinjau_from": 0.7, "source": "artefact"}
    assert detail["new"] == {"lolos_below": 0.2, "tinjau_from": 0.8, "source": "administrator"}
    assert detail["reason"] == "terlalu banyak tinjauan"


def test_the_way_back_and_the_history(store: Store) -> None:
    first = moved(store)
    second = moved(store, 0.25, 0.75, seen=first.seen)
    third = moved(store, None, seen=second.seen)
    assert (third.source, third.policy) == (Source.ARTEFACT, StandIn().policy)
    with store.reading() as unit:
        history = unit.policies.page(None, 10)
        assert [(m.lolos_below, m.tinjau_from) for m in history] == [(None, None), (0.25, 0.75), (0.2, 0.8)]
        assert unit.policies.page(history[1].id, 10) == history[2:]
        assert unit.policies.latest(INFO.sha256) == history[0]


def test_a_move_to_the_artefacts_own_figures_is_the_way_back(store: Store) -> None:
    first = moved(store)
    assert moved(store, 0.3, 0.7, seen=first.seen).source is Source.ARTEFACT
    with store.reading() as unit:
        latest = unit.policies.latest(INFO.sha256)
    assert latest is not None
    assert latest.lolos_below is None


def test_a_move_holds_for_its_model_only(store: Store) -> None:
    moved(store)
    assert PolicyBook().in_force(OTHER, store).source is Source.ARTEFACT
    moved(store, 0.1, 0.9, judge=OTHER)
    assert PolicyBook().in_force(StandIn(), store).policy.lolos_below == 0.2


def test_a_second_window_does_not_overwrite_the_first(store: Store) -> None:
    first = moved(store)
    with pytest.raises(ConflictError, match="meanwhile"):
        moved(store, 0.1, 0.9, seen="")
    with pytest.raises(ConflictError, match="in force already"):
        moved(store, 0.2, 0.8, seen=first.seen)
    with store.reading() as unit:
        assert len(unit.policies.page(None, 10)) == 1


def test_of_moves_at_once_one_wins(store: Store) -> None:
    outcomes: list[str] = []

    def try_it(low: float) -> None:
        try:
            moved(store, low)
            outcomes.append("moved")
        except ConflictError:
            outcomes.append("refused")

    threads = [threading.Thread(target=try_it, args=(0.1 + n / 100,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "refused", "refused", "refused"]


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.8), (0.4, 0.8), (0.2, 0.4), (0.2, 1.0)])
def test_impossible_thresholds_and_a_missing_reason_are_refused(store: Store, low: float, high: float) -> None:
    with pytest.raises(InputError):
        moved(store, low, high)
    for reason in ("", " \n", "x" * 201, "a\x00b"):
        with store.writing(TEST) as unit, pytest.raises(InputError, match="reason"):
            move_thresholds(unit, StandIn(), (0.2, 0.8), reason, "", "console")
    with store.reading() as unit:
        assert unit.policies.latest(INFO.sha256) is None


class Dead(Store):
    """A store that stops answering."""

    asked = 0

    def reading(self):  # type: ignore[no-untyped-def]
        self.asked += 1
        raise StoreUnavailableError("gone")


def test_while_the_store_is_silent_the_last_known_thresholds_stay(place: Place) -> None:
    store, clock = place.open(), Clock()
    moved(store)
    seconds = [0.0]
    book = PolicyBook(lambda: seconds[0])
    assert book.in_force(StandIn(), store).policy.lolos_below == 0.2
    dead = Dead(store.engine, None, clock)  # type: ignore[arg-type]
    assert book.in_force(StandIn(), dead).policy.lolos_below == 0.2
    assert dead.asked == 0, "asked a moment ago"
    seconds[0] += LOOK_AGAIN + 0.1
    assert book.in_force(StandIn(), dead).policy.lolos_below == 0.2
    assert book.in_force(StandIn(), dead).policy.lolos_below == 0.2
    assert dead.asked == 1, "a silent store is left alone for a while"
    seconds[0] += RETRY_AFTER
    book.in_force(StandIn(), dead)
    assert dead.asked == 2
    assert PolicyBook().in_force(StandIn(), dead).source is Source.ARTEFACT
    assert PolicyBook().in_force(StandIn(), None).source is Source.ARTEFACT
    store.close()


def test_a_move_at_another_server_arrives(store: Store) -> None:
    seconds = [0.0]
    book = PolicyBook(lambda: seconds[0])
    assert book.in_force(StandIn(), store).source is Source.ARTEFACT
    moved(store)
    assert book.in_force(StandIn(), store).source is Source.ARTEFACT
    seconds[0] += LOOK_AGAIN + 0.1
    assert book.in_force(StandIn(), store).source is Source.ADMINISTRATOR


def test_what_a_move_would_change_among_stored_posts(store: Store) -> None:
    with store.writing(TEST) as unit:
        for text in (PARTISAN, PARTISAN + " ayo", UNSURE):
            unit.posts.add_judged(text, StandIn().classify([Post(text)])[0], "console")
        unit.posts.add_judged(PARTISAN, OTHER.classify([Post(PARTISAN)])[0], "console")
    book = PolicyBook()
    # The stand-in gives 0.94 to what is partisan and 0.24 to what it is unsure of.
    ahead = preview(store, StandIn(), book.in_force(StandIn(), store), shipped_artefact(), 0.2, 0.95)
    assert ahead.moves.changed == {(Decision.TINJAU, Decision.BUTUH_KONTEKS): 2}
    assert (ahead.moves.posts, ahead.moves.total, ahead.moves.by_others) == (3, 2, 1)
    assert ahead.estimate is None, "the figures of the shipped artefact are another model's"
    unchanged = preview(store, StandIn(), book.in_force(StandIn(), store), shipped_artefact(), 0.2, 0.9)
    assert unchanged.moves.total == 0


def test_what_a_move_would_change_among_calibration_posts(store: Store) -> None:
    judge = Classifier.load(shipped_artefact(), threads=1)
    now = PolicyBook().in_force(judge, store)
    same = preview(store, judge, now, shipped_artefact(), judge.policy.lolos_below, judge.policy.tinjau_from)
    assert same.estimate is not None
    assert same.estimate.now == same.estimate.then
    assert sum(same.estimate.now.values()) == same.estimate.posts
    ahead = preview(store, judge, now, shipped_artefact(), 0.2, 0.7)
    assert ahead.estimate is not None
    assert ahead.estimate.then[Decision.LOLOS] < ahead.estimate.now[Decision.LOLOS]
    assert ahead.estimate.then[Decision.TINJAU] > ahead.estimate.now[Decision.TINJAU]
    assert sum(ahead.estimate.then.values()) == ahead.estimate.posts
    assert [pledge.holds for pledge in ahead.pledges] == [False] * 3


def test_every_door_judges_by_the_thresholds_in_force(make_client: ClientFactory, place: Place) -> None:
    store = place.open()
    client = make_client(store=store)
    before = client.get("/v1/model").json()["policy"]
    assert (before["source"], before["since"]) == ("artefact", None)
    moved(store, 0.2, 0.95)
    client.app.state.policies.forget()  # type: ignore[attr-defined]
    (judged,) = client.post("/v1/classify", json={"texts": [PARTISAN]}).json()["results"]
    assert judged["decision"] == "butuh_konteks"
    assert judged["thresholds"] == {"lolos_below": 0.2, "tinjau_from": 0.95}
    assert "lolos di bawah" in client.post("/", data={"text": PARTISAN}).text
    assert "0,950" in client.post("/", data={"text": PARTISAN}).text
    told = client.get("/v1/model").json()["policy"]
    assert (told["tinjau_from"], told["source"]) == (0.95, "administrator")
    assert told["since"] is not None
    assert told["artefact"]["tinjau_from"] == 0.7
    store.close()


def test_work_goes_on_under_the_thresholds_that_it_began_with(store: Store) -> None:
    began = PolicyBook().apply(StandIn(), store).policy.thresholds
    moved(store, 0.2, 0.95)
    resumed = under(StandIn(), began)
    assert resumed.policy == StandIn().policy
    later = under(StandIn(), PolicyBook().apply(StandIn(), store).policy.thresholds)
    assert later.classify([Post(PARTISAN)])[0].decision is Decision.BUTUH_KONTEKS
    with pytest.raises(InputError):
        under(StandIn(), {"lolos_below": 0.9, "tinjau_from": 0.95})


def test_the_mover_is_named_by_reference(store: Store) -> None:
    with store.writing(Origin("person:abc")) as unit:
        move_thresholds(unit, StandIn(), (0.2, 0.8), "uji", "", "person:abc")
    with store.reading() as unit:
        assert unit.policies.page(None, 1)[0].set_by == "person:abc"
        assert unit.audit.page(None, 1)[0].actor == "person:abc"
