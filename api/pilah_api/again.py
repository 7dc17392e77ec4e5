"""The command line as it was given, for the person who is to go on with it."""

from __future__ import annotations

import shlex
from collections.abc import Collection

import typer

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as a shell reports it."""


def command_again(context: typer.Context, without: Collection[str] = ()) -> str:
    """Return the command line of this call, quoted for a shell, without the options named."""
    words = context.command_path.split()
    for parameter in context.command.params:
        name, value = parameter.name or "", context.params.get(parameter.name or "")
        source = context.get_parameter_source(name)
        if source is None or source.name != "COMMANDLINE" or parameter.opts[0] in without:
            continue
        if parameter.param_type_name == "argument":
            words += [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
        else:
            words += [parameter.opts[0]] if value is True else [parameter.opts[0], str(value)]
    return shlex.join(words)
