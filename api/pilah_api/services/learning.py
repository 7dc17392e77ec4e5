"""The learning loop's first step: what reviewers decided goes out, masked, by an explicit act; cases only if asked for by name.

What was found lawful is deleted soon after its decision, so an export holds little of it: the labelled posts of the project must
stay beside it in training.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pilah_api.services.act_reasons import checked_reason
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store, Unit
from pilah_data.feedback import to_line
from pilah_data.records import text_id
from pilah_data.taxonomy import Label


@dataclass(slots=True)
class Exported:
    """How many posts go out, by label, and how many stay: still under review, of a case, or there twice."""

    labels: Counter[str] = field(default_factory=Counter)
    undecided: int = 0
    in_cases: int = 0
    repeated: int = 0

    @property
    def posts(self) -> int:
        """Return how many posts go out."""
        return self.labels.total()

    @property
    def left_out(self) -> int:
        """Return how many reviewed posts stay."""
        return self.undecided + self.in_cases + self.repeated


@dataclass(frozen=True, slots=True)
class Ready:
    """How many decided posts there are by label, how many are still under review, and how many belong to cases.

    A text that is there several times counts so often; an export holds it once.
    """

    labels: Mapping[str, int]
    undecided: int
    in_cases: int

    @property
    def posts(self) -> int:
        """Return how many posts an export holds at most."""
        return sum(self.labels.values())


def count_ready(store: Store) -> Ready:
    """Return what there is for an export now; nothing is written or recorded, and no text is read."""
    with store.reading() as unit:
        labels, in_cases = unit.feedback.counts()
        return Ready(labels, unit.feedback.open(), in_cases)


def export_feedback(
    store: Store, write: Callable[[str], object], reason: str, origin: Origin, *, with_cases: bool = False
) -> Exported:
    """Write reviewed posts as lines of `pilah_data.feedback`, masked once more; the act is recorded with its reason first.

    Posts of cases stay unless asked for. Raises InputError without a reason.
    """
    cleaned = checked_reason(reason, "the export")
    found = Exported()
    with store.reading() as unit:
        lines = list(_lines(unit, found, with_cases=with_cases))
    detail = {"posts": found.posts, "labels": dict(found.labels), "with_cases": with_cases, "reason": cleaned}
    with store.writing(origin) as unit:
        unit.audit.append("feedback.exported", "store", detail)
    for line in lines:
        write(line)
    return found


def _lines(unit: Unit, found: Exported, *, with_cases: bool) -> Iterator[str]:
    seen: set[str] = set()
    found.undecided = unit.feedback.open()
    for post in unit.feedback.decided():
        if post.in_case and not with_cases:
            found.in_cases += 1
        elif (key := text_id(post.text)) in seen:
            found.repeated += 1
        else:
            seen.add(key)
            found.labels[post.outcome] += 1
            yield to_line(post.text, Label(post.outcome), post.forms)
