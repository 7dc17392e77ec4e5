"""How long things are kept: the periods, the purge that enforces them, and erasure with its tombstone in the audit."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from pilah_api.store.audit import Origin
from pilah_api.store.posts import PostState
from pilah_api.store.sessions import FORGET_AFTER
from pilah_api.store.units import Store, Unit
from pilah_data.errors import InputError

POSTS_LAST = {PostState.BUTUH_KONTEKS: dt.timedelta(days=30), PostState.TINJAU: dt.timedelta(days=90)}
"""How long undecided posts are kept; what passed never is, what belongs to a case lasts as long as the case."""
RETRIES_LAST = dt.timedelta(days=1)
EVIDENCE_FOLDER, BATCH_FOLDER = "evidence", "batches"
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge deleted, by kind."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        """Return how many things were deleted."""
        return sum(self.counts.values())


def purge(store: Store, home: Path, origin: Origin) -> Purged:
    """Delete what has had its time; running it again changes nothing, and every run is recorded."""
    files: list[Path] = []
    with store.writing(origin) as unit:
        counts = {f"posts.{state}": unit.retention.drop_posts(state, age) for state, age in POSTS_LAST.items()}
        batches = unit.retention.drop_batches()
        files += [home / BATCH_FOLDER / batch for batch in batches]
        due = unit.retention.due_cases()
        for case in due:
            files += _erase(unit, home, case, "archive schedule")
        counts |= {"batches": len(batches), "cases": len(due)}
        counts |= unit.retention.drop_spent_access(RETRIES_LAST, FORGET_AFTER)
        unit.audit.append("purge", "store", counts)
    # After the commit: a file too many is found by the next purge, a file too few by nobody.
    _remove(files)
    return Purged(counts)


def erase_case(store: Store, home: Path, case_id: str, reason: str, origin: Origin) -> None:
    """Take away everything that names the person concerned; a tombstone in the audit says what, when and why.

    Raises NotFoundError, ConflictError, and InputError without a reason.
    """
    cleaned = " ".join(reason.split())
    if not 0 < len(cleaned) <= _LONGEST_REASON:
        raise InputError(f"give the reason of the erasure, in 1 to {_LONGEST_REASON} characters and without names")
    with store.writing(origin) as unit:
        files = _erase(unit, home, case_id, cleaned)
    _remove(files)


def _erase(unit: Unit, home: Path, case_id: str, reason: str) -> list[Path]:
    erased = unit.retention.erase_case(case_id)
    detail = {"posts": erased.posts, "evidence": list(erased.evidence), "reason": reason}
    unit.audit.append("erasure", f"case:{case_id}", detail)
    return [home / EVIDENCE_FOLDER / sha256 for sha256 in erased.evidence]


def _remove(files: list[Path]) -> None:
    for path in files:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
