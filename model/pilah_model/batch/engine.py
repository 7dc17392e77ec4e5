"""Scores a feed into a file: rows in their order, copies scored once, and nothing lost when the machine stops.

What has been judged lies shard by shard in the work folder beside the output. A resumed run reads the input again, takes
over the finished shards, judges the others and writes the output anew: so it writes what an uninterrupted run writes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pilah_data.feeds import FORMATS, Feed, FeedError, FeedRow, RowProblem, open_feed
from pilah_model.batch.folder import Start, WorkFolder
from pilah_model.batch.hands import Crew
from pilah_model.batch.intake import refuse_scored, unscored
from pilah_model.batch.manifest import Body, Fingerprint, check_same, manifest_of, named
from pilah_model.batch.options import ScoreOptions, Summary
from pilah_model.batch.output import Problems, Writer, open_writer
from pilah_model.batch.pipeline import Judged, Pipeline
from pilah_model.batch.places import check_places, problems_of, work_of
from pilah_model.batch.record import write_record
from pilah_model.batch.shards import Planner
from pilah_model.batch.tally import Tally
from pilah_model.batch.verdicts import of_line
from pilah_model.judgement import ModelInfo

Progress = Callable[[Summary], None]


def score_file(
    crew: Crew,
    source: Path | Sequence[Path],
    target: Path,
    options: ScoreOptions,
    progress: Progress = lambda _: None,
    *,
    start: Start = Start.NEW,
    tally: Tally | None = None,
) -> Summary:
    """Judge the posts of a feed, or of several as one, into `target`; rows that cannot be judged go to `target.errors.csv`.

    Both appear only when they are complete, and with them `target.pilah.json` (`record`). What is finished when a run ends
    early is kept in `target.pilah`, and `start` says what to do about such a folder. `tally`, if given, counts what a
    report needs. Raises InputError for an output that must not be written, UnfinishedError and WorkFolderError for a folder
    of another run, FeedError when the input cannot be read as a whole, WriteError when the output cannot be written,
    WorkerError when workers die.
    """
    sources = (source,) if isinstance(source, Path) else tuple(source)
    check_places(sources, target)
    folder = WorkFolder(work_of(target), start)
    run = _Run(crew, folder, sources, target, options, progress, tally or Tally())
    try:
        summary = run()
    except BaseException:
        folder.close(keep=folder.finished() > 0)
        raise
    folder.close(keep=False)
    return summary


class _Run:
    """One run over an input, from the check of its columns to the files in their places."""

    def __init__(
        self,
        crew: Crew,
        folder: WorkFolder,
        sources: Sequence[Path],
        target: Path,
        options: ScoreOptions,
        progress: Progress,
        tally: Tally,
    ):
        self._crew, self._folder, self._sources, self._target = crew, folder, sources, target
        self._options, self._progress, self._tally = options, progress, tally
        self._summary, self._lines = Summary(), 0

    def __call__(self) -> Summary:
        feed, stream = open_feed(self._sources, self._options.feed)
        with stream, contextlib.closing(self._crew):
            fingerprint, name = Fingerprint(self._sources), named(self._sources)
            refuse_scored(feed, name)
            model = self._crew.start()
            manifest = self._claim(model, fingerprint)
            self._tally.begin(feed.columns, model)
            if len(self._sources) == 1 and self._sources[0].suffix.lower() in FORMATS:
                self._lines = fingerprint.lines
            shards = Planner(self._options.shard_rows).shards(_checked(feed.rows, name, fingerprint))
            pipeline = Pipeline(shards, self._folder, self._crew.hands, explain=self._options.explain)
            with pipeline, contextlib.closing(self._crew):
                self._write(feed, model, pipeline, manifest)
            self._summary.notes = feed.notes.lines()
        return self._summary

    def _claim(self, model: ModelInfo, fingerprint: Fingerprint) -> Body:
        manifest = manifest_of(model, fingerprint, self._options, self._target)
        if (earlier := self._folder.earlier()) is not None:
            check_same(self._folder.path, earlier, manifest, fingerprint)
        if earlier != manifest:
            self._folder.claim(manifest)
        return manifest

    def _write(self, feed: Feed, model: ModelInfo, pipeline: Pipeline, manifest: Body) -> None:
        part, ending = self._folder.part, self._target.suffix.lower()
        with part(f"output{ending}") as out, part("errors.csv") as listed, part("record.json") as record:
            writer, problems = open_writer(self._target, out, feed, raw=self._options.raw), Problems(listed)
            try:
                for judged in pipeline.judged():
                    self._write_shard(judged, model, writer, problems)
                    self._progress(self._summary)
                writer.finish()
            except BaseException:
                writer.abandon()
                raise
            # The output last: when it is there, all is.
            problems.finish(problems_of(self._target))
            write_record(record, out, self._target, manifest, self._summary, self._tally)
            out.finish(self._target)

    def _write_shard(self, judged: Judged, model: ModelInfo, writer: Writer, problems: Problems) -> None:
        shard, summary, only = judged.shard, self._summary, self._options.only
        shard.fill(judged.lines)
        for entry in shard.entries:
            summary.rows += 1
            summary.resumed += judged.kept
            if isinstance(entry, RowProblem):
                summary.problems += 1
                problems.write(entry)
                continue
            row, judgement = entry[0], of_line(entry[1].line, model)
            wanted = only is None or judgement.decision in only
            if wanted and (problem := writer.write(row, judgement)) is not None:
                summary.problems += 1
                problems.write(problem)
                continue
            summary.written += wanted
            summary.decisions[judgement.decision.value] += 1
            self._tally.add(row, judgement)
        if self._lines:
            summary.fraction = min(shard.lines / self._lines, 1.0)


def _checked(
    rows: Iterator[FeedRow | RowProblem], name: str, fingerprint: Fingerprint
) -> Iterator[FeedRow | RowProblem]:
    """Pass the rows on; refuse those that look scored, and an input that has changed."""
    try:
        yield from unscored(rows)
    except OSError as error:
        raise FeedError(
            f"{name} cannot be read any further ({error.strerror or error}). What is finished is kept: put the input "
            "back and go on with --resume"
        ) from error
    fingerprint.check()
