"""The stage engine: which stage of which election a day falls into, and which rules may then be relevant; all of it data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pilah_data.tables import Table, open_toml
from pilah_data.taxonomy import Stage

ELECTIONS_FILE = "elections.toml"
"""Name of the list, here and in a data folder that replaces it."""
_OURS = Path(__file__).with_name(ELECTIONS_FILE)


class Period(StrEnum):
    """A stage of an election by the calendar; T0 is every day outside of the others."""

    T0 = "T0"
    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"

    @property
    def side(self) -> Stage | None:
        """Return which column of the forms' references holds, or None outside of all stages."""
        if self is Period.T0:
            return None
        return Stage.SEBELUM_PENETAPAN if self is Period.T1 else Stage.SESUDAH_PENETAPAN


class RuleKind(StrEnum):
    """Which body of rules a stage points to."""

    UMUM = "umum"
    KODE_ETIK = "kode_etik"
    DISIPLIN = "disiplin"


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """What may be relevant in a stage; a hint, never a ruling."""

    period: Period
    title: str
    kind: RuleKind
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class Phase:
    """A stage of one election; both days belong to it."""

    period: Period
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Election:
    """An election with its stages in order, where it is held, and the election law that goes with it."""

    id: str
    name: str
    region: str
    law: str
    phases: tuple[Phase, ...]

    def period_on(self, day: dt.date) -> Period:
        """Return the stage of a day, T0 outside of all."""
        return next((phase.period for phase in self.phases if phase.first <= day <= phase.last), Period.T0)


@dataclass(frozen=True, slots=True)
class Found:
    """The stage of a day: by which election, if by any, and what may be relevant."""

    election: Election | None
    rule: PeriodRule


@dataclass(frozen=True, slots=True)
class Stages:
    """All elections and the rules of every stage, as of the date on which the list was drawn up."""

    as_of: dt.date
    rules: Mapping[Period, PeriodRule]
    elections: tuple[Election, ...]

    def on(self, day: dt.date, election_id: str | None = None) -> list[Found]:
        """Return the stages of a day, by one election or by all; outside of all of them the one answer is T0."""
        asked = [one for one in self.elections if election_id is None or one.id == election_id]
        found = [(one, one.period_on(day)) for one in asked]
        within = [Found(one, self.rules[period]) for one, period in found if period is not Period.T0]
        return within or [Found(asked[0] if election_id and asked else None, self.rules[Period.T0])]


def read_stages(path: Path | None = None) -> Stages:
    """Read a list of elections, or the one that comes with Pilah. Raises InputError or DataError naming table and field."""
    return _read(path) if path is not None else _shipped()


@cache
def _shipped() -> Stages:
    return _read(_OURS)


def _read(path: Path) -> Stages:
    top = open_toml(path)
    as_of = top.date("as_of")
    rules: dict[Period, PeriodRule] = {}
    for table in top.tables("rule"):
        rule = _rule(table)
        if rule.period in rules:
            raise table.bad("stage", f"{rule.period} stands there twice")
        rules[rule.period] = rule
    if missing := [period for period in Period if period not in rules]:
        raise top.bad("rule", f"no rule for {', '.join(missing)}")
    elections = tuple(_election(table) for table in top.tables("election"))
    if len({one.id for one in elections}) < len(elections):
        raise top.bad("election", "two elections have the same id")
    top.close()
    return Stages(as_of, rules, elections)


def _period(table: Table) -> Period:
    code = table.text("stage")
    if code not in tuple(Period):
        raise table.bad("stage", f"{code!r} is not one of {', '.join(Period)}")
    return Period(code)


def _rule(table: Table) -> PeriodRule:
    kind = table.text("kind")
    if kind not in tuple(RuleKind):
        raise table.bad("kind", f"{kind!r} is not one of {', '.join(RuleKind)}")
    rule = PeriodRule(_period(table), table.text("title"), RuleKind(kind), table.text("basis"), table.text("note"))
    table.close()
    return rule


def _election(table: Table) -> Election:
    phases: list[Phase] = []
    for part in table.tables("phase"):
        phase = Phase(_period(part), part.date("from"), part.date("until"))
        part.close()
        if phase.period is Period.T0:
            raise part.bad("stage", "T0 is what lies outside of the others; leave it out")
        if phase.last < phase.first:
            raise part.bad("until", "the stage ends before it begins")
        if phases and phase.first <= phases[-1].last:
            raise part.bad("from", "the stage begins before the one above it has ended")
        phases.append(phase)
    election = Election(table.text("id"), table.text("name"), table.text("region"), table.text("law"), tuple(phases))
    table.close()
    return election
