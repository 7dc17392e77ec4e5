"""What an unfinished run belongs to: one input, one model, one set of options; anything else must not be mixed into it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from pilah_data.feeds import FeedError
from pilah_data.normalise import NORMALISER_VERSION
from pilah_data.taxonomy import TAXONOMY_VERSION
from pilah_model.batch.errors import WorkFolderError
from pilah_model.batch.options import ScoreOptions
from pilah_model.batch.shards import REMEMBERED
from pilah_model.judgement import ModelInfo

FORMAT = 1
"""How shards are cut and stored; to be raised with every change of either."""
_CHUNK = 1 << 20

Body = dict[str, dict[str, object]]


class Fingerprint:
    """The bytes of an input - a file, a folder, or several of them - as they were when it was looked at."""

    def __init__(self, source: Path | Sequence[Path]):
        """Look at the input; raises FeedError if that is impossible."""
        self._sources = (source,) if isinstance(source, Path) else tuple(source)
        with _reading(self._sources):
            self._seen = _state(self._sources)
            self.size, self.sha256, self.lines = _hashed(self._sources, None)

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values; names are left out, so that a moved input is the same one."""
        return {"bytes": self.size, "sha256": self.sha256}

    def continues(self, earlier: Mapping[str, object]) -> bool:
        """Return whether the input is what it was, or a file that has only grown at its end since."""
        size = earlier.get("bytes")
        if not isinstance(size, int) or size > self.size:
            return False
        if size == self.size or not _is_file(self._sources):
            return earlier == self.as_json()
        with _reading(self._sources):
            return _hashed(self._sources, size)[1] == earlier.get("sha256")

    def check(self) -> None:
        """Raise FeedError if the input is no longer what it was."""
        with _reading(self._sources):
            now = _state(self._sources)
            if now == self._seen or _hashed(self._sources, None)[:2] == (self.size, self.sha256):
                return
        raise FeedError(
            f"{named(self._sources)} changed while it was read; nothing was written. What is finished is kept: once nobody "
            "writes to the input any more, go on with --resume (if it only grew) or start over with --restart"
        )


def manifest_of(model: ModelInfo, fingerprint: Fingerprint, options: ScoreOptions, target: Path) -> Body:
    """Return the manifest of a run."""
    return {
        "program": {
            "format": FORMAT,
            "remembered": REMEMBERED,
            "taxonomy": TAXONOMY_VERSION,
            "normaliser": NORMALISER_VERSION,
        },
        "model": asdict(model),
        "options": options.as_json(target),
        "input": fingerprint.as_json(),
    }


def check_same(folder: Path, earlier: Body, now: Body, fingerprint: Fingerprint) -> None:
    """Refuse to go on with another run; raises WorkFolderError that says what has changed."""
    changed = differences(earlier, now)
    if not fingerprint.continues(_of(earlier, "input")):
        changed.append("the input holds other bytes")
    if changed:
        raise WorkFolderError(
            f"cannot go on with {folder}: {'; '.join(changed)}. Judgements of two kinds must not be mixed: "
            "give back what it was, or start over with --restart"
        )


def differences(earlier: Body, now: Body) -> list[str]:
    """Return in what two runs differ, their inputs apart, as parts of a sentence."""
    return [
        f"{section} {key} was {_shown(_of(earlier, section).get(key))}, is {_shown(value)}"
        for section in ("program", "model", "options")
        for key, value in now[section].items()
        if _of(earlier, section).get(key) != value
    ]


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else repr(value)


def _of(body: Body, section: str) -> Mapping[str, object]:
    found = body.get(section)
    return found if isinstance(found, dict) else {}


@contextlib.contextmanager
def _reading(sources: Sequence[Path]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FeedError(
            f"{named(sources)} cannot be read ({error.strerror or error}); put it back. "
            "What is finished is kept: go on with --resume"
        ) from error


def named(sources: Sequence[Path]) -> str:
    """Return what messages call an input."""
    return str(sources[0]) + (f" and {len(sources) - 1} more" if len(sources) > 1 else "")


def _is_file(sources: Sequence[Path]) -> bool:
    return len(sources) == 1 and not sources[0].is_dir()


def _state(sources: Sequence[Path]) -> list[tuple[str, int, int]]:
    return [(str(p), s.st_size, s.st_mtime_ns) for p, _ in _files(sources) for s in [p.stat()]]


def _files(sources: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield every file, and its name within the folder that was given, or its own."""
    for source in sources:
        if source.is_dir():
            yield from ((p, str(p.relative_to(source))) for p in sorted(source.rglob("*")) if p.is_file())
        else:
            yield source, source.name


def _hashed(sources: Sequence[Path], size: int | None) -> tuple[int, str, int]:
    """Return bytes, hash and line ends of a file, or of its first `size` bytes, or of all files of an input."""
    whole, total, lines = hashlib.sha256(), 0, 0
    for path, name in _files(sources):
        if not _is_file(sources):
            whole.update(f"\0{name}\0{path.stat().st_size}\0".encode("utf-8", "surrogateescape"))
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK if size is None else min(_CHUNK, size - total)):
                whole.update(chunk)
                total += len(chunk)
                lines += chunk.count(b"\n")
    return total, whole.hexdigest(), lines
