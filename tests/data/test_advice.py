"""Advice on drafts: whole, in two languages, kind, and its own examples pass the shipped model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest

from pilah_data.advice import FILE, Advice, Wording, advice, read_advice
from pilah_data.errors import DataError
from pilah_data.taxonomy import FORMS, SUBTYPES, Decision
from pilah_model.artefacts import shipped_artefact
from pilah_model.classifier import Classifier
from pilah_model.judgement import Post

TEXT = files("pilah_data").joinpath(FILE).read_text(encoding="utf-8")
ACCUSING = re.compile(r"\b(anda melanggar|pelanggar|bersalah|terbukti|you violate|offender|guilty)\b", re.IGNORECASE)


def wordings(given: Advice) -> Iterator[Wording]:
    for form in given.forms.values():
        yield from (form.sees, form.lawful, form.hint)
        if form.example:
            yield form.example
    for subtype in given.subtypes.values():
        yield from (subtype.lawful, subtype.keep)
    yield from (*given.unclear, *given.always, *given.unseen)


def test_every_form_and_every_lawful_look_alike_has_its_advice() -> None:
    assert list(advice().forms) == list(FORMS)
    assert list(advice().subtypes) == list(SUBTYPES)


def test_every_look_alike_is_named_by_some_form() -> None:
    assert {code for form in advice().forms.values() for code in form.near} == set(SUBTYPES)


def test_both_languages_say_something_of_their_own_and_nobody_is_accused() -> None:
    for wording in wordings(advice()):
        assert wording.id != wording.en
        assert not ACCUSING.search(f"{wording.id} {wording.en}"), wording


def test_the_lawful_examples_pass_the_shipped_model() -> None:
    examples = [form.example.id for form in advice().forms.values() if form.example]
    assert len(examples) >= 9
    judged = Classifier.load(shipped_artefact(), threads=1).classify([Post(text) for text in examples])
    assert [e for e, j in zip(examples, judged, strict=True) if j.decision is not Decision.LOLOS] == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("[forms.B03]", "[forms.B99]", "forms.B03"),
        ("[subtypes.N11]", "[subtypes.N12]", "subtypes.N11"),
        ('near = ["N4", "N11"]', 'near = ["N4", "N12"]', "forms.B06.near"),
        ("hint.en =", "hint.de =", "forms.B01.hint"),
        ("[[unclear]]", "[[vague]]", "unclear"),
        ("[forms.B01]", "[forms.B01", None),
    ],
)
def test_a_gap_is_named(old: str, new: str, field: str | None) -> None:
    with pytest.raises(DataError, match=FILE) as caught:
        read_advice(TEXT.replace(old, new))
    assert caught.value.field == field
