"""A worker: takes shards by lease, works, keeps the leases alive, and lets go of them in good order when told to stop.

A worker that dies says nothing: its leases run out, and others take its shards.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from pilah_api.jobs.folder import BatchFolder, GoneError
from pilah_api.jobs.reading import explained
from pilah_api.jobs.steps import Work, assemble, judge_shard, plan
from pilah_api.jobs.terms import Terms, model_key
from pilah_api.limits import Bounds
from pilah_api.services.policies import under
from pilah_api.store.columns import new_id
from pilah_api.store.engine import StoreUnavailableError
from pilah_api.store.shards import Lease, Step
from pilah_api.store.units import Store, Unit
from pilah_data.errors import PilahError
from pilah_data.traces import places
from pilah_model.batch.errors import WriteError
from pilah_model.judge import Judge

_STRANGERS_AFTER = timedelta(minutes=10)
_STRANGER = (
    "the program, its model or its engine changed before this batch was finished, and no worker has the former one any "
    "more; judgements of two kinds are not mixed: upload the file again"
)
_LOOK_AGAIN = 300.0
"""Seconds after which a worker looks again for batches whose folder it did not find."""

log = logging.getLogger("pilah.worker")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a lease lasts, how often a worker without work looks for some, and how long it rests after a failure."""

    lease: timedelta = timedelta(seconds=60)
    poll: float = 1.0
    rest: float = 30.0


class _StopError(Exception):
    """The worker is told to stop."""


class _LostError(Exception):
    """The lease went to another worker, or the batch was cancelled."""


