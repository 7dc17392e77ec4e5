"""Uploads whose owner has not started them yet: a file in the folder of the batch to be, and a note of whose it is.

A draft that nobody starts is no batch, and its folder goes with the next purge that finds it older than a day.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from pathlib import Path

from pilah_api.access import Caller, NotFoundError
from pilah_api.jobs.folder import BatchFolder
from pilah_api.jobs.looking import Look, look
from pilah_api.jobs.terms import BatchOptions
from pilah_api.limits import Bounds
from pilah_api.services.batches import Uploaded, make_batch
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store
from pilah_data.errors import PilahError
from pilah_model.judge import Judge

_NOTE, _STARTED, _LOOK = "draft.json", "started.json", "look.json"
_ID = re.compile(r"[0-9a-f]{32}")


def keep_draft(home: Path, uploaded: Uploaded, owner: str) -> None:
    """Note whose upload a folder holds."""
    body = {"owner": owner, **asdict(uploaded)}
    (BatchFolder(home, uploaded.batch_id).path / _NOTE).write_text(json.dumps(body), encoding="ascii")


def open_draft(home: Path, caller: Caller, batch_id: str) -> Uploaded:
    """Return an upload of a caller's that was not started. Raises NotFoundError."""
    note = _folder(home, batch_id).path / _NOTE
    try:
        body = json.loads(note.read_bytes())
    except FileNotFoundError:
        raise _unknown() from None
    if body.pop("owner") != caller.actor:
        raise _unknown()
    return Uploaded(**body)


def preview_draft(home: Path, uploaded: Uploaded, options: BatchOptions, bounds: Bounds) -> Look:
    """Look into a draft; the look by the usual options is taken once. Raises UploadError for what cannot be read in this way."""
    folder = _folder(home, uploaded.batch_id)
    source = folder.input()
    if source is None:
        raise _unknown()
    if options != BatchOptions():
        return look(source, uploaded.name, options, bounds)
    note = folder.path / _LOOK
    seen = _read_look(note, bounds)
    if seen is None:
        # A process of its own opens the file, which takes as long as many pages together.
        seen = look(source, uploaded.name, options, bounds)
        note.write_text(json.dumps({"bounds": asdict(bounds), "look": asdict(seen)}), encoding="ascii")
    return seen


def start_draft(
    store: Store,
    home: Path,
    judge: Judge,
    uploaded: Uploaded,
    options: BatchOptions,
    bounds: Bounds,
    origin: Origin,
) -> None:
    """Make a batch of a draft, once however often it is asked for. Raises what `make_batch` raises; the draft then stays."""
    folder = _folder(home, uploaded.batch_id).path
    try:
        # Of two requests at once, one gets the note.
        os.rename(folder / _NOTE, folder / _STARTED)  # noqa: PTH104
    except FileNotFoundError:
        return
    (folder / _LOOK).unlink(missing_ok=True)
    try:
        make_batch(store, home, judge, uploaded, options, bounds, origin)
    except PilahError:
        os.rename(folder / _STARTED, folder / _NOTE)  # noqa: PTH104
        raise


def drop_draft(home: Path, uploaded: Uploaded) -> None:
    """Delete a draft and its file."""
    _folder(home, uploaded.batch_id).remove()


def _read_look(note: Path, bounds: Bounds) -> Look | None:
    """Return a look that was taken within the same bounds, or None."""
    try:
        body = json.loads(note.read_bytes())
    except (FileNotFoundError, ValueError):
        return None  # none was taken, or another request is writing it at this moment
    if body["bounds"] != asdict(bounds):
        return None
    kept = body["look"]
    return Look(
        tuple(kept["columns"]), kept["text_column"], kept["id_column"], tuple(tuple(row) for row in kept["rows"])
    )


def _folder(home: Path, batch_id: str) -> BatchFolder:
    # An id comes from an address: it must not lead anywhere else.
    if not _ID.fullmatch(batch_id):
        raise _unknown()
    return BatchFolder(home, batch_id)


def _unknown() -> NotFoundError:
    return NotFoundError("there is no such upload; it was started, given up, or deleted after a day")
