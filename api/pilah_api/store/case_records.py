"""What the store hands out and takes in about cases: plain, frozen, without a row behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pilah_data.errors import PilahError

Values = Mapping[str, Any]


class StaleError(PilahError):
    """Somebody else changed a case since it was read; `version` is the present one."""

    def __init__(self, detail: str, version: int):
        super().__init__(detail)
        self.version = version


@dataclass(frozen=True, slots=True)
class Contents:
    """What is known in a case, by where it is kept; only `facts` names nobody and lies open."""

    facts: Values = field(default_factory=dict)
    identity: Values = field(default_factory=dict)
    reporter: Values = field(default_factory=dict)
    content: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptCase:
    """A case as it is stored; `sealed` says whether what is encrypted was left out."""

    id: str
    state: str
    version: int
    unit: str
    stage: str | None
    happened_on: dt.date | None
    known_on: dt.date | None
    opened_by: str
    created_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    retain_until: dt.datetime | None
    erased_at: dt.datetime | None
    contents: Contents
    sealed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A move of a case; `reason` is None where it was not asked for or is erased."""

    number: int
    source: str
    target: str
    person_id: str
    role: str
    reason: str | None
    taken_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of a case that have a column of their own."""

    unit: str
    stage: str | None = None
    happened_on: dt.date | None = None
    known_on: dt.date | None = None
    retain_until: dt.datetime | None = None
