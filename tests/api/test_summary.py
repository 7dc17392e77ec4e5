"""The office's figures: true where they are shown, silent where they would point at a few, and the same by every door."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pilah_api.access import Role, Scope
from pilah_api.permissions import find_rule
from pilah_api.services.keys import make_key
from pilah_api.services.summary import OPEN, UNKNOWN, summarise
from pilah_api.services.summary_rows import as_csv, as_json
from pilah_api.stats_schemas import StatsResponse
from pilah_api.store.posts import PostState
from pilah_api.store.units import Store
from pilah_data.agreement import kappa
from pilah_model.intervals import Rate
from tests.api.conftest import ClientFactory
from tests.api.counted import Brought, bring, open_cases, read
from tests.api.stores import START, TEST, Place

FORMS = ("B02",)


def office(store: Store) -> None:
    """An office's autumn: 100 posts marked for review, 20 that need context, and 40 cases."""
    posts = [Brought(reviews=read("partisan", "partisan", forms=FORMS))] * 60
    posts += [Brought(reviews=read("partisan", "politik_netral", "politik_netral"))] * 8
    posts += [Brought(reviews=read("politik_netral", "politik_netral"))] * 12
    posts += [Brought(seen=("B05",))] * 20
    posts += [Brought("butuh_konteks", (), read("perlu_konteks", "perlu_konteks"))] * 20
    bring(store, posts)
    open_cases(store, ("Lapas A", "T2", "masuk", 20), ("Lapas B", "T2", "arsip", 12), ("Lapas B", None, "arsip", 8))


@pytest.fixture
def full(store: Store) -> Store:
    office(store)
    return store


def test_an_empty_office_shows_nothing_and_fails_nowhere(store: Store) -> None:
    summary = summarise(store)
    assert (summary.weeks, summary.outcomes, summary.units, summary.agreement) == (None, None, None, None)
    assert (summary.states, summary.precision) == ({}, ())
    assert all((form.seen, form.confirmed) == (0, 0) for form in summary.forms)
    StatsResponse.model_validate_json(json.dumps(as_json(summary)))
    assert len(as_csv(summary).splitlines()) == 1 + 2 * len(summary.forms)


def test_what_people_said_of_what_the_model_proposed(full: Store) -> None:
    table = summarise(full).outcomes
    assert table is not None
    assert table.rows == ("tinjau", "butuh_konteks")
    assert table.columns == ("partisan", "perlu_konteks", "politik_netral", OPEN)
    assert table.cells == ((60, 0, 20, 20), (0, 20, 0, 0))
    assert (table.row_totals, table.column_totals, table.total) == ((100, 20), (60, 20, 20, 20), 120)


def test_forms_by_the_model_and_by_people(full: Store) -> None:
    found = {form.code: (form.seen, form.confirmed) for form in summarise(full).forms}
    assert found["B02"] == (80, 60)
    assert found["B05"] == (20, 0)
    assert found["B01"] == (0, 0)


def test_cases_by_unit_stage_and_state(full: Store) -> None:
    summary = summarise(full)
    assert summary.units is not None
    assert (summary.units.rows, summary.units.columns) == (("Lapas A", "Lapas B"), ("T2", UNKNOWN))
    assert summary.units.cells == ((20, 0), (12, 8))
    assert summary.states == {"masuk": 20, "arsip": 20}


def test_precision_is_what_two_people_called_partisan(full: Store) -> None:
    (found,) = summarise(full).precision
    assert (found.model, found.checked, found.confirmed) == ("pilah-uji 1", 80, 60)
    assert (found.low, found.high) == Rate(60, 80).interval


@pytest.mark.parametrize(
    ("partisan", "other", "shown"),
    [(20, 0, 20), (0, 20, 0), (18, 2, None), (3, 17, None), (15, 5, 15), (4, 0, "nothing")],
)
def test_a_precision_that_would_point_at_a_few_gives_its_interval_alone(
    store: Store, partisan: int, other: int, shown: int | str | None
) -> None:
    posts = [Brought(reviews=read("partisan", "partisan"))] * partisan
    bring(store, [*posts, *[Brought(reviews=read("politik_netral", "politik_netral"))] * other])
    found = summarise(store).precision
    if shown == "nothing":
        assert found == ()
        return
    (one,) = found
    assert one.confirmed == shown
    low, high = Rate(partisan, partisan + other).interval
    assert one.low <= low <= high <= one.high


@pytest.mark.parametrize("label", ["partisan", "politik_netral"])
def test_the_interval_is_the_same_for_every_count_that_is_hidden(tmp_path: Path, label: str) -> None:
    found = set()
    other = "politik_netral" if label == "partisan" else "partisan"
    for few in (1, 2, 3, 4):
        store = Place(tmp_path / str(few), None).open()
        posts = [Brought(reviews=read(label, label))] * (20 - few)
        bring(store, [*posts, *[Brought(reviews=read(other, other))] * few])
        found |= {*summarise(store).precision}
        store.close()
    assert len(found) == 1


