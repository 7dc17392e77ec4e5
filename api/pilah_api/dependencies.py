"""What endpoints ask for: settings, model, store, who is asking, and the language of a page."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, cast

from fastapi import Depends, Header, Request
from starlette.concurrency import run_in_threadpool

from pilah_api.access import Caller, ForbiddenError, Person, SignedIn
from pilah_api.cookies import TOKEN_FIELD, Cookies
from pilah_api.gate import FORMS, passage_of
from pilah_api.middleware import request_id_of
from pilah_api.passage import Passage
from pilah_api.problems import FieldError, RefusedError
from pilah_api.room import patience_of
from pilah_api.services.cases_clock import Almanac, almanac_of
from pilah_api.services.deadlines import Deadlines
from pilah_api.services.loading import NotReadyError
from pilah_api.services.policies import PolicyBook
from pilah_api.services.queued_judge import QueuedJudge
from pilah_api.services.retries import Retry
from pilah_api.settings import Settings
from pilah_api.store.audit import Origin
from pilah_api.store.engine import StoreUnavailableError
from pilah_api.store.units import Store
from pilah_api.web.texts import Language, language_of
from pilah_model.judge import Judge


# What every request asks for is async: FastAPI sends plain functions through its thread pool, which costs more than they do.
async def get_settings(request: Request) -> Settings:
    """Return the settings that the application was made with."""
    return cast(Settings, request.app.state.settings)


def find_judge(request: Request) -> Judge | None:
    """Return the model under its artefact's own thresholds, or None while it is not loaded."""
    return cast("Judge | None", request.app.state.judge)


def get_loaded(request: Request) -> Judge:
    """Return the model under its artefact's own thresholds. Raises NotReadyError, saying why there is none."""
    judge = find_judge(request)
    if judge is None:
        raise NotReadyError(request.app.state.not_ready)
    return judge


def get_policies(request: Request) -> PolicyBook:
    """Return what knows the thresholds in force."""
    return cast(PolicyBook, request.app.state.policies)


async def get_judge(request: Request) -> QueuedJudge:
    """Return the model behind its queue, under the thresholds in force. Raises NotReadyError, saying why there is none."""
    loaded, state = get_loaded(request), request.app.state
    policies = get_policies(request)
    if policies.is_fresh(loaded):
        judge = policies.apply(loaded, state.store)
    else:
        judge = await run_in_threadpool(policies.apply, loaded, state.store)
    return QueuedJudge(state.queue, judge, patience_of(state.settings, request.scope["path"]))


async def find_ready(request: Request) -> QueuedJudge | None:
    """Return the model behind its queue, under the thresholds in force, or None while it is not loaded."""
    return await get_judge(request) if find_judge(request) is not None else None


def get_language(request: Request) -> Language:
    """Return the language that the address or the cookie asks for; Indonesian otherwise."""
    return language_of(request.query_params.get("lang"), request.cookies.get("pilah_lang"))


def get_store(request: Request) -> Store:
    """Return the store. Raises StoreUnavailableError if it could not be opened."""
    store = cast("Store | None", request.app.state.store)
    if store is None:
        raise StoreUnavailableError(request.app.state.no_store)
    return store


def get_cookies(request: Request) -> Cookies:
    """Return what signs cookies. Raises StoreUnavailableError if the store could not be opened."""
    get_store(request)
    return cast(Cookies, request.app.state.cookies)


def get_caller(request: Request) -> Caller:
    """Return who asks."""
    return passage_of(request).caller


def get_origin(request: Request) -> Origin:
    """Return how the audit names the caller and the request."""
    return Origin(get_caller(request).actor, request_id_of(request.scope))


def get_signed_in(request: Request) -> tuple[Person, SignedIn]:
    """Return the person who asks and their session. Raises ForbiddenError for a program."""
    caller = get_caller(request)
    if caller.person is None or caller.session is None:
        raise ForbiddenError("only a signed-in person may do this")
    return caller.person, caller.session


