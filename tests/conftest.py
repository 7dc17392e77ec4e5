"""Fixtures for all tests: where things lie, and what may skip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from pilah_data.names import Names, read_names

# The same cases in every run, so that a change and not chance decides whether it passes; `make fuzz` looks for new ones.
settings.register_profile("same", derandomize=True)
settings.load_profile("default" if "PILAH_TEST_CASES" in os.environ else "same")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def skip_aloud(reason: str) -> None:
    """Skip a test, or fail it where everything it needs was promised to be there."""
    if os.environ.get("PILAH_TESTS_MAY_NOT_SKIP"):
        pytest.fail(f"must not skip here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What Pilah keeps goes to a folder of this run, never to the one of whoever runs the tests."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data-home"))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def names(root: Path) -> Names:
    """The people, parties and places that the project knows by name."""
    return read_names(root / "data" / "names.toml")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the public posts, which a fresh clone does not have."""
    if not (SHARED / "posts" / "posts.tsv.zst").is_file():
        skip_aloud("the public posts are not at hand (../shared)")
    return SHARED
