"""A judgement as one line of JSON: what a worker sends, what a shard on disk holds, what the output is written from.

Nothing is rounded, so that an output written from lines is the one that would have been written from judgements.
"""

from __future__ import annotations

import json

from pilah_model.judgement import Judgement, ModelInfo
from pilah_model.judgement_rows import as_row, of_row


def as_line(judgement: Judgement) -> str:
    """Return a judgement without its id and model as one line, without the line end."""
    return json.dumps(as_row(judgement), separators=(",", ":"))


def of_line(line: str, model: ModelInfo) -> Judgement:
    """Return the judgement of a line; raises ValueError, KeyError or TypeError for one that `as_line` did not write."""
    return of_row(json.loads(line), model)
