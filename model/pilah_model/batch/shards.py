"""Cuts a feed into shards: runs of rows in their order, and the texts among them that nobody has judged yet.

Which texts a shard holds depends on the feed alone - not on speed, number of workers, or where a run was cut off; and so do the
bytes of the output.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pilah_data.feeds import FeedRow, RowProblem

REMEMBERED = 32_768
"""Distinct texts that are remembered, the latest used; a copy of an older one is judged again."""
_CHARACTERS = 2_000_000
"""A shard of long texts ends here, so that memory does not depend on how long posts are."""


class Slot:
    """The place of a judgement that several rows may share, filled when the shard that owns it has been judged."""

    __slots__ = ("line",)

    def __init__(self) -> None:
        """Begin without a judgement."""
        self.line = ""


@dataclass(slots=True)
class Shard:
    """Consecutive rows; `texts` are new in it, `slots` wait for their judgements; `lines` of a text file end with it.

    `contexts` are those of the texts, None where there is none.
    """

    number: int
    entries: list[tuple[FeedRow, Slot] | RowProblem] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    contexts: list[str | None] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    name: str = ""
    lines: int = 0

    def fill(self, lines: Iterable[str]) -> None:
        """Hand out the judgements, one for each text; raises ValueError for too few or too many."""
        for slot, line in zip(self.slots, lines, strict=True):
            slot.line = line


class Planner:
    """Cuts the rows of a feed into shards and remembers the latest texts."""

    def __init__(self, rows_per_shard: int, remembered: int = REMEMBERED):
        """Begin with nothing remembered."""
        self._rows, self._remembered = rows_per_shard, remembered
        self._known: OrderedDict[bytes, Slot] = OrderedDict()

    def shards(self, rows: Iterable[FeedRow | RowProblem]) -> Iterator[Shard]:
        """Yield the shards."""
        shard, content, characters, lines = Shard(0), hashlib.sha256(), 0, 0
        for row in rows:
            lines += 1
            if isinstance(row, RowProblem):
                shard.entries.append(row)
            else:
                shard.entries.append((row, self._slot(_key(row), row, shard, content)))
                characters += len(row.text) + len(row.context or "")
                lines += sum(value.count("\n") for value in row.fields.values() if isinstance(value, str))
            if len(shard.entries) >= self._rows or characters >= _CHARACTERS:
                yield _closed(shard, content.hexdigest(), lines)
                shard, content, characters = Shard(shard.number + 1), hashlib.sha256(), 0
        if shard.entries:
            yield _closed(shard, content.hexdigest(), lines)

    def _slot(self, key: bytes, row: FeedRow, shard: Shard, content: hashlib._Hash) -> Slot:
        if (known := self._known.get(key)) is not None:
            self._known.move_to_end(key)
            return known
        slot = self._known[key] = Slot()
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)
        content.update(key)
        shard.texts.append(row.text)
        shard.contexts.append(row.context)
        shard.slots.append(slot)
        return slot


def _key(row: FeedRow) -> bytes:
    """Return what copies share: the text and, where there is one, the context."""
    key = hashlib.blake2b(row.text.encode("utf-8", "surrogatepass"), digest_size=16)
    if row.context is not None:
        # Its length before it, so that no text runs into a context.
        key.update(f"\0{len(row.context)}\0{row.context}".encode("utf-8", "surrogatepass"))
    return key.digest()


def _closed(shard: Shard, content: str, lines: int) -> Shard:
    shard.name, shard.lines = f"{shard.number:08d}-{content[:32]}", lines
    return shard
