"""`/v1/cases/{id}/evidence` and papers: files that come in, and files that go out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile
from starlette.responses import StreamingResponse

from pilah_api.attachments import kept_as, pieces
from pilah_api.case_schemas import ExhibitOut, VerificationOfEvidence
from pilah_api.dependencies import AlmanacHere, OriginHere, SettingsHere, SignedInHere, StoreHere
from pilah_api.middleware import SANDBOX
from pilah_api.papers.lists import exhibit_as_data
from pilah_api.problems import SafeJSONResponse
from pilah_api.routes.shared import problems
from pilah_api.services.cases_evidence import (
    MOST_BYTES,
    Upload,
    add_evidence,
    fetch_evidence,
    verify_evidence,
)
from pilah_api.services.cases_exports import Exported, Paper, export
from pilah_api.store.evidence import Exhibit

router = APIRouter(prefix="/v1/cases", tags=["cases"])
_REFUSALS = ("unauthorized", "forbidden", "not-found", "store-unavailable")


@router.post(
    "/{case_id}/evidence",
    status_code=201,
    response_model=ExhibitOut,
    summary="Add evidence",
    response_description="The piece of evidence with its SHA-256",
    responses=problems(*_REFUSALS, "bad-request", "invalid-input", "conflict", "too-large"),
)
def post_evidence(
    case_id: str,
    store: StoreHere,
    settings: SettingsHere,
    signed_in: SignedInHere,
    origin: OriginHere,
    file: Annotated[UploadFile, File(description="PNG, JPEG, PDF, HTML or MP4, told by content; at most 32 MiB.")],
    captured_by: Annotated[str, Form(max_length=500)],
    captured_at: Annotated[str, Form(description="Local date and hour, YYYY-MM-DDTHH:MM.", max_length=40)],
    zone: Annotated[str, Form(description="WIB, WITA or WIT.", max_length=10)],
    url_visible: Annotated[bool, Form()] = False,
    time_visible: Annotated[bool, Form()] = False,
    account_visible: Annotated[bool, Form()] = False,
    direct_source: Annotated[bool, Form()] = False,
) -> Response:
    """Take a file in unaltered, with its SHA-256; a screenshot alone can be forged, so say what can be seen on it."""
    checks = {
        "url_visible": url_visible,
        "time_visible": time_visible,
        "account_visible": account_visible,
        "direct_source": direct_source,
    }
    upload = read_upload(file, captured_by, captured_at, zone, checks)
    exhibit = add_evidence(store, settings.home, signed_in[0], case_id, upload, origin)
    return SafeJSONResponse(exhibit_as_data(exhibit), 201)


@router.get(
    "/{case_id}/evidence/{evidence_id}",
    summary="One file of evidence",
    response_description="The original, as an attachment that runs nothing",
    responses=problems(*_REFUSALS, "conflict"),
)
def get_evidence(
    case_id: str,
    evidence_id: str,
    store: StoreHere,
    settings: SettingsHere,
    signed_in: SignedInHere,
    origin: OriginHere,
) -> Response:
    """Return an original, compared with its SHA-256 before it leaves; each such look is recorded."""
    exhibit, content = fetch_evidence(store, settings.home, signed_in[0], case_id, evidence_id, origin)
    return evidence_response(exhibit, content)


@router.post(
    "/{case_id}/verification",
    response_model=VerificationOfEvidence,
    summary="Verify the evidence",
    response_description="Whether each file is still what it was",
    responses=problems(*_REFUSALS),
)
def post_verification(
    case_id: str, store: StoreHere, settings: SettingsHere, signed_in: SignedInHere, origin: OriginHere
) -> Response:
    """Compute the SHA-256 of every file of the case anew; the check and its outcome are recorded."""
    checked = verify_evidence(store, settings.home, signed_in[0], case_id, origin)
    files = [{"id": one.exhibit.id, "sha256": one.exhibit.sha256, "intact": one.intact} for one in checked]
    return SafeJSONResponse({"intact": all(one.intact for one in checked), "files": files})


@router.get(
    "/{case_id}/papers/{paper}",
    summary="One paper of a case",
    response_description="The paper, as an attachment",
    responses=problems(*_REFUSALS, "conflict", "invalid-input"),
)
def get_paper(
    case_id: str,
    paper: Paper,
    store: StoreHere,
    settings: SettingsHere,
    signed_in: SignedInHere,
    almanac: AlmanacHere,
    origin: OriginHere,
) -> Response:
    """Return a form, a field list or the whole evidence pack; the same case gives the same bytes, and the audit their hash."""
    return paper_response(export(store, settings.home, signed_in[0], case_id, paper, almanac, origin), paper)


def read_upload(file: UploadFile, captured_by: str, captured_at: str, zone: str, checks: dict[str, bool]) -> Upload:
    """Return a file as it was sent, read no further than the limit needs."""
    content = file.file.read(MOST_BYTES + 1)
    return Upload(file.filename or "", content, captured_by, captured_at, zone, checks)


def evidence_response(exhibit: Exhibit, content: bytes) -> Response:
    """Return a file from outside so that a browser keeps it or, asked by a page for a picture, paints it; never runs it."""
    return Response(
        content,
        media_type=exhibit.media_type if exhibit.media_type.startswith("image/") else "application/octet-stream",
        headers={
            **kept_as(exhibit.name or exhibit.sha256),
            "content-security-policy": SANDBOX,
            "x-pilah-sha256": exhibit.sha256,
        },
    )


def paper_response(made: Exported, paper: Paper) -> Response:
    """Return an export to be saved under its name."""
    headers = {
        **kept_as(made.name),
        "content-length": str(made.size),
        "x-pilah-sha256": made.sha256,
    }
    return StreamingResponse(pieces(made.file), media_type=paper.media_type, headers=headers)
