"""Corrections must fit the readings as they stand; every fault is named by file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilah_data.corrections import COLUMNS, Origin, first_judgements, read_corrections
from pilah_data.errors import DataError
from pilah_data.records import Reading
from pilah_data.taxonomy import Label
from pilah_data.tsv import write_table

READINGS = [Reading("a", Label.PARTISAN, ("B01", "B05"), None, None, None, "train", "uji", "round1")]
GOOD = dict(zip(COLUMNS, ("a", "perlu_konteks", "-", "partisan", "B05,B01", "audit", "nomor urut"), strict=True))


def write(folder: Path, **changes: str) -> None:
    write_table(folder / "corrections.tsv", COLUMNS, [tuple((GOOD | changes).values())])


def test_a_correction_keeps_what_was_said_first(tmp_path: Path) -> None:
    write(tmp_path)
    corrections = read_corrections(tmp_path, READINGS)
    assert corrections[0].origin is Origin.AUDIT
    assert first_judgements(READINGS, corrections) == {"a": (Label.PERLU_KONTEKS, ())}
    assert first_judgements(READINGS, []) == {"a": (Label.PARTISAN, ("B01", "B05"))}


def test_no_file_is_no_correction(tmp_path: Path) -> None:
    assert read_corrections(tmp_path, READINGS) == []


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("id", {"id": "b"}),
        ("label", {"label": "politik_netral"}),
        ("label", {"label": "netral"}),
        ("forms", {"forms": "B01"}),
        ("label_before", {"label_before": "partisan", "forms_before": "B01,B05"}),
        ("forms_before", {"forms_before": "B11"}),
        ("origin", {"origin": "model"}),
        ("reason", {"reason": " "}),
        ("reason", {"reason": "-"}),
    ],
)
def test_a_correction_that_does_not_fit_is_named(tmp_path: Path, field: str, changes: dict[str, str]) -> None:
    write(tmp_path, **changes)
    with pytest.raises(DataError) as caught:
        read_corrections(tmp_path, READINGS)
    assert (caught.value.file, caught.value.line, caught.value.field) == (
        str(tmp_path / "corrections.tsv"),
        2,
        field,
    )


def test_a_post_is_corrected_once(tmp_path: Path) -> None:
    write_table(tmp_path / "corrections.tsv", COLUMNS, [tuple(GOOD.values())] * 2)
    with pytest.raises(DataError, match=r"line 3.*corrected once"):
        read_corrections(tmp_path, READINGS)
