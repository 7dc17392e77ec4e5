"""Counts what a report shows: decisions, forms, confidences and dates; never a text, an id or a name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

from pilah_data.feeds import FeedRow
from pilah_data.feeds.rows import find_column
from pilah_data.taxonomy import Decision
from pilah_model.judgement import Judgement, ModelInfo

DATE_COLUMNS = (
    "created_at",
    "tanggal",
    "date",
    "datetime",
    "timestamp",
    "waktu",
    "published_at",
    "publish_date",
    "published",
    "post_created",
    "post_date",
    "comment_date",
    "create_time",
    "created",
    "tgl",
    "time",
)
"""Names under which exports keep the time of a post, in order of preference; compared without case, spaces and underscores."""
BINS = 7
"""Bins of the confidence, a tenth wide: the most probable of three labels has at least a third."""
_FIRST, _LAST = date(1990, 1, 1), date(2100, 1, 1)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b")
_SECONDS = re.compile(r"(\d{10})(\d{3})?(?:\.\d*)?")
_TWITTER = "%a %b %d %H:%M:%S %z %Y"


class Tally:
    """Counts by decision, form, tenth of confidence, and day; its size does not depend on the number of rows."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.model: ModelInfo | None = None
        self.decisions: Counter[Decision] = Counter()
        self.forms: Counter[str] = Counter()
        self.confidence = [0] * BINS
        self.days: Counter[tuple[date, Decision]] = Counter()
        self.undated: Counter[Decision] = Counter()
        self._dates: str | None = None

    @property
    def dated(self) -> bool:
        """Return whether the feed has a column of dates."""
        return self._dates is not None

    def begin(self, columns: Sequence[str], model: ModelInfo) -> None:
        """Look for a column of dates among those of the feed."""
        self.model, self._dates = model, find_column(None, DATE_COLUMNS, columns, "", "")

    def add(self, row: FeedRow, judgement: Judgement) -> None:
        """Count one judged row."""
        self.decisions[judgement.decision] += 1
        self.forms.update(form.code for form in judgement.forms)
        self.confidence[min(max(int(judgement.confidence * 10) - 3, 0), BINS - 1)] += 1
        if self._dates is not None:
            day = day_of(row.cell(self._dates))
            if day is None:
                self.undated[judgement.decision] += 1
            else:
                self.days[day, judgement.decision] += 1


def day_of(text: str) -> date | None:
    """Return the day of a date as exports write it (ISO 8601, day first, X's own, seconds since 1970); None if it is none."""
    text = text.strip()
    found = _iso(text) or _day_first(text) or _since_1970(text) or _of_x(text)
    return found if found is not None and _FIRST <= found < _LAST else None


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text[4:5] == "-" else None
    except ValueError:
        return None


def _day_first(text: str) -> date | None:
    if (found := _DAY_FIRST.match(text)) is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def _since_1970(text: str) -> date | None:
    found = _SECONDS.fullmatch(text)
    return datetime.fromtimestamp(int(found[1]), UTC).date() if found else None


def _of_x(text: str) -> date | None:
    try:
        return datetime.strptime(text, _TWITTER).date()
    except ValueError:
        return None
