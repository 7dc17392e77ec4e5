"""The application around a stand-in for the model, and clients that speak to it without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from pilah_api.app import create_app
from pilah_api.settings import Settings
from tests.api.stand_in import StandIn

ClientFactory = Callable[..., TestClient]


@pytest.fixture
def judge() -> StandIn:
    return StandIn()


@pytest.fixture
def make_client(judge: StandIn) -> Iterator[ClientFactory]:
    """Make a started client for an application with the given settings."""
    opened: list[TestClient] = []

    def make(settings: Settings | None = None, base_url: str = "http://localhost:8000") -> TestClient:
        client = TestClient(create_app(settings or Settings(), judge), base_url=base_url, follow_redirects=False)
        opened.append(client.__enter__())
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(make_client: ClientFactory) -> TestClient:
    return make_client()
