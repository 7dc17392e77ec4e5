"""Fixtures of the data tests: files to read, and a sample of the project's own posts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pilah_data.corpora import read_corpora
from pilah_data.records import AuthoredPost

Write = Callable[[str, bytes | str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the given name; text is written as UTF-8 with its line ends as they are."""

    def _write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return _write


@pytest.fixture(scope="session")
def corpus_sample(root: Path) -> list[AuthoredPost]:
    """Every tenth of the posts written for this project."""
    return read_corpora(root / "data" / "corpora")[::10]
