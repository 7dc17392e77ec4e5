"""What requests and answers about batches look like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from pilah_api.schemas import Strict
from pilah_api.store.batches import Progress


class BatchOptionsOut(Strict):
    """How the feed is read and judged; null where Pilah finds out, or keeps everything."""

    text_column: str | None
    id_column: str | None
    context_column: str | None
    format: str | None
    encoding: str | None
    sheet: str | None
    explain: bool
    only: list[str] | None


class BatchOut(Strict):
    """A feed that is being judged, or was; rows count once the shard that holds them is finished."""

    id: str
    state: str = Field(description="waiting, running, done, failed or cancelled.")
    name: str = Field(description="Name of the uploaded file.")
    owner: str = Field(description="Who made it, as a reference.")
    options: BatchOptionsOut
    rows_total: int | None = Field(description="null until the feed has been read through.")
    rows_done: int
    rows_failed: int = Field(description="Rows that cannot be judged; /errors lists them.")
    rate: float | None = Field(description="Rows a second: in the last minute, or on the whole once it is over.")
    eta_seconds: float | None = Field(description="How long the rest takes at this rate; null if that cannot be told.")
    error: str | None = Field(description="Why it failed.")
    decisions: dict[str, int] | None = Field(description="Posts by decision, once done.")
    notes: list[str] | None = Field(description="What is worth knowing of how the feed was read, once done.")
    sent_to_queue: int | None = Field(description="Posts that were sent to the review queue; null if none were.")
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    expires_at: dt.datetime = Field(description="When it is deleted with its results.")


class BatchesPage(Strict):
    """Batches, newest first."""

    items: list[BatchOut]
    next: str | None = Field(description="Send it as `cursor` to go on; null at the end.")


def batch_out(batch: Progress, summary: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a batch as JSON values; `summary` is that of its results, where they are at hand."""
    options = {name: batch.options.get(name) for name in BatchOptionsOut.model_fields}
    return BatchOut(
        id=batch.id,
        state=batch.state,
        name=batch.name,
        owner=batch.owner,
        options=BatchOptionsOut.model_validate({**options, "explain": bool(options["explain"])}),
        rows_total=batch.rows_total if batch.planned else None,
        rows_done=batch.rows_done,
        rows_failed=batch.rows_failed,
        rate=None if batch.rate is None else round(batch.rate, 1),
        eta_seconds=None if batch.seconds_left is None else round(batch.seconds_left, 1),
        error=batch.error,
        decisions=None if summary is None else summary["tally"]["decisions"],
        notes=None if summary is None else summary["notes"],
        sent_to_queue=batch.sent,
        created_at=batch.created_at,
        started_at=batch.started_at,
        finished_at=batch.finished_at,
        expires_at=batch.expires_at,
    ).model_dump(mode="json")


_TEXT = {"type": "string"}
UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "CSV, TSV, JSON, JSON lines, XLSX, XLS, ODS, Parquet, an account export, or a zip of such.",
                        },
                        "text_column": {
                            **_TEXT,
                            "description": "Column that holds the text; found by its name unless given.",
                        },
                        "id_column": {**_TEXT, "description": "Column that identifies a post."},
                        "context_column": {
                            **_TEXT,
                            "description": (
                                "Column with the post that is answered; reviewers see it, and the model gets it as a post's `context`."
                            ),
                        },
                        "format": {**_TEXT, "description": "Format of the file; told from what is in it unless given."},
                        "encoding": {
                            **_TEXT,
                            "description": "Encoding of a text file; told from its bytes unless given.",
                        },
                        "sheet": {**_TEXT, "description": "Sheet of a workbook; the first with posts unless given."},
                        "only": {**_TEXT, "description": "Decisions to keep in the results, as tinjau,butuh_konteks."},
                        "explain": {
                            "type": "boolean",
                            "description": "Add the words that carry the judgement (slower).",
                        },
                    },
                }
            }
        },
    }
}
"""The body of an upload for the description of the interface; the route reads it as it arrives."""
