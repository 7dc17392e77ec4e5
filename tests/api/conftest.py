"""The application around a stand-in for the model, and clients that speak to it without a network."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from pilah_api.app import create_app
from pilah_api.services import passwords
from pilah_api.settings import Settings
from pilah_api.store.units import Store
from tests.api.databases import find_programs, private_cluster
from tests.api.stand_in import StandIn
from tests.api.stores import Place, miscounted
from tests.conftest import skip_aloud

ClientFactory = Callable[..., TestClient]


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Hash passwords at the lowest cost; how much they cost in use has a test of its own."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: cheap)
        yield


@pytest.fixture
def judge() -> StandIn:
    return StandIn()


@pytest.fixture
def make_client(judge: StandIn, tmp_path: Path) -> Iterator[ClientFactory]:
    """Make a started client for an application with the given settings, a store of its own, and a peer's address."""
    opened: list[TestClient] = []

    def make(
        settings: Settings | None = None,
        base_url: str = "http://localhost:8000",
        *,
        store: Store | None = None,
        peer: str = "127.0.0.1",
    ) -> TestClient:
        settings = dataclasses.replace(settings or Settings(), home=tmp_path / "home")
        app = create_app(settings, judge, store)
        client = TestClient(app, base_url=base_url, follow_redirects=False, client=(peer, 50_000))
        opened.append(client.__enter__())
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(make_client: ClientFactory) -> TestClient:
    return make_client()


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A running PostgreSQL of this run's own, as a URL."""
    programs = find_programs()
    if programs is None:
        skip_aloud("PostgreSQL is not installed; install Debian's package postgresql")
        return
    with private_cluster(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Where a new, empty store may be made, on each database in turn."""
    home = tmp_path / "home"
    if request.param == "sqlite":
        yield Place(home, None)
        return
    url: str = request.getfixturevalue("cluster")
    # A schema of its own is made in a moment, a database of its own in seconds.
    schema = f"t{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    yield Place(home, f"{url}&options=-csearch_path%3D{schema}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """An empty store, on each database in turn."""
    opened = place.open()
    yield opened
    assert miscounted(opened) == {}
    opened.close()
