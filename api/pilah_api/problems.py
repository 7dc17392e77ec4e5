"""The only mapping of errors to HTTP: RFC 9457 problems with stable types, and never a word of a post in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from pilah_api.access import ConflictError, ForbiddenError, NotFoundError
from pilah_api.problem_types import PROBLEM_TYPES, ProblemType
from pilah_api.services.cases_values import SENTENCES, InvalidFieldsError
from pilah_api.services.classification import InvalidPostsError
from pilah_api.services.loading import NotReadyError
from pilah_api.services.rates import RateLimitedError
from pilah_api.services.retries import RetryMismatchError
from pilah_api.services.sessions import LockedOutError, SignInRefusedError
from pilah_api.services.tickets import BusyError, CallerGoneError, TimedOutError
from pilah_api.store.case_records import StaleError
from pilah_api.store.engine import StoreUnavailableError
from pilah_data.errors import InputError, PilahError

MEDIA_TYPE = "application/problem+json"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="pilah"'}
"""What HTTP asks of every 401: a way to authenticate."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: an RFC 6901 pointer into the request body, and what is wrong with it."""

    pointer: str
    message: str


class RefusedError(PilahError):
    """A request is refused by a door itself; `slug` names the problem type, `errors` the wrong fields."""

    def __init__(
        self, slug: str, detail: str, *, headers: Mapping[str, str] | None = None, errors: Sequence[FieldError] = ()
    ):
        """Keep the slug, response headers and wrong fields beside the sentence."""
        super().__init__(detail)
        self.slug = slug
        self.headers = dict(headers or {})
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, ready to be rendered as JSON or as a page."""

    kind: ProblemType
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self, request_id: str) -> dict[str, object]:
        """Return the RFC 9457 members; `errors` is always there, so that clients need no special case."""
        return {
            "type": f"/problems/{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": f"urn:pilah:request:{request_id}",
            "errors": [{"pointer": e.pointer, "message": e.message} for e in self.errors],
        }


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class SafeJSONResponse(JSONResponse):
    """JSON that can always be encoded: lone surrogates, legal in JSON input, leave as the replacement character."""

    def render(self, content: Any) -> bytes:
        """Encode the content as UTF-8."""
        text = _ENCODER.encode(content)
        with suppress(UnicodeEncodeError):
            return text.encode("utf-8")
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode("utf-8")


def as_response(problem: Problem, request_id: str) -> JSONResponse:
    """Render a problem as JSON."""
    return SafeJSONResponse(
        problem.as_json(request_id), problem.kind.status, headers=dict(problem.headers), media_type=MEDIA_TYPE
    )


def problem_from(error: Exception) -> Problem:
    """Translate any error; what is not foreseen becomes a 500 that says nothing of its cause."""
    match error:
        case RequestValidationError():
            return _from_validation(error.errors())
        case HTTPException():
            return _from_status(error)
        case PilahError():
            return _from_ours(error)
        case _:
            return _failure()


def _from_ours(error: PilahError) -> Problem:
    match error:
        case RefusedError():
            return Problem(PROBLEM_TYPES[error.slug], str(error), error.errors, error.headers)
        case NotReadyError():
            return Problem(PROBLEM_TYPES["not-ready"], str(error), headers={"Retry-After": "5"})
        case InvalidPostsError():
            return _from_ours(refused_posts(error, "posts"))
        case InvalidFieldsError() | StaleError():
            return _about_case(error)
        case LockedOutError() | RateLimitedError() | BusyError():
            return _from_haste(error)
        case _:
            return _from_plain(error)


def _from_haste(error: LockedOutError | RateLimitedError | BusyError) -> Problem:
    """Translate what is refused now and may be sent again after a while."""
    headers: dict[str, str] = {}
    match error:
        case LockedOutError():
            slug, seconds = "locked-out", int(error.wait.total_seconds()) + 1
        case RateLimitedError():
            slug, seconds, headers = "rate-limited", error.quota.seconds, error.quota.headers()
        case BusyError():
            slug, seconds = "timed-out" if isinstance(error, TimedOutError) else "busy", error.retry_after
    return Problem(PROBLEM_TYPES[slug], str(error), headers={**headers, "Retry-After": str(seconds)})


def _about_case(error: InvalidFieldsError | StaleError) -> Problem:
    if isinstance(error, StaleError):
        return Problem(PROBLEM_TYPES["changed-meanwhile"], str(error), headers={"ETag": f'"{error.version}"'})
    found = tuple(FieldError(f"/fields/{fault.field}", SENTENCES[fault.wrong]) for fault in error.faults)
    return Problem(PROBLEM_TYPES["invalid-input"], _count(found), found)


_PLAIN: tuple[tuple[type[PilahError], str], ...] = (
    (NotFoundError, "not-found"),
    (ConflictError, "conflict"),
    (ForbiddenError, "forbidden"),
    (SignInRefusedError, "sign-in-refused"),
    (RetryMismatchError, "retry-mismatch"),
    (CallerGoneError, "caller-gone"),
    (StoreUnavailableError, "store-unavailable"),
    (InputError, "invalid-input"),
)
_HEADERS = {401: CHALLENGE, 503: {"Retry-After": "5"}}


def _from_plain(error: PilahError) -> Problem:
    slug = next((slug for kind, slug in _PLAIN if isinstance(error, kind)), None)
    if slug is None:
        return _failure()  # not about the input, so it is ours to mend, not the client's
    kind = PROBLEM_TYPES[slug]
    # What keeps a database from answering is for the log, not for the client.
    detail = kind.meaning if isinstance(error, StoreUnavailableError) else str(error)
    return Problem(kind, detail, headers=_HEADERS.get(kind.status, {}))


def _failure() -> Problem:
    return Problem(PROBLEM_TYPES["internal"], "The server failed; its log says why under this request's id.")


def refused_posts(error: InvalidPostsError, form: str) -> RefusedError:
    """Point at the faults in a body that used the given form: `posts` (objects) or `texts` (strings)."""
    errors = []
    for fault in error.faults:
        pointer = f"/{form}"
        if fault.index is not None:
            pointer += f"/{fault.index}" if form == "texts" else f"/{fault.index}/{fault.field}"
        errors.append(FieldError(pointer, fault.sentence))
    return RefusedError("invalid-input", _count(errors), errors=errors)


# --- the framework's own errors -----------------------------------------------------------------------------------

_SLUG_BY_STATUS = {kind.status: slug for slug, kind in reversed(PROBLEM_TYPES.items())}


def _from_status(error: HTTPException) -> Problem:
    slug = _SLUG_BY_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
    kind = PROBLEM_TYPES[slug]
    # The framework's own details may quote the request; the meaning of the type never does.
    return Problem(kind, kind.meaning, headers=dict(error.headers or {}))


_MESSAGES = {
    "missing": "this field is missing; add it",
    "extra_forbidden": "this field is not known; remove it or check its spelling",
    "string_type": "must be a string; put the value in quotation marks",
    "string_unicode": "a field name is not valid Unicode; send well-formed UTF-8",
    "bool_type": "must be true or false, without quotation marks",
    "list_type": "must be a list in square brackets",
    "model_type": "must be an object in curly brackets",
    "model_attributes_type": "must be an object in curly brackets",
    "dict_type": "must be an object in curly brackets",
}
_LONGEST_KEY = 60


def _from_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    # pydantic's `input` and `ctx` may hold a post's text: only place and message are taken over.
    found = tuple(FieldError(_pointer(e["loc"]), _MESSAGES.get(e["type"], str(e["msg"]))) for e in errors)
    return Problem(PROBLEM_TYPES["invalid-input"], _count(found), found)


def _pointer(location: Sequence[object]) -> str:
    parts = [str(part) for part in location[1:]] if location and location[0] == "body" else [str(p) for p in location]
    return "".join("/" + _shortened(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _shortened(part: str) -> str:
    # A client that sends its text as a field's name must not get it back, either.
    return part if len(part) <= _LONGEST_KEY else part[:_LONGEST_KEY] + "…"


def _count(errors: Sequence[FieldError]) -> str:
    if len(errors) == 1:
        return f"{errors[0].pointer or 'The body'}: {errors[0].message}"
    return f"{len(errors)} fields are wrong; see errors."