def test_agreement_is_cohens_kappa_of_the_first_two_readings(full: Store) -> None:
    found = summarise(full).agreement
    assert found is not None
    assert (found.pairs, found.agreed) == (100, 92)
    pairs = [("p", "p")] * 60 + [("p", "n")] * 8 + [("n", "n")] * 12 + [("k", "k")] * 20
    assert found.kappa is not None
    assert found.kappa.value == round(kappa(pairs)[0], 2)
    assert found.kappa.low < found.kappa.value < found.kappa.high
    assert found.kappa_partisan is not None
    assert found.kappa_partisan.value == round(kappa([(a == "p", b == "p") for a, b in pairs])[0], 2)


def test_agreement_says_nothing_of_a_few(store: Store) -> None:
    bring(store, [Brought(reviews=read("partisan", "partisan"))] * 4)
    assert summarise(store).agreement is None
    bring(store, [Brought(reviews=read("partisan", "politik_netral"))] * 2)
    found = summarise(store).agreement
    assert found is not None
    assert (found.pairs, found.agreed, found.kappa, found.kappa_partisan) == (6, None, None, None)


def test_weeks_stand_in_order_and_quiet_ones_are_joined(store: Store) -> None:
    posts = [(0, 9), (1, 2), (2, 4), (4, 8)]
    for week, number in posts:
        bring(store, [Brought(at=START - dt.timedelta(weeks=week))] * number)
    table = summarise(store).weeks
    assert table is not None
    assert table.rows == ("2026-10-26/2026-11-01", "2026-11-09/2026-11-22", "2026-11-23/2026-11-29")
    assert table.cells == ((8,), (6,), (9,))


def test_a_small_unit_is_not_named(store: Store) -> None:
    open_cases(store, ("Lapas A", "T2", "masuk", 20), ("Lapas B", "T2", "masuk", 9), ("Lapas Kecil", "T2", "arsip", 1))
    text = as_csv(summarise(store))
    assert "Lapas Kecil" not in text
    assert "Lapas B" not in text  # the next larger one covers it
    assert "cases_by_unit,*,total,10,," in text
    assert "cases_by_state,*,cases,30,," in text


def test_a_deleted_post_stays_in_the_figures(place: Place) -> None:
    store = place.open()
    office(store)
    before = as_json(summarise(store))
    place.clock.move(days=800)
    with store.writing(TEST) as unit:
        for state in PostState:
            unit.retention.drop_posts(state, dt.timedelta(days=1))
    after = as_json(summarise(store))
    assert {**after, "as_of": None} == {**before, "as_of": None}
    store.close()


@pytest.fixture
def full_client(make_client: ClientFactory, full: Store) -> TestClient:
    return make_client(store=full)


def bearer(client: TestClient, *scopes: Scope) -> dict[str, str]:
    with client.app.state.store.writing(TEST) as unit:  # type: ignore[attr-defined]
        return {"authorization": f"Bearer {make_key(unit, 'x', frozenset(scopes), 1, 'test')[1]}"}


def test_the_call_gives_what_its_schema_says(full_client: TestClient) -> None:
    answer = full_client.get("/v1/stats", headers=bearer(full_client, Scope.STATS))
    assert answer.status_code == 200
    found = StatsResponse.model_validate_json(answer.content)
    assert found.least == 5
    assert found.posts_by_outcome is not None
    assert found.posts_by_outcome.cells[0] == [60, 0, 20, 20]


def test_the_delimited_table_holds_the_same_and_no_formula(full_client: TestClient) -> None:
    open_cases(full_client.app.state.store, ("=HYPERLINK(1)", "T2", "masuk", 7))  # type: ignore[attr-defined]
    answer = full_client.get("/v1/stats?format=csv", headers=bearer(full_client, Scope.STATS))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    values = {(row["table"], row["row"], row["column"]): row["value"] for row in rows}
    assert len(values) == len(rows)
    assert values["posts_by_outcome", "tinjau", "partisan"] == "60"
    assert values["posts_by_outcome", "total", "partisan"] == "60"
    assert values["agreement", "reviewers", "pairs"] == "100"
    assert values["precision", "pilah-uji 1", "share"] == "0.75"
    assert not re.search(r"^[^,]*,=", answer.text, re.MULTILINE)
    assert "HYPERLINK" in answer.text


def test_an_unknown_format_is_a_problem(full_client: TestClient) -> None:
    answer = full_client.get("/v1/stats?format=xml", headers=bearer(full_client, Scope.STATS))
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/invalid-input"


def test_no_figure_names_a_person_or_a_post(full_client: TestClient) -> None:
    store = full_client.app.state.store  # type: ignore[attr-defined]
    with store.reading() as unit:
        people = unit.people.page(None, 100)
    texts = [
        full_client.get(f"/v1/stats?format={kind}", headers=bearer(full_client, Scope.STATS)).text
        for kind in ("json", "csv")
    ]
    for text in texts:
        assert not [p for p in people if p.id in text or p.login in text or p.name in text]
        assert "teks uji" not in text
        assert not re.search(r"[0-9a-f]{32}", text)


@pytest.mark.parametrize("role", [Role.PENYELIA, Role.AUDITOR, Role.ADMIN])
def test_who_watches_over_the_work_may_look(role: Role) -> None:
    for path in ("/ringkasan", "/v1/stats"):
        rule = find_rule("GET", path)
        assert rule is not None
        assert role in rule.roles
        assert rule.roles == {Role.PENYELIA, Role.AUDITOR, Role.ADMIN}
        assert rule.scopes == {Scope.STATS}
