"""A text under change that remembers, for every character, where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Edit = tuple[int, int, str]
"""Replace the characters [start, end) of the current text by a string; edits are sorted and do not overlap."""


@dataclass(frozen=True, slots=True)
class MappedText:
    """A text and, for each of its characters, the half-open span of the original it stands for.

    `starts` and `ends` have the length of `text`; offsets count characters (code points) of the original.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, original: str) -> MappedText:
        """Wrap an unchanged text: every character stands for itself."""
        return cls(original, range(len(original)), range(1, len(original) + 1))

    def apply(self, edits: Sequence[Edit]) -> MappedText:
        """Return the text after the edits.

        A replacement of equal length maps one to one, unless it was only padded to that length; any other to the whole span.
        """
        if not edits:
            return self
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for start, end, replacement in edits:
            pieces += (self.text[at:start], replacement)
            starts += self.starts[at:start]
            ends += self.ends[at:start]
            padded = replacement[:1].isspace() and not self.text[start].isspace()
            if len(replacement) == end - start and not padded:
                starts += self.starts[start:end]
                ends += self.ends[start:end]
            elif replacement:
                starts += [self.starts[start]] * len(replacement)
                ends += [self.ends[end - 1]] * len(replacement)
            at = end
        pieces.append(self.text[at:])
        starts += self.starts[at:]
        ends += self.ends[at:]
        return MappedText("".join(pieces), starts, ends)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Translate a non-empty span of the changed text into the span of the original it covers.

        Raises ValueError for an empty or outside span.
        """
        if not 0 <= start < end <= len(self.text):
            message = f"span [{start}, {end}) is empty or outside a text of {len(self.text)} characters"
            raise ValueError(message)
        return min(self.starts[start:end]), max(self.ends[start:end])


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return the text after the edits without keeping the map (the fast path of training and batch scoring)."""
    if not edits:
        return text
    pieces: list[str] = []
    at = 0
    for start, end, replacement in edits:
        pieces += (text[at:start], replacement)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)
