"""Moves of cases from state to state, and their erasure; every one is checked against the rules and recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pilah_api.access import ConflictError, ForbiddenError, Person, Role
from pilah_api.services.act_reasons import checked_reason
from pilah_api.services.cases import Seen, object_of, require_member, require_role, stage_of, with_facts
from pilah_api.services.cases_clock import Almanac
from pilah_api.services.cases_states import CLOSED_DAYS, ERASABLE, Move, State, find_move, moves_from
from pilah_api.services.cases_values import FieldFault, InvalidFieldsError, Wrong, values_of
from pilah_api.services.keeping import erase_within, remove_files
from pilah_api.store.audit import Origin
from pilah_api.store.case_records import Step
from pilah_api.store.units import Store, Unit
from pilah_data.errors import InputError

LONGEST_REASON = 5000


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that a person could make, and what still stands in the way: fields by name, or an earlier step of theirs."""

    move: Move
    missing: tuple[str, ...]
    barred: bool

    @property
    def is_open(self) -> bool:
        """Return whether the move can be made now."""
        return not self.missing and not self.barred


def move_case(
    unit: Unit, person: Person, case_id: str, version: int, target: State, reason: str, almanac: Almanac
) -> int:
    """Move a case; return its new version.

    Raises NotFoundError, ForbiddenError, ConflictError, StaleError, InputError, and InvalidFieldsError for what is missing.
    """
    require_member(unit, person, case_id)
    case = unit.cases.hold(case_id, version)
    move = find_move(State(case.state), target)
    if move is None:
        raise ConflictError(f"no case goes from {case.state} to {target}")
    role = require_role(person, move.roles, f"move a case from {case.state} to {target}")
    steps = unit.cases.steps(case_id, unsealed=False)
    if is_barred(move, person, steps):
        raise ForbiddenError("the second reading is by somebody else than the first; ask a colleague")
    values = values_of(case)
    facts = with_facts(values, stage_of(values, almanac), unit.evidence.total(case_id)[0])
    if missing := move.missing(facts):
        raise InvalidFieldsError([FieldFault(name, Wrong.MISSING) for name in missing])
    text = reason.replace("\r\n", "\n").strip()
    if (move.reason and not text) or len(text) > LONGEST_REASON:
        raise InputError(f"give the reason of this step, in 1 to {LONGEST_REASON} characters")
    closed = target in (State.DITUTUP, State.ARSIP)
    until = None if case.state == State.DITUTUP else case.retain_until
    if target is State.DITUTUP:
        until = unit.now + dt.timedelta(days=CLOSED_DAYS)
    new = unit.cases.move(case_id, target, person.id, role, text, closed=closed, retain_until=until)
    detail: dict[str, object] = {"from": case.state, "to": target.value, "role": role.value, "version": new}
    for name in ("recommendation", "result", "objection_on", "objection_result"):
        if values.get(name):
            detail[name] = values[name]
    unit.audit.append("case.appealed" if target is State.KEBERATAN else "case.moved", object_of(case_id), detail)
    return new


def offers(seen: Seen, person: Person) -> list[Offer]:
    """Return the moves that the roles of a person allow, with what still stands in the way of each."""
    return [
        Offer(move, tuple(move.missing(seen.needs)), is_barred(move, person, seen.steps))
        for move in moves_from(seen.state)
        if move.roles & person.roles
    ]


def is_barred(move: Move, person: Person, steps: Sequence[Step]) -> bool:
    """Return whether a person's own earlier step, of the present round, keeps them from a move."""
    for step in reversed(steps):
        if step.target == State.TRIASE:
            return False
        if step.source in move.other_than and step.person_id == person.id:
            return True
    return False


def erase(store: Store, home: Path, person: Person, case_id: str, reason: str, origin: Origin) -> tuple[str, ...]:
    """Erase a closed case at the word of a supervisor; return in sentences which files could not be deleted.

    Raises NotFoundError, ForbiddenError, ConflictError, and InputError without a reason.
    """
    cleaned = checked_reason(reason, "the erasure")
    with store.writing(origin) as unit:
        require_role(person, frozenset({Role.PENYELIA}), "erase a case")
        require_member(unit, person, case_id)
        case = unit.cases.get(case_id, unsealed=False)
        if case.state not in ERASABLE:
            raise ConflictError(f"the case is {case.state}; close or archive it before it is erased")
        files = erase_within(unit, home, case_id, cleaned)
    return tuple(remove_files(files))
