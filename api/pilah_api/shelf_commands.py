"""`pilah model`: which model versions are kept, which is in use, and the way back; `pilah feedback`: what reviewers decided."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

model = typer.Typer(help="Model versions: kept, in use, and the way back.", no_args_is_help=True)
feedback = typer.Typer(help="What reviewers decided, masked, for the next training.", no_args_is_help=True)

ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in at most 200 characters and without names.")]


@model.command("list")
def list_models() -> None:
    """List the model versions at hand: id, version, hash, which is in use and which was before it."""
    from pilah_api.services.shelf import Shelf  # noqa: PLC0415 - keeps `pilah --help` quick
    from pilah_api.settings import Settings  # noqa: PLC0415

    settings = Settings.from_environment(os.environ)
    shelf = Shelf(settings.home)
    choice = shelf.choice()
    for kept in shelf.kept():
        use = "in use" if kept.id == choice.current else "before it" if kept.id == choice.previous else "-"
        gate = f"gate passed {str(kept.gate.get('when', ''))[:10]}" if kept.gate else "no gate report"
        about = f"damaged: {kept.fault}" if kept.fault else f"{kept.name} {kept.version}\t{kept.sha256[:12]}\t{gate}"
        typer.echo(f"{kept.id}\t{use}\t{about}")
    if settings.model is not None:
        typer.echo(f"PILAH_MODEL names {settings.model}, which goes before all of these", err=True)


@model.command("use")
def use(
    which: Annotated[str, typer.Argument(help="Id from `pilah model list`, `shipped`, or the folder of an artefact.")],
    reason: ReasonOption,
    report: Annotated[
        Path | None, typer.Option(help="Gate report of `pilah promote` for that folder; it is kept beside the model.")
    ] = None,
) -> None:
    """Put a model version in use; a folder is checked and copied first. A running server takes it when it starts anew."""
    from pilah_api.services.model_use import use_model  # noqa: PLC0415
    from pilah_api.services.shelf import Shelf  # noqa: PLC0415
    from pilah_api.store_commands import console, opened  # noqa: PLC0415
    from pilah_data.errors import InputError  # noqa: PLC0415

    with opened() as (store, settings):
        shelf = Shelf(settings.home)
        if Path(which).is_dir():
            which = shelf.add(Path(which), report).id
        elif report is not None:
            raise InputError("a gate report comes with the folder of its model; name that folder (option --report)")
        judge = use_model(store, settings, which, reason, console(), seen=shelf.present().current)
    _tell(which, judge.info.version)


@model.command("rollback")
def rollback(reason: ReasonOption) -> None:
    """Put the model version in use again that was before the present one."""
    from pilah_api.services.model_use import roll_back  # noqa: PLC0415
    from pilah_api.services.shelf import Shelf  # noqa: PLC0415
    from pilah_api.store_commands import console, opened  # noqa: PLC0415

    with opened() as (store, settings):
        shelf = Shelf(settings.home)
        judge = roll_back(store, settings, reason, console(), seen=shelf.present().current)
        which = shelf.choice().current
    _tell(which, judge.info.version)


@feedback.command("export")
def export(
    out: Annotated[Path, typer.Argument(help="File to write (JSON lines); must not exist.")],
    reason: ReasonOption,
    with_cases: Annotated[bool, typer.Option("--with-cases", help="Take posts that belong to cases, too.")] = False,
) -> None:
    """Write masked texts with the reviewers' final labels, for `pilah train --feedback`; the export is recorded."""
    from pilah_api.services.learning import export_feedback  # noqa: PLC0415
    from pilah_api.store_commands import console, opened  # noqa: PLC0415

    with opened() as (store, _), out.open("x", encoding="utf-8") as file:
        exported = export_feedback(store, file.write, reason, console(), with_cases=with_cases)
    typer.echo(f"{exported.posts} posts written to {out}; left out: {exported.left_out}")


def _tell(which: str, version: str) -> None:
    typer.echo(f"{which} (version {version}) is in use; start the server anew")
