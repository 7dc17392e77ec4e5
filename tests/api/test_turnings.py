"""What would change the proposals of one request: every post in its place, within the time for all of them."""

from __future__ import annotations

from pilah_api.limits import Limits
from pilah_api.services.classification import Judged, judge_posts
from pilah_api.services.turnings import find_turnings
from pilah_data.taxonomy import Decision
from pilah_model.judgement import Post
from pilah_model.turning import Turning
from tests.api.stand_in import StandIn

TEXTS = ("Kopi pagi", "Ayo coblos nomor 2", "Lanjutkan Pak!", "Makanya jangan pilih Santoso lagi")


def judged(judge: StandIn) -> list[Judged]:
    return judge_posts(judge, [Post(text) for text in TEXTS], Limits(), explain=True)


def test_every_post_that_did_not_pass_has_its_answer(judge: StandIn) -> None:
    posts = judged(judge)
    found = find_turnings(judge, posts)
    assert found[0] is None
    words = [
        [post.text[a:b] for a, b in turning.spans]
        for post, turning in zip(posts[1:], found[1:], strict=True)
        if turning
    ]
    assert words == [["coblos"], ["Lanjutkan"], ["jangan"]]
    assert {turning.decision for turning in found if turning} == {Decision.LOLOS}


def test_when_the_time_is_over_the_rest_is_said_to_be_unfinished(judge: StandIn) -> None:
    ticks = iter([0.0, 0.0, 1.0, 2.0])
    found = find_turnings(judge, judged(judge), seconds=1.0, clock=lambda: next(ticks))
    assert found[0] is None
    assert found[1] is not None
    assert found[1].spans
    assert found[2:] == [Turning(complete=False)] * 2
