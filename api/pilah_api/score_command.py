"""`pilah score`: judge an exported feed into a file."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pilah_api.again import INTERRUPTED, command_again
from pilah_api.score_display import Display
from pilah_api.score_run import ScoreRun
from pilah_api.settings import ENGINES, Settings
from pilah_data.errors import InputError, PilahError
from pilah_data.feeds import FeedOptions
from pilah_data.taxonomy import Decision

if TYPE_CHECKING:
    from pilah_model.batch import Summary
    from pilah_model.batch.hands import Crew

FINISHED_WITH_PROBLEMS = 1
_START = ("--resume", "--restart")
_ENGINES = ("local", "ray")

Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="INPUT...",
        help="Feeds to judge, each a file, zip archive or folder; - is standard input.",
        show_default=False,
    ),
]
Output = Annotated[
    Path,
    typer.Option("--output", "-o", help="File to write: .csv, .tsv, .jsonl, .xlsx or .parquet.", show_default=False),
]
TextColumnOption = Annotated[
    str | None, typer.Option(help="Column that holds the text; found by its name unless given.")
]
ContextColumn = Annotated[
    str | None,
    typer.Option(
        help="Column that holds the post which a post answers. It goes to the model as the field context of /v1/classify "
        "does; the shipped model reads the text alone."
    ),
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
        "(it begins with =, +, - or @ and is no plain number) gets an apostrophe in front, and so do these signs behind a "
        "line end or a separator within it; evidence offsets count the post without apostrophes. JSON lines and .xlsx "
        "are never altered.",
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was cut off; the output is the same.")]
Restart = Annotated[bool, typer.Option("--restart", help="Start over: replace an output, or a run that was cut off.")]
Report = Annotated[
    Path | None,
    typer.Option(help="Write a page with counts and charts (.html) that names no person and quotes no post."),
]
Language = Annotated[str | None, typer.Option("--lang", help="Language of the report: id or en; id unless given.")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, max=256, help="Processes that judge, one thread each; one for each core if the feed is large."),
]
Model = Annotated[Path | None, typer.Option(help="Folder of the model; PILAH_MODEL or the shipped one unless given.")]
Precision = Annotated[
    str | None, typer.Option(help="How the model computes: auto, fp32 or int8; PILAH_ENGINE or auto.")
]
Engine = Annotated[
    str,
    typer.Option(help="Where posts are judged: local, or ray, a Ray cluster; the output is the same to the byte."),
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        help="Address of the Ray cluster, such as 10.0.0.5:6379; unless given, one is started on this machine."
    ),
]
Threads = Annotated[
    int | None, typer.Option(help="Threads of the model in each process; PILAH_THREADS or all cores of the machine.")
]


def score(
    context: typer.Context,
    sources: Sources,
    output: Output,
    text_column: TextColumnOption = None,
    id_column: IdColumn = None,
    context_column: ContextColumn = None,
    encoding: Encoding = None,
    format_: Format = None,
    sheet: Sheet = None,
    explain: Explain = False,
    only: Only = None,
    raw: Raw = False,
    resume: Resume = False,
    restart: Restart = False,
    report: Report = None,
    lang: Language = None,
    workers: Workers = None,
    model: Model = None,
    engine: Engine = "local",
    ray_address: RayAddress = None,
    precision: Precision = None,
    threads: Threads = None,
) -> None:
    """Judge every post of an exported feed; rows that cannot be judged go to OUTPUT.errors.csv."""
    from pilah_model.batch import ScoreOptions  # noqa: PLC0415 - keeps `pilah --help` quick

    settings = Settings.from_environment(os.environ).override(
        model=model, engine=_precision(precision), threads=threads
    )
    _check_engine(engine, ray_address)
    feed = FeedOptions(text_column, id_column, encoding, format_, sheet, context_column)
    run = ScoreRun(settings, sources, output, ScoreOptions(feed, explain, _decisions(only), raw), report, lang)
    run.check(resume=resume, restart=restart)
    if resume and (done := run.finished()) is not None:
        written = f"; its report is {report}" if report is not None else ""
        typer.echo(f"pilah: nothing to go on with: {output} is finished{written}", err=True)
        _leave(done)
        return
    display = Display()
    try:
        crews = partial(_on_ray, settings, workers, ray_address) if engine == "ray" else None
        summary = run(workers, display, crews, resume=resume, restart=restart)
    except KeyboardInterrupt:
        typer.echo(f"pilah: {run.interrupted(display.rows, command_again(context, _START))}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except PilahError as error:
        raise run.with_way_on(error, command_again(context, _START)) from error
    display.report(summary, output)
    _leave(summary)


def _leave(summary: Summary) -> None:
    if summary.problems:
        raise typer.Exit(FINISHED_WITH_PROBLEMS)


def _on_ray(settings: Settings, workers: int | None, address: str | None) -> Crew:
    from pilah_api.services.crews import ray_crew_for  # noqa: PLC0415 - keeps `pilah --help` quick

    return ray_crew_for(settings, workers, address)


def _precision(precision: str | None) -> str | None:
    if precision is not None and precision not in ENGINES:
        raise InputError(f"unknown precision {precision!r}; known are {', '.join(ENGINES)} (option --precision)")
    return precision


def _check_engine(engine: str, address: str | None) -> None:
    if engine not in _ENGINES:
        way = f"; how the model computes is said with --precision {engine}" if engine in ENGINES else ""
        raise InputError(f"unknown engine {engine!r}; known are {', '.join(_ENGINES)} (option --engine){way}")
    if address is not None and engine != "ray":
        raise InputError("--ray-address is for --engine ray; give both, or leave it out")


def _decisions(only: str | None) -> frozenset[Decision] | None:
    if only is None:
        return None
    try:
        return frozenset(Decision(name.strip()) for name in only.split(","))
    except ValueError as error:
        raise InputError(f"{error}; known decisions are {', '.join(Decision)} (option --only)") from error
