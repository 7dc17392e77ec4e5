"""How far readers agree: Krippendorff's alpha and Cohen's kappa, with bootstrap intervals over posts.

Alpha for nominal values follows Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), steps C: any number of
readers, missing readings allowed. Kappa follows Cohen (1960). Both are nan where nothing varies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pilah_data.annotation import forms_of, label_of
from pilah_data.corrections import Judgement, first_judgements, read_corrections
from pilah_data.errors import DataError
from pilah_data.loading import load_readings
from pilah_data.taxonomy import PREDICTED_FORMS, SUBTYPES, Label
from pilah_data.tsv import read_table

MANY = "agreement.tsv"
"""A few posts, each read by many readers."""
SECOND = "second_readings*.tsv"
"""Posts read a second time, independently; the first reading stands in `labels*.tsv`, or in `corrections.tsv` if it was changed."""

LEAST_SUPPORT = 5
"""With fewer judgements off the commonest value a coefficient says nothing."""

_TOO_MANY_TO_AGREE = 50
_MANY_COLUMNS = ("id", "reader", "label", "forms")
_SECOND_COLUMNS = ("id", "label", "forms", "direction", "subtype")
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient with its 95 % percentile interval; `support` is how many judgements are not the commonest value."""

    name: str
    value: float
    low: float
    high: float
    support: int

    @property
    def telling(self) -> bool:
        """Whether enough judgements differ from the commonest value to speak of agreement."""
        return self.support >= LEAST_SUPPORT


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was measured on one file of repeated readings."""

    name: str
    posts: int
    judgements: int
    estimates: tuple[Estimate, ...]


def alpha(units: Sequence[Sequence[Hashable]], rounds: int = 0, seed: int = 1) -> tuple[float, float, float]:
    """Return Krippendorff's nominal alpha and its interval; a unit holds the values given to one post, one per reader."""
    counts = _counts([unit for unit in units if len(unit) > 1])
    size = counts.sum(axis=1)
    agreeing = (counts * (counts - 1)).sum(axis=1) / (size - 1) if len(counts) else size

    def coefficient(weights: _Floats) -> _Floats:
        total, of_value = weights @ size, weights @ counts
        by_chance: _Floats = total**2 - (of_value**2).sum(axis=-1)
        disagreement: _Floats = (total - 1) * _ratio(total - weights @ agreeing, by_chance)
        return 1 - disagreement

    return _with_interval(coefficient, np.ones(len(counts)), rounds, seed)


def kappa(
    pairs: Sequence[tuple[Hashable, Hashable]], rounds: int = 0, seed: int = 1, times: Sequence[int] | None = None
) -> tuple[float, float, float]:
    """Return Cohen's kappa of two readers and its interval; `times` says how often each pair was given, once unless said."""
    values = {value: column for column, value in enumerate(dict.fromkeys(v for pair in pairs for v in pair))}
    first, second = (np.eye(len(values))[[values[pair[side]] for pair in pairs]] for side in (0, 1))
    same = (first * second).sum(axis=1)

    def coefficient(weights: _Floats) -> _Floats:
        total = weights.sum(axis=-1)
        by_chance = ((weights @ first) * (weights @ second)).sum(axis=-1) / total**2
        return 1 - _ratio(1 - weights @ same / total, 1 - by_chance)

    return _with_interval(coefficient, np.ones(len(pairs)) if times is None else np.asarray(times, float), rounds, seed)


def _counts(units: Sequence[Sequence[Hashable]]) -> _Floats:
    values = {value: column for column, value in enumerate(dict.fromkeys(v for unit in units for v in unit))}
    counts = np.zeros((len(units), len(values)))
    for row, unit in enumerate(units):
        for value in unit:
            counts[row, values[value]] += 1
    return counts


def _ratio(observed: _Floats, expected: _Floats) -> _Floats:
    ratio = np.full_like(expected, np.nan)
    np.divide(observed, expected, out=ratio, where=expected > 1e-12)
    return ratio


def _with_interval(
    coefficient: Callable[[_Floats], _Floats], times: _Floats, rounds: int, seed: int
) -> tuple[float, float, float]:
    posts = int(times.sum())
    if not posts:
        return float("nan"), float("nan"), float("nan")
    value = float(coefficient(times[None, :])[0])
    if not rounds:
        return value, value, value
    # Drawing posts with replacement is giving each a multinomial weight; posts alike may be drawn as one.
    draws = np.random.default_rng(seed).multinomial(posts, times / posts, size=rounds)
    sample = coefficient(draws.astype(np.float64))
    sample = sample[~np.isnan(sample)]
    low, high = np.quantile(sample, (0.025, 0.975)) if len(sample) else (np.nan, np.nan)
    return value, float(low), float(high)


