"""The whole examination of a model on the test split: figures, curves, slices, behaviour, fairness, misspelling, evidence, bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from pilah_data.errors import InputError
from pilah_data.taxonomy import TAXONOMY_VERSION
from pilah_model import fairness, faithfulness, obfuscation
from pilah_model.bars import Bar, failed, open_test_bars
from pilah_model.behaviour import Check, rates, run_cases
from pilah_model.classifier import Classifier
from pilah_model.comparison import Column, as_json, as_text, compare, judge
from pilah_model.curves import curves_of
from pilah_model.fairness import Fairness
from pilah_model.faithfulness import Faithfulness
from pilah_model.material import Material
from pilah_model.obfuscation import Obfuscation
from pilah_model.slices import slices_of

Log = Callable[[str], None]
PUBLIC = "test, public posts"
AUTHORED = "test, authored posts"
_SLICE_ROUNDS = 200
_T = TypeVar("_T")


def examine(
    classifier: Classifier, material: Material, cases: Path, log: Log, *, rounds: int = 500
) -> dict[str, object]:
    """Measure everything, tell it to `log`, and return it as plain JSON values without a text of any post.

    Raises InputError when there is nothing to measure on.
    """
    sets = {name: posts for name, posts in zip((PUBLIC, AUTHORED), material.split("test"), strict=True) if posts}
    judged = {name: judge(classifier.scorer, classifier.calibration, posts) for name, posts in sets.items()}
    table = compare(classifier, material, sets, judged, log, rounds=rounds)
    log(as_text(table))
    checks = run_cases(classifier, cases)
    _tell_behaviour(checks, log)
    details = {
        name: {
            "curves": curves_of(judged[name], classifier.policy),
            "slices": slices_of(posts, judged[name], min(rounds, _SLICE_ROUNDS)),
        }
        for name, posts in sets.items()
    }
    swaps, tricks, spans = _probes(classifier, material, log)
    bars = [*_bars(table), *(swaps.bars() if swaps else []), *(tricks.bars() if tricks else [])]
    for bar in bars:
        log(f"  {bar}")
    log(f"bars met: {len(bars) - len(failed(bars))} of {len(bars)}")
    info = classifier.info
    return {
        "model": {"name": info.name, "version": info.version, "sha256": info.sha256, "engine": info.engine},
        "taxonomy": TAXONOMY_VERSION,
        "policy": classifier.policy.as_json(),
        "figures": as_json(table),
        "behaviour": {name: [rate.passed, rate.checks, *rate.interval] for name, rate in rates(checks).items()},
        "sets": details,
        "fairness": swaps.as_json() if swaps else None,
        "obfuscation": tricks.as_json() if tricks else None,
        "evidence": spans.as_json(),
        "bars": [bar.as_json() for bar in bars],
    }


def failures(classifier: Classifier, cases: Path) -> list[Check]:
    """Return the behaviour cases that are not met; their texts were invented for this project."""
    return [check for check in run_cases(classifier, cases) if not check.passed]


def _probes(
    classifier: Classifier, material: Material, log: Log
) -> tuple[Fairness | None, Obfuscation | None, Faithfulness]:
    public, authored = material.split("test")
    posts = [post for post in material.authored if post.split == "test"]
    swaps = _or_none(lambda: fairness.measure_fairness(classifier, posts, public, material.names, log), log)
    tricks = _or_none(lambda: obfuscation.measure_obfuscation(classifier, [*public, *authored], log), log)
    spans = faithfulness.measure_faithfulness(classifier, [*public, *authored], log)
    for lines in (
        fairness.as_text(swaps) if swaps else [],
        obfuscation.as_text(tricks) if tricks else [],
        faithfulness.as_text(spans),
    ):
        for line in lines:
            log(line)
    return swaps, tricks, spans


def _or_none(measure: Callable[[], _T], log: Log) -> _T | None:
    """Measure, or say why it cannot be done: with few posts at hand the rest is still worth knowing."""
    try:
        return measure()
    except InputError as error:
        log(f"not measured: {error}")
        return None


def _tell_behaviour(checks: list[Check], log: Log) -> None:
    log("behaviour cases met (95 % Wilson intervals)")
    for name, rate in {**rates(checks), **rates(checks, by_key=True)}.items():
        log(f"  {name:32}{rate}")


def _bars(table: Mapping[str, list[Column]]) -> list[Bar]:
    return open_test_bars(table[PUBLIC][0].figures) if PUBLIC in table else []
