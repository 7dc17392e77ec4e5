"""Loads the model in use; the one place in which the doors meet the model's files."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pilah_api.settings import Settings
from pilah_data.errors import PilahError
from pilah_model.judge import Judge

_LEAST_LONGEST = 10.0
"""Seconds that a judge process may take for an answer, however short the time of a request is."""
_MOST_WORKERS = 8
"""More judge processes are not started unasked, each of which holds the model (some 100 MB); nor are there more threads that wait
for the server's one interpreter. Each then gets several threads of the model.
"""

log = logging.getLogger("pilah.model")


class NotReadyError(PilahError):
    """The model is not loaded, so nothing can be judged yet."""


@dataclass(frozen=True, slots=True)
class Hands:
    """How many batches are judged at once in a server, by how many threads of the model each, and in how many processes beside it.

    Without such processes, threads of the server's own judge.
    """

    workers: int
    threads: int
    processes: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Hands:
        """Share the processor: many workers of few threads do more than one worker of many, and hardly a thread waits for another.

        Up to as many cores as there may be workers, each has one thread; beyond, each has several.

        One core is enough for the server and its model together; and only POSIX lets a process have a socket for its input and output.
        """
        threads = settings.threads or cores()
        workers = min(threads, _MOST_WORKERS)
        asked = settings.judges if settings.judges is not None else (workers if threads > 1 else 0)
        processes = asked if os.name == "posix" else 0
        workers = processes or workers
        return cls(workers, max(1, threads // workers), processes)

    def settings(self, settings: Settings) -> Settings:
        """Return the settings by which the model is loaded for these workers."""
        return dataclasses.replace(settings, threads=self.threads)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    return _with_hint(settings, lambda folder: load_folder(settings, folder))


def _with_hint(settings: Settings, load: Callable[[Path], Judge]) -> Judge:
    """Load the model in use; one that was put in use and cannot be loaded is told with the way back."""
    from pilah_api.services.shelf import Shelf  # noqa: PLC0415 - as above
    from pilah_model.artefacts import ArtefactError  # noqa: PLC0415

    folder = model_folder(settings)
    try:
        return load(folder)
    except ArtefactError as error:
        if folder.parent == Shelf(settings.home).root:
            hint = "it was put in use by an administrator; to go back run: pilah model rollback, or: pilah model use shipped"
            raise ArtefactError(f"{error} ({hint})") from error
        raise


def load_folder(settings: Settings, folder: Path) -> Judge:
    """Load the model of a folder with the engine and threads of the settings. Raises PilahError as `load_judge` does."""
    from pilah_model.classifier import Classifier  # noqa: PLC0415 - as above

    return Classifier.load(folder, engine=settings.engine, threads=settings.threads)


def open_judge(settings: Settings) -> Judge:
    """Open the model in use as a server needs it: in processes of its own, or in this one. Raises as `load_judge` does."""
    hands = Hands.of(settings)
    if not hands.processes:
        return load_judge(hands.settings(settings))
    return _with_hint(settings, lambda folder: open_folder(settings, folder))


def open_folder(settings: Settings, folder: Path) -> Judge:
    """Open the model of a folder as a server needs it. Raises PilahError as `load_judge` does."""
    # Imported on use, as above.
    from pilah_api.services.judge_link import judge_command  # noqa: PLC0415
    from pilah_api.services.judges import Judges  # noqa: PLC0415

    hands = Hands.of(settings)
    if not hands.processes:
        return load_folder(hands.settings(settings), folder)
    # With one process for each core, each keeps to its own: they would all be busy if one of them were.
    own = hands.threads == 1 and hands.processes == cores()
    places = range(hands.processes)
    commands = [judge_command(folder, settings.engine, hands.threads, place if own else None) for place in places]
    # Half of a request's time: after a process that hangs there is enough left to ask another one.
    return Judges(commands, max(_LEAST_LONGEST, settings.request_seconds / 2)).start()


async def attach_judge(judge: Judge | None) -> None:
    """Have the running event loop watch the processes of a model that judges in such."""
    from pilah_api.services.judges import ProcessJudge  # noqa: PLC0415

    if isinstance(judge, ProcessJudge):
        await judge.judges.attach()


def close_judge(judge: Judge | None) -> None:
    """End the processes of a model that judges in such and that no event loop has."""
    from pilah_api.services.judges import ProcessJudge  # noqa: PLC0415

    if isinstance(judge, ProcessJudge):
        judge.judges.close()


async def end_judge(judge: Judge | None) -> None:
    """End the processes of a model that judges in such, from the event loop that has them."""
    from pilah_api.services.judges import ProcessJudge  # noqa: PLC0415

    if isinstance(judge, ProcessJudge):
        await judge.judges.end()


def load_reference_scores(settings: Settings) -> tuple[int, ...] | None:
    """Return how the posts scored on which the thresholds were chosen, by bin; None for a model that does not keep it."""
    from pilah_model.reference import Reference  # noqa: PLC0415 - as above

    try:
        return Reference.read(model_folder(settings)).profile.scores
    except PilahError as error:
        log.info("no drift of scores is measured: %s", error)
        return None
