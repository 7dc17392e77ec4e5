"""The three steps of a batch: read and cut the upload, judge a shard, put the results together.

Each may be done by any worker, at any time again, with the same outcome; what is unfinished is never seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pilah_api.jobs.finishing import RowsFile
from pilah_api.jobs.folder import BatchFolder, GoneError, MixedError, Task
from pilah_api.jobs.reading import reading
from pilah_api.jobs.terms import SHARD_ROWS, Terms
from pilah_api.limits import Bounds
from pilah_api.store.shards import Part
from pilah_data.feeds import Feed, RowProblem
from pilah_model.batch.hands import InProcess
from pilah_model.batch.manifest import Fingerprint
from pilah_model.batch.shards import Planner, Shard
from pilah_model.judge import Judge

_AT_ONCE = {False: 32, True: 4}
"""Texts that are judged between two looks at whether to go on, without and with evidence, which costs forty times as much."""


class Hold(Protocol):
    """The lease of a step; raises when the work must stop."""

    def check(self) -> None:
        """Raise whatever ends the work early."""


@dataclass(frozen=True, slots=True)
class Work:
    """A batch as its steps need it."""

    folder: BatchFolder
    terms: Terms
    fingerprint: str
    bounds: Bounds

    @property
    def source(self) -> Path:
        """Return the upload. Raises GoneError."""
        found = self.folder.input()
        if found is None:
            raise GoneError(f"the folder of the batch is not at {self.folder.path}")
        return found

    def shards(self, hold: Hold) -> Iterator[tuple[Feed, Iterator[Shard]]]:
        """Yield, once, the feed and the shards into which it is cut: the same whenever and wherever that is done."""
        with reading(self.source, self.terms.options, self.bounds) as (feed, rows):
            yield feed, _checked(Planner(SHARD_ROWS).shards(rows), hold)


def plan(work: Work, hold: Hold) -> list[Part]:
    """Read the upload through, keep the texts of every shard, and return the shards. Raises FeedError, MixedError."""
    if Fingerprint(work.source).sha256 != work.terms.sha256:
        raise MixedError("the uploaded file is not what it was when it was uploaded; upload it again")
    parts: list[Part] = []
    for _, shards in work.shards(hold):
        for shard in shards:
            if shard.texts:
                task = Task(shard.name, tuple(shard.texts), tuple(shard.contexts))
                work.folder.write_task(shard.number, task, work.fingerprint)
            failed = sum(isinstance(entry, RowProblem) for entry in shard.entries)
            parts.append(Part(len(shard.entries), failed, open=bool(shard.texts)))
    return parts


def judge_shard(work: Work, number: int, judge: Judge, hold: Hold) -> None:
    """Judge the texts of a shard and keep the judgements. Raises MixedError."""
    task = work.folder.read_task(number, work.fingerprint)
    if work.folder.load(number, task.name, len(task.texts), work.fingerprint) is not None:
        return
    lines: list[str] = []
    hand, explain = InProcess(judge), work.terms.options.explain
    step = _AT_ONCE[explain]
    for at in range(0, len(task.texts), step):
        hold.check()
        some = slice(at, at + step)
        lines += hand.judge(task.texts[some], explain=explain, contexts=task.contexts[some])
    hold.check()
    work.folder.save(number, task.name, lines, work.fingerprint)


def assemble(work: Work, judge: Judge, token: str, hold: Hold) -> None:
    """Put the results together from the upload and the judgements of all shards. Raises FeedError, MixedError."""
    if work.folder.finished.is_dir():
        return
    place = work.folder.new_finished(token)
    for feed, shards in work.shards(hold):
        with RowsFile(place, feed, judge, work.terms) as rows:
            for shard in shards:
                shard.fill(_lines(work, shard))
                rows.add(shard.entries)
            rows.finish()
    hold.check()
    work.folder.publish(place)


def _lines(work: Work, shard: Shard) -> Sequence[str]:
    if not shard.texts:
        return []
    lines = work.folder.load(shard.number, shard.name, len(shard.texts), work.fingerprint)
    if lines is None:
        raise MixedError(
            f"the judgements of part {shard.number} are missing, damaged or of other texts; upload the file again"
        )
    return lines


def _checked(shards: Iterator[Shard], hold: Hold) -> Iterator[Shard]:
    for shard in shards:
        hold.check()
        yield shard
