"""`pilah worker`: work on batches until told to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from pilah_api.settings import Settings

_NICE = 10
Model = Annotated[Path | None, typer.Option(help="Folder of the model; PILAH_MODEL or the shipped one unless given.")]
Engine = Annotated[str | None, typer.Option(help="auto, fp32 or int8; PILAH_ENGINE or auto.")]
Threads = Annotated[str | None, typer.Option(help="Threads of the model; PILAH_THREADS or all cores.")]
Beside = Annotated[
    bool,
    typer.Option("--beside-server", help="Give way to the server that started it, and end with it.", hidden=True),
]


def worker(model: Model = None, engine: Engine = None, threads: Threads = None, beside_server: Beside = False) -> None:
    """Work on queued batches, beside a server or on another machine that has the same database and data folder.

    Several may run. SIGTERM or Ctrl-C gives back what is not finished, for others to take.
    """
    from pilah_api.jobs.worker import Worker  # noqa: PLC0415 - keeps `pilah --help` quick
    from pilah_api.logging_setup import configure_logging  # noqa: PLC0415
    from pilah_api.services.loading import load_judge  # noqa: PLC0415
    from pilah_api.store.opening import open_store  # noqa: PLC0415

    settings = Settings.from_environment(os.environ).override(model=model, engine=engine, threads=threads)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if beside_server:
        settings = _second_place(settings)
        threading.Thread(target=_stop_with_input, args=(stop,), daemon=True).start()
    configure_logging(settings.log_level)
    judge = load_judge(settings)
    store = open_store(settings.home, settings.database, settings.data_keys)
    try:
        working = Worker(store, settings.home, judge, settings.bounds)
        if not beside_server:
            typer.echo(f"Works on batches in {store.address}  (Ctrl+C stops it)", err=True)
        working.run(stop)
    finally:
        store.close()


def _second_place(settings: Settings) -> Settings:
    """Leave the processor to whoever asks the server: a lower priority, and half of the cores."""
    if os.name == "posix":
        with suppress(OSError):
            os.nice(_NICE)
    return settings if settings.threads else settings.override(threads=max(1, (os.cpu_count() or 1) // 2))


def _stop_with_input(stop: threading.Event) -> None:
    """Stop when the server closes the pipe, or dies and the system closes it."""
    with suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 1):
            pass
    stop.set()
