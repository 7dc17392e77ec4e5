"""`pilah score`: judge an exported feed into a file."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pilah_api.settings import Settings
from pilah_data.errors import InputError
from pilah_data.feeds import FeedOptions
from pilah_data.taxonomy import DECISIONS, Decision

if TYPE_CHECKING:
    from pilah_model.batch import ScoreOptions, Summary

FINISHED_WITH_PROBLEMS = 1
INTERRUPTED = 130
_SILENCE = 10.0
"""Seconds after which a run without a terminal says how far it is."""

Source = Annotated[
    Path, typer.Argument(metavar="INPUT", help="Feed to judge: .csv, .tsv or .jsonl.", show_default=False)
]
Output = Annotated[
    Path, typer.Option("--output", "-o", help="File to write: .csv, .tsv or .jsonl.", show_default=False)
]
TextColumnOption = Annotated[
    str | None, typer.Option(help="Column that holds the text; found by its name unless given.")
]
IdColumn = Annotated[str | None, typer.Option(help="Column that identifies a post.")]
Encoding = Annotated[
    str | None, typer.Option(help="Encoding of the input; UTF-8 or by its byte-order mark unless given.")
]
Format = Annotated[str | None, typer.Option("--format", help="csv, tsv or jsonl; by the input's ending unless given.")]
Explain = Annotated[bool, typer.Option("--explain", help="Add the words that carry the judgement (slower).")]
Only = Annotated[str | None, typer.Option(help="Keep only these decisions, for example tinjau,butuh_konteks.")]
Raw = Annotated[
    bool,
    typer.Option(
        "--raw",
        help="Write cells as they are. Without this, a cell of CSV or TSV that a spreadsheet would take for a formula "
        "(it begins with =, +, - or @ and is no plain number) gets an apostrophe in front; evidence offsets count "
        "the post without it, so add one in such a cell. JSON lines are never altered.",
    ),
]
Restart = Annotated[bool, typer.Option("--restart", help="Replace an output that exists.")]
Model = Annotated[Path | None, typer.Option(help="Folder of the model; PILAH_MODEL or the shipped one unless given.")]
Engine = Annotated[str | None, typer.Option(help="auto, fp32 or int8; PILAH_ENGINE or auto.")]
Threads = Annotated[int | None, typer.Option(help="Threads of the model; PILAH_THREADS or all cores.")]


def score(
    source: Source,
    output: Output,
    text_column: TextColumnOption = None,
    id_column: IdColumn = None,
    encoding: Encoding = None,
    format_: Format = None,
    explain: Explain = False,
    only: Only = None,
    raw: Raw = False,
    restart: Restart = False,
    model: Model = None,
    engine: Engine = None,
    threads: Threads = None,
) -> None:
    """Judge every post of an exported feed; rows that cannot be judged go to OUTPUT.errors.csv."""
    from pilah_model.batch import ScoreOptions  # noqa: PLC0415 - keeps `pilah --help` quick
    from pilah_model.batch_output import check_places  # noqa: PLC0415

    settings = Settings.from_environment(os.environ).override(model=model, engine=engine, threads=threads)
    feed = FeedOptions(text_column, id_column, encoding, format_)
    options = ScoreOptions(feed, explain, _decisions(only), raw)
    check_places(source, output)
    if output.exists() and not restart:
        raise InputError(f"{output} exists; use --restart to replace it, or another name with -o")
    display = _Display()
    try:
        summary = _run(settings, source, output, options, display)
    except KeyboardInterrupt:
        done = f"interrupted after {display.rows:,} posts; nothing was written to {output}"
        typer.echo(f"pilah: {done}; run the command again to start over", err=True)
        raise typer.Exit(INTERRUPTED) from None
    display.report(summary, output)
    if summary.problems:
        raise typer.Exit(FINISHED_WITH_PROBLEMS)


def _run(settings: Settings, source: Path, output: Path, options: ScoreOptions, display: _Display) -> Summary:
    from pilah_api.services.loading import load_judge  # noqa: PLC0415 - keeps `pilah --help` quick
    from pilah_model.batch import score_file  # noqa: PLC0415

    judge = load_judge(settings)
    with display:
        return score_file(judge, source, output, options, display.advance)


def _decisions(only: str | None) -> frozenset[Decision] | None:
    if only is None:
        return None
    try:
        return frozenset(Decision(name.strip()) for name in only.split(","))
    except ValueError as error:
        raise InputError(f"{error}; known decisions are {', '.join(Decision)} (option --only)") from error


class _Display:
    """Shows on standard error how far a run is, and what it did: a moving bar on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self.rows = 0
        self._console = Console(stderr=True)
        self._began = self._said = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.completed:>9,} posts"),
            BarColumn(),
            TextColumn("{task.fields[rate]} posts/s"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[decisions]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, rate="-", decisions="")

    def __enter__(self) -> None:
        self._began = self._said = time.monotonic()
        self._bar.start()

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, summary: Summary) -> None:
        """Show the state of a run."""
        self.rows = summary.rows
        now = time.monotonic()
        rate = f"{summary.rows / max(now - self._began, 1e-9):,.0f}"
        counts = "  ".join(f"{name} {n:,}" for name, n in sorted(summary.decisions.items()))
        self._bar.update(self._task, completed=summary.rows, rate=rate, decisions=counts)
        # Without a terminal a long run must not be silent either.
        if not self._console.is_terminal and now - self._said > _SILENCE:
            self._console.print(f"{summary.rows} posts, {rate} posts/s, {counts}", highlight=False)
            self._said = now

    def report(self, summary: Summary, output: Path) -> None:
        """Show what a finished run did."""
        seconds = time.monotonic() - self._began
        table = Table(show_header=False, box=None)
        table.add_row("posts read", f"{summary.rows:,}")
        for decision in Decision:
            table.add_row(
                f"{decision.value} ({DECISIONS[decision].title_en})", f"{summary.decisions[decision.value]:,}"
            )
        table.add_row("written", f"{summary.written:,} to {output}")
        if summary.problems:
            table.add_row("rows with problems", f"{summary.problems:,} in {output}.errors.csv")
        table.add_row("time", f"{seconds:.1f} s, {summary.rows / max(seconds, 1e-9):,.0f} posts/s")
        self._console.print(table, highlight=False)
