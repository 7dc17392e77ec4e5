"""A private PostgreSQL cluster from Debian's programs, for the run of the tests that asks for it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql")
DURABLE = "-c max_connections=60 -c shared_buffers=32MB"
_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=32MB"


def find_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that Debian installed, or None."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    return found[-1].parent if found else None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster in a folder of its own, which a test may kill and start again."""

    programs: Path
    base: Path
    options: str

    @property
    def url(self) -> str:
        """Return its address, which only this machine reaches."""
        return f"postgresql://pilah@/postgres?host={self.base}"

    def start(self) -> None:
        """Start it, after a kill too: what the dead one left behind is none of the caller's business."""
        words = [self.programs / "pg_ctl", "-D", self.base / "data", "-w", "-t", "60", "-l", self.base / "log"]
        for attempt in range(100):
            try:
                _run([*words, "-o", f"-k {self.base} -c listen_addresses='' {self.options}", "start"])
            except AssertionError:
                # The children of a killed server hold its memory until they notice.
                if attempt == 99:
                    raise
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        """Kill the server without a word, as a power cut would."""
        pid = int((self.base / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Stop it, dead or alive."""
        with contextlib.suppress(AssertionError):
            _run([self.programs / "pg_ctl", "-D", self.base / "data", "-m", "immediate", "stop"])


@contextmanager
def running_cluster(programs: Path, options: str) -> Iterator[Cluster]:
    """Run a new cluster that only this machine reaches, through a socket in its folder."""
    # A short path: a socket's name may have 107 bytes only.
    base = Path(tempfile.mkdtemp(prefix="pilah-pg-", dir="/tmp"))
    made = Cluster(programs, base, options)
    try:
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(base, "postgres", "postgres")
        kind = ["-U", "pilah", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        _run([programs / "initdb", "-D", base / "data", *kind])
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def private_cluster(programs: Path) -> Iterator[str]:
    """Run a cluster that forgets in a power cut, and is all the faster; yields its URL."""
    with running_cluster(programs, _FAST) as made:
        yield made.url


def _run(command: list[object]) -> None:
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    done = subprocess.run(words, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{words[-1]}: {done.stdout[-800:]}")
