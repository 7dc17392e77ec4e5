"""What is done on the page of a case: join it, move it, add and verify evidence, erase it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from pilah_api.access import ConflictError, ForbiddenError, NotFoundError
from pilah_api.dependencies import SettingsHere
from pilah_api.services.cases import join_case
from pilah_api.services.cases_evidence import CHECKS, MOST_BYTES, Upload, add_evidence, verify_evidence
from pilah_api.services.cases_moves import erase, move_case
from pilah_api.services.cases_states import State
from pilah_api.services.cases_values import InvalidFieldsError
from pilah_api.services.evidence_types import EvidenceError
from pilah_api.store.case_records import StaleError
from pilah_api.web.kasus import LIST, SEE_OTHER, case_page
from pilah_api.web.kasus_desk import DeskHere, FormHere, text, version_of
from pilah_data.errors import InputError

router = APIRouter(include_in_schema=False)


@router.post("/kasus/{case_id}/ikut")
def join(case_id: str, desk: DeskHere, form: FormHere) -> Response:
    """Begin to work on a case."""
    try:
        with desk.store.writing(desk.origin) as unit:
            join_case(unit, desk.person, case_id, no_interest=text(form, "no_interest") == "ya")
    except InputError:
        return case_page(desk, case_id, error=desk.texts("kasus.declare_missing"), status=409)
    return _back(case_id, "joined")


@router.post("/kasus/{case_id}/langkah")
def move(case_id: str, desk: DeskHere, form: FormHere) -> Response:
    """Move a case; a refusal shows it again with the reason that was typed."""
    target, reason = text(form, "to"), text(form, "reason")
    if target not in tuple(State):
        raise NotFoundError("there is no such state of a case")
    try:
        with desk.store.writing(desk.origin) as unit:
            move_case(unit, desk.person, case_id, version_of(form), State(target), reason, desk.almanac)
    except StaleError:
        words = desk.texts("kasus.conflict")
    except (InvalidFieldsError, InputError):
        words = desk.texts("kasus.reason_missing")
    except (ConflictError, ForbiddenError):
        words = desk.texts("kasus.refused")
    else:
        return _back(case_id, "moved")
    return case_page(desk, case_id, error=words, reason=reason, status=409)


@router.post("/kasus/{case_id}/bukti")
def add(case_id: str, desk: DeskHere, settings: SettingsHere, form: FormHere) -> Response:
    """Take a file in; a refusal says why, in the words of the page, and keeps what was typed."""
    upload = _upload(form)
    try:
        add_evidence(desk.store, settings.home, desk.person, case_id, upload, desk.origin)
    except EvidenceError as error:
        words = desk.texts(f"kasus.file.{error.code}", size=MOST_BYTES // 1024 // 1024)
    except ConflictError:
        words = desk.texts("kasus.file.duplicate")
    else:
        return _back(case_id, "added", "bukti")
    typed: dict[str, object] = {
        "captured_by": upload.captured_by,
        "captured_at": upload.captured_at,
        "zone": upload.zone,
        **upload.checks,
    }
    return case_page(desk, case_id, error=words, upload=typed, status=422)


@router.post("/kasus/{case_id}/verifikasi")
def verify(case_id: str, desk: DeskHere, settings: SettingsHere) -> Response:
    """Compute all hashes anew and show which files are intact."""
    checked = verify_evidence(desk.store, settings.home, desk.person, case_id, desk.origin)
    whole = all(one.intact for one in checked)
    words = desk.texts("kasus.all_intact", n=len(checked)) if whole else desk.texts("kasus.some_altered")
    news, error = (words, "") if whole else ("", words)
    return case_page(desk, case_id, news=news, error=error, checked=checked)


@router.post("/kasus/{case_id}/hapus")
def erase_by_form(case_id: str, desk: DeskHere, settings: SettingsHere, form: FormHere) -> Response:
    """Erase a closed case."""
    try:
        erase(desk.store, settings.home, desk.person, case_id, text(form, "reason"), desk.origin)
    except InputError:
        words = desk.texts("kasus.erase_missing")
    except ConflictError:
        words = desk.texts("kasus.refused")
    else:
        return _back(case_id, "erased")
    return case_page(desk, case_id, error=words, status=409)


def _upload(form: FormData) -> Upload:
    file = form.get("file")
    content, name = b"", ""
    if isinstance(file, UploadFile):
        content, name = file.file.read(MOST_BYTES + 1), file.filename or ""
    checks = {check: text(form, check) == "ya" for check in CHECKS}
    return Upload(name, content, text(form, "captured_by"), text(form, "captured_at"), text(form, "zone"), checks)


def _back(case_id: str, news: str, place: str = "") -> Response:
    return RedirectResponse(f"{LIST}/{case_id}?kabar={news}{'#' + place if place else ''}", SEE_OTHER)
