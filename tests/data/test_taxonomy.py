"""The taxonomy: labels, forms and sub-types as one consistent whole."""

from __future__ import annotations

import json

import pytest

from pilah_data.taxonomy import (
    DECISIONS,
    DIRECTIONS,
    DIRECTIONS_IN_ORDER,
    FORMS,
    LABELS,
    PREDICTED,
    PREDICTED_FORMS,
    SUBTYPES,
    TAXONOMY_VERSION,
    Decision,
    Direction,
    Label,
    Stage,
    as_json,
)


def test_every_label_decision_and_direction_has_its_words() -> None:
    assert set(LABELS) == set(Label)
    assert set(DECISIONS) == set(Decision)
    assert set(DIRECTIONS) == set(Direction)


def test_perlu_konteks_is_a_gold_label_and_no_class() -> None:
    assert PREDICTED == (Label.BUKAN_POLITIK, Label.POLITIK_NETRAL, Label.PARTISAN)
    assert [label for label, info in LABELS.items() if not info.predicted] == [Label.PERLU_KONTEKS]


def test_forms_run_from_b01_to_b11_in_order() -> None:
    assert list(FORMS) == [f"B{number:02}" for number in range(1, 12)]
    assert len({form.name for form in FORMS.values()}) == len(FORMS)


def test_interactions_are_recorded_and_never_predicted() -> None:
    assert list(PREDICTED_FORMS) == [f"B{number:02}" for number in range(1, 11)]
    assert not FORMS["B11"].predicted


def test_mobilising_by_office_is_the_most_severe_form() -> None:
    assert {form.severity for form in FORMS.values()} <= set(range(1, 6))
    assert max(FORMS.values(), key=lambda form: form.severity).code == "B09"


@pytest.mark.parametrize("code", FORMS)
def test_every_form_names_its_rules_for_both_stages(code: str) -> None:
    assert set(FORMS[code].basis) == set(Stage)
    assert all(basis.strip() for basis in FORMS[code].basis.values())


def test_subtypes_run_from_n1_to_n11_in_order() -> None:
    assert list(SUBTYPES) == [f"N{number}" for number in range(1, 12)]


def test_directions_keep_the_order_of_the_model_outputs() -> None:
    assert DIRECTIONS_IN_ORDER == (Direction.DUKUNG, Direction.SERANG, Direction.CAMPURAN)


def test_examples_stand_on_one_side_of_one_border_only() -> None:
    for info in LABELS.values():
        assert set(info.positive).isdisjoint(info.negative)
    positive = [text for info in LABELS.values() for text in info.positive]
    assert len(set(positive)) == len(positive)


def test_no_word_for_people_is_missing() -> None:
    def words(value: object) -> list[str]:
        if isinstance(value, dict):
            return [w for item in value.values() for w in words(item)]
        if isinstance(value, list):
            return [w for item in value for w in words(item)]
        return [value] if isinstance(value, str) else []

    assert all(word == word.strip() != "" for word in words(as_json()))


def test_json_form_survives_a_round_trip_and_carries_the_version() -> None:
    table = as_json()
    assert json.loads(json.dumps(table)) == table
    assert table["version"] == TAXONOMY_VERSION


def test_json_form_promises_no_ruling() -> None:
    assert as_json()["note"] == "rujukan yang mungkin relevan, bukan putusan"
