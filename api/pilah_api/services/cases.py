"""Cases: opened by officers, filled, moved step by step; each act is checked against the rules and recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pilah_api.access import CASE_OFFICERS, OFFICERS, Caller, ConflictError, ForbiddenError, Person, Role
from pilah_api.services.cases_clock import Almanac, Countdown
from pilah_api.services.cases_fields import BY_NAME, Section
from pilah_api.services.cases_sources import values_from
from pilah_api.services.cases_states import COUNTED_STATES, EVIDENCE, State, writers
from pilah_api.services.cases_values import (
    FieldFault,
    InvalidFieldsError,
    Value,
    Wrong,
    indonesian,
    kept_as,
    read_values,
    values_of,
)
from pilah_api.store.audit import Origin
from pilah_api.store.case_posts import KeptJudgement
from pilah_api.store.case_records import KeptCase, Step
from pilah_api.store.evidence import Exhibit
from pilah_api.store.units import Store, Unit
from pilah_data.errors import InputError

AT_OPENING = ("kind", "unit", "known_on")
"""Without these a case cannot be opened: where it comes from, where it belongs, and since when the clock runs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as one caller may see it: with what names people (`unsealed`) or without."""

    case: KeptCase
    values: Mapping[str, Value]
    steps: tuple[Step, ...]
    exhibits: tuple[Exhibit, ...]
    judgement: KeptJudgement | None
    unsealed: bool

    @property
    def state(self) -> State:
        """Return where the case stands."""
        return State(self.case.state)

    @property
    def needs(self) -> Mapping[str, Value]:
        """Return the values together with what moves ask for beside them."""
        return with_facts(self.values, self.case.stage, len(self.exhibits))


def number_of(case: KeptCase) -> str:
    """Return the number by which people call a case: its date of opening and the end of its id."""
    return f"K-{case.created_at:%Y%m%d}-{case.id[-6:].upper()}"


def running_countdown(case: KeptCase, almanac: Almanac, today: dt.date) -> Countdown | None:
    """Return what is left of the time limit of a case; None once it has ended, or if nobody knows when it began."""
    return almanac.countdown(case.known_on, today) if case.known_on and case.state in COUNTED_STATES else None


def with_facts(values: Mapping[str, Value], stage: str | None, files: int) -> dict[str, Value]:
    """Return values together with the stage and the number of files, by which needs ask."""
    return {**values, "stage": stage or "", EVIDENCE: str(files) if files else ""}


def open_case(
    unit: Unit, person: Person, given: Mapping[str, object], almanac: Almanac, *, post_id: str | None = None
) -> str:
    """Open a case by hand or from a stored post; return its id. Raises InvalidFieldsError, NotFoundError or ConflictError."""
    require_role(person, CASE_OFFICERS, "open a case")
    brought = values_from(unit, post_id) if post_id is not None else {}
    values = {**brought, **{name: value for name, value in _read(given, unit.now, almanac).items() if value}}
    missing = [FieldFault(name, Wrong.MISSING) for name in AT_OPENING if not values.get(name)]
    if missing:
        raise InvalidFieldsError(missing)
    columns, contents = kept_as(values, stage_of(values, almanac))
    case_id = unit.cases.add(State.MASUK, person.id, columns, contents)
    if post_id is not None:
        unit.case_posts.take(post_id, case_id)
    detail = {"from": "post" if post_id else "hand", "post": post_id or "", "fields": sorted(values)}
    unit.audit.append("case.opened", object_of(case_id), detail)
    return case_id


def see_case(store: Store, caller: Caller, case_id: str, origin: Origin) -> Seen:
    """Return a case: unsealed, and recorded as viewed, for those who work on it; sealed for everyone else.

    Raises NotFoundError.
    """
    with store.reading() as unit:
        seen = look(unit, caller, case_id)
    if seen.unsealed:
        with store.writing(origin) as unit:
            # Once more: what is shown is what the record speaks of.
            seen = look(unit, caller, case_id)
            unit.audit.append("case.viewed", object_of(case_id), {"sealed": not seen.unsealed})
    return seen


def look(unit: Unit, caller: Caller, case_id: str) -> Seen:
    """Return a case as a caller may see it, without recording it; for acts that are recorded themselves."""
    case = unit.cases.get(case_id, unsealed=False)
    unsealed = case.erased_at is None and works_on(unit, caller, case_id)
    if unsealed:
        case = unit.cases.get(case_id, unsealed=True)
    return Seen(
        case,
        values_of(case),
        tuple(unit.cases.steps(case_id, unsealed=unsealed)),
        tuple(unit.evidence.of(case_id, unsealed=unsealed)),
        unit.case_posts.judgement(case_id),
        unsealed,
    )


def works_on(unit: Unit, caller: Caller, case_id: str) -> bool:
    """Return whether a caller is a person who joined the case in a role that works on cases."""
    person = caller.person
    may = person is not None and person.roles & OFFICERS
    return bool(may and person and unit.cases.is_member(case_id, person.id))


def join_case(unit: Unit, person: Person, case_id: str, *, no_interest: bool) -> bool:
    """Let a person work on a case, who declares to be no kin, rival, superior or subordinate; return whether they are new.

    Raises NotFoundError, ForbiddenError or InputError.
    """
    require_role(person, OFFICERS, "work on a case")
    case = unit.cases.get(case_id, unsealed=False)
    if case.erased_at is not None:
        raise ConflictError("the case was erased; nothing of it can be worked on")
    if not no_interest:
        raise InputError("declare that no kinship, rivalry or line of command stands between you and the case")
    joined = unit.cases.join(case_id, person.id)
    if joined:
        unit.audit.append("case.joined", object_of(case_id), {"declared_no_interest": True})
    return joined


def change_case(
    unit: Unit, person: Person, case_id: str, version: int, given: Mapping[str, object], almanac: Almanac
) -> int:
    """Fill fields of a case; return its new version.

    Raises NotFoundError, ForbiddenError, ConflictError, StaleError or InvalidFieldsError.
    """
    require_member(unit, person, case_id)
    case = unit.cases.hold(case_id, version)
    before = values_of(case)
    read = _read(given, unit.now, almanac)
    changed = {name: value for name, value in read.items() if value != before.get(name, _empty(name))}
    for section in {BY_NAME[name].section for name in changed}:
        _require_writer(person, section, State(case.state))
    if not changed:
        return case.version
    values = {name: value for name, value in {**before, **changed}.items() if value}
    if missing := [FieldFault(name, Wrong.MISSING) for name in AT_OPENING if not values.get(name)]:
        raise InvalidFieldsError(missing)
    new = unit.cases.change(case_id, *kept_as(values, stage_of(values, almanac)))
    unit.audit.append("case.changed", object_of(case_id), {"version": new, "fields": _difference(before, changed)})
    return new


def require_member(unit: Unit, person: Person, case_id: str) -> None:
    """Raise ForbiddenError unless a person works on a case, NotFoundError if there is none."""
    unit.cases.get(case_id, unsealed=False)
    if not works_on(unit, Caller(person=person), case_id):
        raise ForbiddenError("only those who work on the case may do this; join it first")


def require_role(person: Person, roles: frozenset[Role], act: str) -> Role:
    """Return the role by which a person may act. Raises ForbiddenError."""
    fitting = sorted(person.roles & roles)
    if not fitting:
        raise ForbiddenError(f"your roles do not allow to {act}; ask one of: {', '.join(sorted(roles))}")
    return fitting[-1]


def _require_writer(person: Person, section: Section, state: State) -> None:
    roles = writers(section, state)
    if not roles:
        raise ConflictError(f"the section {section} is not filled while a case is {state}")
    require_role(person, roles, f"fill the section {section} while a case is {state}")


def _read(given: Mapping[str, object], now: dt.datetime, almanac: Almanac) -> dict[str, Value]:
    # The easternmost zone is the first to see a new day.
    today = now.astimezone(indonesian("WIT")).date()
    return read_values(given, today, [one.id for one in almanac.stages.elections])


def stage_of(values: Mapping[str, Value], almanac: Almanac) -> str | None:
    """Return the code of the stage that a case falls into, or None while it has no day."""
    period = almanac.period_of(values)
    return period.value if period is not None else None


def _empty(name: str) -> Value:
    return () if BY_NAME[name].kind == "choices" else ""


def _difference(before: Mapping[str, Value], changed: Mapping[str, Value]) -> dict[str, object]:
    """Return old and new of what names nobody, and of the rest only that it was changed."""
    return {
        name: "changed" if BY_NAME[name].group.sealed else {"old": before.get(name, ""), "new": value}
        for name, value in changed.items()
    }


def object_of(case_id: str) -> str:
    """Return how the audit names a case."""
    return f"case:{case_id}"
