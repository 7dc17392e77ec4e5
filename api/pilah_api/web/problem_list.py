"""The list of rows that could not be judged, as an officer takes it along: in the language of the pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pilah_api.web.reasons import worded
from pilah_api.web.texts import Texts
from pilah_model.batch.columns import guarded


def problem_lines(place: Path | None, texts: Texts) -> Iterator[str]:
    """Yield the lines of the list that a batch keeps in English; with no list, the names of its columns alone."""
    # Spreadsheets take UTF-8 for what it is only with this mark.
    yield "\ufeff" + texts("files.problem_columns") + "\r\n"
    if place is None:
        return
    with place.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        for number, column, reason, where in rows:
            line = io.StringIO()
            # Row 0 is a file of an archive as a whole. What the list holds is guarded already.
            row = texts("files.problem_whole") if number == "0" else number
            csv.writer(line).writerow((row, column, guarded(worded(reason, texts).text), where))
            yield line.getvalue()
