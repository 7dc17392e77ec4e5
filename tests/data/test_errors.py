"""The exception tree: every error says what is wrong and where."""

from __future__ import annotations

import pytest

from pilah_data.errors import DataError, InputError, MissingExtraError, PilahError
from pilah_data.feeds import FeedError


@pytest.mark.parametrize("kind", [InputError, DataError, MissingExtraError, FeedError])
def test_every_error_is_a_pilah_error(kind: type[Exception]) -> None:
    assert issubclass(kind, PilahError)


def test_a_data_error_names_file_line_and_field() -> None:
    error = DataError("tidak cocok", file="a.tsv", line=7, field="label")
    assert str(error) == "file a.tsv, line 7, field 'label': tidak cocok"
    assert (error.file, error.line, error.field) == ("a.tsv", 7, "label")


def test_a_data_error_names_only_what_is_known() -> None:
    assert str(DataError("tidak cocok")) == "tidak cocok"
    assert str(DataError("tidak cocok", field="label")) == "field 'label': tidak cocok"


def test_a_missing_extra_gives_the_install_line() -> None:
    assert str(MissingExtraError("train", "torch")).endswith("pip install 'pilah[train]'")
