"""What the privacy documents say about tables, periods and commands is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pilah_api import cli
from pilah_api.services.keeping import POSTS_LAST, RETRIES_LAST
from pilah_api.services.people import LINK_LASTS
from pilah_api.services.sessions import LIFETIME
from pilah_api.store.posts import PostState
from pilah_api.store.sessions import FORGET_AFTER
from pilah_api.store.tables import METADATA


@pytest.fixture(scope="module")
def flow(root: Path) -> str:
    return (root / "docs" / "data-flow.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def dpia(root: Path) -> str:
    return (root / "docs" / "dpia.md").read_text(encoding="utf-8")


def row_of(text: str, table: str) -> str:
    (found,) = re.findall(rf"^\| `{table}` \|.*$", text, re.MULTILINE)
    return str(found)


def test_every_table_of_the_store_is_in_the_data_flow_and_no_other(flow: str) -> None:
    section = flow[flow.index("## Where it is kept") : flow.index("## Who sees it")]
    assert sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == sorted(METADATA.tables), (
        "say in docs/data-flow.md what the table holds, for how long, and who sees it"
    )


def test_the_periods_are_those_of_the_code(flow: str, dpia: str) -> None:
    for state, unit in ((PostState.BUTUH_KONTEKS, "days"), (PostState.TINJAU, "days")):
        assert f"`{state}` {POSTS_LAST[state].days} {unit}" in row_of(flow, "posts")
        assert f"`{state}` {POSTS_LAST[state].days} hari" in dpia
    assert f"{LIFETIME.total_seconds() / 3600:.0f} hours" in row_of(flow, "sessions")
    assert f"{LINK_LASTS.total_seconds() / 3600:.0f} hours" in row_of(flow, "links")
    assert f"{RETRIES_LAST.days} day" in row_of(flow, "idempotency_keys")
    assert f"{FORGET_AFTER.days} day" in row_of(flow, "lockouts")


def test_every_command_that_the_documents_name_exists(flow: str, dpia: str, capsys: pytest.CaptureFixture[str]) -> None:
    named = {tuple(words.split()) for words in re.findall(r"`pilah ((?:[a-z]+ ?)+)", flow + dpia)}
    assert ("case", "export") in named
    for words in sorted(named):
        assert cli.run([*words, "--help"]) == 0, words
    capsys.readouterr()


def test_links_of_the_documents_lead_somewhere(root: Path, flow: str, dpia: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", flow + dpia):
        assert (root / "docs" / target).exists(), target


def test_the_template_names_every_criterion_of_article_34_and_leaves_blanks(dpia: str) -> None:
    rows = dpia[dpia.index("## 2.") : dpia.index("## 3.")]
    assert re.findall(r"^\| ([a-g])\. ", rows, re.MULTILINE) == list("abcdefg")
    assert len(re.findall(r"\[ diisi instansi", dpia)) >= 20
