"""What follows from the decisions on a post: the next round or the outcome; no storage and no web in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pilah_data.taxonomy import Label


class Basis(StrEnum):
    """On what an outcome rests."""

    SATU = "satu_penelaah"
    DUA = "dua_sepakat"
    MAYORITAS = "mayoritas"
    BEDA = "tiga_berbeda"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from decisions: the next round, or the outcome with its basis."""

    next_round: int | None = None
    outcome: Label | None = None
    basis: Basis | None = None


def verdict(labels: Sequence[Label]) -> Verdict:
    """Return what follows from the labels of the decisions so far, in the order of their rounds.

    Whatever is not partisan needs one reviewer; partisan needs two who agree, else a third; three that differ need context.
    """
    first, *others = labels
    if not others:
        return Verdict(next_round=2) if first is Label.PARTISAN else Verdict(outcome=first, basis=Basis.SATU)
    if len(others) == 1:
        return Verdict(outcome=first, basis=Basis.DUA) if others[0] is first else Verdict(next_round=3)
    label, votes = Counter(labels).most_common(1)[0]
    if votes > 1:
        return Verdict(outcome=label, basis=Basis.MAYORITAS)
    return Verdict(outcome=Label.PERLU_KONTEKS, basis=Basis.BEDA)
