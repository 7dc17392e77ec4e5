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
    from pilah_data.validation import check_files  # noqa: PLC0415

    try:
        found = check_files(folder or repository_data())
    except DataError as error:
        Console(stderr=True).print(str(error), highlight=False, markup=False)
        raise typer.Exit(1) from error
    typer.echo(f"{found.posts} authored posts and {found.readings} readings are well formed")
    typer.echo(f"so are {found.repeated} posts read more than once and {found.corrections} corrections")


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
def agreement(
    rounds: Annotated[int, typer.Option(min=10, help="Bootstrap rounds of the intervals.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.")] = 1,
) -> None:
    """Show Krippendorff's alpha and Cohen's kappa of the posts read more than once, with 95 % intervals."""
    from pilah_data.agreement import as_text, measure  # noqa: PLC0415

    typer.echo(as_text(measure(repository_data() / "annotations", rounds, seed)))


@app.command()
def suspects(
    out: Annotated[Path, typer.Option(help="TSV file to write: ids, given and suggested labels, margins; no texts.")],
    shared: SharedOption = SHARED,
    folds: Annotated[int, typer.Option(min=2, help="Folds of the out-of-fold predictions.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the folds.")] = 1,
) -> None:
    """List training and validation readings whose label looks wrong, the most suspicious first, for people to read again."""
    from pilah_data.loading import load_public  # noqa: PLC0415
    from pilah_model.suspects import find_suspects, write_suspects  # noqa: PLC0415

    posts = [post for post in load_public(shared, repository_data() / "annotations") if post.split != "test"]
    found = find_suspects(posts, folds=folds, seed=seed)
    write_suspects(out, found)
    typer.echo(f"{len(found)} of {len(posts)} readings look suspicious: {out}")


@app.command()
def split(
    shared: SharedOption = SHARED,
    drop: Annotated[
        Path | None, typer.Option(help="Write which readings to leave out as near-duplicates (excluded.tsv).")
    ] = None,
) -> None:
    """Show the splits and look for sources, groups and near-duplicates that lie across them; exit code 1 if there are any."""
    from pilah_data.splits import as_text, check, load_all, repeats, to_exclude, write_excluded  # noqa: PLC0415

    posts = load_all(repository_data(), shared, with_excluded=drop is not None)
    if drop is not None:
        excluded = to_exclude(repeats(posts))
        write_excluded(drop, excluded)
        typer.echo(f"{len(excluded)} readings to leave out: {drop}")
        posts = [post for post in posts if post.id not in excluded]
    report = check(posts)
    typer.echo(as_text(report))
    if report.leaks:
        raise typer.Exit(1)


@app.command()
def card(shared: SharedOption = SHARED) -> None:
    """Render DATA_CARD.md, its plots and CODEBOOK.md; the public texts are counted again where they are at hand."""
    from pilah_data.card import write_all  # noqa: PLC0415
    from pilah_data.measured import measure, write_measured  # noqa: PLC0415

    data = repository_data()
    if (shared / "posts" / "posts.tsv.zst").is_file():
        write_measured(data, measure(data, shared))
    for path in write_all(data):
        typer.echo(f"{path} written")


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


@app.command()
def travel(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("build/travelling"),
    packed: Annotated[Path, typer.Option(help="Packed folder made by `pilah data pack`.")] = Path("build/packed"),
    mebibytes: Annotated[float, typer.Option(min=0.1, help="Largest size of the whole folder.")] = 60.0,
) -> None:
    """Compress a packed folder so that it can travel to another machine; laws and translations are thinned until it fits."""
    from pilah_model.pretraining.packing import load_packed  # noqa: PLC0415
    from pilah_model.pretraining.travel import write_travelling  # noqa: PLC0415

    manifest = write_travelling(load_packed(packed), out, mebibytes, typer.echo)
    typer.echo(f"{out} written: {manifest['tokens']} tokens")
