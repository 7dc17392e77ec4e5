"""Counts what the authored corpus holds against what was asked of it, and how evenly it treats contestants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pilah_data.records import AuthoredPost, NameRole, NameType
from pilah_data.taxonomy import PREDICTED_FORMS, SUBTYPES, Label

PER_TYPE_TOLERANCE = 0.10
"""Of each type of name, no role may be more frequent than another by more than this share."""
OVERALL_TOLERANCE = 0.05
"""The same for all types together."""

NOT_CONTESTANTS = frozenset({NameType.DAERAH})
"""Types of names that nobody votes for."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the coverage table: what was counted, how many there are, and how many were asked for."""

    name: str
    count: int
    least: int

    @property
    def met(self) -> bool:
        """Whether there are enough."""
        return self.count >= self.least


@dataclass(frozen=True, slots=True)
class Balance:
    """How often names of one type (or of all) are supported, attacked and named neutrally."""

    name: str
    roles: dict[NameRole, int]
    tolerance: float

    @property
    def gap(self) -> float:
        """Return by what share the commonest role exceeds the rarest; infinite where one is missing."""
        rarest = min(self.roles.values())
        return max(self.roles.values()) / rarest - 1 if rarest else float("inf")

    @property
    def met(self) -> bool:
        """Whether the roles are even enough."""
        return self.gap <= self.tolerance


def coverage(posts: Sequence[AuthoredPost]) -> list[Cell]:
    """Return the coverage table of the authored corpus."""
    forms = Counter(form for post in posts for form in post.forms)
    subtypes = Counter(post.subtype for post in posts)
    labels = Counter(post.label for post in posts)
    lookalikes = sum(post.label is Label.BUKAN_POLITIK and post.subtype is not None for post in posts)
    return [
        Cell("posts", len(posts), 6000),
        Cell("counterfactual groups", len({post.group for post in posts if post.group}), 1500),
        *(Cell(form, forms[form], 250) for form in PREDICTED_FORMS),
        *(Cell(subtype, subtypes[subtype], 200) for subtype in SUBTYPES),
        Cell(f"{Label.BUKAN_POLITIK} look-alikes (with a sub-type)", lookalikes, 500),
        Cell(Label.PERLU_KONTEKS, labels[Label.PERLU_KONTEKS], 200),
    ]


def balance(posts: Iterable[AuthoredPost]) -> list[Balance]:
    """Return the roles of names by type, and of all types together; regions are left out."""
    by_type = {type_: dict.fromkeys(NameRole, 0) for type_ in NameType if type_ not in NOT_CONTESTANTS}
    for post in posts:
        for name in post.names:
            if name.type in by_type:
                by_type[name.type][name.role] += 1
    together = {role: sum(roles[role] for roles in by_type.values()) for role in NameRole}
    return [
        *(Balance(type_.value, roles, PER_TYPE_TOLERANCE) for type_, roles in by_type.items()),
        Balance("all types", together, OVERALL_TOLERANCE),
    ]


def without_lawful_twin(posts: Iterable[AuthoredPost]) -> list[str]:
    """Return the groups that hold a partisan post and none that is not."""
    labels: dict[str, set[Label]] = defaultdict(set)
    for post in posts:
        if post.group is not None:
            labels[post.group].add(post.label)
    return sorted(group for group, held in labels.items() if held == {Label.PARTISAN})
