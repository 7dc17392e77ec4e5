"""`pilah score`: judge an exported feed into a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pilah_data.errors import InputError
from pilah_data.feeds import FeedOptions
from pilah_data.taxonomy import DECISIONS, Decision

FINISHED_WITH_PROBLEMS = 1


def score(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="Feed to judge: .csv, .tsv or .jsonl.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write: .csv, .tsv or .jsonl.", show_default=False)
    ],
    text_column: Annotated[
        str | None, typer.Option(help="Column that holds the text; found by its name unless given.")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="Column that identifies a post.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of the input; UTF-8 or by its byte-order mark unless given.")
    ] = None,
    format: Annotated[str | None, typer.Option(help="csv, tsv or jsonl; by the file's ending unless given.")] = None,  # noqa: A002
    explain: Annotated[
        bool, typer.Option("--explain", help="Add the words that carry the judgement (slower).")
    ] = False,
    only: Annotated[
        str | None, typer.Option(help="Keep only these decisions, for example tinjau,butuh_konteks.")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Replace an output that exists.")] = False,
    model: Annotated[Path | None, typer.Option(help="Folder of the model; the shipped one unless given.")] = None,
    engine: Annotated[str, typer.Option(help="auto, fp32 or int8.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="Threads of the engine; all cores unless given.")] = None,
) -> None:
    """Judge every post of an exported feed; rows that cannot be judged go to OUTPUT.errors.csv."""
    from pilah_model.artefacts import shipped_artefact  # noqa: PLC0415 - keeps `pilah --help` quick
    from pilah_model.batch import ScoreOptions, Summary, score_file  # noqa: PLC0415
    from pilah_model.classifier import Classifier  # noqa: PLC0415

    if output.exists() and not restart:
        raise InputError(f"{output} exists; use --restart to replace it, or another name with -o")
    if engine not in ("auto", "fp32", "int8"):
        raise InputError(f"unknown engine {engine!r}; known are auto, fp32, int8 (option --engine)")
    options = ScoreOptions(FeedOptions(text_column, id_column, encoding, format), explain, _decisions(only))
    classifier = Classifier.load(model or shipped_artefact(), engine=engine, threads=threads)  # type: ignore[arg-type]  # checked above
    console = Console(stderr=True)
    began = time.monotonic()
    with Progress(
        TextColumn("{task.completed:>9,} posts"),
        BarColumn(),
        TextColumn("{task.fields[rate]} posts/s"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[decisions]}"),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=None, rate="-", decisions="")
        said = began

        def progress(summary: Summary) -> None:
            nonlocal said
            rate = f"{summary.rows / (time.monotonic() - began):,.0f}"
            counts = "  ".join(f"{name} {n:,}" for name, n in sorted(summary.decisions.items()))
            bar.update(task, completed=summary.rows, rate=rate, decisions=counts)
            # Without a terminal a long run must not be silent either.
            if not console.is_terminal and time.monotonic() - said > 10:
                console.print(f"{summary.rows} posts, {rate} posts/s, {counts}", highlight=False)
                said = time.monotonic()

        summary = score_file(classifier, source, output, options, progress)
    _report(console, summary, output, time.monotonic() - began)
    if summary.problems:
        raise typer.Exit(FINISHED_WITH_PROBLEMS)


def _decisions(only: str | None) -> frozenset[Decision] | None:
    if only is None:
        return None
    try:
        return frozenset(Decision(name.strip()) for name in only.split(","))
    except ValueError as error:
        raise InputError(f"{error}; known decisions are {', '.join(Decision)} (option --only)") from error


def _report(console: Console, summary: object, output: Path, seconds: float) -> None:
    from pilah_model.batch import Summary  # noqa: PLC0415

    assert isinstance(summary, Summary)  # noqa: S101 - narrows the lazily imported type
    table = Table(show_header=False, box=None)
    table.add_row("posts read", f"{summary.rows:,}")
    for decision in Decision:
        table.add_row(f"{decision.value} ({DECISIONS[decision].title_en})", f"{summary.decisions[decision.value]:,}")
    table.add_row("written", f"{summary.written:,} to {output}")
    if summary.problems:
        table.add_row("rows with problems", f"{summary.problems:,} in {output}.errors.csv")
    table.add_row("time", f"{seconds:.1f} s, {summary.rows / max(seconds, 1e-9):,.0f} posts/s")
    console.print(table, highlight=False)
