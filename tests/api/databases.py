"""A private PostgreSQL cluster from Debian's programs, for the run of the tests that asks for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql")
_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=32MB"


def find_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that Debian installed, or None."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    return found[-1].parent if found else None


@contextmanager
def private_cluster(programs: Path) -> Iterator[str]:
    """Run a cluster that only this machine reaches, through a socket in a folder of its own; yields its URL."""
    # A short path: a socket's name may have 107 bytes only.
    base = Path(tempfile.mkdtemp(prefix="pilah-pg-", dir="/tmp"))
    data = base / "data"
    try:
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(base, "postgres", "postgres")
        _run([programs / "initdb", "-D", data, "-U", "pilah", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"])
        options = f"-k {base} -c listen_addresses='' {_FAST}"
        _run([programs / "pg_ctl", "-D", data, "-w", "-t", "60", "-o", options, "-l", base / "log", "start"])
        try:
            yield f"postgresql://pilah@/postgres?host={base}"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _run(command: list[object]) -> None:
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    done = subprocess.run(words, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{words[-1]}: {done.stdout[-800:]}")
