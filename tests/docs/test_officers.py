"""docs/officers.md speaks of pages, buttons and rules as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pilah_api.access import Role
from pilah_api.services.cases_states import CLOSED_DAYS
from pilah_api.services.people import LINK_LASTS
from pilah_api.services.review_rules import LEASE
from pilah_api.web.texts import Language, Texts
from pilah_api.web.wording import PAGES
from pilah_data.taxonomy import DECISIONS, FORMS, LABELS


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "docs" / "officers.md").read_text(encoding="utf-8")


def test_every_name_in_bold_stands_on_a_page(text: str) -> None:
    on_pages = {pair[0] for page in PAGES for pair in page.values()}
    on_pages |= {phrase.title for phrase in DECISIONS.values()} | {label.title for label in LABELS.values()}
    named = set(re.findall(r"\*\*([^*]+)\*\*", text)) - SENTENCES
    assert sorted(named - on_pages) == []
    assert len(named) > 20


# Printed in bold because they matter, not because they stand on a page.
SENTENCES = {"Pilah memilah; Anda yang memutuskan.", "tebal", "tanpa melihat"}


def test_the_three_decisions_are_explained_as_the_pages_do(text: str) -> None:
    for phrase in DECISIONS.values():
        assert f"| **{phrase.title}** |" in text
        assert phrase.explanation.split(".")[0] in text


def test_the_roles_are_those_that_there_are(text: str) -> None:
    table = text.split("| peran |")[1].split("\n\n", maxsplit=1)[0]
    words = Texts(Language.ID)
    assert re.findall(r"^\| \*\*(\w+)\*\* \|", table, re.MULTILINE) == [words(f"role.{role}") for role in Role]


def test_the_times_are_those_of_the_program(text: str) -> None:
    minutes = int(LEASE.total_seconds()) // 60
    assert f"diurungkan selama {minutes} menit" in text
    assert f"berlaku {int(LINK_LASTS.total_seconds()) // 3600} jam" in text
    assert f"dihapus setelah {minutes} menit" in text
    assert f"dihapus {CLOSED_DAYS} hari kemudian" in text


def test_what_the_model_does_not_judge_is_said(text: str) -> None:
    assert [code for code, form in FORMS.items() if not form.predicted] == ["B11"]
    assert "(B11) tidak dinilai model" in text
