"""Signing in and out on both databases: passwords, links, lock-outs, and cookies that change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from pilah_api.access import ForbiddenError, Role
from pilah_api.services import sessions
from pilah_api.services.passwords import check_password, check_strength, hash_password, is_weakly_hashed
from pilah_api.services.people import change_person
from pilah_api.services.sessions import (
    LockedOutError,
    Opened,
    SignInRefusedError,
    meet,
    set_password,
    sign_in,
    sign_in_by_link,
    sign_out,
)
from pilah_api.store.units import Store, Unit
from pilah_data.errors import InputError
from tests.api.stores import TEST, Place, enter, person

WORDS = "kopi-hujan-pagi-lampu"
ADDRESS = "203.0.113.9"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(WORDS)


@pytest.fixture
def sari(store: Store, hashed: str) -> str:
    """A person with a password; returns the login."""
    someone = person(store)
    with store.writing(TEST) as unit:
        unit.people.set_password_hash(someone.id, hashed)
    return someone.login


def actions(store: Store) -> list[str]:
    with store.reading() as unit:
        return [record.action for record in unit.audit.walk()]


def token_of(opened: Opened) -> str:
    assert opened.token
    return opened.token


def test_the_right_password_opens_a_session(store: Store, sari: str) -> None:
    opened = sign_in(store, " SARI ", WORDS, ADDRESS, "r1")
    met = meet(store, token_of(opened))
    assert met is not None
    assert met.person.login == sari
    assert met.person.signed_in_at is not None
    assert "session.opened" in actions(store)
    sign_out(store, met.person, met.session, "r2")
    assert meet(store, token_of(opened)) is None
    assert actions(store)[-1] == "session.closed"


@pytest.mark.parametrize(
    ("login", "password"), [("sari", "salah"), ("tidakada", WORDS), ("", ""), ("sari\0", "\ud800")]
)
def test_wrong_ones_are_refused_alike(store: Store, sari: str, login: str, password: str) -> None:
    with pytest.raises(SignInRefusedError, match="do not belong together"):
        sign_in(store, login, password, ADDRESS, "r1")
    with store.reading() as unit:
        last = unit.audit.page(None, 1)[0]
    assert (last.action, last.actor) == ("session.refused", "anonymous")
    assert last.object.startswith("person:") is (login == "sari")


def test_a_closed_account_is_refused_and_its_sessions_end(store: Store, sari: str) -> None:
    opened = sign_in(store, sari, WORDS, ADDRESS, "r1")
    with store.writing(TEST) as unit:
        change_person(unit, opened.person.id, active=False)
    assert meet(store, token_of(opened)) is None
    with pytest.raises(SignInRefusedError):
        sign_in(store, sari, WORDS, ADDRESS, "r1")


def test_failures_lock_a_login_for_twice_as_long_each_time(place: Place, store: Store, sari: str) -> None:
    waits: list[int] = []
    for number in range(9):
        with pytest.raises(SignInRefusedError):
            sign_in(store, sari, "salah", f"203.0.113.{number}", "r1")
        try:
            sessions._count_attempt(store, (sessions._subject("login", sari),), "r1")
        except LockedOutError as error:
            waits.append(int(error.wait.total_seconds()))
            place.clock.move(seconds=error.wait.total_seconds() + 1)
        else:
            with store.writing(TEST) as unit:
                unit.sessions.take_back(sessions._subject("login", sari))
    assert waits == [30, 60, 120, 240, 480]
    assert "session.locked" in actions(store)


def test_a_locked_login_takes_not_even_the_right_password(place: Place, store: Store, sari: str) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            sign_in(store, sari, "salah", ADDRESS, "r1")
    with pytest.raises(LockedOutError, match="wait"):
        sign_in(store, sari, WORDS, ADDRESS, "r1")
    place.clock.move(seconds=31)
    assert sign_in(store, sari, WORDS, ADDRESS, "r1")
    # The count begins anew after a success.
    with pytest.raises(SignInRefusedError):
        sign_in(store, sari, "salah", ADDRESS, "r1")
    assert sign_in(store, sari, WORDS, ADDRESS, "r1")


def test_an_unknown_login_is_locked_like_a_known_one(store: Store) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            sign_in(store, "tidakada", "salah", ADDRESS, "r1")
    with pytest.raises(LockedOutError):
        sign_in(store, "tidakada", "salah", ADDRESS, "r1")


def test_an_address_that_tries_many_logins_is_locked(store: Store, sari: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "check_password", lambda *_: False)
    for number in range(sessions.FREE_FAILURES_OF_ADDRESS):
        with pytest.raises(SignInRefusedError):
            sign_in(store, f"orang{number}", "salah", ADDRESS, "r1")
    with pytest.raises(LockedOutError):
        sign_in(store, "lainlagi", "salah", ADDRESS, "r1")


def test_a_success_takes_nothing_off_the_other_failures_of_an_address(store: Store, sari: str) -> None:
    with pytest.raises(SignInRefusedError):
        sign_in(store, "tidakada", "salah", ADDRESS, "r1")
    sign_in(store, sari, WORDS, ADDRESS, "r1")
    with store.writing(TEST) as unit:
        assert unit.sessions.failures(sessions._subject("address", ADDRESS))[0] == 1


def test_old_failures_are_forgotten(place: Place, store: Store) -> None:
    for _ in range(4):
        with pytest.raises(SignInRefusedError):
            sign_in(store, "tidakada", "salah", ADDRESS, "r1")
    place.clock.move(days=2)
    with store.writing(TEST) as unit:
        assert unit.sessions.failures(sessions._subject("login", "tidakada"))[0] == 0


def test_a_link_works_once_and_for_a_day(place: Place, store: Store) -> None:
    opened = enter(store)
    assert opened.session.by_link
    with pytest.raises(SignInRefusedError, match="used or has expired"):
        sign_in_by_link(store, "made-up", "r1")
    from pilah_api.services.people import invite

    with store.writing(TEST) as unit:
        late = invite(unit, opened.person.id).token
    place.clock.move(hours=25)
    with pytest.raises(SignInRefusedError):
        sign_in_by_link(store, late, "r1")


def test_a_session_ends_by_idleness_and_by_age(place: Place, store: Store) -> None:
    opened = enter(store)
    token = token_of(opened)
    place.clock.move(minutes=59)
    met = meet(store, token)
    assert met is not None
    token = met.token or token
    place.clock.move(minutes=61)
    assert meet(store, token) is None
    busy = enter(store, login="budi")
    token = token_of(busy)
    for _ in range(24):
        place.clock.move(minutes=29.9)
        met = meet(store, token)
        assert met is not None
        token = met.token or token
    place.clock.move(minutes=3)
    assert meet(store, token) is None


def test_cookies_change_while_they_are_used(place: Place, store: Store) -> None:
    first = token_of(enter(store))
    assert (met := meet(store, first)) is not None
    assert met.token is None
    place.clock.move(minutes=16)
    met = meet(store, first)
    assert met is not None
    second = token_of(met)
    # Requests under way with the old cookie go on for a minute.
    place.clock.move(seconds=50)
    assert meet(store, first) is not None
    assert meet(store, second) is not None


def test_an_old_cookie_that_comes_back_ends_the_session_for_thief_and_owner(place: Place, store: Store) -> None:
    first = token_of(enter(store))
    place.clock.move(minutes=16)
    met = meet(store, first)
    assert met is not None
    second = token_of(met)
    assert meet(store, second) is not None
    place.clock.move(minutes=2)
    assert meet(store, first) is None
    assert meet(store, second) is None
    assert actions(store)[-1] == "session.reused_cookie"


def test_a_cookie_whose_successor_was_lost_on_the_way_still_works(place: Place, store: Store) -> None:
    first = token_of(enter(store))
    place.clock.move(minutes=16)
    assert meet(store, first) is not None
    place.clock.move(minutes=5)
    met = meet(store, first)
    assert met is not None
    assert meet(store, token_of(met)) is not None


def test_a_password_is_set_with_the_current_one_or_by_a_link(store: Store, sari: str) -> None:
    other = sign_in(store, sari, WORDS, ADDRESS, "r1")
    opened = sign_in(store, sari, WORDS, ADDRESS, "r1")
    new = "meja-langit-sepeda-biru"
    with pytest.raises(ForbiddenError, match="current password"):
        set_password(store, opened.person, opened.session, current="salah", new=new, request="r1")
    renewed = set_password(store, opened.person, opened.session, current=WORDS, new=new, request="r1")
    assert meet(store, token_of(other)) is None
    assert meet(store, token_of(opened)) is None, "a copy of the old cookie is worth nothing"
    assert meet(store, token_of(renewed)) is not None
    assert sign_in(store, sari, new, ADDRESS, "r1")
    invited = enter(store, Role.PENELAAH, login="budi")
    renewed = set_password(store, invited.person, invited.session, current=None, new=new, request="r1")
    assert actions(store)[-1] == "person.password_set"
    assert not renewed.session.by_link
    with pytest.raises(ForbiddenError, match="current password"):
        set_password(store, renewed.person, renewed.session, current=None, new=WORDS, request="r1")


@pytest.mark.parametrize(
    "password", ["pendek", "aaaaaaaaaaaaaaaa", "password12345", "sari-sari-sari", "Rahasia123456", "x" * 300]
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(InputError):
        check_strength(password, "sari")


def test_a_decent_password_is_taken() -> None:
    check_strength(WORDS, "sari")


def test_hashes_are_argon2id_and_salted(hashed: str) -> None:
    assert hashed.startswith("$argon2id$")
    # RFC 9106, second recommended option: 64 MiB, three passes.
    assert PasswordHasher().memory_cost == 65_536
    assert is_weakly_hashed(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("x"))
    assert hash_password(WORDS) != hashed
    assert check_password(hashed, WORDS)
    assert not check_password(hashed, WORDS + "x")
    assert not check_password("nonsense", WORDS)
    assert not check_password(None, "nobody's password")


def test_of_requests_at_once_with_a_cookie_that_is_due_one_changes_it(
    place: Place, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = token_of(enter(store))
    place.clock.move(minutes=16)
    real, others = Store.note, []

    def late(self: Store, work: Callable[[Unit], Any]) -> Any:
        # Another request with the same cookie comes between this one's look at the session and its change.
        monkeypatch.setattr(Store, "note", real)
        others.append(meet(store, first))
        return real(self, work)

    monkeypatch.setattr(Store, "note", late)
    met = meet(store, first)
    assert met is not None
    assert met.token is None, "the one that lost keeps the old cookie"
    winner = others[0]
    assert winner is not None
    assert meet(store, token_of(winner)) is not None
    assert meet(store, first) is not None
    place.clock.move(minutes=10)
    assert meet(store, token_of(winner)) is not None


def test_a_cookie_seen_too_late_does_not_confirm_its_successor(
    place: Place, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = token_of(enter(store))
    assert meet(store, first) is not None
    place.clock.move(minutes=14)
    real = Store.note

    def late(self: Store, work: Callable[[Unit], Any]) -> Any:
        monkeypatch.setattr(Store, "note", real)
        place.clock.move(minutes=2)
        assert meet(store, first) is not None  # changes the cookie; its answer is lost on the way
        return real(self, work)

    monkeypatch.setattr(Store, "note", late)
    assert meet(store, first) is not None
    place.clock.move(minutes=5)
    assert meet(store, first) is not None, "the successor never came back, so the old cookie is not stolen"


def test_a_busy_database_signs_nobody_out(place: Place, store: Store) -> None:
    first = token_of(enter(store))
    assert meet(store, first) is not None
    place.clock.move(minutes=16)
    with store.writing(TEST) as unit:
        unit.sessions.close_all("nobody")
        unit._session.execute(sa.text("UPDATE sessions SET confirmed = confirmed"))
        met = meet(store, first)
        assert met is not None
        assert met.token is None
    met = meet(store, first)
    assert met is not None
    assert met.token is not None


def test_attempts_that_were_not_made_count_nowhere(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "check_password", lambda *_: False)
    for number in range(sessions.FREE_FAILURES_OF_ADDRESS):
        with pytest.raises(SignInRefusedError):
            sign_in(store, f"orang{number}", "salah", ADDRESS, "r1")
    for _ in range(sessions.FREE_FAILURES + 1):
        with pytest.raises(LockedOutError):
            sign_in(store, "sari", "salah", ADDRESS, "r1")
    with pytest.raises(SignInRefusedError):
        sign_in(store, "sari", "salah", "203.0.113.77", "r1")
    for number in range(sessions.FREE_FAILURES):
        with pytest.raises(SignInRefusedError):
            sign_in(store, "budi", "salah", f"203.0.113.{100 + number}", "r1")
    with pytest.raises(LockedOutError):
        sign_in(store, "budi", "salah", "203.0.113.88", "r1")
    with store.writing(TEST) as unit:
        assert unit.sessions.failures(sessions._subject("address", "203.0.113.88"))[0] == 0


def test_the_failures_of_an_address_end_a_day_after_the_first(
    place: Place, store: Store, sari: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = sessions._subject("address", ADDRESS)
    for _ in range(23):
        with pytest.raises(SignInRefusedError):
            sign_in(store, "tidakada", "salah", ADDRESS, "r1")
        place.clock.move(hours=1)
        sign_in(store, sari, WORDS, ADDRESS, "r1")
    place.clock.move(hours=2)
    with store.writing(TEST) as unit:
        assert unit.sessions.failures(subject)[0] == 0


def test_an_address_is_locked_for_minutes_only(store: Store) -> None:
    subjects = (sessions._subject("login", "a"), sessions._subject("address", ADDRESS))
    with store.writing(TEST) as unit:
        unit.sessions.failures(subjects[1])
        unit.sessions.note_failure(subjects[1], 500, unit.now)
    sessions._count_attempt(store, subjects, "r1")
    with pytest.raises(LockedOutError) as caught:
        sessions._count_attempt(store, subjects, "r1")
    assert caught.value.wait == sessions.LONGEST_LOCK_OF_ADDRESS


def test_a_sign_in_that_waits_for_its_address_holds_up_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "FREE_FAILURES", 0)
    subjects = (sessions._subject("login", "sari"), sessions._subject("address", ADDRESS))
    waiting = threading.Thread(target=lambda: sessions._count_attempt(store, subjects, "r1"))
    with store.writing(TEST) as unit:
        unit.sessions.failures(subjects[1])
        waiting.start()
        waiting.join(0.5)
        # It has come as far as the address, and must not have taken the end of the audit before.
        unit.audit.append("test")
    waiting.join()
    assert actions(store)[-2:] == ["test", "session.locked"]


def test_an_old_password_opens_nothing_once_it_was_changed(
    store: Store, sari: str, hashed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = check_password

    def change_meanwhile(stored: str | None, password: str) -> bool:
        found = real(stored, password)
        with store.writing(TEST) as unit:
            someone = unit.people.find(sari)
            assert someone is not None
            unit.people.set_password_hash(someone.id, hash_password("meja-langit-sepeda-biru"))
            unit.sessions.close_all(someone.id)
        return found

    opened = sign_in(store, sari, WORDS, ADDRESS, "r1")
    monkeypatch.setattr(sessions, "check_password", change_meanwhile)
    with pytest.raises(SignInRefusedError):
        sign_in(store, sari, WORDS, ADDRESS, "r1")
    with store.writing(TEST) as unit:
        unit.people.set_password_hash(opened.person.id, hashed)
    with pytest.raises(ForbiddenError, match="changed a moment ago"):
        set_password(store, opened.person, opened.session, current=WORDS, new="lain-lagi-kata-sandi-1", request="r1")


def test_a_session_that_ended_sets_no_password(store: Store) -> None:
    invited = enter(store)
    sign_out(store, invited.person, invited.session, "r1")
    with pytest.raises(ForbiddenError, match="has ended"):
        set_password(store, invited.person, invited.session, current=None, new=WORDS, request="r1")
