"""One run of `pilah score`: what was asked for is checked, carried out, and told how to go on with when it is cut off."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pilah_api.score_display import Display
from pilah_api.services.standard_input import SPOKEN, STANDARD_INPUT, spooled
from pilah_api.settings import Settings
from pilah_data.errors import InputError, PilahError

if TYPE_CHECKING:
    from pilah_model.batch import ScoreOptions, Summary
    from pilah_model.batch.hands import Crew


class ScoreRun:
    """One command line, checked and carried out; `lang` is that of the report, None where none was named."""

    def __init__(
        self,
        settings: Settings,
        sources: Sequence[Path],
        output: Path,
        options: ScoreOptions,
        report: Path | None,
        lang: str | None,
    ):
        """Remember what was asked for; nothing is touched."""
        from pilah_model.batch.places import work_of  # noqa: PLC0415 - keeps `pilah --help` quick

        self._settings, self._output, self._options = settings, output, options
        self._piped = STANDARD_INPUT in sources
        # Of standard input there is no file yet.
        self._sources = [source for source in sources if source != STANDARD_INPUT]
        self._report, self._lang, self._work = report, lang, work_of(output)
        self._judged = False

    def check(self, *, resume: bool, restart: bool) -> None:
        """Refuse what cannot be meant, before anything is loaded. Raises InputError."""
        from pilah_data.feeds.opening import check_options  # noqa: PLC0415
        from pilah_model.batch.folder import has_unfinished  # noqa: PLC0415
        from pilah_model.batch.places import check_places  # noqa: PLC0415
        from pilah_model.batch.report import LANGUAGES, check_report  # noqa: PLC0415

        if self._piped and self._sources:
            raise InputError("standard input (-) cannot be judged beside files; give one or the other")
        check_places(self._sources, self._output, self._report)
        check_options(self._options.feed)
        if resume and restart:
            raise InputError("--resume goes on and --restart starts over; give one of them")
        if self._lang is not None and self._lang not in LANGUAGES:
            raise InputError(f"a report is written in {' or '.join(LANGUAGES)}, not {self._lang!r} (option --lang)")
        if self._lang is not None and self._report is None:
            raise InputError("--lang is the language of a report; name one with --report, or leave out --lang")
        if self._report is not None and self._report.suffix.lower() not in (".html", ".htm"):
            raise InputError(f"{self._report}: a report is a page; give it the ending .html (option --report)")
        if not (resume or restart or has_unfinished(self._work)):
            self._check_new()
        if self._report is not None:
            check_report(self._report)

    def finished(self) -> Summary | None:
        """Return what a finished run of the same input, model and options did, and write its report if one is asked for.

        None where there is no output yet, or an unfinished run beside it. Raises RecordError for an output of anything else.
        """
        from pilah_api.services.loading import load_judge  # noqa: PLC0415
        from pilah_model.batch.folder import has_unfinished  # noqa: PLC0415
        from pilah_model.batch.manifest import Fingerprint, manifest_of  # noqa: PLC0415
        from pilah_model.batch.record import Record  # noqa: PLC0415
        from pilah_model.batch.report import write_report  # noqa: PLC0415

        if not self._output.is_file() or has_unfinished(self._work):
            return None
        record = Record.of(self._output)
        with self._opened() as sources:
            fingerprint = Fingerprint(sources)
            info = load_judge(self._settings).info
        record.check(self._output, manifest_of(info, fingerprint, self._options, self._output))
        if self._report is not None:
            write_report(self._report, record.summary, record.tally, self._lang or "id")
        return record.summary

    def _check_new(self) -> None:
        """Refuse to replace what is there and was not meant to be."""
        from pilah_model.batch.places import problems_of  # noqa: PLC0415

        places = ((self._output, "-o"), (problems_of(self._output), "-o"), (self._report, "--report"))
        for place, option in places:
            if place is not None and place.exists():
                raise InputError(f"{place} exists; use --restart to replace it, or another name with {option}")

    def __call__(
        self, workers: int | None, display: Display, crews: Callable[[], Crew] | None, *, resume: bool, restart: bool
    ) -> Summary:
        """Judge the feeds, by workers of this machine unless `crews` makes others, and write it all. Raises PilahError."""
        from pilah_api.services.crews import crew_for  # noqa: PLC0415
        from pilah_model.batch import Start, score_file  # noqa: PLC0415
        from pilah_model.batch.report import write_report  # noqa: PLC0415
        from pilah_model.batch.tally import Tally  # noqa: PLC0415

        start = Start.RESUME if resume else Start.RESTART if restart else Start.NEW
        tally = Tally()
        with self._opened() as sources:
            crew = crews() if crews else crew_for(self._settings, sources, workers)
            with display:
                summary = score_file(
                    crew, sources, self._output, self._options, display.advance, start=start, tally=tally
                )
        self._judged = True
        if self._report is not None:
            write_report(self._report, summary, tally, self._lang or "id")
        return summary

    @contextmanager
    def _opened(self) -> Iterator[Sequence[Path]]:
        """Yield the files to read; errors speak of standard input, not of where it is kept."""
        if not self._piped:
            yield self._sources
            return
        with spooled(sys.stdin.buffer) as kept:
            try:
                yield [kept]
            except PilahError as error:
                error.args = (str(error).replace(str(kept), SPOKEN),)
                raise

    def interrupted(self, rows: int, command: str) -> str:
        """Return what to say after Ctrl-C."""
        if self._judged:
            way_on = f"to write the report: {command} --resume{self._again_from}"
            return f"interrupted after {rows:,} posts; {self._output} is finished; {way_on}"
        kept = f"what is finished is kept, go on with: {command} --resume{self._again_from}"
        rest = kept if self._work.is_dir() else "run the command again to start over"
        return f"interrupted after {rows:,} posts; nothing was written to {self._output}; {rest}"

    def with_way_on(self, error: PilahError, command: str) -> PilahError:
        """Add to an error by which command the run can be gone on with, if it can."""
        from pilah_data.feeds.columns import ChoiceError  # noqa: PLC0415
        from pilah_model.batch.errors import UnfinishedError, WorkFolderError  # noqa: PLC0415

        if isinstance(error, UnfinishedError):
            error.args = (f"{error}: {command} --resume, or {command} --restart{self._again_from}",)
        elif (self._work.is_dir() or self._judged) and not isinstance(error, WorkFolderError | ChoiceError):
            said, way_on = str(error), "go on with --resume"
            command = f"{command} --resume{self._again_from}"
            if way_on in said:
                error.args = (said.replace(way_on, f"go on with: {command}", 1),)
            else:
                error.args = (f"{said}. To go on with what is finished: {command}",)
        return error

    @property
    def _again_from(self) -> str:
        return " (and the same standard input again)" if self._piped else ""
