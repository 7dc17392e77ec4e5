"""Shows settings: every one with its value, its source and its help, and variables that none of them reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pilah_api.settings import Settings, field_of, names, variable


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as `pilah doctor` and the documentation show it; a secret's value is hidden."""

    variable: str
    value: str
    source: str
    help: str


def describe(settings: Settings) -> list[SettingRow]:
    """Return every setting with its value, where it came from, and its help."""
    rows = []
    for name in names():
        value = getattr(settings, name)
        shown = "unset" if value in (None, ()) else "(hidden)" if field_of(name).metadata["secret"] else _shown(value)
        source = settings.sources.get(name, "default")
        rows.append(SettingRow(variable(name), shown, source, field_of(name).metadata["help"]))
    return rows


def _shown(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return `PILAH_*` variables that no setting reads: most often a slip of the pen."""
    known = {variable(name) for name in names()}
    return sorted(name for name in environ if name.startswith("PILAH_") and name not in known)
