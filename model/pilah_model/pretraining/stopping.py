"""Lets Ctrl-C and SIGTERM end a run after the step that it is at, instead of in the middle of it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

from pilah_data.errors import PilahError

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppedError(PilahError):
    """A signal ended a run that had been saved; `signal` is its number."""

    def __init__(self, message: str, number: int):
        """Say where the run was saved."""
        super().__init__(message)
        self.signal = number


@dataclass
class Stop:
    """The signal that asked for the end, if one did."""

    signal: signal.Signals | None = None


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Note the first SIGINT or SIGTERM instead of ending the process; a second one does what it did before.

    Only the main thread can listen. A signal that this process ignores, as one started in the background does, stays ignored.
    """
    stop = Stop()
    before = {name: signal.getsignal(name) for name in _SIGNALS}
    heard = [name for name in _SIGNALS if before[name] not in (signal.SIG_IGN, None)]
    if threading.current_thread() is not threading.main_thread():
        heard = []

    def restore() -> None:
        for name in heard:
            signal.signal(name, before[name])

    def note(number: int, _: FrameType | None) -> None:
        stop.signal = signal.Signals(number)
        restore()

    for name in heard:
        signal.signal(name, note)
    try:
        yield stop
    finally:
        restore()