@dataclass(eq=False, slots=True)
class _Hold:
    """A lease that is kept alive by another thread while its shard is worked on."""

    lease: Lease
    stop: threading.Event
    until: float
    lost: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raise _LostError or _StopError when the work must end."""
        if self.lost.is_set() or time.monotonic() > self.until:
            raise _LostError
        if self.stop.is_set():
            raise _StopError


class Worker:
    """One worker with its model; `run` works until `stop` is set."""

    def __init__(self, store: Store, home: Path, judge: Judge, bounds: Bounds, pace: Pace | None = None):
        """Get ready; nothing is taken before `run`."""
        self._store, self._home, self._judge, self._bounds = store, home, judge, bounds
        self._pace = pace or Pace()
        self.model, self.id = model_key(judge), new_id(store.now())
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._hold: _Hold | None = None
        self._unreachable: dict[str, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        ended = threading.Event()
        self._beat()
        heart = threading.Thread(target=self._keep_alive, args=(ended,), daemon=True)
        heart.start()
        try:
            while not stop.is_set():
                try:
                    busy = self.turn(stop)
                except StoreUnavailableError:
                    busy = False  # the store has logged it
                if not busy:
                    stop.wait(self._pace.poll)
        finally:
            ended.set()
            heart.join()
            self._note(lambda unit: unit.workers.leave(self.id))

    def turn(self, stop: threading.Event) -> bool:
        """Do one step, if there is one to be done."""
        lease = self._claim()
        if lease is None:
            return False
        self._hold = hold = _Hold(lease, stop, time.monotonic() + self._pace.lease.total_seconds())
        try:
            self._work(lease, hold)
        except _LostError:
            log.info("shard lost", extra=_about(lease))
        except _StopError:
            self._give_back(lease)
        finally:
            self._hold = None
        return True

    def _claim(self) -> Lease | None:
        now = time.monotonic()
        self._unreachable = {batch: at for batch, at in self._unreachable.items() if now - at < _LOOK_AGAIN}
        with self._store.reading() as unit:
            if unit.shards.is_idle(self.model):
                return None
        with self._store.writing() as unit:
            return unit.shards.claim(self._pace.lease, self.model, tuple(self._unreachable))

    def _work(self, lease: Lease, hold: _Hold) -> None:
        folder = BatchFolder(self._home, lease.batch_id)
        source, name = folder.input(), ""
        try:
            with self._store.reading() as unit:
                batch = unit.batches.progress(lease.batch_id)
            name, terms = batch.name, Terms.of_json(batch.options)
            bounds = replace(self._bounds, characters=terms.most_characters)
            work = Work(folder, terms, terms.fingerprint(self.model), bounds)
            judge = under(self._judge, terms.thresholds) if terms.thresholds is not None else self._judge
            finish = self._step(lease, work, judge, hold)
            with self._store.writing() as unit:
                kept = finish(unit)
        except GoneError as error:
            self._unreachable[lease.batch_id] = time.monotonic()
            self._let_go(lease, str(error))
        except (OSError, WriteError) as error:
            # Without the lease it was a batch that is cancelled and gone, else the disk, which may need some time.
            if self._let_go(lease, _why(error)):
                hold.stop.wait(self._pace.rest)
        except (_LostError, _StopError, StoreUnavailableError):
            raise
        except PilahError as error:
            self._fail(lease, explained(error, source, name))
        except Exception as error:  # noqa: BLE001 - the shard goes to others, and after some attempts is set aside
            # Type and places, never the message: it may quote a post.
            where = {"error": type(error).__qualname__, "where": places(error.__traceback__)}
            log.error("shard failed", extra={**_about(lease), **where})  # noqa: TRY400
            with self._store.writing() as unit:
                unit.shards.give_back(lease, counts=True)
        else:
            self._tidy(lease, folder, kept=kept)

    def _step(self, lease: Lease, work: Work, judge: Judge, hold: _Hold) -> Callable[[Unit], bool]:
        """Do a step; return what marks it as done."""
        match lease.step:
            case Step.PLAN:
                parts = plan(work, hold)
                return lambda unit: unit.shards.plan(lease, parts)
            case Step.JUDGE:
                judge_shard(work, lease.number, judge, hold)
            case Step.ASSEMBLE:
                assemble(work, judge, lease.token, hold)
        return lambda unit: unit.shards.finish(lease)

    def _tidy(self, lease: Lease, folder: BatchFolder, *, kept: bool) -> None:
        if not kept:
            log.info("shard lost", extra=_about(lease))
        elif lease.step is Step.JUDGE:
            with suppress(OSError):
                folder.drop_task(lease.number)
        elif lease.step is Step.ASSEMBLE:
            with suppress(OSError):
                folder.tidy()
            log.info("batch done", extra=_about(lease))

    def _give_back(self, lease: Lease) -> None:
        with self._store.writing() as unit:
            unit.shards.give_back(lease)
        log.info("shard given back", extra=_about(lease))

    def _let_go(self, lease: Lease, why: str) -> bool:
        with self._store.writing() as unit:
            held = unit.shards.give_back(lease)
        log.log(logging.WARNING if held else logging.INFO, "shard given back: %s", why, extra=_about(lease))
        return held

    def _fail(self, lease: Lease, why: str) -> None:
        with self._store.writing() as unit:
            unit.shards.fail(lease, why)
        log.warning("batch failed", extra=_about(lease))

    # --- the other thread ------------------------------------------------------------------------------------------

    def _keep_alive(self, ended: threading.Event) -> None:
        while not ended.wait(self._pace.lease.total_seconds() / 4):
            self._beat()
            hold = self._hold
            if hold is not None:
                self._renew(hold)

    def _renew(self, hold: _Hold) -> None:
        began = time.monotonic()
        held = self._note(lambda unit: unit.shards.renew(hold.lease, self._pace.lease))
        if held:
            hold.until = began + self._pace.lease.total_seconds()
        elif held is False:
            hold.lost.set()

    def _beat(self) -> None:
        def beat(unit: Unit) -> None:
            unit.workers.beat(self.id, self._name, self.model)
            unit.shards.set_aside_broken()
            unit.shards.fail_strangers(unit.workers.models(_STRANGERS_AFTER), _STRANGERS_AFTER, _STRANGER)

        self._note(beat)

    def _note(self, work: Callable[[Unit], bool | None]) -> bool | None:
        """Note something; a database that is busy or away for a moment is asked again at the next beat."""
        return self._store.note(work)


def _about(lease: Lease) -> dict[str, object]:
    return {"batch": lease.batch_id, "step": lease.step.value, "shard": lease.number}


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
