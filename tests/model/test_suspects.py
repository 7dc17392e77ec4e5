"""The audit finds planted errors, keeps the texts to itself, and repeats itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pilah_data.errors import InputError
from pilah_data.records import Example
from pilah_data.taxonomy import Label
from pilah_model.suspects import find_suspects, write_suspects

WORDS = {
    Label.BUKAN_POLITIK: ["kopi", "pagi", "bola", "voli", "nasi", "goreng", "hujan", "kucing"],
    Label.POLITIK_NETRAL: ["kpu", "jadwal", "debat", "bawaslu", "pemilih", "daftar", "tps", "surat"],
    Label.PARTISAN: ["coblos", "menang", "dukung", "juara", "nomor", "gas", "relawan", "santoso"],
    Label.PERLU_KONTEKS: ["lanjutkan", "pak", "beliau", "itu", "paham", "kode", "amanah", "terus"],
}
PLANTED = {"partisan-03": Label.BUKAN_POLITIK, "bukan_politik-07": Label.PARTISAN}


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """Forty clear posts of each label, two of them with another label."""
    draw = np.random.default_rng(1)
    return [
        Example(key, " ".join(draw.choice(words, 6)), PLANTED.get(key, label), (), None, None, (), "train", "uji")
        for label, words in WORDS.items()
        for key in (f"{label}-{number:02}" for number in range(40))
    ]


def test_planted_errors_are_named_with_the_label_they_should_have(examples: list[Example]) -> None:
    found = find_suspects(examples)
    assert {s.id: s.suggested for s in found} == {
        "partisan-03": Label.PARTISAN,
        "bukan_politik-07": Label.BUKAN_POLITIK,
    }
    assert all(0 < suspect.margin <= 1 for suspect in found)
    assert [s.margin for s in found] == sorted((s.margin for s in found), reverse=True)


def test_the_list_does_not_depend_on_the_order_of_the_readings(examples: list[Example]) -> None:
    assert find_suspects(examples[::-1], folds=3, seed=2) == find_suspects(examples, folds=3, seed=2)


def test_ids_and_labels_are_written_and_no_text(examples: list[Example], tmp_path: Path) -> None:
    found = find_suspects(examples)
    write_suspects(tmp_path / "suspects.tsv", found)
    lines = (tmp_path / "suspects.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "id\tgiven\tsuggested\tmargin"
    assert len(lines) == 1 + len(found)
    assert not {word for words in WORDS.values() for word in words} & set("\n".join(lines).split())


def test_a_label_rarer_than_the_folds_is_said(examples: list[Example]) -> None:
    with pytest.raises(InputError, match="only 2 readings; 5 folds"):
        find_suspects([e for e in examples if e.label is not Label.PERLU_KONTEKS] + examples[-2:])
