from __future__ import annotations

import re
from pathlib import Path

import pytest

from pilah_api.access import Role, Scope
from pilah_api.jobs.results import Order
from pilah_api.services import cases_evidence, evidence_types
from pilah_api.services.cases_evidence import CHECKS
from pilah_api.services.cases_exports import Paper
from pilah_api.services.cases_fields import FIELDS, Kind, Section
from pilah_api.services.cases_states import MOVES, State
from pilah_api.services.cases_values import Wrong
from pilah_api.services.classification import Band, FaultKind
from pilah_api.services.pasting import Split
from pilah_api.services.policies import Source
from pilah_api.services.review_rules import Fault as ReviewFault
from pilah_api.services.review_rules import Relation
from pilah_api.services.summary import STAGES, UNKNOWN
from pilah_api.verdicts import Basis
from pilah_api.web.antrean import NOTICES, VIEWS
from pilah_api.web.kasus import NEWS as CASE_NEWS
from pilah_api.web.kelola_cards import FIGURES
from pilah_api.web.kelola_frame import DONE, SECTIONS
from pilah_api.web.menu import ENTRIES
from pilah_api.web.reason_templates import TEMPLATES as REASONS
from pilah_api.web.telaah import NEWS
from pilah_api.web.texts import Language, Texts, language_of
from pilah_api.web.wording import TEXTS
from pilah_data.records import SPLITS
from pilah_data.taxonomy import Decision
from pilah_model.moving import PledgeKind

TEMPLATES = Path(__file__).resolve().parents[2] / "api" / "pilah_api" / "web" / "templates"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_have_every_string_with_the_same_placeholders(key: str) -> None:
    indonesian, english = TEXTS[key]
    assert indonesian.strip()
    assert english.strip()
    assert set(PLACEHOLDER.findall(indonesian)) == set(PLACEHOLDER.findall(english))


def test_every_string_that_a_template_names_exists_and_every_string_is_used() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    sources += "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.parent.glob("*.py"))
    named = set(re.findall(r"""\b(?:t|texts)\(["']([\w.]+)["'][,)]""", sources))
    assert named <= set(TEXTS)
    built = {f"paste.split.{s.value}" for s in Split} | {f"band.{b.value}" for b in Band}
    built |= {f"fault.{k.value}" for k in FaultKind} | {"result.threshold.lolos_below", "result.threshold.tinjau_from"}
    built |= {f"files.state.{state}" for state in ("waiting", "running", "done", "failed", "cancelled")}
    built |= {f"files.sort.{order.value}" for order in Order}
    built |= {f"check.{part}.{decision.value}" for part in ("head", "say") for decision in Decision}
    built |= {f"summary.stage.{stage}" for stage in (*STAGES, UNKNOWN)}
    built |= {entry.text for entry in ENTRIES}
    built |= {f"queue.view.{view}" for view in VIEWS} | {f"queue.notice.{news}" for news in NOTICES}
    built |= {f"queue.round.{number}" for number in (1, 2, 3)} | {f"queue.basis.{basis.value}" for basis in Basis}
    built |= {f"review.fault.{fault.value}" for fault in ReviewFault} | {f"review.notice.{news}" for news in NEWS}
    built |= {f"review.relation.{relation.value}" for relation in Relation}
    built |= {"review.agree", "review.differ", "review.model_abstained"}
    built |= _keys_of_cases()
    built |= {one.text + part for one in SECTIONS for part in ("", "_about")} | set(DONE.values())
    built |= {f"role.{role}{part}" for role in Role for part in ("", "_about")}
    built |= {f"scope.{scope}{part}" for scope in Scope for part in ("", "_about")}
    built |= {f"limits.source.{source}" for source in Source} | {f"pledge.{kind}" for kind in PledgeKind}
    built |= {f"figure.{name}" for name in FIGURES} | {f"split.{name}" for name in SPLITS}
    built |= {"card.set.public", "card.set.authored"} | {f"reason.{code}" for code in REASONS}
    assert built <= set(TEXTS)
    assert set(TEXTS) == named | built


def _keys_of_cases() -> set[str]:
    """The keys that are put together from the fields, states and moves of cases."""
    keys = {f"kasus.field.{field.name}" for field in FIELDS} | {"kasus.field.evidence"}
    keys |= {key for field in FIELDS if (key := f"kasus.hint.{field.name}") in TEXTS}
    chosen = (field for field in FIELDS if field.kind is Kind.CHOICE)
    keys |= {f"kasus.option.{option}" for field in chosen for option in field.options}
    keys |= {f"kasus.state.{state.value}" for state in State} | {f"kasus.section.{s.value}" for s in Section}
    keys |= {f"kasus.move.{move.source.value}.{move.target.value}" for move in MOVES}
    keys |= {f"kasus.wrong.{wrong.value}" for wrong in Wrong} | {f"kasus.check.{check}" for check in CHECKS}
    keys |= {f"kasus.paper.{paper.value}" for paper in Paper} | {f"kasus.{news}" for news in CASE_NEWS}
    evidence = Path(cases_evidence.__file__).read_text("utf-8") + Path(evidence_types.__file__).read_text("utf-8")
    codes = set(re.findall(r'EvidenceError\(\s*"(\w+)"', evidence))
    assert len(codes) > 10
    keys |= {f"kasus.file.{code}" for code in codes} | {"kasus.left", "kasus.left_working"}
    return keys


@pytest.mark.parametrize(
    ("asked", "remembered", "expected"),
    [
        (None, None, "id"),
        ("en", None, "en"),
        (None, "en", "en"),
        ("id", "en", "id"),
        ("xx", "en", "en"),
        ("", "", "id"),
    ],
)
def test_choice_of_language(asked: str | None, remembered: str | None, expected: str) -> None:
    assert language_of(asked, remembered).value == expected


def test_numbers_are_written_as_the_language_does() -> None:
    indonesian, english = Texts(Language.ID), Texts(Language.EN)
    assert (indonesian.whole(100_001), english.whole(100_001)) == ("100.001", "100,001")
    assert (indonesian.decimal(0.615), english.decimal(0.5)) == ("0,61", "0.50")
    assert (indonesian.percent(0.94), english.percent(0.94)) == ("94,0%", "94.0%")
    assert (indonesian.percent(0.9999), indonesian.percent(1.0)) == ("> 99,9%", "100,0%")
    assert (english.percent(0.0001), english.percent(0.0)) == ("< 0.1%", "0.0%")


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        Texts(Language.ID)("no.such.key")