async def get_retry(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="1 to 200 visible characters; a repetition gets the first answer again.",
            json_schema_extra={"pattern": "^[!-~]{1,200}$"},
        ),
    ] = None,
) -> Retry | None:
    """Return what makes a creating request safe to repeat, or None. Raises RefusedError for a malformed key."""
    if idempotency_key is None:
        return None
    return retry_of(request, check_retry_key(idempotency_key), await _content(request))


def check_retry_key(key: str) -> str:
    """Return an Idempotency-Key. Raises RefusedError for a malformed one."""
    if not _RETRY_KEY.fullmatch(key):
        message = "an Idempotency-Key has 1 to 200 visible ASCII characters; send a UUID, for example"
        raise RefusedError("invalid-input", message, errors=[FieldError("/header/idempotency-key", message)])
    return key


def retry_of(request: Request, key: str, content: bytes) -> Retry:
    """Return what makes a request safe to repeat; `content` is what it says, or what stands for that."""
    said = request.scope["path"].encode("utf-8", "surrogateescape") + b"\0" + content
    route = f"{request.method} {request.scope['route'].path}"
    return Retry(get_caller(request).actor, route, key, hashlib.sha256(said).hexdigest())


async def _content(request: Request) -> bytes:
    """Return what a request says, however it is sent, without the form token."""
    if not request.headers.get("content-type", "").startswith(FORMS):
        return await request.body()
    # A form may have been read for its token already, and its body is then gone.
    fields = [(name, str(value)) for name, value in (await request.form()).multi_items() if name != TOKEN_FIELD]
    return json.dumps(fields).encode("ascii")


def get_almanac(request: Request) -> Almanac:
    """Return holidays and elections, as the data folder has them. Raises DataError for a list that cannot be read."""
    settings: Settings = request.app.state.settings
    return almanac_of(settings.home)


def get_deadlines(request: Request) -> Deadlines:
    """Return the clock of findings as it stands now. Raises DataError for a list of holidays that cannot be read."""
    return Deadlines(get_almanac(request).calendar, get_store(request).now())


def get_version(
    if_match: Annotated[str | None, Header(description="The ETag of the case that the change was made for.")] = None,
) -> int:
    """Return the version that a change was made for. Raises RefusedError where it is missing or malformed."""
    if if_match is None:
        raise RefusedError("version-required", "Send the ETag of the case in If-Match, so that nobody is overwritten.")
    found = _VERSION.fullmatch(if_match)
    if found is None:
        message = 'If-Match is the ETag of the case, a number in quotation marks, as "3"'
        raise RefusedError("invalid-input", message, errors=[FieldError("/header/if-match", message)])
    return int(found[1])


_VERSION = re.compile(r'"([0-9]{1,9})"')
_RETRY_KEY = re.compile(r"[\x21-\x7e]{1,200}")

StoreHere = Annotated[Store, Depends(get_store)]
CookiesHere = Annotated[Cookies, Depends(get_cookies)]
CallerHere = Annotated[Caller, Depends(get_caller)]
PassageHere = Annotated[Passage, Depends(passage_of)]
OriginHere = Annotated[Origin, Depends(get_origin)]
SignedInHere = Annotated["tuple[Person, SignedIn]", Depends(get_signed_in)]
VersionHere = Annotated[int, Depends(get_version)]
AlmanacHere = Annotated[Almanac, Depends(get_almanac)]
DeadlinesHere = Annotated[Deadlines, Depends(get_deadlines)]
RetryHere = Annotated["Retry | None", Depends(get_retry)]
SettingsHere = Annotated[Settings, Depends(get_settings)]
JudgeHere = Annotated[QueuedJudge, Depends(get_judge)]
LoadedHere = Annotated[Judge, Depends(get_loaded)]
PoliciesHere = Annotated[PolicyBook, Depends(get_policies)]
MaybeJudge = Annotated["QueuedJudge | None", Depends(find_ready)]
LanguageHere = Annotated[Language, Depends(get_language)]
