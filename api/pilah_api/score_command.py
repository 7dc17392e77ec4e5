"""`pilah score`: judge an exported feed into a file."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pilah_api.score_display import Display
from pilah_api.settings import Settings
from pilah_data.errors import InputError, PilahError
from pilah_data.feeds import FeedOptions
from pilah_data.taxonomy import Decision

if TYPE_CHECKING:
    from pilah_model.batch import ScoreOptions, Summary

FINISHED_WITH_PROBLEMS = 1
INTERRUPTED = 130
_START = ("--resume", "--restart")

Source = Annotated[
    Path, typer.Argument(metavar="INPUT", help="Feed to judge: a file, zip archive or folder.", show_default=False)
]
Output = Annotated[
    Path,
    typer.Option("--output", "-o", help="File to write: .csv, .tsv, .jsonl, .xlsx or .parquet.", show_default=False),
]
TextColumnOption = Annotated[
    str | None, typer.Option(help="Column that holds the text; found by its name unless given.")
]
IdColumn = Annotated[str | None, typer.Option(help="Column that identifies a post.")]
Encoding = Annotated[str | None, typer.Option(help="Encoding of the input; told from its bytes unless given.")]
Format = Annotated[
    str | None, typer.Option("--format", help="Format of the input; told from what is in it unless given.")
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook; the first with posts unless given.")]
Explain = Annotated[bool, typer.Option("--explain", help="Add the words that carry the judgement (slower).")]
Only = Annotated[str | None, typer.Option(help="Keep only these decisions, for example tinjau,butuh_konteks.")]
Raw = Annotated[
    bool,
    typer.Option(
        "--raw",
        help="Write cells as they are. Without this, a cell of a .csv or .tsv that a spreadsheet would take for a formula "
        "(it begins with =, +, - or @ and is no plain number) gets an apostrophe in front; evidence offsets count "
        "the post without it, so add one in such a cell. JSON lines and .xlsx are never altered.",
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was cut off; the output is the same.")]
Restart = Annotated[bool, typer.Option("--restart", help="Start over: replace an output, or a run that was cut off.")]
Report = Annotated[
    Path | None,
    typer.Option(help="Write a page with counts and charts (.html) that names no person and quotes no post."),
]
Language = Annotated[str, typer.Option("--lang", help="Language of the report: id or en.")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, max=256, help="Processes that judge, one thread each; one for each core if the feed is large."),
]
Model = Annotated[Path | None, typer.Option(help="Folder of the model; PILAH_MODEL or the shipped one unless given.")]
Engine = Annotated[str | None, typer.Option(help="auto, fp32 or int8; PILAH_ENGINE or auto.")]
Threads = Annotated[
    int | None, typer.Option(help="Threads of the model in each process; PILAH_THREADS or all cores of the machine.")
]


def score(
    context: typer.Context,
    source: Source,
    output: Output,
    text_column: TextColumnOption = None,
    id_column: IdColumn = None,
    encoding: Encoding = None,
    format_: Format = None,
    sheet: Sheet = None,
    explain: Explain = False,
    only: Only = None,
    raw: Raw = False,
    resume: Resume = False,
    restart: Restart = False,
    report: Report = None,
    lang: Language = "id",
    workers: Workers = None,
    model: Model = None,
    engine: Engine = None,
    threads: Threads = None,
) -> None:
    """Judge every post of an exported feed; rows that cannot be judged go to OUTPUT.errors.csv."""
    from pilah_model.batch import ScoreOptions  # noqa: PLC0415 - keeps `pilah --help` quick

    settings = Settings.from_environment(os.environ).override(model=model, engine=engine, threads=threads)
    feed = FeedOptions(text_column, id_column, encoding, format_, sheet)
    run = _Run(settings, source, output, ScoreOptions(feed, explain, _decisions(only), raw), report, lang)
    run.check(resume=resume, restart=restart)
    if resume and run.finished():
        typer.echo(f"pilah: nothing to go on with: {output} is finished", err=True)
        return
    display = Display()
    try:
        summary = run(workers, display, resume=resume, restart=restart)
    except KeyboardInterrupt:
        typer.echo(f"pilah: {run.interrupted(display.rows, _again(context))}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except PilahError as error:
        raise run.with_way_on(error, _again(context)) from error
    display.report(summary, output)
    if summary.problems:
        raise typer.Exit(FINISHED_WITH_PROBLEMS)


class _Run:
    """One command line, checked and carried out."""

    def __init__(
        self,
        settings: Settings,
        source: Path,
        output: Path,
        options: ScoreOptions,
        report: Path | None,
        lang: str,
    ):
        from pilah_model.batch.places import work_of  # noqa: PLC0415 - keeps `pilah --help` quick

        self._settings, self._source, self._output, self._options = settings, source, output, options
        self._report, self._lang, self._work = report, lang, work_of(output)

    def check(self, *, resume: bool, restart: bool) -> None:
        """Refuse what cannot be meant, before anything is loaded. Raises InputError."""
        from pilah_data.feeds.opening import check_options  # noqa: PLC0415
        from pilah_model.batch.folder import has_unfinished  # noqa: PLC0415
        from pilah_model.batch.places import check_places  # noqa: PLC0415
        from pilah_model.batch.report import LANGUAGES, check_report  # noqa: PLC0415

        check_places(self._source, self._output, self._report)
        check_options(self._options.feed)
        if resume and restart:
            raise InputError("--resume goes on and --restart starts over; give one of them")
        if self._lang not in LANGUAGES:
            raise InputError(f"a report is written in {' or '.join(LANGUAGES)}, not {self._lang!r} (option --lang)")
        if self._report is not None and self._report.suffix.lower() not in (".html", ".htm"):
            raise InputError(f"{self._report}: a report is a page; give it the ending .html (option --report)")
        if not (resume or restart or has_unfinished(self._work)):
            self._check_new()
        if self._report is not None:
            check_report(self._report)

    def finished(self) -> bool:
        """Return whether the output is there and no unfinished run beside it."""
        from pilah_model.batch.folder import has_unfinished  # noqa: PLC0415

        return self._output.is_file() and not has_unfinished(self._work)

    def _check_new(self) -> None:
        """Refuse to replace what is there and was not meant to be."""
        from pilah_model.batch.places import problems_of  # noqa: PLC0415

        places = ((self._output, "-o"), (problems_of(self._output), "-o"), (self._report, "--report"))
        for place, option in places:
            if place is not None and place.exists():
                raise InputError(f"{place} exists; use --restart to replace it, or another name with {option}")

    def __call__(self, workers: int | None, display: Display, *, resume: bool, restart: bool) -> Summary:
        from pilah_api.services.crews import crew_for  # noqa: PLC0415
        from pilah_model.batch import Start, score_file  # noqa: PLC0415
        from pilah_model.batch.report import write_report  # noqa: PLC0415
        from pilah_model.batch.tally import Tally  # noqa: PLC0415

        start = Start.RESUME if resume else Start.RESTART if restart else Start.NEW
        tally = Tally()
        crew = crew_for(self._settings, self._source, workers)
        with display:
            summary = score_file(
                crew, self._source, self._output, self._options, display.advance, start=start, tally=tally
            )
        if self._report is not None:
            write_report(self._report, summary, tally, self._lang)
        return summary

    def interrupted(self, rows: int, command: str) -> str:
        """Return what to say after Ctrl-C."""
        kept = f"what is finished is kept, go on with: {command} --resume"
        rest = kept if self._work.is_dir() else "run the command again to start over"
        return f"interrupted after {rows:,} posts; nothing was written to {self._output}; {rest}"

    def with_way_on(self, error: PilahError, command: str) -> PilahError:
        """Add to an error by which command the run can be gone on with, if it can."""
        from pilah_data.feeds.columns import ChoiceError  # noqa: PLC0415
        from pilah_model.batch.errors import UnfinishedError, WorkFolderError  # noqa: PLC0415

        if isinstance(error, UnfinishedError):
            error.args = (f"{error}: {command} --resume, or {command} --restart",)
        elif self._work.is_dir() and not isinstance(error, WorkFolderError | ChoiceError):
            said, way_on = str(error), "go on with --resume"
            if way_on in said:
                error.args = (said.replace(way_on, f"go on with: {command} --resume", 1),)
            else:
                error.args = (f"{said}. To go on with what is finished: {command} --resume",)
        return error


def _again(context: typer.Context) -> str:
    """Return the command line as it was given, without what to do about an earlier run."""
    words = ["pilah", "score"]
    for parameter in context.command.params:
        name, value = parameter.name or "", context.params.get(parameter.name or "")
        source = context.get_parameter_source(name)
        if source is None or source.name != "COMMANDLINE" or parameter.opts[0] in _START:
            continue
        if parameter.param_type_name == "argument":
            words.append(str(value))
        else:
            words += [parameter.opts[0]] if value is True else [parameter.opts[0], str(value)]
    return shlex.join(words)


def _decisions(only: str | None) -> frozenset[Decision] | None:
    if only is None:
        return None
    try:
        return frozenset(Decision(name.strip()) for name in only.split(","))
    except ValueError as error:
        raise InputError(f"{error}; known decisions are {', '.join(Decision)} (option --only)") from error
