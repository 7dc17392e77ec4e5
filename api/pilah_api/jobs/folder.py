"""The folder of one batch; this object owns every file name in it.

`input…` is what was uploaded, `texts/` what a shard has to judge, `shards/` what was judged, `finished/` the results. A
file gets its name only when it is whole and on the disk, and so does `finished/`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pilah_api.services.keeping import BATCH_FOLDER
from pilah_data.errors import PilahError
from pilah_model.batch.part import Part
from pilah_model.folders import sync_folder

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_INPUT = "input"


class MixedError(PilahError):
    """What lies in a folder belongs to another model, input or set of options, and must not be mixed into this batch."""


class GoneError(PilahError):
    """The folder of a batch is not where this process looks for it."""


@dataclass(frozen=True, slots=True)
class Task:
    """The texts of one shard with their contexts, None where there is none, and the name that its rows have by their content."""

    name: str
    texts: tuple[str, ...]
    contexts: tuple[str | None, ...]


class BatchFolder:
    """The files of one batch."""

    def __init__(self, home: Path, batch_id: str):
        """Remember the place; nothing is made."""
        self.path = home / BATCH_FOLDER / batch_id
        self.finished = self.path / "finished"
        self._texts, self._shards = self.path / "texts", self.path / "shards"

    def make(self) -> None:
        """Make the folder, readable by this user only."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def input_for(self, name: str) -> Path:
        """Return where an upload of this name goes: its ending is kept, for readers look at it, the rest is ours."""
        ending = Path(name.replace("\\", "/")).suffix.lower()
        return self.path / f"{_INPUT}{ending if _SUFFIX.fullmatch(ending) else ''}"

    def input(self) -> Path | None:
        """Return the upload, None where it is not there (any more)."""
        return next(iter(sorted(self.path.glob(f"{_INPUT}*"))), None)

    def write_task(self, number: int, task: Task, fingerprint: str) -> None:
        """Keep the texts of a shard until they are judged."""
        self._texts.mkdir(exist_ok=True)
        # JSON escapes keep lone surrogates, which UTF-8 cannot hold.
        self._write(self._task(number), json.dumps({"fingerprint": fingerprint, **asdict(task)}))

    def read_task(self, number: int, fingerprint: str) -> Task:
        """Return the texts of a shard. Raises GoneError without the folder, MixedError for what is missing or another's."""
        try:
            body = json.loads(self._task(number).read_bytes())
        except FileNotFoundError:
            if self.path.is_dir():
                raise MixedError(f"the texts of part {number} are missing; upload the file again") from None
            raise GoneError(f"the folder of the batch is not at {self.path}") from None
        self._same(body, fingerprint, self._task(number))
        return Task(body["name"], tuple(body["texts"]), tuple(body["contexts"]))

    def drop_task(self, number: int) -> None:
        """Forget the texts of a shard that is judged."""
        self._task(number).unlink(missing_ok=True)

    def save(self, number: int, name: str, lines: Sequence[str], fingerprint: str) -> None:
        """Keep the judgements of a shard, one line each."""
        self._shards.mkdir(exist_ok=True)
        body = "".join(f"{line}\n" for line in lines)
        head = {"fingerprint": fingerprint, "name": name, "judgements": len(lines), "sha256": _digest(body)}
        self._write(self._shard(number), json.dumps(head) + "\n" + body)

    def load(self, number: int, name: str, count: int, fingerprint: str) -> list[str] | None:
        """Return the judgements of a shard; None where they are not there, not whole, or of other texts. Raises MixedError."""
        try:
            head, _, body = self._shard(number).read_bytes().partition(b"\n")
            said = json.loads(head)
            lines = body.decode("ascii").splitlines()
        except (OSError, ValueError):
            return None
        self._same(said, fingerprint, self._shard(number))
        whole = said["sha256"] == _digest(body.decode("ascii"))
        return lines if whole and said["name"] == name and len(lines) == said["judgements"] == count else None

    def new_finished(self, token: str) -> Path:
        """Return an empty folder in which results are put together."""
        place = self.path / f"finished.{token}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        return place

    def publish(self, place: Path) -> None:
        """Put results that are whole in their place; those of another worker, which are the same, stay."""
        for file in place.iterdir():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        sync_folder(place)
        try:
            place.rename(self.finished)
        except OSError:
            if not self.finished.is_dir():
                raise
            shutil.rmtree(place, ignore_errors=True)
        sync_folder(self.path)

    def tidy(self) -> None:
        """Remove all but the results; what cannot be removed goes with the batch."""
        for path in self.path.iterdir():
            if path == self.finished:
                continue
            with contextlib.suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _task(self, number: int) -> Path:
        return self._texts / f"{number:08d}.json"

    def _shard(self, number: int) -> Path:
        return self._shards / f"{number:08d}.jsonl"

    def _write(self, place: Path, text: str) -> None:
        # A name of this process's own: two workers may write the same shard, one of them for nothing.
        with Part(place.with_name(f"{place.name}.{os.getpid()}.part"), "PILAH_HOME") as part:
            part.write(text)
            part.finish(place)

    def _same(self, said: Mapping[str, Any], fingerprint: str, where: Path) -> None:
        if said.get("fingerprint") != fingerprint:
            raise MixedError(
                f"{where.parent.name}/{where.name} of this batch belongs to another model, input or set of options; "
                "judgements of two kinds are not mixed: upload the file again"
            )


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("ascii")).hexdigest()
