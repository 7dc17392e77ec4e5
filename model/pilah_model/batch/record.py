"""What a finished run leaves beside its output: what it belongs to and what it counted - no post, no id, no name of a file or a person.

It is in its place before the output is, while the work folder still says that the run is unfinished. So an output with no
work folder beside it has the record of the run that wrote it, wherever a kill falls.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilah_model.artefacts import file_sha256
from pilah_model.batch.errors import RecordError, writing
from pilah_model.batch.manifest import Body, differences
from pilah_model.batch.options import Summary
from pilah_model.batch.part import Part
from pilah_model.batch.places import record_of
from pilah_model.batch.tally import Tally
from pilah_model.judgement import ModelInfo

_WAY = "replace it with --restart, or name another output with -o"


@dataclass(frozen=True)
class Record:
    """The manifest of a finished run, the bytes of its output, and what it counted."""

    manifest: Body
    output: dict[str, object]
    summary: Summary
    tally: Tally

    @classmethod
    def of(cls, target: Path) -> Record:
        """Return the record beside an output; raises RecordError where there is none, or one that cannot be read."""
        place = record_of(target)
        try:
            body = json.loads(place.read_bytes())
            rows, written, problems = (int(body["counts"][key]) for key in ("rows", "written", "problems"))
            tally = Tally.of_json(body["tally"], ModelInfo(**body["run"]["model"]))
            decisions: Counter[str] = Counter({decision.value: n for decision, n in tally.decisions.items()})
            summary = Summary(rows=rows, written=written, problems=problems, decisions=decisions)
            return cls(body["run"], dict(body["output"]), summary, tally)
        except FileNotFoundError as error:
            raise RecordError(
                f"cannot go on with {target}: no finished run has left its record beside it ({place.name}). An earlier "
                f"version wrote it, or something else did; {_WAY}"
            ) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordError(f"cannot go on with {target}: {place} cannot be read ({error!r}); {_WAY}") from error

    def check(self, target: Path, now: Body) -> None:
        """Raise RecordError, saying what differs, unless this run would write just what is there."""
        changed = differences(self.manifest, now)
        if self.manifest.get("input") != now["input"]:
            changed.append("the input holds other bytes")
        if self.output != _bytes_of(target):
            changed.append("the output was changed since")
        if changed:
            raise RecordError(f"{target} is finished, but not as asked for now: {'; '.join(changed)}; {_WAY}")


def write_record(part: Part, out: Part, target: Path, manifest: Body, summary: Summary, tally: Tally) -> None:
    """Put the record of a run in its place, whose output is whole but still lies in its part; raises WriteError."""
    with writing(out.path):
        out.raw.flush()
    body: dict[str, Any] = {
        "run": manifest,
        "output": _bytes_of(out.path),
        "counts": {"rows": summary.rows, "written": summary.written, "problems": summary.problems},
        "tally": tally.as_json(),
    }
    part.write(json.dumps(body, indent=1) + "\n")
    part.finish(record_of(target))


def _bytes_of(path: Path) -> dict[str, object]:
    with writing(path):
        return {"bytes": path.stat().st_size, "sha256": file_sha256(path)}