def measure(annotations: Path, rounds: int = 1000, seed: int = 1) -> list[Agreement]:
    """Measure every file of repeated readings in a folder, the one with many readers first."""
    found = []
    for name, posts in read_repeated(annotations).items():
        kappas = [] if name == MANY else _kappas(posts, rounds, seed)
        estimates = (*kappas, *_alphas(posts, rounds, seed))
        found.append(Agreement(name, len(posts), sum(map(len, posts)), estimates))
    return found


def read_repeated(annotations: Path) -> dict[str, list[list[Judgement]]]:
    """Return the judgements of every post, by file, for all files of repeated readings in a folder."""
    files: dict[str, list[list[Judgement]]] = {}
    if (annotations / MANY).is_file():
        files[MANY] = read_many(annotations / MANY)
    if paths := sorted(annotations.glob(SECOND)):
        readings = load_readings(annotations)
        first = first_judgements(readings, read_corrections(annotations, readings))
        files |= {path.name: read_second(path, first) for path in paths}
    return files


def read_many(path: Path) -> list[list[Judgement]]:
    """Return, post by post, the judgements of all its readers; raises DataError for a reader who judged a post twice."""
    posts: dict[str, dict[str, Judgement]] = defaultdict(dict)
    for row in read_table(path, _MANY_COLUMNS):
        if row["reader"] in posts[row["id"]]:
            raise row.bad("reader", f"new to post {row['id']}")
        posts[row["id"]][row["reader"]] = label_of(row), forms_of(row)
    return [list(readers.values()) for readers in posts.values()]


def read_second(path: Path, first: Mapping[str, Judgement]) -> list[list[Judgement]]:
    """Return, post by post, the first and the second judgement; raises DataError for a post without a first one."""
    posts: dict[str, list[Judgement]] = {}
    for row in read_table(path, _SECOND_COLUMNS):
        if row["id"] not in first:
            raise row.bad("id", "the id of a reading")
        if row["id"] in posts:
            raise row.bad("id", "new to this file")
        row.one_of("direction", {"dukung", "serang", "campuran", "-"}, "one of dukung, serang, campuran, -")
        row.one_of("subtype", {"-", *SUBTYPES}, "a sub-type N1-N11 or -")
        posts[row["id"]] = [first[row["id"]], (label_of(row), forms_of(row))]
    if len(posts) >= _TOO_MANY_TO_AGREE and all(one[0] is two[0] for one, two in posts.values()):
        raise DataError(
            "no label differs from the first reading's: this file was merged into labels*.tsv; put the first readings back there, "
            "or record what was adjudicated in corrections.tsv",
            file=str(path),
            field="label",
        )
    return list(posts.values())


def _alphas(posts: list[list[Judgement]], rounds: int, seed: int) -> list[Estimate]:
    def one(name: str, value: Callable[[Judgement], Hashable]) -> Estimate:
        units = [[value(judgement) for judgement in post] for post in posts]
        return Estimate(name, *alpha(units, rounds, seed), _support(units))

    return [
        one("alpha, label", lambda j: j[0]),
        *(one(f"alpha, {label}", lambda j, label=label: j[0] is label) for label in Label),  # type: ignore[misc]
        *(one(f"alpha, {form}", lambda j, form=form: form in j[1]) for form in PREDICTED_FORMS),  # type: ignore[misc]
    ]


def _kappas(posts: list[list[Judgement]], rounds: int, seed: int) -> list[Estimate]:
    def one(name: str, value: Callable[[Judgement], Hashable]) -> Estimate:
        pairs = [(value(first), value(second)) for first, second in posts]
        return Estimate(name, *kappa(pairs, rounds, seed), _support(pairs))

    return [one("kappa, label", lambda j: j[0]), one("kappa, partisan or not", lambda j: j[0] is Label.PARTISAN)]


def _support(units: Sequence[Sequence[Hashable]]) -> int:
    values = [value for unit in units for value in unit]
    return len(values) - max(values.count(value) for value in set(values))


def as_text(measured: Sequence[Agreement]) -> str:
    """Return the figures as lines for a terminal."""
    lines = []
    for agreement in measured:
        lines.append(f"{agreement.name}: {agreement.posts} posts, {agreement.judgements} judgements")
        lines += [f"  {e.name:24} {figure(e):24} {e.support:5} not the commonest" for e in agreement.estimates]
    return "\n".join(lines)


def figure(estimate: Estimate) -> str:
    """Return a coefficient as `0.87 [0.84, 0.90]`, or words where too few judgements stand out to speak of agreement."""
    if not estimate.telling:
        return "too few"
    return f"{estimate.value:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"
