"""Counts what a report shows: decisions, forms, confidences and dates; never a text, an id or a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pilah_data.feeds import FeedRow
from pilah_data.feeds.columns import named_like
from pilah_data.taxonomy import Decision
from pilah_model.batch.dates import Order, Written, as_day, day_of, written_of
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
    "create_time_iso",
    "created_time",
    "comment_create_timestamp",
    "live_chat_create_timestamp",
    "stempel_waktu_pembuatan_komentar",
    "posted_at",
    "taken_at",
    "upload_date",
    "tanggal_posting",
    "tanggal_unggah",
    "waktu_unggah",
    "created",
    "tgl",
    "time",
)
"""Names under which exports keep the time of a post, in order of preference; compared without case, spaces and underscores."""
BINS = 7
"""Bins of the confidence, a tenth wide: the most probable of three labels has at least a third."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Posts by day and decision, those without a day, and how day and month were read; None if no date left that open.

    `order` is "each" where the columns of several files write them in different orders.
    """

    days: Counter[tuple[date, Decision]]
    undated: Counter[Decision]
    order: Order | Literal["each"] | None


def date_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that are called like the time of a post, the preferred first."""
    return tuple(named_like(DATE_COLUMNS, columns))


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
        self._dates: tuple[str, ...] = ()
        self._written: Counter[tuple[str, Written, Decision]] = Counter()
        self._settled: Order | Literal["each"] | None = None

    @property
    def dated(self) -> bool:
        """Return whether the feed has a column of dates."""
        return bool(self._dates)

    def begin(self, columns: Sequence[str], model: ModelInfo) -> None:
        """Look for columns of dates among those of the feed; the files of a folder may have different ones."""
        self.model, self._dates = model, date_columns(columns)

    def as_json(self) -> dict[str, object]:
        """Return what was counted as plain JSON values, from which `of_json` makes an equal tally."""
        timeline = self.timeline()
        return {
            "decisions": {decision.value: n for decision, n in self.decisions.items()},
            "forms": dict(self.forms),
            "confidence": self.confidence,
            "dated": self.dated,
            "days": [[day.isoformat(), decision.value, n] for (day, decision), n in sorted(timeline.days.items())],
            "undated": {decision.value: n for decision, n in timeline.undated.items()},
            "order": timeline.order,
        }

    @classmethod
    def of_json(cls, body: Mapping[str, Any], model: ModelInfo | None = None) -> Tally:
        """Return the tally that `as_json` described; nothing more can be added to it."""
        tally = cls()
        tally.model, tally._dates, tally._settled = model, ("",) if body["dated"] else (), body["order"]
        tally.decisions = Counter({Decision(name): n for name, n in body["decisions"].items()})
        tally.forms, tally.confidence = Counter(body["forms"]), list(body["confidence"])
        tally.days = Counter({(date.fromisoformat(day), Decision(name)): n for day, name, n in body["days"]})
        tally.undated = Counter({Decision(name): n for name, n in body["undated"].items()})
        return tally

    def add(self, row: FeedRow, judgement: Judgement) -> None:
        """Count one judged row."""
        self.decisions[judgement.decision] += 1
        self.forms.update(form.code for form in judgement.forms)
        self.confidence[min(max(int(judgement.confidence * 10) - 3, 0), BINS - 1)] += 1
        if self._dates:
            self._add_date(row, judgement.decision)

    def timeline(self) -> Timeline:
        """Return what is known of the time of the posts, once all are counted; a column as a whole tells its order."""
        days, undated = Counter(self.days), Counter(self.undated)
        orders = {column: self._order(column) for column in {column for column, _, _ in self._written}}
        for (column, written, decision), count in self._written.items():
            if (day := as_day(written, orders[column])) is None:
                undated[decision] += count
            else:
                days[day, decision] += count
        if not orders:
            return Timeline(days, undated, self._settled)
        different = set(orders.values())
        return Timeline(days, undated, different.pop() if len(different) == 1 else "each")

    def _order(self, column: str) -> Order:
        written = [numbers for name, numbers, _ in self._written if name == column]
        day_first = any(first > 12 for first, _, _ in written)
        if any(second > 12 for _, second, _ in written):
            return "both" if day_first else "mdy"
        return "dmy"

    def _add_date(self, row: FeedRow, decision: Decision) -> None:
        for column in self._dates:
            text = row.cell(column)
            if (written := written_of(text)) is not None:
                self._written[column, written, decision] += 1
                return
            if (day := day_of(text)) is not None:
                self.days[day, decision] += 1
                return
        self.undated[decision] += 1
