"""`pilah audit`, `db`, `case`, `purge`, `backup`, `restore`: looking after what is kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pilah_api.settings import Settings
    from pilah_api.store.audit import Origin
    from pilah_api.store.units import Store

audit = typer.Typer(help="The audit: who did what, in a chain that shows every change.", no_args_is_help=True)
database = typer.Typer(help="The database itself.", no_args_is_help=True)
case = typer.Typer(help="The rights of a person concerned: to see and to be forgotten.", no_args_is_help=True)

CaseArgument = Annotated[str, typer.Argument(help="Id of the case.")]

NOT_INTACT = 1


@audit.command("verify")
def verify_audit(
    anchor: Annotated[
        str | None, typer.Option(help="A number:hash noted down earlier, which the chain must hold.")
    ] = None,
) -> None:
    """Check every record, its place and the sealed end; exit code 1 if anything was altered, removed or moved."""
    from pilah_api.services.auditing import verify  # noqa: PLC0415 - keeps `pilah --help` quick

    with opened() as (store, _):
        checked = verify(store, anchor, console())
    for finding in checked.findings:
        typer.echo(f"record {finding.seq}: {finding.what}" if finding.seq is not None else finding.what)
    if checked.findings:
        raise typer.Exit(NOT_INTACT)
    typer.echo(f"{checked.records} records, intact")
    typer.echo(f"anchor {checked.anchor}  (note it down outside of this machine; later: pilah audit verify --anchor …)")


@audit.command("export")
def export_audit(
    out: Annotated[Path | None, typer.Option(help="File to write; standard output unless given.")] = None,
) -> None:
    """Write all records as JSON lines, oldest first; the export itself is recorded."""
    from pilah_api.services.auditing import export  # noqa: PLC0415

    with opened() as (store, _):
        if out is None:
            export(store, sys.stdout.write, console())
            return
        with out.open("x", encoding="utf-8") as file:
            count = export(store, file.write, console())
    typer.echo(f"{count} records written to {out}")


@database.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the version of this Pilah; the server does so by itself when it starts."""
    from pilah_api.store.migrate import HEAD  # noqa: PLC0415

    with opened() as (store, _):
        typer.echo(f"{store.address} has version {HEAD}")


@database.command("renew-keys")
def renew_keys() -> None:
    """Encrypt all identity fields with the newest data key, after one was put first in data.key or PILAH_DATA_KEYS."""
    with opened() as (store, _), store.writing(console()) as unit:
        count = unit.retention.renew_sealed()
        unit.renew_key_check()
        unit.audit.append("store.keys_renewed", "store", {"fields": count})
    typer.echo(f"{count} fields encrypted anew; older keys may go once no backup needs them")


@database.command("recount")
def recount_posts() -> None:
    """Count anew what became of every post, by which *Ringkasan* and `/v1/stats` go; exit code 1 if a count was wrong before."""
    with opened() as (store, _), store.writing(console()) as unit:
        wrong = unit.statistics.recount()
        if wrong:
            unit.audit.append("store.recounted", "store", {"posts": wrong})
    typer.echo(f"{wrong} post(s) were counted wrongly or not yet; all are right now")
    if wrong:
        raise typer.Exit(NOT_INTACT)


def purge() -> None:
    """Delete what has had its time: posts, batches, cases by schedule, ended sessions; may be run at any time."""
    from pilah_api.services.keeping import purge as run  # noqa: PLC0415

    with opened() as (store, settings):
        purged = run(store, settings.home, console())
    typer.echo(", ".join(f"{name} {count}" for name, count in purged.counts.items()))
    for sentence in purged.left:
        typer.echo(sentence, err=True)


@case.command("export")
def export_case(
    case_id: CaseArgument, archive: Annotated[Path, typer.Argument(help="ZIP archive to write; must not exist.")]
) -> None:
    """Write everything that is kept on a case, for the person concerned; names no staff and no reporter."""
    from pilah_api.services.dossiers import export_case as run  # noqa: PLC0415

    with opened() as (store, settings):
        exported = run(store, settings.home, case_id, archive, console())
    typer.echo(f"{archive} holds " + ", ".join(f"{name} {count}" for name, count in exported.counts.items()))
    for sentence in exported.missing:
        typer.echo(sentence, err=True)
    if exported.missing:
        raise typer.Exit(NOT_INTACT)


@case.command("erase")
def erase_case(
    case_id: CaseArgument, reason: Annotated[str, typer.Option(help="Why, without names; it stays in the audit.")]
) -> None:
    """Take away all that names the person concerned by a case, for good; a tombstone stays in the audit."""
    from pilah_api.services.keeping import erase_case as run  # noqa: PLC0415

    with opened() as (store, settings):
        left = run(store, settings.home, case_id, reason, console())
    typer.echo(f"case {case_id} is erased; backups made before still hold it")
    for sentence in left:
        typer.echo(sentence, err=True)


def backup(archive: Annotated[Path, typer.Argument(help="Archive to write; must not exist.")]) -> None:
    """Write database and evidence to one archive while the server runs; keep data.key and secret elsewhere."""
    from pilah_api.services.backup import back_up  # noqa: PLC0415

    with opened() as (store, settings):
        count = back_up(store, settings.home, archive, console())
    typer.echo(f"{archive} holds {count} file(s); it does not hold the keys: keep data.key apart from it")


def restore(
    archive: Annotated[Path, typer.Argument(help="Archive that `pilah backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Put aside a database that is there.")] = False,
) -> None:
    """Put an archive in place after checking all of it; the server must be stopped."""
    from pilah_api.services.backup import Keys  # noqa: PLC0415
    from pilah_api.services.backup import restore as run  # noqa: PLC0415

    settings = _settings()
    if settings.database is not None:
        from pilah_api.store.engine import StoreError  # noqa: PLC0415

        raise StoreError("PILAH_DATABASE names a PostgreSQL database; restore it with pg_restore")
    restored = run(settings.home, archive, Keys(settings.data_keys), replace=replace, origin=console())
    typer.echo(f"{archive} is restored to {settings.home}; everybody signs in anew, and open links no longer work")
    if restored.aside is None:
        typer.echo("keys revoked, accounts closed or erased and cases erased since the backup are back: end them again")
        return
    if restored.undone is None:
        typer.echo(f"what changed since cannot be read from {restored.aside}: compare keys, accounts and cases by hand")
        return
    typer.echo(f"undone by this, according to {restored.aside}: {len(restored.undone)} key(s), account(s), case(s)")
    for object_, deeds in restored.undone.items():
        typer.echo(f"{object_}\t{', '.join(deeds)}")


@contextmanager
def opened() -> Iterator[tuple[Store, Settings]]:
    """Open the store that the environment names, for one command."""
    from pilah_api.store.opening import open_store  # noqa: PLC0415

    settings = _settings()
    store = open_store(settings.home, settings.database, settings.data_keys)
    try:
        yield store, settings
    finally:
        store.close()


def console() -> Origin:
    """Return how the audit names whoever runs a command on the machine itself."""
    from pilah_api.access import CONSOLE_ACTOR  # noqa: PLC0415
    from pilah_api.store.audit import Origin  # noqa: PLC0415

    return Origin(CONSOLE_ACTOR)


def _settings() -> Settings:
    from pilah_api.settings import Settings  # noqa: PLC0415

    return Settings.from_environment(os.environ)
