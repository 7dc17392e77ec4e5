"""`POST /v1/classify`: judge posts."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Response

from pilah_api.dependencies import JudgeHere, SettingsHere
from pilah_api.problems import SafeJSONResponse, refused_posts
from pilah_api.routes.shared import JsonRoute, problems
from pilah_api.schemas import ClassifyRequest, ClassifyResponse
from pilah_api.services.classification import InvalidPostsError, judge_posts
from pilah_model.judgement import Post

router = APIRouter(prefix="/v1", tags=["judging"], route_class=JsonRoute)


# A plain function: FastAPI runs it in its thread pool, so that a long inference does not stop the server.
@router.post(
    "/classify",
    response_model=ClassifyResponse,
    summary="Judge posts",
    response_description="One judgement per post, in input order",
    responses=problems(
        "malformed-json",
        "unauthorized",
        "too-large",
        "unsupported-media-type",
        "invalid-input",
        "internal",
        "not-ready",
    ),
)
def classify(body: ClassifyRequest, judge: JudgeHere, settings: SettingsHere) -> Response:
    """Judge 1 to 256 posts, in their order. Nothing is stored, and nothing of a text is logged.

    A judgement is a proposal; a person decides. With `explain`, posts that did not pass carry the words that sway the model.
    """
    if body.texts is not None:
        form, posts = "texts", [Post(text) for text in body.texts]
    else:
        form, posts = "posts", [Post(post.text, post.id, post.context) for post in body.posts or ()]
    try:
        judged = judge_posts(judge, posts, settings.limits, explain=body.explain)
    except InvalidPostsError as error:
        raise refused_posts(error, form) from None
    return SafeJSONResponse({"results": [item.judgement.as_json() for item in judged], "model": asdict(judge.info)})
