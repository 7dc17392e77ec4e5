from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilah_api.limits import Limits
from pilah_api.services.classification import Judged, judge_posts
from pilah_api.services.pasting import Split, pieces, split_paste
from pilah_model.judgement import Evidence, Judgement, Post
from tests.api.pastes import PASTES
from tests.api.stand_in import StandIn


@pytest.mark.parametrize(("paste", "how", "expected"), PASTES)
def test_split(paste: str, how: str, expected: list[str]) -> None:
    assert split_paste(paste, Split(how)) == expected


@given(st.text(max_size=200), st.sampled_from(Split))
def test_splitting_loses_nothing_but_white_space(paste: str, how: Split) -> None:
    assert "".join("".join(split_paste(paste, how)).split()) == "".join(paste.split())


def judged_with(text: str, *spans: tuple[int, int]) -> Judged:
    base: Judgement = judge_posts(StandIn(), [Post(text)], Limits(), explain=False)[0].judgement
    evidence = tuple(Evidence(start, end, text[start:end], 0.5) for start, end in spans)
    return Judged(
        text, Judgement(base.id, base.label, base.probabilities, base.decision, base.model, evidence=evidence)
    )


def test_pieces_mark_the_evidence() -> None:
    cut = list(pieces(judged_with("abcdef", (4, 6), (1, 2))))
    assert [(p.text, p.evidence is not None) for p in cut] == [("a", False), ("b", True), ("cd", False), ("ef", True)]


@pytest.mark.parametrize("spans", [((0, 3), (2, 5)), ((0, 99),), ((5, 6), (5, 6)), ()])
def test_odd_spans_never_repeat_or_lose_text(spans: tuple[tuple[int, int], ...]) -> None:
    assert "".join(p.text for p in pieces(judged_with("abcdef", *spans))) == "abcdef"
