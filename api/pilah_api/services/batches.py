"""Use cases of batches: making one, watching, cancelling, and handing out results; shared by the interface and the pages.

Who made a batch sees it. A penyelia sees all, results included; an administrator sees how far all are and may cancel
them, but reads no posts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilah_api.access import Caller, ConflictError, NotFoundError, Role
from pilah_api.jobs.folder import BatchFolder
from pilah_api.jobs.looking import UploadError, look
from pilah_api.jobs.results import Results
from pilah_api.jobs.terms import BatchOptions, Terms, model_key
from pilah_api.limits import Bounds
from pilah_api.services.retries import Answer, Retry, once
from pilah_api.store.audit import Origin
from pilah_api.store.batches import Progress
from pilah_api.store.units import Store, Unit
from pilah_data.taxonomy import Decision
from pilah_model.judge import Judge

BATCHES_LAST = dt.timedelta(days=7)
"""How long a batch and its files are kept."""
MOST_OPEN = 20
"""Unfinished batches that one person or program may have."""
_SUPERVISORS, _WATCHERS = frozenset({Role.PENYELIA}), frozenset({Role.PENYELIA, Role.ADMIN})
_YES = frozenset({"true", "1", "on", "yes", "ya"})
_NO = frozenset({"false", "0", "off", "no", "tidak", ""})
_TEXTS = ("text_column", "id_column", "context_column", "format", "encoding", "sheet")


class OptionError(UploadError):
    """An option of a batch cannot be meant; `field` names it."""

    def __init__(self, field: str, message: str):
        """Keep the field beside the sentence."""
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that lies in the folder of the batch to be made of it."""

    batch_id: str
    name: str
    size: int
    sha256: str


def read_options(fields: Mapping[str, list[str]]) -> BatchOptions:
    """Read the options of a batch from the fields of a form. Raises OptionError."""
    from pilah_data.feeds import FeedOptions  # noqa: PLC0415 - the commands of training do without it

    unknown = sorted(set(fields) - {*_TEXTS, "explain", "only", "csrf"})
    if unknown:
        raise OptionError(unknown[0][:60], "this field is not known; remove it or check its spelling")
    words = {name: fields[name][-1].strip("\r\n") or None if name in fields else None for name in _TEXTS}
    explain, only = _flag(fields.get("explain", ["false"])[-1]), _only(fields.get("only", []))
    return BatchOptions(FeedOptions(**words), explain, only)


def make_batch(
    store: Store,
    home: Path,
    judge: Judge,
    uploaded: Uploaded,
    options: BatchOptions,
    bounds: Bounds,
    origin: Origin,
    retry: Retry | None = None,
) -> Progress:
    """Look into an uploaded file and queue it; a repeated request gets the batch of the first, and its file is dropped.

    All of it will be judged by the thresholds of `judge`, whatever is moved meanwhile.

    Raises UploadError for a file that cannot be read, ConflictError for too many unfinished batches.
    """
    folder = BatchFolder(home, uploaded.batch_id)
    source = folder.input()
    if source is None:
        raise NotFoundError("the uploaded file is not there any more; upload it again")
    look(source, uploaded.name, options, bounds)
    thresholds, model = judge.policy.thresholds, model_key(judge)
    terms = Terms(options, uploaded.size, uploaded.sha256, bounds.characters, thresholds)

    def create() -> Answer:
        if unit.batches.count_open(origin.actor) >= MOST_OPEN:
            raise ConflictError(f"{MOST_OPEN} of your batches are unfinished; wait for one to end, or cancel one")
        unit.batches.add(
            origin.actor,
            uploaded.name,
            terms.as_json(),
            terms.fingerprint(model),
            BATCHES_LAST,
            batch_id=uploaded.batch_id,
            model=model,
        )
        # Neither the name of the file nor those of columns: either may name a person.
        detail = {"bytes": terms.size, "sha256": terms.sha256, "explain": options.explain, "thresholds": thresholds}
        unit.audit.append("batch.made", f"batch:{uploaded.batch_id}", detail)
        return Answer(kept := {"id": uploaded.batch_id}, kept)

    with store.writing(origin) as unit:
        answer, repeated = once(unit, retry, create)
        made = unit.batches.progress(answer["id"])
    if repeated:
        folder.remove()
    return made


def list_batches(unit: Unit, caller: Caller, before: str | None, limit: int) -> list[Progress]:
    """Return the batches that a caller sees, newest first."""
    return unit.batches.page(None if _has(caller, _WATCHERS) else caller.actor, before, limit)


def see_batch(unit: Unit, caller: Caller, batch_id: str) -> Progress:
    """Return a batch that a caller may watch. Raises NotFoundError for another's as for one that there is not."""
    return _seen(unit, caller, batch_id, _WATCHERS)


def may_read(caller: Caller, batch: Progress) -> bool:
    """Return whether a caller who sees a batch may also read its posts."""
    return batch.owner == caller.actor or _has(caller, _SUPERVISORS)


def cancel_batch(store: Store, home: Path, caller: Caller, batch_id: str, origin: Origin) -> Progress:
    """Cancel an unfinished batch and delete its files; one that is cancelled already stays so.

    Raises NotFoundError, and ConflictError for one that is finished.
    """
    with store.writing(origin) as unit:
        found = see_batch(unit, caller, batch_id)
        if not unit.batches.cancel(batch_id):
            if found.state != "cancelled":
                raise ConflictError(f"the batch is {found.state} and can no longer be cancelled")
            return found
        unit.audit.append("batch.cancelled", f"batch:{batch_id}", {"rows_done": found.rows_done})
        cancelled = unit.batches.progress(batch_id)
    BatchFolder(home, batch_id).remove()
    return cancelled


def open_results(unit: Unit, home: Path, caller: Caller, batch_id: str) -> tuple[Progress, Results]:
    """Return a finished batch with its results. Raises NotFoundError, and ConflictError for one that is not finished."""
    found = _seen(unit, caller, batch_id, _SUPERVISORS)
    if found.state != "done":
        raise ConflictError(f"the batch is {found.state}; it has no results" + (" yet" if found.is_open else ""))
    return found, Results(BatchFolder(home, batch_id).finished)


def note_download(store: Store, batch_id: str, what: str, origin: Origin) -> None:
    """Record that results, or the list of problems, are handed out."""
    with store.writing(origin) as unit:
        unit.audit.append("batch.downloaded", f"batch:{batch_id}", {"what": what})


def summary_of(home: Path, batch: Progress) -> Mapping[str, Any] | None:
    """Return what is known of a finished batch besides its progress; None for others, or where the files are not there."""
    if batch.state != "done":
        return None
    try:
        return Results(BatchFolder(home, batch.id).finished).summary
    except NotFoundError:
        return None


def _seen(unit: Unit, caller: Caller, batch_id: str, all_for: frozenset[Role]) -> Progress:
    found = unit.batches.progress(batch_id)
    if found.owner != caller.actor and not _has(caller, all_for):
        raise NotFoundError(f"there is no batch with the id {batch_id[:40]!r}")
    return found


def _has(caller: Caller, roles: frozenset[Role]) -> bool:
    return caller.person is not None and bool(roles & caller.person.roles)


def _flag(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise OptionError("explain", "give true or false")
    return text.lower() in _YES


def _only(texts: list[str]) -> frozenset[Decision] | None:
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    unknown = next((name for name in names if name not in tuple(Decision)), None)
    if unknown is not None:
        raise OptionError("only", f"there is no decision {unknown[:40]!r}; known are {', '.join(Decision)}")
    return frozenset(map(Decision, names)) or None
