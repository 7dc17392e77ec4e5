"""Loads the model in use; the one place in which the doors meet the model's files."""

from __future__ import annotations

import dataclasses
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from pilah_api.services.classification import Judge
from pilah_api.settings import Settings
from pilah_data.errors import PilahError

_MOST_WORKERS = 8
"""Beyond some workers the interpreter, of which there is one, is what they wait for; each then gets several threads."""

log = logging.getLogger("pilah.model")


class NotReadyError(PilahError):
    """The model is not loaded, so nothing can be judged yet."""


@dataclass(frozen=True, slots=True)
class Hands:
    """How many workers judge at once in a server, and how many threads the model uses for each."""

    workers: int
    threads: int

    @classmethod
    def of(cls, settings: Settings) -> Hands:
        """Share the processor: workers of one thread each do more than one worker of many, and no thread waits for another."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        threads = settings.threads or cores
        workers = min(threads, _MOST_WORKERS)
        return cls(workers, threads // workers)

    def settings(self, settings: Settings) -> Settings:
        """Return the settings by which the model is loaded for these workers."""
        return dataclasses.replace(settings, threads=self.threads)


def model_folder(settings: Settings) -> Path:
    """Return the folder of the model in use: the one of the settings, else the one chosen in the data folder, else the shipped one.

    Raises PilahError if what was chosen is not there.
    """
    # Imported on use: `pilah --help` and `pilah version` must answer without numpy and onnxruntime.
    from pilah_api.services.shelf import Shelf  # noqa: PLC0415

    if settings.model is not None:
        return settings.model
    shelf = Shelf(settings.home)
    return shelf.folder(shelf.choice().current)


def load_judge(settings: Settings) -> Judge:
    """Load the model in use. Raises PilahError, naming the file and what to do, if it is missing or damaged."""
    from pilah_api.services.shelf import Shelf  # noqa: PLC0415 - as above
    from pilah_model.artefacts import ArtefactError  # noqa: PLC0415

    folder = model_folder(settings)
    try:
        return load_folder(settings, folder)
    except ArtefactError as error:
        if folder.parent == Shelf(settings.home).root:
            hint = "it was put in use by an administrator; to go back run: pilah model rollback, or: pilah model use shipped"
            raise ArtefactError(f"{error} ({hint})") from error
        raise


def load_folder(settings: Settings, folder: Path) -> Judge:
    """Load the model of a folder with the engine and threads of the settings. Raises PilahError as `load_judge` does."""
    from pilah_model.classifier import Classifier  # noqa: PLC0415 - as above

    return Classifier.load(folder, engine=settings.engine, threads=settings.threads)


def load_reference_scores(settings: Settings) -> tuple[int, ...] | None:
    """Return how the posts scored on which the thresholds were chosen, by bin; None for a model that does not keep it."""
    from pilah_model.reference import Reference  # noqa: PLC0415 - as above

    try:
        return Reference.read(model_folder(settings)).profile.scores
    except PilahError as error:
        log.info("no drift of scores is measured: %s", error)
        return None
