"""The gate before a model ships: a candidate takes the place of the shipped one only if it is no worse and treats all sides alike.

Figures are those of the validation posts: the test posts choose nothing. The behaviour cases and the fairness gate have bars of their own.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pilah_data.errors import InputError, PilahError
from pilah_data.records import Example
from pilah_model.artefacts import ArtefactError, ArtefactFiles, read_manifest
from pilah_model.bars import Bar, failed
from pilah_model.behaviour import rates, run_cases
from pilah_model.classifier import Classifier
from pilah_model.comparison import judge
from pilah_model.evaluation import METRICS, Sample, difference, draws, policy_metrics
from pilah_model.fairness import Fairness, measure_fairness
from pilah_model.folders import empty_beside, put_in_place
from pilah_model.intervals import Figure, Rate
from pilah_model.material import Material

Log = Callable[[str], None]
MOST_LOST = 0.01
"""How much of a figure a candidate may lose against the shipped model: less than that is noise between seeds."""
MOST_BYTES = 25_000_000
_NO_WORSE = ("macro_f1", "partisan_f1", "partisan_pr_auc")
_NEUTRAL = "tinjau_of_neutral"
_NEVER_FEWER = ("minimum, lawful", "negated support")
"""Cases of what the model must never do; of the other families a candidate may lose a fiftieth."""
_FEWER = 0.02
_KEPT = ("name", "version", "sha256", "engine")


class RefusedError(PilahError):
    """A candidate does not meet the gate; `bars` are the demands that failed."""

    def __init__(self, bars: Sequence[Bar], report: Path):
        """Name every demand that failed, and where the whole report lies."""
        self.bars = tuple(bars)
        lines = "; ".join(str(bar) for bar in bars)
        super().__init__(f"the candidate is refused, the shipped model stays: {lines}; the report is {report}")


@dataclass(frozen=True)
class Gate:
    """All demands that were made of a candidate, and the report of how they were measured."""

    bars: Sequence[Bar]
    body: Mapping[str, object]

    @property
    def passed(self) -> bool:
        """Say whether every demand is met."""
        return not failed(self.bars)


def promote(
    candidate: Path,
    shipped: Path,
    material: Material,
    cases: Path,
    report: Path,
    log: Log,
    place: Callable[[Path, Path], None] | None = None,
) -> Gate:
    """Put the candidate in the place of the shipped artefact if it passes the gate; the report is written in either case.

    `place` does so in another way than overwriting; it is given the candidate and the shipped artefact.

    Raises RefusedError naming the demands that failed; the shipped artefact is then untouched. Raises ArtefactError for a candidate
    that cannot be loaded, InputError for one that is the shipped artefact itself or without posts to measure on.
    """
    if candidate.resolve() == shipped.resolve():
        raise InputError(
            f"{candidate} is the shipped model itself; name the folder of another one (option --candidate)"
        )
    gate = examine_candidate(candidate, shipped, material, cases, log)
    report.write_text(json.dumps(gate.body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for bar in gate.bars:
        log(f"  {bar}")
    if not gate.passed:
        raise RefusedError(failed(gate.bars), report)
    (place or install)(candidate, shipped)
    log(f"promoted: {candidate} is now {'in use' if place else shipped}; the report is {report}")
    return gate


def examine_candidate(candidate: Path, shipped: Path, material: Material, cases: Path, log: Log) -> Gate:
    """Measure a candidate beside the shipped model; where that cannot be loaded, only the demands that stand alone are made."""
    new, old = Classifier.load(candidate), _shipped(shipped, log)
    public, authored = material.split("validation")
    examples = [*public, *authored]
    if not examples:
        raise InputError("no validation posts to measure on; point --shared at the public posts")
    log(f"measuring on {len(examples)} validation posts")
    ours = judge(new.scorer, new.calibration, examples)
    bars = [Bar("bytes of the int8 graph", _size(candidate), MOST_BYTES, at_most=True)]
    figures: dict[str, Figure] = {}
    met = _cases(new, cases)
    if old is not None:
        theirs = judge(old.scorer, old.calibration, examples)
        figures = _differences(ours, theirs, examples)
        bars += [Bar(f"{name} against the shipped model", figures[name].value, -MOST_LOST) for name in _NO_WORSE]
        bars.append(_alarms(new, old, ours, theirs))
        bars += _behaviour_bars(met, _cases(old, cases))
    swaps = _fairness(new, material, log)
    bars += swaps.bars()
    body = {
        "when": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "candidate": _identity(new),
        "shipped": _identity(old) if old else None,
        "posts": len(examples),
        "passed": not failed(bars),
        "bars": [bar.as_json() for bar in bars],
        "ahead_by": {name: figure.as_json() for name, figure in figures.items()},
        "behaviour": {name: rate.as_json() for name, rate in met.items()},
        "fairness": swaps.as_json(),
    }
    return Gate(bars, body)


def install(candidate: Path, shipped: Path) -> None:
    """Put a copy of an artefact in the place of another; at every moment one whole artefact lies there or in `shipped.old`."""
    files = ArtefactFiles(candidate)
    manifest = read_manifest(candidate)
    incoming = empty_beside(shipped)
    for name in (*manifest.files, files.manifest):
        shutil.copyfile(files.path(name), incoming / name)
    read_manifest(incoming)
    put_in_place(incoming, shipped)


def _shipped(folder: Path, log: Log) -> Classifier | None:
    try:
        return Classifier.load(folder)
    except ArtefactError as error:
        log(f"nothing to compare with, so only the bars that stand alone are applied: {error}")
        return None


def _size(candidate: Path) -> int:
    files = ArtefactFiles(candidate)
    return files.path(files.graph_int8).stat().st_size


def _differences(ours: Sample, theirs: Sample, examples: Sequence[Example]) -> dict[str, Figure]:
    samples = draws([e.group or e.id for e in examples], 200, seed=0)
    return difference(ours, theirs, {name: METRICS[name] for name in _NO_WORSE}, samples)


def _alarms(new: Classifier, old: Classifier, ours: Sample, theirs: Sample) -> Bar:
    """Demand that neutral political posts are not sent to review more often than before, or at most one in fifty is."""
    before, now = (policy_metrics(c.policy)[_NEUTRAL](s) for c, s in ((old, theirs), (new, ours)))
    return Bar("neutral political posts marked tinjau", now, max(before, 0.02), at_most=True)


def _cases(classifier: Classifier, cases: Path) -> dict[str, Rate]:
    return rates(run_cases(classifier, cases))


def _behaviour_bars(new: Mapping[str, Rate], old: Mapping[str, Rate]) -> list[Bar]:
    return [
        Bar(f"behaviour cases met, {name}", rate.value, old[name].value - (0 if name in _NEVER_FEWER else _FEWER))
        for name, rate in new.items()
    ]


def _fairness(classifier: Classifier, material: Material, log: Log) -> Fairness:
    public, _ = material.split("validation")
    posts = [post for post in material.authored if post.split == "validation"]
    return measure_fairness(classifier, posts, public, material.names, log)


def _identity(classifier: Classifier) -> dict[str, str]:
    return {key: getattr(classifier.info, key) for key in _KEPT}
