"""Which account an identity of the agency's provider opens, on both databases."""

from __future__ import annotations

import threading

import pytest

from pilah_api.access import ConflictError, Role
from pilah_api.services.federation import Identity, NoAccountError, release_identity, sign_in_by_provider
from pilah_api.services.sessions import meet
from pilah_api.store.units import Store
from tests.api.stores import TEST, person


def arrive(store: Store, subject: str = "s-1", login: str = "sari", *roles: Role) -> str:
    return sign_in_by_provider(
        store, Identity("https://login.example", subject, login, "Sari"), roles, "r"
    ).person.login


def test_an_account_belongs_to_the_subject_that_came_first(store: Store) -> None:
    sari = person(store)
    opened = sign_in_by_provider(store, Identity("https://login.example", "s-1", "sari", "Sari"), (), "r")
    # Another subject that was given the login does not get in; the first one does, under whatever login.
    with pytest.raises(NoAccountError):
        arrive(store, "s-2")
    assert arrive(store, "s-1", "sari-dewi") == "sari"
    assert meet(store, opened.token or "") is not None
    with store.writing(TEST) as unit:
        release_identity(unit, sari.id)
    assert meet(store, opened.token or "") is None, "releasing an identity ends the sessions that it opened"
    with store.writing(TEST) as unit, pytest.raises(ConflictError, match="nothing to release"):
        release_identity(unit, sari.id)
    assert arrive(store, "s-2") == "sari"


def test_subjects_of_two_providers_are_two(store: Store) -> None:
    person(store)
    arrive(store)
    with pytest.raises(NoAccountError):
        sign_in_by_provider(store, Identity("https://other.example", "s-1", "sari", "Sari"), (), "r")


def test_of_those_who_come_first_at_once_one_gets_the_account(store: Store) -> None:
    person(store)
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def come(number: int) -> None:
        start.wait()
        try:
            outcomes.append(arrive(store, f"s-{number}"))
        except (NoAccountError, ConflictError):
            outcomes.append("refused")

    threads = [threading.Thread(target=come, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 3 + ["sari"]
    with store.reading() as unit:
        assert unit.audit.verify() == []


def test_a_new_account_is_made_once(store: Store) -> None:
    assert arrive(store, "s-1", "tono", Role.PETUGAS) == "tono"
    assert arrive(store, "s-1", "tono", Role.PETUGAS) == "tono"
    with store.reading() as unit:
        assert [one.login for one in unit.people.page(None, 10)] == ["tono"]
        added = [record for record in unit.audit.walk() if record.action == "person.added"]
    assert added[0].detail == '{"by":"oidc","roles":["petugas"]}'
