"""Hands on a Ray cluster: each is an actor that holds the model and judges one shard at a time, on whatever machine it runs.

Ray is only how a shard's texts travel. What shards hold, what is kept of them and what is written is decided here, as for worker processes
(`workers`), so that the bytes of the output, and what a run can be gone on with, are the same. Needs the extra `ray`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from pilah_data.errors import InputError, MissingExtraError, PilahError
from pilah_model.artefacts import ArtefactError
from pilah_model.batch.errors import WorkerError
from pilah_model.batch.hands import Contexts
from pilah_model.batch.workers import CHANGED, LIVES
from pilah_model.judgement import ModelInfo

_MOST = 256
_PATIENCE = 300
"""Seconds that an actor may take until it has loaded the model."""
_CHANCES = 5
"""How often a cluster of this machine is started before that counts as impossible."""
_LOCAL = "127.0.0.1"
_CONNECT = 20.0


class RayCrew:
    """Hands on the cluster at an address, or on one that is started on this machine and ended with the run."""

    def __init__(self, model: Path, engine: str, threads: int, size: int | None, address: str | None = None):
        """Remember what to start: `size` actors, one for each core of the cluster unless given."""
        self._model, self._engine, self._threads, self._size, self._address = model, engine, threads, size, address
        self._ray: Any = None
        self._hands: list[_Actor] = []
        self._place: str | None = None

    @property
    def hands(self) -> Sequence[_Actor]:
        """The hands, once they were started."""
        return self._hands

    def start(self) -> ModelInfo:
        """Join or start the cluster and all actors; raises MissingExtraError, InputError, WorkerError, ArtefactError."""
        self._ray = _imported()
        cores = self._joined()
        size = self._size or min(cores, _MOST)
        if size > cores:
            raise InputError(f"the Ray cluster has {cores} cores, fewer than --workers {size}; ask for fewer")
        kind = self._ray.remote(num_cpus=1, max_restarts=0)(Judging)
        arguments = (os.fspath(self._model.resolve()), self._engine, self._threads)
        self._hands = [_Actor(self._ray, lambda: kind.remote(*arguments)) for _ in range(size)]
        first, *others = [hand.greeting() for hand in self._hands]
        if any(other != first for other in others):
            raise WorkerError("the machines of the Ray cluster hold different models; install the same pilah on all")
        return first

    def close(self) -> None:
        """End the actors, leave the cluster, and end it where it was started here."""
        for hand in self._hands:
            hand.kill()
        if self._ray is not None:
            self._ray.shutdown()
        # A second call finds nothing: whatever is asked of Ray after its end would start it again.
        self._hands, self._ray = [], None
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)

    def _joined(self) -> int:
        """Join the cluster, or start one; return its cores."""
        own: dict[str, object] = {}
        if self._address is None:
            self._place = tempfile.mkdtemp(prefix="pilah-ray-")
            # On this machine alone, nothing beside what the work needs, and nothing left behind.
            own = {
                "num_cpus": self._size,
                "_node_ip_address": _LOCAL,
                "include_dashboard": False,
                "_temp_dir": self._place,
            }
        with _explained("the Ray cluster cannot be reached" if self._address else "Ray cannot be started"):
            if self._address is not None:
                _check_reachable(self._address)
            for chance in reversed(range(_CHANCES if self._address is None else 1)):
                try:
                    # Without an address Ray would join whatever cluster it finds.
                    self._ray.init(self._address or "local", configure_logging=False, log_to_driver=False, **own)
                    break
                except Exception:
                    # It allows itself 30 seconds, which a busy machine may exceed.
                    self._ray.shutdown()
                    if not chance:
                        raise
            return int(self._ray.cluster_resources().get("CPU", 0))


class Judging:
    """What an actor is: a judge, made when its first greeting is asked for; errors are answers, not exceptions."""

    def __init__(self, model: str, engine: str, threads: int):
        """Remember which model to open."""
        self._model, self._engine, self._threads = model, engine, threads
        self._hand: Any = None

    def greeting(self) -> dict[str, object]:
        """Load the model and say which one it is."""
        from pilah_model.batch.hands import InProcess  # noqa: PLC0415 - loaded where the actor runs
        from pilah_model.classifier import Classifier, Engine  # noqa: PLC0415

        def load() -> dict[str, object]:
            engine = cast("Engine", self._engine)
            self._hand = InProcess(Classifier.load(Path(self._model), engine=engine, threads=self._threads))
            return {"model": asdict(self._hand.start())}

        return _answered(load)

    def judge(self, texts: list[str], explain: bool, contexts: list[str | None] | None) -> dict[str, object]:
        """Return the lines of a list of texts."""
        return _answered(lambda: {"lines": self._hand.judge(texts, explain=explain, contexts=contexts)})


def _answered(step: Any) -> dict[str, object]:
    try:
        answer: dict[str, object] = step()
    except PilahError as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever it is, the process that asked must say it
        return {"error": f"a worker stopped at an unforeseen error ({type(error).__name__}: {error})"}
    return answer


class _Actor:
    """A hand that is an actor; one that dies - with its process or its machine - is replaced."""

    def __init__(self, ray: Any, make: Any):
        self._ray, self._make = ray, make
        self._info: ModelInfo | None = None
        self._closed, self._making = False, threading.Lock()
        self.actor = make()

    def greeting(self) -> ModelInfo:
        """Wait until the actor has loaded the model, and return which one it is."""
        with _explained("an actor of the Ray cluster could not be started"):
            answer = self._ray.get(self.actor.greeting.remote(), timeout=_PATIENCE)
        if "error" in answer:
            raise ArtefactError(str(answer["error"]))
        info = ModelInfo(**answer["model"])
        if self._info not in (None, info):
            raise WorkerError(CHANGED)
        self._info = info
        return info

    def judge(self, texts: Sequence[str], *, explain: bool, contexts: Contexts | None = None) -> list[str]:
        asked = list(texts), explain, list(contexts) if contexts else None
        for life in range(LIVES):
            if life:
                self._replace()
            try:
                answer = self._ray.get(self.actor.judge.remote(*asked))
            except self._ray.exceptions.RayError:  # the actor, its machine, or the way there
                continue
            if "error" in answer:
                raise WorkerError(str(answer["error"]))
            return cast("list[str]", answer["lines"])
        raise WorkerError(
            f"{LIVES} actors died one after the other on the same posts; look at the machines of the Ray cluster. "
            "What is finished is kept: go on with --resume"
        )

    def kill(self) -> None:
        """End the actor for good, whatever its thread is doing."""
        with self._making:
            self._closed = True
        with contextlib.suppress(self._ray.exceptions.RayError, ValueError):
            self._ray.kill(self.actor)

    def _replace(self) -> None:
        with self._making:
            if self._closed:
                raise WorkerError("the workers were stopped")
            self.actor = self._make()
        self.greeting()


def _check_reachable(address: str) -> None:
    """Raise OSError where nobody listens at an address that names a machine and a port: Ray itself would wait for ever."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT).close()


def _imported() -> Any:
    # It reports nothing to anybody, and starts no cluster of its own accord. This must stand before it is imported.
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_ENABLE_AUTO_CONNECT="0")
    try:
        import ray  # noqa: PLC0415 - of an extra
    except ImportError as error:
        raise MissingExtraError("ray", "ray") from error
    return ray


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn what Ray raises into a WorkerError."""
    try:
        yield
    except PilahError:
        raise
    except Exception as error:  # Ray has no single root: ConnectionError, ValueError, RuntimeError, RayError
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise WorkerError(f"{what} ({said}); start it, check --ray-address, or leave out --engine ray") from error
