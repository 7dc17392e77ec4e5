"""`pilah data …`: the life of the data."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pilah_data.corpora import read_corpora
from pilah_data.loading import load_readings, repository_data

app = typer.Typer(help="Check, count and pack the project's data.", no_args_is_help=True)

SharedOption = Annotated[Path, typer.Option(help="Folder with the public posts and corpora.")]
SHARED = Path("../shared")


@app.command()
def validate(
    folder: Annotated[
        Path | None, typer.Argument(help="Data folder; that of the checkout unless given.", show_default=False)
    ] = None,
) -> None:
    """Check all corpus and annotation files; the first fault is named by file, line and field, and the exit code is 1."""
    from pilah_data.errors import DataError  # noqa: PLC0415

    data = folder or repository_data()
    try:
        posts, readings = read_corpora(data / "corpora"), load_readings(data / "annotations")
    except DataError as error:
        Console(stderr=True).print(str(error), highlight=False, markup=False)
        raise typer.Exit(1) from error
    typer.echo(f"{len(posts)} authored posts and {len(readings)} readings are well formed")


@app.command()
def stats() -> None:
    """Count authored posts and readings by label, form, sub-type and split."""
    data = repository_data()
    posts, readings = read_corpora(data / "corpora"), load_readings(data / "annotations")
    groups = len({post.group for post in posts if post.group})
    typer.echo(f"authored: {len(posts)} posts, {groups} counterfactual groups")
    for title, counts in (
        ("label", Counter(p.label.value for p in posts)),
        ("form", Counter(f for p in posts for f in p.forms)),
        ("sub-type", Counter(p.subtype for p in posts if p.subtype)),
        ("register", Counter(p.register.value for p in posts)),
        ("context", Counter(p.context.value for p in posts)),
        ("name role", Counter(n.role.value for p in posts for n in p.names)),
    ):
        typer.echo(f"  {title}: " + ", ".join(f"{key} {count}" for key, count in sorted(counts.items())))
    typer.echo(f"public: {len(readings)} readings")
    by_split = Counter((r.split, r.label.value) for r in readings)
    for (split, label), count in sorted(by_split.items()):
        typer.echo(f"  {split} {label}: {count}")


@app.command()
def pack(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("build/packed"),
    shared: SharedOption = SHARED,
    vocabulary: Annotated[int, typer.Option(min=300, max=60_000, help="Entries of the WordPiece vocabulary.")] = 16384,
    tokenizer: Annotated[Path | None, typer.Option(help="Keep this tokenizer.json instead of training one.")] = None,
) -> None:
    """Turn the public texts into packed tokens for `pilah pretrain`."""
    from pilah_model.pretraining.prepare import prepare  # noqa: PLC0415

    prepare(shared, repository_data() / "annotations", out, typer.echo, vocabulary=vocabulary, tokenizer=tokenizer)
