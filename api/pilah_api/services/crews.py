"""Chooses who judges a batch: this process, or several worker processes, of one thread each unless the settings name more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pilah_api.services import loading
from pilah_api.settings import Settings

if TYPE_CHECKING:
    from pilah_model.batch.hands import Crew

_SMALL = 512 * 1024
"""Bytes of a feed that is judged before further processes have loaded the model."""
_MOST = 8
"""Workers that are started unasked; each holds the model, some 150 MB with all that it needs."""


def crew_for(settings: Settings, source: Path | Sequence[Path], workers: int | None) -> Crew:
    """Return the crew for a feed, or for several; raises PilahError if the model cannot be loaded here.

    Processes of one thread each do more than one process of as many threads: on two cores, two of them a third more.
    """
    from pilah_model.batch import InProcess, Processes, worker_command  # noqa: PLC0415 - keeps `pilah --help` quick

    size = workers or _size(settings, (source,) if isinstance(source, Path) else source)
    if size == 1:
        return InProcess(loading.load_judge(settings))
    return Processes(worker_command(loading.model_folder(settings), settings.engine, settings.threads or 1), size)


def ray_crew_for(settings: Settings, workers: int | None, address: str | None) -> Crew:
    """Return a crew on a Ray cluster: the one at an address, or one of this machine that ends with the run."""
    from pilah_model.batch import RayCrew  # noqa: PLC0415

    return RayCrew(loading.model_folder(settings), settings.engine, settings.threads or 1, workers, address)


def _size(settings: Settings, sources: Sequence[Path]) -> int:
    if settings.threads is not None or sum(map(_bytes, sources)) < _SMALL:
        return 1
    return min(loading.cores(), _MOST)


def _bytes(source: Path) -> int:
    try:
        files = source.rglob("*") if source.is_dir() else (source,)
        return sum(file.stat().st_size for file in files)
    except OSError:  # whoever opens it says what is wrong
        return 0
