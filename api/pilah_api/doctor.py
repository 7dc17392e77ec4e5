"""`pilah doctor`: what is set, what is installed, and whether the model loads."""

from __future__ import annotations

import dataclasses
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from pilah_api.services.loading import load_judge
from pilah_api.settings import SettingRow, Settings, describe, unknown_variables
from pilah_api.versions import library_version, pilah_version
from pilah_data.errors import PilahError
from pilah_model.judgement import ModelInfo

_LIBRARIES = ("onnxruntime", "tokenizers", "numpy", "fastapi", "uvicorn", "pydantic", "ftfy", "regex")


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor found."""

    versions: dict[str, str]
    settings: list[SettingRow]
    unknown_variables: list[str]
    model: ModelInfo | None
    model_error: str | None


def examine(settings: Settings, environ: Mapping[str, str]) -> Report:
    """Look at settings, libraries and the model; a model that does not load is a finding, not an error."""
    versions = {"pilah": pilah_version(), "python": platform.python_version()}
    versions |= {name: library_version(name) or "not installed" for name in _LIBRARIES}
    model, error = None, None
    try:
        model = load_judge(settings).info
    except PilahError as found:
        error = str(found)
    return Report(versions, describe(settings), unknown_variables(environ), model, error)


def show(report: Report, *, as_json: bool) -> None:
    """Print a report for people or for programs."""
    if as_json:
        sys.stdout.write(json.dumps(dataclasses.asdict(report), indent=2) + "\n")
        return
    console = Console(soft_wrap=True)
    _show_settings(console, report)
    console.print(
        "Versions: " + ", ".join(f"{name} {number}" for name, number in report.versions.items()), highlight=False
    )
    if report.model:
        for name, value in dataclasses.asdict(report.model).items():
            console.print(f"Model {name}: {value}", highlight=False, markup=False)
    else:
        console.print(f"Model: cannot be loaded: {report.model_error}", style="bold red", highlight=False, markup=False)


def _show_settings(console: Console, report: Report) -> None:
    if console.is_terminal:
        table = Table("setting", "value", "from", "meaning")
        for row in report.settings:
            table.add_row(row.variable, row.value, row.source, row.help)
        console.print(table, soft_wrap=False)
    else:
        for row in report.settings:
            console.print(f"{row.variable}={row.value} ({row.source}): {row.help}", highlight=False, markup=False)
    for name in report.unknown_variables:
        console.print(f"{name} is set, but no setting has that name: check its spelling", highlight=False, markup=False)
