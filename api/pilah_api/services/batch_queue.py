"""Sends the posts of a finished batch that a person must look at to the review queue, when somebody asks for it."""

from __future__ import annotations

from pathlib import Path

from pilah_api.access import Caller, ConflictError
from pilah_api.jobs.results import Finding, ResultRow, Results
from pilah_api.services import queueing
from pilah_api.services.batches import open_results
from pilah_api.services.classification import well_formed
from pilah_api.services.queueing import Incoming
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store, Unit
from pilah_data.taxonomy import Decision
from pilah_model.batch.tally import date_columns

TO_REVIEW = (Decision.TINJAU, Decision.BUTUH_KONTEKS)
"""Decisions whose posts go to the queue."""
_AT_ONCE = 100
"""Posts of one unit of work, so that nobody else waits long for the database."""


def count_to_review(results: Results) -> int:
    """Return how many posts of a batch would go to the queue."""
    return sum(len(results.find(Finding(decision))) for decision in TO_REVIEW)


def send_to_queue(store: Store, home: Path, caller: Caller, batch_id: str, origin: Origin) -> int:
    """Store the posts of a batch that are to be reviewed, masked, each once; return how many this call stored.

    A call that was cut off is gone on with by the next. Raises NotFoundError, and ConflictError for a batch that is not
    finished, that has nothing to review, or that was sent before.
    """
    with store.reading() as unit:
        _, results = open_results(unit, home, caller, batch_id)
    places = sorted(int(place) for decision in TO_REVIEW for place in results.find(Finding(decision)))
    if not places:
        raise ConflictError("no post of this batch needs a review")
    stored = 0
    while (sent := _send_some(store, results, places, batch_id, origin)) > 0:
        stored += sent
    if not stored:
        raise ConflictError("the posts of this batch are in the review queue already")
    return stored


def _send_some(store: Store, results: Results, places: list[int], batch_id: str, origin: Origin) -> int:
    """Send the next posts and note how far it is, in one unit; return how many."""
    with store.writing(origin) as unit:
        begin = unit.batches.hold_sending(batch_id) or 0
        chosen = places[begin : begin + _AT_ONCE]
        if not chosen:
            return 0
        for found in results.rows(chosen):
            _send(unit, results, found, batch_id, origin)
        unit.batches.note_sent(batch_id, begin + len(chosen))
        unit.audit.append("batch.sent_to_queue", f"batch:{batch_id}", {"posts": len(chosen), "of": len(places)})
    return len(chosen)


def _send(unit: Unit, results: Results, found: ResultRow, batch_id: str, origin: Origin) -> None:
    row, context = found.row, results.summary["context_column"]
    facts: dict[str, object] = {"row": row.number}
    # The time of a post tells the stage of the election; all else of an export is left behind.
    if dated := next(filter(None, map(row.cell, date_columns(row.fields))), None):
        facts["date"] = _storable(dated)
    about = (_storable(row.cell(context)) or None) if context else None
    post = Incoming(_storable(row.text), found.judgement, about, facts)
    queueing.send_to_queue(unit, [post], origin.actor, batch_id)


def _storable(text: str) -> str:
    """Return a text without what a database refuses: half characters, and NUL."""
    return well_formed(text).replace("\x00", "\ufffd")
