"""Which texts are blank."""

from __future__ import annotations

import pytest

from pilah_data.blank import is_blank


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u200b\u200d", "\ufeff", "\x00\x07", "\ud800", "\u202e\u00a0"])
def test_nothing_readable_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "7", "👍", "…", "\u200bя", "ا", "\ud800a"])
def test_anything_readable_is_not_blank(text: str) -> None:
    assert not is_blank(text)
