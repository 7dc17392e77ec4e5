"""The folder of an unfinished run: who holds it, what it belongs to, and the shards that are finished.

A shard is one file: a line that says how many judgements follow and the hash of them, then the judgements, one a line.
It gets its name, which holds the hash of its texts, only when all of it is on the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from pilah_model.batch.errors import UnfinishedError, WorkFolderError, writing
from pilah_model.batch.manifest import Body
from pilah_model.batch.part import Part
from pilah_model.batch.shards import Shard
from pilah_model.folders import sync_folder

_MANIFEST, _LOCK = "manifest.json", "lock"


class Start(Enum):
    """What to do about an unfinished run: refuse, go on with it, or throw it away."""

    NEW = "new"
    RESUME = "resume"
    RESTART = "restart"


def has_unfinished(path: Path) -> bool:
    """Return whether an unfinished run lies in a work folder."""
    return (path / _MANIFEST).exists()


class WorkFolder:
    """A work folder that this process holds alone, until `close`."""

    def __init__(self, path: Path, start: Start):
        """Make or take the folder; raises UnfinishedError, WorkFolderError if another run holds it, WriteError."""
        self.path, self._shards, self._manifest = path, path / "shards", path / _MANIFEST
        with writing(path):
            if path.is_dir() and any(path.iterdir()) and not (path / _LOCK).exists():
                raise WorkFolderError(f"{path} is in the way: unfinished work goes there, and it holds something else")
            # The lock first and, in `close`, last: a folder without one is not ours, wherever a kill falls.
            path.mkdir(exist_ok=True)
            self._lock = _locked(path / _LOCK)
        try:
            self._begin(start)
        except BaseException:
            self._lock.close()
            raise
        self._done = {file.name for file in self._shards.iterdir()}

    def _begin(self, start: Start) -> None:
        with writing(self._shards):
            self._shards.mkdir(exist_ok=True)
        if start is Start.NEW and self._manifest.exists():
            raise UnfinishedError(
                f"{self.path} holds an unfinished run with {self.finished():,} finished shards; "
                "go on with --resume, or start over with --restart"
            )
        # Shards without a manifest are what a kill left behind in the middle of `_clear`.
        if start is Start.RESTART or not self._manifest.exists():
            self._clear()

    def finished(self) -> int:
        """Return the number of finished shards."""
        return sum(1 for file in self._shards.glob("*.jsonl")) if self._shards.is_dir() else 0

    def earlier(self) -> Body | None:
        """Return the manifest of the run that the folder belongs to, None if it is new; raises WorkFolderError."""
        try:
            body = json.loads(self._manifest.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise WorkFolderError(f"{self._manifest} cannot be read ({error}); start over with --restart") from error
        return body if isinstance(body, dict) else {}

    def claim(self, manifest: Body) -> None:
        """Write what the folder belongs to."""
        with Part(self.path / f"{_MANIFEST}.part") as part:
            part.write(json.dumps(manifest, indent=1) + "\n")
            part.finish(self._manifest)

    def load(self, shard: Shard) -> list[str] | None:
        """Return the judgements of a finished shard; None if there are none, or if the file is damaged."""
        if f"{shard.name}.jsonl" not in self._done:
            return None
        try:
            head, _, body = (self._shards / f"{shard.name}.jsonl").read_bytes().partition(b"\n")
            said = json.loads(head)
            lines = body.decode("ascii").splitlines()
        except (OSError, ValueError):
            return None
        return lines if said == _head(lines, body) and len(lines) == len(shard.texts) else None

    def save(self, shard: Shard, lines: list[str]) -> None:
        """Keep the judgements of a shard; may be called from several threads."""
        body = "".join(f"{line}\n" for line in lines)
        with Part(self._shards / f"{shard.name}.part") as part:
            part.write(json.dumps(_head(lines, body.encode("ascii"))) + "\n" + body)
            part.finish(self._shards / f"{shard.name}.jsonl")

    def part(self, name: str) -> Part:
        """Open an unfinished file in the folder."""
        return Part(self.path / name)

    def close(self, *, keep: bool) -> None:
        """Let go of the folder and, unless it is to be kept, remove it."""
        if not keep:
            self._remove()
        with contextlib.suppress(OSError):
            self._lock.close()

    def _remove(self) -> None:
        # While the manifest is there, what a kill leaves behind can be gone on with, beside a whole output.
        shutil.rmtree(self._shards, ignore_errors=True)
        with contextlib.suppress(OSError):
            for file in self.path.iterdir():
                if file.name not in (_MANIFEST, _LOCK):
                    file.unlink()
            self._manifest.unlink(missing_ok=True)
            (self.path / _LOCK).unlink(missing_ok=True)
            self.path.rmdir()
        sync_folder(self.path.parent)

    def _clear(self) -> None:
        with writing(self.path):
            # The manifest goes first: what remains after a kill then belongs to no run.
            self._manifest.unlink(missing_ok=True)
            for file in self._shards.iterdir():
                file.unlink()


def _head(lines: list[str], body: bytes) -> dict[str, object]:
    return {"judgements": len(lines), "sha256": hashlib.sha256(body).hexdigest()}


def _locked(path: Path) -> BinaryIO:
    """Return a file that this process has locked; the system lets go of it when the process dies, however it dies."""
    file = path.open("a+b")
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - of that system alone

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - of other systems alone

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:
        file.close()
        raise WorkFolderError(f"another run is at work in {path.parent}; let it finish, or stop it first") from error
    except OSError:  # a file system that knows no locks; its user keeps to one run at a time
        return file
    if not path.exists() or os.fstat(file.fileno()).st_ino != path.stat().st_ino:
        file.close()
        raise WorkFolderError(f"another run has just finished in {path.parent}; look at its output first")
    return file
