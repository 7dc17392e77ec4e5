"""`POST /v1/classify`: judge posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from pilah_api.dependencies import JudgeHere, SettingsHere, get_judge, get_settings
from pilah_api.gate import confirm_form
from pilah_api.problems import SafeJSONResponse, refused_posts
from pilah_api.routes.shared import JsonRoute, problems, read_json
from pilah_api.schemas import ClassifyRequest, ClassifyResponse
from pilah_api.services.classification import InvalidPostsError, Judged, check_posts, complete
from pilah_model.judgement import ModelInfo, Post

_AT_ONCE = 32
"""Results that are written while other requests wait; more are written beside them."""


class _ShortRoute(JsonRoute):
    """Calls the endpoint below by itself: to find out anew what it asks for costs as much as all else that is done for a post."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do what FastAPI does for this endpoint, in its order; errors become problems where those of all routes do."""
        if scope["method"] != "POST":
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        given = await read_json(request)
        await confirm_form(request)
        judge, settings = await get_judge(request), await get_settings(request)
        try:
            body = ClassifyRequest.model_validate(given)
        except ValidationError as error:
            errors = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
            raise RequestValidationError(errors) from None
        response = await classify(request, body, judge, settings)
        await response(scope, receive, send)


router = APIRouter(prefix="/v1", tags=["judging"], route_class=_ShortRoute)


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
        "rate-limited",
        "internal",
        "busy",
    ),
)
async def classify(request: Request, body: ClassifyRequest, judge: JudgeHere, settings: SettingsHere) -> Response:
    """Judge 1 to 256 posts, in their order. Nothing is stored, and nothing of a text is logged.

    A judgement is a proposal; a person decides. With `explain`, posts that did not pass carry the words that sway the model.
    """
    if body.texts is not None:
        form, posts = "texts", [Post(text) for text in body.texts]
    else:
        form, posts = "posts", [Post(post.text, post.id, post.context) for post in body.posts or ()]
    try:
        cleaned = check_posts(posts, settings.limits)
    except InvalidPostsError as error:
        raise refused_posts(error, form) from None

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    judged = complete(posts, await judge.classify_soon(cleaned, explain=body.explain, gone=gone))
    if len(judged) <= _AT_ONCE:
        return _answer(judged, judge.info)
    return await run_in_threadpool(_answer, judged, judge.info)


@lru_cache(maxsize=8)
def _as_json(model: ModelInfo) -> dict[str, str]:
    return asdict(model)


def _answer(judged: Sequence[Judged], model: ModelInfo) -> Response:
    return SafeJSONResponse({"results": [item.judgement.as_json() for item in judged], "model": _as_json(model)})
