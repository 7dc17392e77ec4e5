"""What would change a decision: the smallest set of marked words without which the proposal would be a milder one.

Martens and Provost, "Explaining data-driven document classifications" (2014): a minimal set of words whose removal changes the
class. Here only words that the occlusion marked are taken, every set of up to three of the strongest is tried, and larger ones
are built from the strongest words and then thinned out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pilah_data.taxonomy import Decision
from pilah_model.explanation import Span, without
from pilah_model.judgement import Evidence

MOST_WORDS = 24
"""With more marked words, the marked spans are taken as wholes."""
STRONGEST = 8
"""Words of which every pair and triple is tried; together 92 variants with the single ones."""
_TRIED_IN_FULL = 3
_SLICE = 16
_SEVERITY = {Decision.LOLOS: 0, Decision.BUTUH_KONTEKS: 1, Decision.TINJAU: 2}

Reading = tuple[Decision, float]
"""The decision on a text and its partisan probability."""
Read = Callable[[Sequence[str]], Sequence[Reading]]
_Choice = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Turning:
    """The smallest set found, as spans of the original text, and the decision without it.

    Without spans, removing marked words does not change the decision; or, where not `complete`, there was no time to find out.
    """

    spans: tuple[Span, ...] = ()
    words: int = 0
    decision: Decision | None = None
    complete: bool = True


class _OutOfTimeError(Exception):
    pass


def find_turning(
    text: str, decision: Decision, evidence: Sequence[Evidence], read: Read, in_time: Callable[[], bool]
) -> Turning:
    """Search the set for one judged text; `in_time` is asked before every 16 variants that `read` gets."""
    units = _units(text, evidence)
    try:
        found = _Search(text, units, decision, read, in_time).run()
    except _OutOfTimeError:
        return Turning(complete=False)
    if found is None:
        return Turning()
    chosen, then = found
    return Turning(_joined(text, [units[i] for i in chosen]), len(chosen), then)


@dataclass(frozen=True, slots=True)
class _Search:
    text: str
    units: list[Span]
    decision: Decision
    read: Read
    in_time: Callable[[], bool]

    def run(self) -> tuple[_Choice, Decision] | None:
        """Return the smallest choice of units that changes the decision, or None."""
        every = range(len(self.units))
        single = self._read([(i,) for i in every])
        if best := self._mildest(single):
            return best
        order = sorted(every, key=lambda i: single[(i,)][1] if (i,) in single else 1.0)
        for size in range(2, _TRIED_IN_FULL + 1):
            tried = self._read([*itertools.combinations(sorted(order[:STRONGEST]), size)])
            if best := self._mildest(tried):
                return best
        return self._grown(order)

    def _grown(self, order: list[int]) -> tuple[_Choice, Decision] | None:
        prefixes = [tuple(sorted(order[:size])) for size in range(_TRIED_IN_FULL + 1, len(order) + 1)]
        read = self._read(prefixes)
        found = next((choice for choice in prefixes if choice in read and self._milder(read[choice])), None)
        if found is None:
            return None
        then = read[found][0]
        # The weakest goes first: what is left is a set of which every word is needed.
        for unit in reversed([i for i in order if i in found]):
            fewer = tuple(i for i in found if i != unit)
            reading = self._read([fewer]).get(fewer)
            if reading and self._milder(reading):
                found, then = fewer, reading[0]
        return found, then

    def _read(self, choices: list[_Choice]) -> dict[_Choice, Reading]:
        """Read the text without each choice; a choice that leaves nothing to read is left out."""
        variants = [(choice, without(self.text, [self.units[i] for i in choice])) for choice in choices]
        variants = [(choice, left) for choice, left in variants if re.search(r"\w", left)]
        read: dict[_Choice, Reading] = {}
        for start in range(0, len(variants), _SLICE):
            if not self.in_time():
                raise _OutOfTimeError
            part = variants[start : start + _SLICE]
            readings = self.read([left for _, left in part])
            read |= {choice: reading for (choice, _), reading in zip(part, readings, strict=True)}
        return read

    def _milder(self, reading: Reading) -> bool:
        return _SEVERITY[reading[0]] < _SEVERITY[self.decision]

    def _mildest(self, read: dict[_Choice, Reading]) -> tuple[_Choice, Decision] | None:
        milder = {choice: reading for choice, reading in read.items() if self._milder(reading)}
        if not milder:
            return None
        choice = min(milder, key=lambda one: milder[one][1])
        return choice, milder[choice][0]


def _units(text: str, evidence: Sequence[Evidence]) -> list[Span]:
    spans = sorted((e.start, e.end) for e in evidence)
    words = [*_words(text, spans)]
    return words if len(words) <= MOST_WORDS else spans


def _words(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    for start, end in spans:
        yield from (match.span() for match in re.compile(r"\S+").finditer(text, start, end))


def _joined(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join units that only white space keeps apart."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
