"""The states of a case and the moves between them, as data: who may make a move, and what must be filled before.

After the flow of supervision by Bawaslu and BKN: intake, triage, two readings by different people, clarification, recommendation,
result, objection, archive. No move sends anything; what is passed on is exported and carried by people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pilah_api.access import CASE_OFFICERS, Role
from pilah_api.services.cases_fields import FORWARDS, Section
from pilah_api.services.cases_values import Value
from pilah_api.store.retention import ERASED


class State(StrEnum):
    """Where a case stands."""

    MASUK = "masuk"
    TRIASE = "triase"
    BUTUH_KONTEKS = "butuh_konteks"
    TELAAH_1 = "telaah_1"
    TELAAH_2 = "telaah_2"
    KLARIFIKASI = "klarifikasi"
    REKOMENDASI = "rekomendasi"
    HASIL = "hasil"
    KEBERATAN = "keberatan"
    DITUTUP = "ditutup"
    ARSIP = "arsip"
    DIHAPUS = ERASED


EVIDENCE = "evidence"
"""Name under which the number of a case's files stands among its values."""


@dataclass(frozen=True, slots=True)
class Need:
    """What must be there before a move: one of these fields, with one of these values if any are named.

    `when` names another field and the values with which the need arises at all; without values, any will do.
    """

    fields: tuple[str, ...]
    among: tuple[str, ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None

    def is_met(self, values: Mapping[str, Value]) -> bool:
        """Return whether the values fulfil the need, or do not give rise to it."""
        if self.when is not None and not self._arises(values, *self.when):
            return True
        filled = [values.get(name) for name in self.fields if values.get(name)]
        return any(value in self.among for value in filled) if self.among else bool(filled)

    @staticmethod
    def _arises(values: Mapping[str, Value], name: str, among: tuple[str, ...]) -> bool:
        return values.get(name) in among if among else bool(values.get(name))


def _filled(*names: str, when: tuple[str, tuple[str, ...]] | None = None) -> tuple[Need, ...]:
    return tuple(Need((name,), when=when) for name in names)


# Formal conditions: who reports, who is reported, and that the time limit can be counted (UU 7/2017 art. 454, Perbawaslu 7/2022 art. 15).
FORMAL = (
    *_filled("kind", "known_on", "unit", "party_name"),
    *_filled("reporter_name", "reporter_address", when=("kind", ("laporan",))),
)
# Material conditions: time and place, what happened, evidence; and that the account belongs to the person (else there is no case).
MATERIAL = (
    Need(("nip", "nik")),
    *_filled("status", "platform", "account", "url", "visibility", "identified_by", "identified_note"),
    Need(("fake_account",), among=("tidak",)),
    *_filled("happened_on", "happened_at", "zone", "place", "description", "text", "parent", "picture"),
    *_filled("contestant", "forms"),
    *_filled("uniform", "office_hours", "facility", "witnesses", "malicious"),
    *_filled("reporter_conflict", when=("kind", ("laporan",))),
    *_filled("outside_reason", when=("stage", ("T0",))),
    Need((EVIDENCE,)),
)
CLARIFIED = (
    *_filled("clarified", "clarified_on"),
    *_filled("clarification", "accidental", when=("clarified", ("diberikan",))),
)
RECOMMENDED = (
    *_filled("recommendation", "recommendation_reason"),
    *_filled("recipient", when=("recommendation", FORWARDS)),
)
DECIDED = _filled("result", "result_on", "result_by")
OBJECTED = _filled("objection_on", "objection_to", "objection_reason")
_ANSWERS = ("dikabulkan", "sebagian", "ditolak")
ANSWERED = (
    Need(("objection_result",), among=_ANSWERS),
    *_filled("objection_result_on"),
    Need(("appeal_result",), among=_ANSWERS, when=("appeal_on", ())),
    *_filled("appeal_to", "appeal_result_on", when=("appeal_on", ())),
)


@dataclass(frozen=True, slots=True)
class Move:
    """A way from one state to another: who may go it, what must be filled, and whose earlier step bars them.

    `other_than` names states: whoever moved a case out of one of them may not make this move too.
    """

    source: State
    target: State
    roles: frozenset[Role]
    needs: tuple[Need, ...] = ()
    reason: bool = True
    other_than: tuple[State, ...] = ()

    def missing(self, values: Mapping[str, Value]) -> list[str]:
        """Return the fields that must still be filled, or filled otherwise, before this move; of alternatives the first."""
        return [need.fields[0] for need in self.needs if not need.is_met(values)]


_READ = frozenset({Role.PENELAAH, Role.PENYELIA})
_LEAD = frozenset({Role.PENYELIA})
_S = State

MOVES: tuple[Move, ...] = (
    Move(_S.MASUK, _S.TRIASE, CASE_OFFICERS, FORMAL, reason=False),
    Move(_S.MASUK, _S.DITUTUP, CASE_OFFICERS),
    Move(_S.TRIASE, _S.TELAAH_1, CASE_OFFICERS, (*FORMAL, *MATERIAL), reason=False),
    Move(_S.TRIASE, _S.BUTUH_KONTEKS, CASE_OFFICERS),
    Move(_S.TRIASE, _S.DITUTUP, CASE_OFFICERS),
    Move(_S.BUTUH_KONTEKS, _S.TRIASE, CASE_OFFICERS),
    Move(_S.BUTUH_KONTEKS, _S.DITUTUP, CASE_OFFICERS),
    Move(_S.TELAAH_1, _S.TELAAH_2, _READ, (*FORMAL, *MATERIAL)),
    Move(_S.TELAAH_1, _S.TRIASE, _READ),
    Move(_S.TELAAH_1, _S.DITUTUP, _READ),
    # Four eyes: the second reading is by somebody else than the first.
    Move(_S.TELAAH_2, _S.KLARIFIKASI, _LEAD, (*FORMAL, *MATERIAL), other_than=(_S.TELAAH_1,)),
    Move(_S.TELAAH_2, _S.TRIASE, _READ, other_than=(_S.TELAAH_1,)),
    Move(_S.TELAAH_2, _S.DITUTUP, _READ, other_than=(_S.TELAAH_1,)),
    Move(_S.KLARIFIKASI, _S.REKOMENDASI, _LEAD, CLARIFIED, reason=False),
    Move(_S.KLARIFIKASI, _S.DITUTUP, _LEAD, CLARIFIED),
    Move(_S.REKOMENDASI, _S.DITUTUP, _LEAD, (*CLARIFIED, *RECOMMENDED, Need(("recommendation",), among=("ditutup",)))),
    Move(
        _S.REKOMENDASI,
        _S.HASIL,
        _LEAD,
        (*CLARIFIED, *RECOMMENDED, Need(("recommendation",), among=("pembinaan", *FORWARDS))),
        reason=False,
    ),
    Move(_S.HASIL, _S.KEBERATAN, _LEAD, (*DECIDED, *OBJECTED), reason=False),
    Move(_S.HASIL, _S.DITUTUP, _LEAD, (*DECIDED, Need(("result",), among=("bukan_pelanggaran",)))),
    Move(_S.HASIL, _S.ARSIP, _LEAD, (*DECIDED, *_filled("retain_until")), reason=False),
    Move(_S.KEBERATAN, _S.HASIL, _LEAD, ANSWERED),
    Move(_S.KEBERATAN, _S.DITUTUP, _LEAD, (*ANSWERED, Need(("result",), among=("bukan_pelanggaran",)))),
    Move(_S.KEBERATAN, _S.ARSIP, _LEAD, (*ANSWERED, *_filled("retain_until"))),
    # New facts, or a mistake of ours.
    Move(_S.DITUTUP, _S.TRIASE, _LEAD),
)

OPEN_STATES = tuple(state for state in State if state not in (State.DITUTUP, State.ARSIP, State.DIHAPUS))
COUNTED_STATES = (
    State.MASUK,
    State.TRIASE,
    State.BUTUH_KONTEKS,
    State.TELAAH_1,
    State.TELAAH_2,
    State.KLARIFIKASI,
)
"""States in which the seven days still run: until somebody recommends what is to be done."""
ERASABLE = frozenset({State.DITUTUP, State.ARSIP})
"""States in which a person may have a case erased before its time."""
CLOSED_DAYS = 30
"""A case closed as no violation is erased after so many days: time for its copy, a correction or an objection."""

_INTAKE = frozenset({State.MASUK, State.TRIASE, State.BUTUH_KONTEKS})
_LATER = frozenset({State.TELAAH_1, State.TELAAH_2, State.KLARIFIKASI, State.REKOMENDASI, State.HASIL, State.KEBERATAN})

_WRITERS: dict[Section, dict[frozenset[State], frozenset[Role]]] = {
    **{
        section: {_INTAKE: CASE_OFFICERS, _LATER: _LEAD}
        for section in (
            Section.ASAL,
            Section.TERLAPOR,
            Section.AKUN,
            Section.PERISTIWA,
            Section.KIRIMAN,
            Section.DINAS,
        )
    },
    Section.KLARIFIKASI: {
        frozenset({State.KLARIFIKASI}): CASE_OFFICERS,
        frozenset({State.REKOMENDASI, State.HASIL, State.KEBERATAN}): _LEAD,
    },
    Section.REKOMENDASI: {frozenset({State.REKOMENDASI, State.HASIL, State.KEBERATAN}): _LEAD},
    Section.HASIL: {frozenset({State.HASIL, State.KEBERATAN}): _LEAD},
    Section.KEBERATAN: {frozenset({State.HASIL, State.KEBERATAN}): _LEAD},
}

EVIDENCE_STATES = _INTAKE | _LATER
"""States in which evidence may be added."""


def moves_from(state: State) -> tuple[Move, ...]:
    """Return the moves out of a state, in the order in which they are offered."""
    return tuple(move for move in MOVES if move.source is state)


def find_move(source: State, target: State) -> Move | None:
    """Return the move between two states, or None if there is none."""
    return next((move for move in MOVES if (move.source, move.target) == (source, target)), None)


def writers(section: Section, state: State) -> frozenset[Role]:
    """Return the roles that may write a section in a state."""
    return next((roles for states, roles in _WRITERS[section].items() if state in states), frozenset())
