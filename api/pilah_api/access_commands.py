"""`pilah user` and `pilah key`: people and programs, managed on the machine itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pilah_api.store.units import Unit

user = typer.Typer(help="People: accounts, roles and one-time links.", no_args_is_help=True)
key = typer.Typer(help="Programs: keys with scopes and an end.", no_args_is_help=True)

LoginArgument = Annotated[str, typer.Argument(help="Login of the person.")]
RoleOption = Annotated[
    list[str], typer.Option("--role", help="petugas, penelaah, penyelia, auditor or admin; may be repeated.")
]
ScopeOption = Annotated[
    list[str], typer.Option("--scope", help="judge, batches, reviews, cases, stats or audit; may be repeated.")
]


@user.command("add")
def add_user(
    login: LoginArgument, name: Annotated[str, typer.Option(help="Name, stored encrypted.")], role: RoleOption
) -> None:
    """Make an account and print its one-time link."""
    from pilah_api.access import parse_roles  # noqa: PLC0415 - keeps `pilah --help` quick
    from pilah_api.services.people import add_person  # noqa: PLC0415

    roles = parse_roles(role)
    with _writing() as unit:
        made = add_person(unit, login, name, roles)
    _show_link(made.token)


@user.command("list")
def list_users() -> None:
    """List accounts: login, roles, state, last sign-in."""
    with _reading() as unit:
        people = unit.people.page(None, 10_000)
    for person in people:
        state = "active" if person.active else "closed"
        last = f"{person.signed_in_at:%Y-%m-%d %H:%M} UTC" if person.signed_in_at else "never"
        typer.echo(f"{person.login}\t{','.join(sorted(person.roles))}\t{state}\t{last}\t{person.name}")


@user.command("disable")
def disable_user(login: LoginArgument) -> None:
    """Close an account and end its sessions."""
    from pilah_api.services.people import change_person  # noqa: PLC0415

    with _writing() as unit:
        change_person(unit, _id_of(unit, login), active=False)
    typer.echo(f"{login} is closed")


@user.command("enable")
def enable_user(login: LoginArgument) -> None:
    """Open a closed account again."""
    from pilah_api.services.people import change_person  # noqa: PLC0415

    with _writing() as unit:
        change_person(unit, _id_of(unit, login), active=True)
    typer.echo(f"{login} is open")


@user.command("link")
def link_user(login: LoginArgument) -> None:
    """Print a one-time link for someone who is new or forgot the password."""
    from pilah_api.services.people import invite  # noqa: PLC0415

    with _writing() as unit:
        made = invite(unit, _id_of(unit, login))
    _show_link(made.token)


@user.command("release")
def release_user(login: LoginArgument) -> None:
    """Let another identity of the OpenID Connect provider be bound to an account at its next sign-in there."""
    from pilah_api.services.federation import release_identity  # noqa: PLC0415

    with _writing() as unit:
        release_identity(unit, _id_of(unit, login))
    typer.echo(f"{login} is released")


@user.command("erase")
def erase_user(login: LoginArgument) -> None:
    """Take away login, name and password of an account for good; reviews and audit keep its id."""
    from pilah_api.services.people import erase_person  # noqa: PLC0415

    with _writing() as unit:
        erase_person(unit, _id_of(unit, login))
    typer.echo(f"{login} is erased")


@key.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Which program uses the key.")],
    scope: ScopeOption,
    days: Annotated[int, typer.Option(help="How many days it lasts, at most 730.")] = 365,
) -> None:
    """Make a key and print its secret text, which is not stored and never shown again."""
    from pilah_api.access import CONSOLE_ACTOR, parse_scopes  # noqa: PLC0415
    from pilah_api.services.keys import make_key  # noqa: PLC0415

    scopes = parse_scopes(scope)
    with _writing() as unit:
        made, text = make_key(unit, name, scopes, days, CONSOLE_ACTOR)
    typer.echo(text)
    typer.echo(
        f"key {made.id} lasts until {made.expires_at:%Y-%m-%d}; note its text now, it is not shown again", err=True
    )


@key.command("list")
def list_keys() -> None:
    """List keys: id, beginning, scopes, state, name."""
    with _reading() as unit:
        keys, now = unit.keys.page(None, 10_000), unit.now
    for one in keys:
        ended = (
            "revoked" if one.revoked_at else "expired" if one.expires_at <= now else f"until {one.expires_at:%Y-%m-%d}"
        )
        typer.echo(f"{one.id}\t{one.hint}…\t{','.join(sorted(one.scopes))}\t{ended}\t{one.name}")


@key.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="Id of the key, from `pilah key list`.")]) -> None:
    """End a key at once."""
    from pilah_api.services.keys import revoke_key  # noqa: PLC0415

    with _writing() as unit:
        revoke_key(unit, key_id)
    typer.echo(f"{key_id} is revoked")


@contextmanager
def _writing() -> Iterator[Unit]:
    from pilah_api.store_commands import console, opened  # noqa: PLC0415

    with opened() as (store, _), store.writing(console()) as unit:
        yield unit


@contextmanager
def _reading() -> Iterator[Unit]:
    from pilah_api.store_commands import opened  # noqa: PLC0415

    with opened() as (store, _), store.reading() as unit:
        yield unit


def _id_of(unit: Unit, login: str) -> str:
    from pilah_api.access import NotFoundError  # noqa: PLC0415

    person = unit.people.find(login)
    if person is None:
        raise NotFoundError(f"there is no account with the login {login!r}; see: pilah user list")
    return person.id


def _show_link(token: str) -> None:
    import os  # noqa: PLC0415

    from pilah_api.routes.people import LINK_PATH  # noqa: PLC0415
    from pilah_api.settings import Settings, address  # noqa: PLC0415

    settings = Settings.from_environment(os.environ)
    base = settings.public_url or address(settings.host, settings.port)
    typer.echo(f"{base}{LINK_PATH}?kode={token}")
    typer.echo("the link works once, within 24 hours", err=True)
