from __future__ import annotations

import pytest

from pilah_api.limits import Limits
from pilah_api.services.classification import (
    Band,
    FaultKind,
    InvalidPostsError,
    confidence_band,
    find_faults,
    judge_posts,
    well_formed,
)
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn


def kinds(posts: list[Post], limits: Limits | None = None) -> list[tuple[FaultKind, int | None, str]]:
    return [(f.kind, f.index, f.field) for f in find_faults(posts, limits or Limits())]


def test_every_fault_is_found_at_once() -> None:
    posts = [Post("ok"), Post("  "), Post("x" * 11), Post("ok", context="y" * 11)]
    assert kinds(posts, Limits(characters=10)) == [
        (FaultKind.BLANK, 1, "text"),
        (FaultKind.TOO_LONG, 2, "text"),
        (FaultKind.TOO_LONG, 3, "context"),
    ]


def test_number_of_posts() -> None:
    assert kinds([]) == [(FaultKind.NO_POSTS, None, "text")]
    assert kinds([Post("x")] * 257) == [(FaultKind.TOO_MANY_POSTS, None, "text")]
    assert kinds([Post("x")] * 256) == []


def test_nothing_is_judged_when_one_post_is_wrong(judge: StandIn) -> None:
    seen: list[int] = []
    judge.before = lambda posts: seen.append(len(posts))
    with pytest.raises(InvalidPostsError, match="post 2: the text is blank"):
        judge_posts(judge, [Post("ok"), Post("")], Limits(), explain=False)
    assert not seen


def test_a_message_never_holds_the_text(judge: StandIn) -> None:
    with pytest.raises(InvalidPostsError) as caught:
        judge_posts(judge, [Post("rahasia " * 3)], Limits(characters=5), explain=False)
    assert "rahasia" not in str(caught.value)
    assert "24 characters" in str(caught.value)


def test_a_blank_context_counts_as_none(judge: StandIn) -> None:
    seen: list[str | None] = []
    judge.before = lambda posts: seen.extend(post.context for post in posts)
    judge_posts(judge, [Post("a", context=" "), Post("b", context="induk")], Limits(), explain=False)
    assert seen == [None, "induk"]


def test_lone_surrogates_are_judged_and_leave_encodable(judge: StandIn) -> None:
    (judged,) = judge_posts(judge, [Post("yuk coblos\ud800 nomor dua")], Limits(), explain=True)
    assert judged.judgement.evidence
    (evidence,) = judged.judgement.evidence
    assert judged.text[evidence.start : evidence.end] == evidence.text == "coblos\ufffd nomor dua"
    assert len(well_formed("a\udfffb")) == 3


@pytest.mark.parametrize(
    ("confidence", "band"),
    [
        (0.34, Band.LOW),
        (0.5999, Band.LOW),
        (0.6, Band.MEDIUM),
        (0.8499, Band.MEDIUM),
        (0.85, Band.HIGH),
        (1.0, Band.HIGH),
    ],
)
def test_bands(confidence: float, band: Band) -> None:
    assert confidence_band(confidence) is band
