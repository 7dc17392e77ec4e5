"""The store on both databases: migrations, units of work, and what each part keeps."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pilah_api.access import ConflictError, NotFoundError, Role, Scope
from pilah_api.keyring import Keyring, KeyringError, make_key_file
from pilah_api.services.retries import Answer, Retry, RetryMismatchError, once
from pilah_api.store import migrate
from pilah_api.store.engine import StoreError, StoreUnavailableError, database_url, for_writing, make_engine
from pilah_api.store.opening import open_store
from pilah_api.store.tables import METADATA
from pilah_api.store.units import Store
from pilah_data.errors import MissingExtraError
from tests.api.stores import TEST, Place, person

RETRY = Retry("person:1", "POST /v1/things", "key-1", "hash-1")


def test_migrations_make_exactly_the_declared_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_known_version_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_a_migration_that_fails_leaves_nothing_behind(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    real = migrate._run

    def fail(connection: sa.Connection, target: str) -> None:
        real(connection, target)
        raise RuntimeError("the power went out")

    engine = make_engine(database_url(place.home, place.url))
    monkeypatch.setattr(migrate, "_run", fail)
    with pytest.raises(RuntimeError):
        migrate.upgrade(engine)
    assert sa.inspect(engine).get_table_names() == []
    monkeypatch.undo()
    assert migrate.upgrade(engine)
    assert not migrate.upgrade(engine)
    engine.dispose()


def test_servers_that_start_together_migrate_once(place: Place) -> None:
    opened: list[Store] = []
    threads = [threading.Thread(target=lambda: opened.append(place.open())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    with opened[0].reading() as unit:
        assert [record.action for record in unit.audit.walk()] == ["store.created"]
    for store in opened:
        store.close()


def test_a_database_of_a_newer_pilah_is_refused(place: Place, store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer Pilah"):
        place.open()


def test_a_unit_is_kept_whole_or_not_at_all(store: Store) -> None:
    def fail() -> None:
        with store.writing(TEST) as unit:
            unit.people.add("budi", "Budi", frozenset({Role.PETUGAS}))
            unit.audit.append("person.added")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as unit:
        assert unit.people.find("budi") is None
        assert unit.audit.head().seq == 1


def test_people_are_found_changed_and_paged(store: Store) -> None:
    made = [person(store, Role.PETUGAS, login=f"orang{number}") for number in range(5)]
    with store.reading() as unit:
        first = unit.people.page(None, 2)
        rest = unit.people.page(first[-1].id, 10)
        assert unit.people.find("orang3") == made[3]
        with pytest.raises(NotFoundError):
            unit.people.get("nobody")
    assert {one.id for one in (*first, *rest)} == {one.id for one in made}
    with store.writing(TEST) as unit:
        changed = unit.people.change(made[0].id, name="Nama Baru", roles=[Role.PENYELIA], active=False)
    assert (changed.name, changed.roles, changed.active) == ("Nama Baru", frozenset({Role.PENYELIA}), False)


def test_a_login_is_given_once(store: Store) -> None:
    person(store)
    with pytest.raises(ConflictError, match="taken"):
        person(store)


def test_names_are_encrypted_at_rest(place: Place, store: Store) -> None:
    with store.writing(TEST) as unit:
        unit.people.add("budi", "Budi Rahasia", frozenset({Role.PETUGAS}))
    with store.engine.connect() as connection:
        (sealed,) = connection.execute(sa.text("SELECT name_sealed FROM people")).scalars()
    assert "Rahasia" not in sealed
    if place.url is None:
        store.close()
        assert all(b"Rahasia" not in path.read_bytes() for path in place.home.glob("pilah.db*"))


def test_the_wrong_data_key_is_refused_at_the_door(place: Place, store: Store, tmp_path: Path) -> None:
    person(store)
    (place.home / "data.key").rename(tmp_path / "data.key")
    with pytest.raises(KeyringError, match=r"data\.key is missing"):
        place.open()
    with pytest.raises(KeyringError, match="another data key"):
        open_store(place.home, place.url, "A" * 43 + "=")


def test_keys_are_renewed(place: Place, store: Store) -> None:
    person(store)
    old = (place.home / "data.key").read_text().strip()
    new = "A" * 43 + "="
    both = open_store(place.home, place.url, f"{new},{old}")
    with both.writing(TEST) as unit:
        assert unit.retention.renew_sealed() == 1
        unit.renew_key_check()
        unit.audit.append("store.keys_renewed")
    both.close()
    only_new = open_store(place.home, place.url, new)
    with only_new.reading() as unit:
        assert unit.people.find("sari") is not None
        assert unit.audit.verify() == []
    only_new.close()


def test_a_link_is_taken_once_by_whoever_is_first(store: Store) -> None:
    someone = person(store)
    with store.writing(TEST) as unit:
        unit.people.add_link(someone.id, "hash", dt.timedelta(hours=1))
    taken: list[object] = []

    def take() -> None:
        with store.writing(TEST) as unit:
            taken.append(unit.people.take_link("hash"))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one is not None for one in taken) == [False, False, False, True]


def test_a_repeated_request_creates_once(store: Store) -> None:
    made: list[int] = []

    def create() -> Answer:
        made.append(1)
        return Answer({"id": len(made), "secret": "shown"}, {"id": len(made), "secret": None})

    with store.writing(TEST) as unit:
        assert once(unit, RETRY, create) == ({"id": 1, "secret": "shown"}, False)
    with store.writing(TEST) as unit:
        assert once(unit, RETRY, create) == ({"id": 1, "secret": None}, True)
    with store.writing(TEST) as unit, pytest.raises(RetryMismatchError):
        once(unit, Retry(RETRY.owner, RETRY.route, RETRY.key, "hash-2"), create)
    with store.writing(TEST) as unit:
        assert once(unit, Retry("person:2", RETRY.route, RETRY.key, "hash-2"), create)[1] is False
    assert len(made) == 2


def test_repetitions_at_once_create_once(store: Store) -> None:
    answers: list[tuple[object, bool]] = []
    made: list[int] = []

    def create() -> Answer:
        made.append(1)
        return Answer({"id": len(made)}, {"id": len(made)})

    def send() -> None:
        with store.writing(TEST) as unit:
            answers.append(once(unit, RETRY, create))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [body for body, _ in answers] == [{"id": 1}] * 6
    assert made == [1]


def test_a_failed_creation_may_be_repeated(store: Store) -> None:
    def fail() -> Answer:
        raise ConflictError("taken")

    def send() -> None:
        with store.writing(TEST) as unit:
            once(unit, RETRY, fail)

    with pytest.raises(ConflictError):
        send()
    with store.writing(TEST) as unit:
        assert once(unit, RETRY, lambda: Answer({"id": 1}, {"id": 1})) == ({"id": 1}, False)


def test_keys_end_by_time_and_by_revocation(place: Place, store: Store) -> None:
    with store.writing(TEST) as unit:
        key = unit.keys.add("portal", "pilah_ab", "hash", frozenset({Scope.JUDGE}), "console", dt.timedelta(days=1))
        other = unit.keys.add("lain", "pilah_cd", "hash2", frozenset({Scope.AUDIT}), "console", dt.timedelta(days=9))
    with store.reading() as unit:
        assert unit.keys.find_valid("hash") == key
        assert unit.keys.find_valid("HASH") is None
    place.clock.move(days=1)
    with store.writing(TEST) as unit:
        assert unit.keys.find_valid("hash") is None
        assert unit.keys.find_valid("hash2") == other
        assert unit.keys.revoke(other.id)[1] is True
        assert unit.keys.revoke(other.id)[1] is False
        assert unit.keys.find_valid("hash2") is None


def test_addresses_of_databases(tmp_path: Path) -> None:
    assert database_url(tmp_path, None).database == str(tmp_path / "pilah.db")
    assert database_url(tmp_path, "postgresql://u:p@h/d").drivername == "postgresql+psycopg"
    for wrong in (
        "mysql://u@h/d",
        "nonsense",
        "postgresql://u:a:geheim@h:x/d",
        "postgresql://u:x@geheim@h/d",
        "postgresql://u@h:geheim/d",
    ):
        with pytest.raises(StoreError, match="PILAH_DATABASE") as caught:
            database_url(tmp_path, wrong)
        assert "geheim" not in str(caught.value)


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pilah\[postgres\]"):
        make_engine(database_url(tmp_path, "postgresql://h/d"))


def test_a_database_that_does_not_answer_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="PILAH_DATABASE") as caught:
        open_store(tmp_path, f"postgresql://pilah:geheim@/x?host={tmp_path}", None)
    assert "geheim" not in str(caught.value)


def test_sqlite_is_opened_for_safety(tmp_path: Path) -> None:
    store = Place(tmp_path / "home", None).open()
    with store.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous", "recursive_triggers")
        }
    store.close()
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 15_000,
        "synchronous": 2,
        "recursive_triggers": 1,
    }
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "home").iterdir())


def test_writers_wait_for_one_another(store: Store) -> None:
    errors: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(15):
                with store.writing(TEST) as unit:
                    unit.fact("key_check")
                    unit.audit.append("test")
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with store.reading() as unit:
        assert unit.audit.head().seq == 61
        assert unit.audit.verify() == []


def test_a_reader_sees_one_picture_while_others_write(store: Store) -> None:
    with store.reading() as reader:
        assert reader.people.find("sari") is None
        person(store)
        assert reader.people.find("sari") is None
    with store.reading() as reader:
        assert reader.people.find("sari") is not None


def test_rows_that_refer_to_nothing_are_refused(store: Store) -> None:
    statement = sa.text("INSERT INTO links (token_hash, person_id, expires_at) VALUES ('a', 'nobody', '2026-01-01')")
    with pytest.raises(sa.exc.IntegrityError), for_writing(store.engine).begin() as connection:
        connection.execute(statement)


def test_a_malformed_data_key_is_told() -> None:
    for keys in ([], [b"short"]):
        with pytest.raises(KeyringError):
            Keyring(keys)


def test_a_key_file_that_lost_its_content_is_never_made_anew(tmp_path: Path, place: Place, store: Store) -> None:
    person(store)
    key = place.home / "data.key"
    for content in ("", "\n"):
        key.write_text(content)
        with pytest.raises(KeyringError, match="is empty"):
            place.open()
        assert key.read_text() == content
        with pytest.raises(KeyringError, match="is empty"):
            make_key_file(key, "anew")


def test_a_key_file_is_made_where_links_are_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    path = tmp_path / "secret"
    assert make_key_file(path, "first") == "first"
    assert make_key_file(path, "second") == "first"
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir()] == ["secret"]


def test_an_old_sqlite_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 34, 1))
    with pytest.raises(StoreError, match="too old"):
        open_store(tmp_path, None, None)


def test_a_pool_without_a_free_connection_is_a_database_that_does_not_answer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.engine.pool, "_timeout", 0.01)
    with contextlib.ExitStack() as taken:
        for _ in range(20 if store.kind == "postgresql" else 15):
            taken.enter_context(store.engine.connect())
        with pytest.raises(StoreUnavailableError, match="taken"), store.reading() as unit:
            unit.fact("version")
        assert store.note(lambda unit: unit.keys.note_used("x")) is None


def test_a_noted_thing_does_not_wait_for_a_busy_database(store: Store) -> None:
    someone = person(store)
    with store.writing(TEST) as unit:
        unit.people.hold(someone.id)
        assert store.note(lambda other: other.people.hold(someone.id)) is None
    with store.writing(TEST) as unit:
        # The next writer waits as long as ever.
        assert unit.people.find("sari") == someone
    assert store.note(lambda other: other.people.get(someone.id)) == someone


def test_values_are_not_quoted_in_errors_of_the_database(store: Store) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught, store.engine.connect() as connection:
        connection.execute(
            sa.text("SELECT nothing_of_this_name FROM people WHERE login = :login"), {"login": "rahasia"}
        )
    assert "rahasia" not in str(caught.value)
