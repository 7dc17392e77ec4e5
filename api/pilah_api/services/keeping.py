"""How long things are kept: the periods, the purge that enforces them, and erasure with its tombstone in the audit."""

from __future__ import annotations

import datetime as dt
import logging
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pilah_api.services.act_reasons import checked_reason
from pilah_api.services.deciding import drop_due, note_erased
from pilah_api.store.audit import Origin
from pilah_api.store.engine import DATABASE_FILE
from pilah_api.store.posts import PostState
from pilah_api.store.sessions import FORGET_AFTER
from pilah_api.store.units import Store, Unit

POSTS_LAST = {PostState.BUTUH_KONTEKS: dt.timedelta(days=30), PostState.TINJAU: dt.timedelta(days=90)}
"""How long undecided posts are kept; what passed never is, what belongs to a case lasts as long as the case."""
RETRIES_LAST = dt.timedelta(days=1)
EVIDENCE_FOLDER, BATCH_FOLDER = "evidence", "batches"
ORPHANS_AFTER = dt.timedelta(days=1)
"""A file that the database does not know is left alone for so long: it may belong to work that is under way."""
SET_ASIDE = f"{DATABASE_FILE}.before-"
"""How the name begins of a database that a restored one took the place of."""
_BATCH, _EVIDENCE = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}")

log = logging.getLogger("pilah.keeping")


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge deleted, by kind, and in sentences what it could not delete or did not look for."""

    counts: dict[str, int]
    left: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Return how many things were deleted."""
        return sum(self.counts.values())


def purge(store: Store, home: Path, origin: Origin) -> Purged:
    """Delete what has had its time, and files that nothing refers to; every run is recorded."""
    # Before the look at the database: what is added in between is not among them.
    found = _Found.at(home, store.now())
    with store.writing(origin) as unit:
        orphans = found.orphans(unit)
        files = list(orphans)
        # All that is to go is held before the audit is: whoever holds one of these waits for the audit, and never the other way.
        due = unit.retention.due_cases(hold=True)
        decided = drop_due(unit)
        counts = {f"posts.{state}": unit.retention.drop_posts(state, age) for state, age in POSTS_LAST.items()}
        counts["posts.selesai"] = len(decided)
        batches = unit.retention.drop_batches()
        spent = unit.retention.drop_spent_access(RETRIES_LAST, FORGET_AFTER)
        files += [home / BATCH_FOLDER / batch for batch in batches]
        note_erased(unit, decided)
        for case in due:
            files += erase_within(unit, home, case, "archive schedule")
        counts |= {"batches": len(batches), "cases": len(due), "orphans": len(orphans)}
        counts |= spent
        unit.audit.append("purge", "store", counts)
    # After the commit: a file too many is found by the next purge, a file too few by nobody.
    left = remove_files(files)
    if found.aside:
        left.append(
            f"files that nothing refers to were not looked for: {found.aside} may know them; delete it once compared"
        )
    return Purged(counts, tuple(left))


def foresee(store: Store, home: Path) -> dict[str, int]:
    """Return what a purge would delete now, by kind, as the purge itself counts; nothing is changed."""
    found = _Found.at(home, store.now())
    with store.reading() as unit:
        counts = unit.retention.due(POSTS_LAST, RETRIES_LAST, FORGET_AFTER)
        return counts | {"orphans": len(found.orphans(unit))}


def erase_case(store: Store, home: Path, case_id: str, reason: str, origin: Origin) -> tuple[str, ...]:
    """Take away everything that names the person concerned; a tombstone in the audit says what, when and why.

    Returns in sentences which files could not be deleted, which later purges try again, and which uploaded feeds still
    hold posts of the case until their own date.

    Raises NotFoundError, ConflictError, and InputError without a reason.
    """
    cleaned = checked_reason(reason, "the erasure")
    with store.writing(origin) as unit:
        feeds = unit.dossiers.feeds(case_id)
        files = erase_within(unit, home, case_id, cleaned)
    left = [
        f"batch {feed.id} still holds the uploaded feed with posts of the case; it is deleted after {feed.expires_at:%Y-%m-%d}"
        for feed in feeds
    ]
    return tuple(remove_files(files) + left)


@dataclass(frozen=True, slots=True)
class _Found:
    """Files and folders of ours that were not changed lately, and the name of a database that was put aside, if any."""

    batches: tuple[Path, ...]
    evidence: tuple[Path, ...]
    aside: str | None

    @classmethod
    def at(cls, home: Path, now: dt.datetime) -> _Found:
        aside = next(iter(sorted(path.name for path in home.glob(f"{SET_ASIDE}*"))), None)
        if aside is not None:
            return cls((), (), aside)
        batches, evidence = _old(home / BATCH_FOLDER, _BATCH, now), _old(home / EVIDENCE_FOLDER, _EVIDENCE, now)
        return cls(tuple(batches), tuple(evidence), None)

    def orphans(self, unit: Unit) -> list[Path]:
        """Return those that the database does not know."""
        known_batches, known = unit.retention.batch_ids(), unit.retention.evidence_hashes()
        orphans = [path for path in self.batches if path.name not in known_batches]
        # A database without any case is a new one, set up beside another's evidence.
        return orphans + ([] if known is None else [path for path in self.evidence if path.name not in known])


def erase_within(unit: Unit, home: Path, case_id: str, reason: str) -> list[Path]:
    """Erase a case within a unit; return the files to remove once it is committed. Raises NotFoundError or ConflictError."""
    erased = unit.retention.erase_case(case_id)
    detail = {"posts": erased.posts, "evidence": list(erased.evidence), "reason": reason}
    unit.audit.append("erasure", f"case:{case_id}", detail)
    return [home / EVIDENCE_FOLDER / sha256 for sha256 in erased.evidence]


def _old(folder: Path, name: re.Pattern[str], now: dt.datetime) -> list[Path]:
    """Return what lies in a folder under a name of ours and was not changed lately."""
    latest = (now - ORPHANS_AFTER).timestamp()
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in found if name.fullmatch(path.name) and path.lstat().st_mtime < latest]


def remove_files(files: Iterable[Path]) -> list[str]:
    """Delete files and folders; one that cannot be deleted keeps no other from it, and is returned in a sentence."""
    left = []
    for path in files:
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            why = error.strerror or type(error).__name__
            left.append(
                f"{path.parent.name}/{path.name} could not be deleted ({why}); mend that, and purge again later"
            )
            log.warning("not deleted: %s", left[-1])
    return left
