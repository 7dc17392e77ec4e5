"""Evidence of a case: taken in after a look at its content, handed out, and checked against its hashes."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pilah_api.access import CASE_OFFICERS, ConflictError, Person
from pilah_api.services.cases import object_of, require_member, require_role
from pilah_api.services.cases_fields import ZONES
from pilah_api.services.cases_states import EVIDENCE_STATES
from pilah_api.services.cases_values import indonesian
from pilah_api.services.evidence_files import is_intact, place, read
from pilah_api.services.evidence_types import EvidenceError, MediaType, type_of
from pilah_api.store.audit import Origin
from pilah_api.store.evidence import Capture, Exhibit
from pilah_api.store.units import Store, Unit

CHECKS = ("url_visible", "time_visible", "account_visible", "direct_source")
"""What an officer looks for on a piece of evidence."""
MOST_BYTES = 32 * 1024 * 1024
"""Of one file; it is held in memory while it is checked."""
MOST_FILES, MOST_BYTES_TOGETHER = 50, 512 * 1024 * 1024
_LONGEST_NAME, _LONGEST_PERSON = 150, 120
# Marks that turn the direction of writing make `gnp.exe` look like another name.
_NEVER_IN_NAMES = re.compile(r"[/\\:*?\"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, and what the officer says about it; `captured_at` is a local date and hour without a zone."""

    name: str
    content: bytes
    captured_by: str
    captured_at: str
    zone: str
    checks: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """A piece of evidence, and whether its file is still what it was."""

    exhibit: Exhibit
    intact: bool


def add_evidence(store: Store, home: Path, person: Person, case_id: str, upload: Upload, origin: Origin) -> Exhibit:
    """Take a file in. Raises EvidenceError, NotFoundError, ForbiddenError, ConflictError or AlteredError."""
    with store.reading() as unit:
        _require_open(unit, person, case_id)
        now = unit.now
    kind = _checked(upload)
    capture = _capture(upload, now)
    sha256 = place(home, upload.content)
    with store.writing(origin) as unit:
        _require_open(unit, person, case_id)
        files, size = unit.evidence.total(case_id)
        if files >= MOST_FILES or size + len(upload.content) > MOST_BYTES_TOGETHER:
            raise EvidenceError(
                "too_many", f"a case holds at most {MOST_FILES} files and 512 MiB; leave out what repeats"
            )
        exhibit = unit.evidence.add(case_id, sha256, len(upload.content), kind.value, capture, person.id)
        detail = {
            "evidence": exhibit.id,
            "sha256": sha256,
            "bytes": exhibit.bytes,
            "type": kind.value,
            "checks": dict(capture.checks),
        }
        unit.audit.append("case.evidence_added", object_of(case_id), detail)
    # A purge that ran in between may have taken the file for one that nothing refers to.
    place(home, upload.content)
    return exhibit


def fetch_evidence(
    store: Store, home: Path, person: Person, case_id: str, evidence_id: str, origin: Origin
) -> tuple[Exhibit, bytes]:
    """Return a piece of evidence and its bytes, unaltered; recorded. Raises NotFoundError, ForbiddenError or AlteredError."""
    with store.writing(origin) as unit:
        require_member(unit, person, case_id)
        exhibit = unit.evidence.get(case_id, evidence_id)
        unit.audit.append("case.evidence_read", object_of(case_id), {"evidence": evidence_id})
    return exhibit, read(home, exhibit.sha256)


def verify_evidence(store: Store, home: Path, person: Person, case_id: str, origin: Origin) -> list[Checked]:
    """Compute every hash anew and compare; the check and its outcome are recorded. Raises NotFoundError or ForbiddenError."""
    with store.reading() as unit:
        require_member(unit, person, case_id)
        exhibits = unit.evidence.of(case_id, unsealed=True)
    checked = [Checked(exhibit, is_intact(home, exhibit.sha256)) for exhibit in exhibits]
    with store.writing(origin) as unit:
        altered = [one.exhibit.id for one in checked if not one.intact]
        unit.audit.append("case.evidence_verified", object_of(case_id), {"files": len(checked), "altered": altered})
    return checked


def _require_open(unit: Unit, person: Person, case_id: str) -> None:
    require_role(person, CASE_OFFICERS, "add evidence")
    require_member(unit, person, case_id)
    case = unit.cases.get(case_id, unsealed=False)
    if case.state not in EVIDENCE_STATES:
        raise ConflictError(f"the case is {case.state}; evidence is added while it is open")


def _checked(upload: Upload) -> MediaType:
    if not upload.content:
        raise EvidenceError("empty", "the file is empty or was not chosen; choose a file")
    if len(upload.content) > MOST_BYTES:
        raise EvidenceError(
            "too_large", f"the file is larger than {MOST_BYTES // 1024 // 1024} MiB; send a smaller part of it"
        )
    _check_name(upload.name)
    kind = type_of(upload.content)
    if not upload.name.lower().endswith(kind.endings):
        raise EvidenceError(
            "ending", f"the file's content is {kind.value}; give it the ending {' or '.join(kind.endings)}"
        )
    return kind


def _check_name(name: str) -> None:
    bad = (
        not name.strip(". ")
        or len(name) > _LONGEST_NAME
        or name.startswith(".")
        or _NEVER_IN_NAMES.search(name)
        or _RESERVED.match(name)
        or any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn") for sign in name)
    )
    if bad:
        raise EvidenceError(
            "name", f"a file's name has 1 to {_LONGEST_NAME} visible characters and no slash or colon; rename the file"
        )


def _capture(upload: Upload, now: dt.datetime) -> Capture:
    by = " ".join(upload.captured_by.split())
    if not 0 < len(by) <= _LONGEST_PERSON or not by.isprintable():
        raise EvidenceError("captured_by", f"say in 1 to {_LONGEST_PERSON} characters who captured the file")
    if upload.zone not in ZONES:
        raise EvidenceError("zone", f"the zone is one of {', '.join(ZONES)}")
    try:
        at = dt.datetime.strptime(upload.captured_at, "%Y-%m-%dT%H:%M").replace(tzinfo=indonesian(upload.zone))
        # As it is kept; the first hours of the calendar are before it in UTC.
        at = at.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise EvidenceError("captured_at", "the moment of capture is written as YYYY-MM-DDTHH:MM") from None
    if at > now + dt.timedelta(minutes=5):
        raise EvidenceError("captured_at", "the moment of capture lies in the future; correct it")
    checks = {name: bool(upload.checks.get(name)) for name in CHECKS}
    return Capture(unicodedata.normalize("NFC", upload.name), by, at, upload.zone, checks)
