"""`pilah doctor`: what is set, what is installed, whether the model loads, and how the store is."""

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
from pilah_api.services.store_check import look_at_store
from pilah_api.setting_list import SettingRow, describe, unknown_variables
from pilah_api.settings import Settings
from pilah_api.versions import library_version, pilah_version
from pilah_data.errors import PilahError
from pilah_model.judgement import ModelInfo

_LIBRARIES = (
    "onnxruntime",
    "tokenizers",
    "numpy",
    "fastapi",
    "uvicorn",
    "pydantic",
    "ftfy",
    "regex",
    "sqlalchemy",
    "alembic",
    "cryptography",
    "argon2-cffi",
    "psycopg",
)


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor found."""

    versions: dict[str, str]
    settings: list[SettingRow]
    unknown_variables: list[str]
    model: ModelInfo | None
    model_error: str | None
    store: list[str]
    store_error: str | None
    model_warnings: tuple[str, ...] = ()


def examine(settings: Settings, environ: Mapping[str, str]) -> Report:
    """Look at settings, libraries, the model and the store; what does not work is a finding, not an error."""
    versions = {"pilah": pilah_version(), "python": platform.python_version()}
    versions |= {name: library_version(name) or "not installed" for name in _LIBRARIES}
    model, error = None, None
    warnings: tuple[str, ...] = ()
    try:
        judge = load_judge(settings)
        model, warnings = judge.info, tuple(judge.warnings)
    except PilahError as found:
        error = str(found)
    store, store_error = _look_at_store(settings)
    return Report(
        versions=versions,
        settings=describe(settings),
        unknown_variables=unknown_variables(environ),
        model=model,
        model_error=error,
        store=store,
        store_error=store_error,
        model_warnings=warnings,
    )


def _look_at_store(settings: Settings) -> tuple[list[str], str | None]:
    try:
        return look_at_store(settings.home, settings.database, settings.data_keys), None
    except PilahError as found:
        return [], str(found)


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
        for warning in report.model_warnings:
            console.print(f"Model warning: {warning}", style="bold yellow", highlight=False, markup=False)
    else:
        console.print(f"Model: cannot be loaded: {report.model_error}", style="bold red", highlight=False, markup=False)
    for line in report.store:
        console.print(f"Store: {line}", highlight=False, markup=False)
    if report.store_error:
        console.print(f"Store: {report.store_error}", style="bold red", highlight=False, markup=False)


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
