"""What requests and answers about cases look like."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import ConfigDict, Field, JsonValue

from pilah_api.access import Caller
from pilah_api.papers.lists import exhibit_as_data
from pilah_api.schemas import Strict
from pilah_api.services.cases import Seen, number_of, running_countdown
from pilah_api.services.cases_clock import Almanac, Countdown
from pilah_api.services.cases_fields import FIELDS
from pilah_api.services.cases_states import moves_from
from pilah_api.store.case_records import KeptCase
from pilah_api.store.posts import StoredPost
from pilah_data.taxonomy import REFERENCE_NOTE

_FIELDS = "Values by name: " + ", ".join(field.name for field in FIELDS) + ". `forms` is a list; dates are YYYY-MM-DD."


def _shaped(example: dict[str, JsonValue]) -> ConfigDict:
    return ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [example]})


class CaseRequest(Strict):
    """A case to be opened, by hand or from a stored post."""

    fields: dict[str, Any] = Field(description=_FIELDS)
    post_id: str | None = Field(None, max_length=40, description="A post of /v1/cases/sources; its text is masked.")

    model_config = _shaped({"fields": {"kind": "temuan", "unit": "Lapas Sukamaju", "known_on": "2026-11-24"}})


class CaseChange(Strict):
    """Fields to be filled; an empty text empties one, what is left out stays."""

    fields: dict[str, Any] = Field(description=_FIELDS)

    model_config = _shaped({"fields": {"account": "nama.akun", "identified_by": "pengakuan"}})


class MoveRequest(Strict):
    """A move of a case to another state."""

    to: str = Field(description="A state from `moves` of the case.")
    reason: str = Field("", max_length=5000, description="The person concerned gets to read it; name no reporter.")

    model_config = _shaped({"to": "triase"})


class JoinRequest(Strict):
    """The declaration with which a person begins to work on a case."""

    no_interest: bool = Field(
        description="No kinship, rivalry or line of command stands between the person and the case."
    )

    model_config = _shaped({"no_interest": True})


class ErasureRequest(Strict):
    """The erasure of a closed case."""

    reason: str = Field(description="1 to 200 characters, without names; it stays in the audit.")

    model_config = _shaped({"reason": "bukan pelanggaran"})


class CaseRow(Strict):
    """A case in a list: where it stands, and nothing that leads to a person."""

    id: str
    number: str
    state: str
    version: int
    unit: str
    stage: str | None = Field(description="T0 to T5 by the list of elections; null while the case has no day.")
    known_on: dt.date | None
    opened_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    erased_at: dt.datetime | None


class CasesPage(Strict):
    """Cases, newest first."""

    items: list[CaseRow]
    next: str | None = Field(description="Send it as `cursor` to go on; null at the end.")


class CountdownOut(Strict):
    """What is left of the seven days; `certain` is false where the holidays of a year are not listed."""

    due: dt.date
    days_left: int
    working_due: dt.date
    working_days_left: int
    certain: bool


class StepOut(Strict):
    """A step of a case; the reason is null for those who do not work on it."""

    number: int
    source: str
    target: str
    role: str
    reason: str | None
    at: dt.datetime


class ExhibitOut(Strict):
    """A piece of evidence; its name and who captured it are null for those who do not work on the case."""

    id: str
    name: str | None
    sha256: str
    bytes: int
    media_type: str
    captured_at: dt.datetime | None
    captured_zone: str | None
    captured_by: str | None
    added_at: dt.datetime
    added_by: str
    checks: dict[str, bool]


class ReferenceOut(Strict):
    """A rule that may be relevant, not a ruling."""

    subject: str
    basis: str


class CaseOut(CaseRow):
    """A case. `sealed` says that what names people was left out: only those who joined the case see it."""

    sealed: bool
    fields: dict[str, Any]
    steps: list[StepOut]
    evidence: list[ExhibitOut]
    countdown: CountdownOut | None
    references: list[ReferenceOut]
    references_note: str
    moves: list[str] = Field(description="States that a case may go to from here, for those whose role allows.")


class VersionOut(Strict):
    """The version of a case after a change."""

    id: str
    version: int


class SourcesOut(Strict):
    """Stored posts from which a case may be opened, oldest first; their text is masked."""

    items: list[dict[str, Any]]


class VerificationOfEvidence(Strict):
    """Whether each file is still what it was when it came in."""

    intact: bool
    files: list[dict[str, Any]]


def case_row(case: KeptCase) -> dict[str, Any]:
    """Return a case as a list shows it."""
    return CaseRow(
        id=case.id,
        number=number_of(case),
        state=case.state,
        version=case.version,
        unit=case.unit,
        stage=case.stage,
        known_on=case.known_on,
        opened_at=case.created_at,
        changed_at=case.changed_at,
        closed_at=case.closed_at,
        erased_at=case.erased_at,
    ).model_dump(mode="json")


def case_out(seen: Seen, caller: Caller, almanac: Almanac, today: dt.date) -> dict[str, Any]:
    """Return a case as its caller may see it; programs get no more than codes and dates."""
    open_fields = {field.name for field in FIELDS if not field.group.sealed or seen.unsealed}
    count = running_countdown(seen.case, almanac, today)
    rows = [(found.rule.title, found.rule.basis) for found in almanac.stage_of(seen.values)]
    rows += [(one.form, one.basis) for one in almanac.references(seen.values)]
    exhibits = [] if caller.key is not None else [exhibit_as_data(one) for one in seen.exhibits]
    return {
        **case_row(seen.case),
        "sealed": not seen.unsealed,
        "fields": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in seen.values.items()
            if name in open_fields
        },
        "steps": [
            {
                "number": step.number,
                "source": step.source,
                "target": step.target,
                "role": step.role,
                "reason": step.reason,
                "at": step.taken_at.isoformat(),
            }
            for step in seen.steps
        ],
        "evidence": exhibits,
        "countdown": _countdown(count) if count else None,
        "references": [{"subject": subject, "basis": basis} for subject, basis in rows],
        "references_note": REFERENCE_NOTE,
        "moves": [move.target.value for move in moves_from(seen.state)],
    }


def _countdown(count: Countdown) -> dict[str, Any]:
    return {
        "due": count.due.isoformat(),
        "days_left": count.left,
        "working_due": count.working_due.isoformat(),
        "working_days_left": count.working_left,
        "certain": count.certain,
    }


def source_out(post: StoredPost) -> dict[str, Any]:
    """Return a post that may become a case."""
    return {"id": post.id, "text": post.text, "context": post.context, "created_at": post.created_at.isoformat()}
