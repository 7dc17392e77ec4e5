"""The command `pilah`: its sub-commands, and the one place in which an error becomes a line and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from pilah_api.again import INTERRUPTED
from pilah_api.settings import Settings
from pilah_data.errors import DataError, PilahError

WRONG_USE = 2
UNREADABLE = 3
FAULT = 70
"""An error that nobody foresaw, as sysexits.h calls it."""
CUT_OFF = 141
"""What a shell reports of a program whose reader went away (`pilah … | head`)."""

HostOption = Annotated[str | None, typer.Option("--host", help="Address to listen on; PILAH_HOST or 127.0.0.1.")]
PortOption = Annotated[
    str | None, typer.Option("--port", help="Port to listen on, 0 for a free one; PILAH_PORT or 8000.")
]
ModelOption = Annotated[Path | None, typer.Option("--model", help="Folder of the model; the shipped one unless given.")]
EngineOption = Annotated[str | None, typer.Option("--engine", help="auto, fp32 or int8; PILAH_ENGINE or auto.")]


def serve(
    host: HostOption = None, port: PortOption = None, model: ModelOption = None, engine: EngineOption = None
) -> None:
    """Start the HTTP interface and the pages; prints the address."""
    from pilah_api.serve import serve as run  # noqa: PLC0415 - keeps `pilah --help` quick

    settings = Settings.from_environment(os.environ)
    run(settings.override(host=host, port=port, model=model, engine=engine), typer.echo)


def doctor(
    model: ModelOption = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Show settings and their sources, versions, the model and the store; the exit code tells whether both are well."""
    from pilah_api.doctor import examine, show  # noqa: PLC0415 - keeps `pilah --help` quick

    report = examine(Settings.from_environment(os.environ).override(model=model), os.environ)
    show(report, as_json=as_json)
    if report.model_error or report.store_error:
        raise typer.Exit(UNREADABLE)


def version() -> None:
    """Print the version."""
    from pilah_api.versions import pilah_version  # noqa: PLC0415 - keeps `pilah --help` quick

    typer.echo(f"pilah {pilah_version()}")


def _print_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


def _options(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


def openapi() -> None:
    """Print the description of the HTTP interface (OpenAPI 3.1, JSON)."""
    from pilah_api.app import create_app  # noqa: PLC0415 - keeps `pilah --help` quick
    from pilah_api.openapi import as_text  # noqa: PLC0415

    typer.echo(as_text(create_app(Settings())), nl=False)


def build() -> typer.Typer:
    """Put the sub-commands together; the modules imported here must be light, and load what is heavy in their functions."""
    from pilah_api import (  # noqa: PLC0415
        access_commands,
        classify_command,
        data_commands,
        measure_commands,
        model_commands,
        score_command,
        shelf_commands,
        store_commands,
        worker_command,
    )

    app = typer.Typer(
        name="pilah",
        help="Sorts partisan posts from lawful speech in Indonesian; people decide.",
        no_args_is_help=True,
        add_completion=False,
    )
    app.callback()(_options)
    app.command("classify")(classify_command.classify)
    app.command("score")(score_command.score)
    app.command("worker")(worker_command.worker)
    for command in (serve, doctor, version, openapi):
        app.command()(command)
    app.add_typer(model_commands.app)
    app.add_typer(measure_commands.app)
    app.add_typer(data_commands.app, name="data")
    app.command()(store_commands.purge)
    app.command()(store_commands.backup)
    app.command()(store_commands.restore)
    app.add_typer(access_commands.user, name="user")
    app.add_typer(access_commands.key, name="key")
    app.add_typer(shelf_commands.model, name="model")
    app.add_typer(shelf_commands.feedback, name="feedback")
    app.add_typer(store_commands.audit, name="audit")
    app.add_typer(store_commands.database, name="db")
    app.add_typer(store_commands.case, name="case")
    return app


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; every error is one line on standard error."""
    try:
        _check_encoding(arguments)
        command = typer.main.get_command(build())
        # Not `command.main()`, which has its own idea of errors, interrupts and closed pipes.
        with command.make_context("pilah", list(arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as stop:
        return stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return CUT_OFF
    except Exception as error:  # noqa: BLE001 - no traceback reaches a user
        return _complain(*_explained(error, arguments))
    return 0


def exit_code(error: PilahError) -> int:
    """Return 3 for what cannot be read or written (a feed, a corpus, a model, an output), 70 for workers that die.

    Everything else is 2, wrong use or settings, and so is a column, format, encoding or sheet that is not there.
    """
    from pilah_data.feeds.columns import ChoiceError, FeedError  # noqa: PLC0415 - only needed when something went wrong
    from pilah_model.artefacts import ArtefactError  # noqa: PLC0415
    from pilah_model.batch.errors import WorkerError  # noqa: PLC0415

    if isinstance(error, WorkerError):
        return FAULT
    unreadable = isinstance(error, DataError | FeedError | ArtefactError) and not isinstance(error, ChoiceError)
    return UNREADABLE if unreadable else WRONG_USE


def main() -> None:
    """Run the command line of this process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What goes to a file or pipe is UTF-8 on every system, and no character can stop the output.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


class _EncodingError(PilahError):
    pass


def _check_encoding(arguments: Sequence[str]) -> None:
    for number, argument in enumerate(arguments, start=1):
        if any("\ud800" <= c <= "\udfff" for c in argument):
            message = f"argument {number} is not valid UTF-8; give the text in UTF-8, or on standard input"
            raise _EncodingError(message)


def _complain(message: str, code: int) -> int:
    if message:
        with contextlib.suppress(BrokenPipeError):
            print("pilah: " + " ".join(message.split()), file=sys.stderr)
    return code


def _explained(error: Exception, arguments: Sequence[str]) -> tuple[str, int]:
    """Return what to say of an error, and its exit code."""
    if isinstance(error, PilahError):
        return str(error), exit_code(error)
    if isinstance(error, typer.TyperException):
        return _with_hint(error), error.exit_code
    if isinstance(error, OSError):
        return _of_the_system(error), WRONG_USE
    return f"{_command_line(arguments)} {_unforeseen(error)}", FAULT


def _of_the_system(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename is not None else ""
    return f"{where}{error.strerror or error}; check that the place exists, is yours to use, and has space left"


def _command_line(arguments: Sequence[str]) -> str:
    """Return the names of the command and its sub-command, without anything else the user wrote."""
    names, known = ["pilah"], typer.main.get_command(build())
    for argument in arguments:
        if argument not in (commands := getattr(known, "commands", {})):
            break
        names.append(argument)
        known = commands[argument]
    return " ".join(names)


def _unforeseen(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"stopped at an unforeseen error ({what}; in {Path(place.filename).name}, line {place.lineno})"


def _with_hint(error: typer.TyperException) -> str:
    message = error.format_message()
    if not message:
        return ""  # `pilah` alone: the help is already on the screen
    context = getattr(error, "ctx", None)
    return f"{message} (see: {context.command_path if context else 'pilah'} --help)"


def _drop_output() -> None:
    # The interpreter flushes once more at its end; by then nobody listens.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
