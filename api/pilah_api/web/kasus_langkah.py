"""What is done on the page of a case: join it, move it, add and verify evidence, erase it."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from pilah_api.access import Caller, ConflictError, ForbiddenError, NotFoundError
from pilah_api.dependencies import (
    AlmanacHere,
    CallerHere,
    LanguageHere,
    OriginHere,
    SettingsHere,
    SignedInHere,
    StoreHere,
)
from pilah_api.services.cases import join_case, see_case
from pilah_api.services.cases_clock import Almanac
from pilah_api.services.cases_evidence import CHECKS, MOST_BYTES, Checked, Upload, add_evidence, verify_evidence
from pilah_api.services.cases_moves import erase, move_case
from pilah_api.services.cases_states import State
from pilah_api.services.cases_values import InvalidFieldsError
from pilah_api.services.evidence_types import EvidenceError
from pilah_api.store.audit import Origin
from pilah_api.store.case_records import StaleError
from pilah_api.store.units import Store
from pilah_api.web.kasus import LIST, SEE_OTHER, FormHere, case_page, text
from pilah_api.web.kasus_view import case_view
from pilah_api.web.texts import Texts
from pilah_data.errors import InputError

router = APIRouter(include_in_schema=False)


@router.post("/kasus/{case_id}/ikut")
def join(
    request: Request,
    case_id: str,
    store: StoreHere,
    almanac: AlmanacHere,
    language: LanguageHere,
    signed_in: SignedInHere,
    caller: CallerHere,
    origin: OriginHere,
    form: FormHere,
) -> Response:
    """Begin to work on a case."""
    texts = Texts(language)
    try:
        with store.writing(origin) as unit:
            join_case(unit, signed_in[0], case_id, no_interest=text(form, "no_interest") == "ya")
    except InputError:
        words = texts("kasus.declare_missing")
        return _again(request, store, caller, case_id, almanac, texts, origin, error=words)
    return _back(case_id, "joined")


@router.post("/kasus/{case_id}/langkah")
def move(
    request: Request,
    case_id: str,
    store: StoreHere,
    almanac: AlmanacHere,
    language: LanguageHere,
    signed_in: SignedInHere,
    caller: CallerHere,
    origin: OriginHere,
    form: FormHere,
) -> Response:
    """Move a case; a refusal shows it again with the reason that was typed."""
    texts = Texts(language)
    target, version, reason = text(form, "to"), text(form, "version"), text(form, "reason")
    if target not in tuple(State):
        raise NotFoundError("there is no such state of a case")
    try:
        with store.writing(origin) as unit:
            number = int(version) if version.isdecimal() and len(version) < 10 else 0
            move_case(unit, signed_in[0], case_id, number, State(target), reason, almanac)
    except StaleError:
        words = texts("kasus.conflict")
    except (InvalidFieldsError, InputError):
        words = texts("kasus.reason_missing")
    except (ConflictError, ForbiddenError):
        words = texts("kasus.refused")
    else:
        return _back(case_id, "moved")
    return _again(request, store, caller, case_id, almanac, texts, origin, error=words, reason=reason)


@router.post("/kasus/{case_id}/bukti")
def add(
    request: Request,
    case_id: str,
    store: StoreHere,
    settings: SettingsHere,
    almanac: AlmanacHere,
    language: LanguageHere,
    signed_in: SignedInHere,
    caller: CallerHere,
    origin: OriginHere,
    form: FormHere,
) -> Response:
    """Take a file in; a refusal says why, in the words of the page, and keeps what was typed."""
    texts = Texts(language)
    upload = _upload(form)
    try:
        add_evidence(store, settings.home, signed_in[0], case_id, upload, origin)
    except EvidenceError as error:
        words = texts(f"kasus.file.{error.code}", size=MOST_BYTES // 1024 // 1024)
    except ConflictError:
        words = texts("kasus.file.duplicate")
    else:
        return _back(case_id, "added", "bukti")
    typed: dict[str, object] = {
        "captured_by": upload.captured_by,
        "captured_at": upload.captured_at,
        "zone": upload.zone,
        **upload.checks,
    }
    return _again(request, store, caller, case_id, almanac, texts, origin, error=words, upload=typed, status=422)


@router.post("/kasus/{case_id}/verifikasi")
def verify(
    request: Request,
    case_id: str,
    store: StoreHere,
    settings: SettingsHere,
    almanac: AlmanacHere,
    language: LanguageHere,
    signed_in: SignedInHere,
    caller: CallerHere,
    origin: OriginHere,
) -> Response:
    """Compute all hashes anew and show which files are intact."""
    texts = Texts(language)
    checked = verify_evidence(store, settings.home, signed_in[0], case_id, origin)
    whole = all(one.intact for one in checked)
    words = texts("kasus.all_intact", n=len(checked)) if whole else texts("kasus.some_altered")
    return _again(
        request,
        store,
        caller,
        case_id,
        almanac,
        texts,
        origin,
        news=words if whole else "",
        error="" if whole else words,
        checked=checked,
        status=200,
    )


@router.post("/kasus/{case_id}/hapus")
def erase_by_form(
    request: Request,
    case_id: str,
    store: StoreHere,
    settings: SettingsHere,
    almanac: AlmanacHere,
    language: LanguageHere,
    signed_in: SignedInHere,
    caller: CallerHere,
    origin: OriginHere,
    form: FormHere,
) -> Response:
    """Erase a closed case."""
    texts = Texts(language)
    try:
        erase(store, settings.home, signed_in[0], case_id, text(form, "reason"), origin)
    except InputError:
        words = texts("kasus.erase_missing")
    except ConflictError:
        words = texts("kasus.refused")
    else:
        return _back(case_id, "erased")
    return _again(request, store, caller, case_id, almanac, texts, origin, error=words)


def _upload(form: FormData) -> Upload:
    file = form.get("file")
    content, name = b"", ""
    if isinstance(file, UploadFile):
        content, name = file.file.read(MOST_BYTES + 1), file.filename or ""
    checks = {check: text(form, check) == "ya" for check in CHECKS}
    return Upload(name, content, text(form, "captured_by"), text(form, "captured_at"), text(form, "zone"), checks)


def _back(case_id: str, news: str, place: str = "") -> Response:
    return RedirectResponse(f"{LIST}/{case_id}?kabar={news}{'#' + place if place else ''}", SEE_OTHER)


def _again(
    request: Request,
    store: Store,
    caller: Caller,
    case_id: str,
    almanac: Almanac,
    texts: Texts,
    origin: Origin,
    *,
    news: str = "",
    error: str = "",
    reason: str = "",
    upload: dict[str, object] | None = None,
    checked: Sequence[Checked] = (),
    status: int = 409,
) -> Response:
    """Show the case as it is now, with what went wrong and what was typed."""
    seen = see_case(store, caller, case_id, origin)
    if caller.person is None:
        raise ForbiddenError("only a signed-in person may do this")
    view = case_view(seen, caller.person, almanac, texts, store.now(), checked)
    return case_page(request, view, caller.person, news=news, error=error, upload=upload, reason=reason, status=status)
