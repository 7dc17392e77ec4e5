"""One call reads every data file and stops at the first fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pilah_data.errors import DataError
from pilah_data.validation import check_files


@pytest.fixture
def data(root: Path, tmp_path: Path) -> Path:
    """A copy of the annotations and of one corpus file."""
    shutil.copytree(root / "data" / "annotations", tmp_path / "annotations", copy_function=shutil.copyfile)
    (tmp_path / "corpora").mkdir()
    first = min((root / "data" / "corpora").glob("*.jsonl"))
    shutil.copyfile(first, tmp_path / "corpora" / first.name)
    (tmp_path / "annotations" / "authored_rereading.tsv").unlink(missing_ok=True)
    return tmp_path


def test_the_projects_files_are_well_formed(root: Path) -> None:
    found = check_files(root / "data")
    assert found.posts >= 6000
    assert found.readings >= 22_000
    assert found.repeated >= 600


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("second_readings.tsv", "ffffffffffff\tpartisan\tB01\tdukung\t-"),
        ("agreement.tsv", "ffffffffffff\tx\tpartai\t-"),
        ("excluded.tsv", "ffffffffffff\tx"),
    ],
)
def test_a_fault_in_any_file_is_found(data: Path, name: str, row: str) -> None:
    path = data / "annotations" / name
    path.chmod(0o644)
    with path.open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(DataError) as caught:
        check_files(data)
    assert caught.value.file == str(path)
    assert caught.value.line == len(path.read_text(encoding="utf-8").splitlines())
