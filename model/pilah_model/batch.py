"""Scores a feed: streamed in windows, duplicates scored once, rows in their order, problems in a file of their own.

What the files look like, and how cells are guarded against formulas, is said in `batch_output`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

from pilah_data.feeds import FeedError, FeedOptions, FeedRow, RowProblem, open_feed
from pilah_data.taxonomy import Decision
from pilah_model.batch_output import PREFIX, Part, Problems, Writer, check_places, open_writer, problems_of
from pilah_model.judgement import Judgement, Post

_WINDOW = 2000


class Judge(Protocol):
    """What judges the posts; `pilah_model.classifier.Classifier` is the real one."""

    def classify(self, posts: Sequence[Post], *, explain: bool = False) -> list[Judgement]:
        """Judge posts, in their order."""


@dataclass
class Summary:
    """What a run did: rows read, judged, written and refused, and the decisions it proposed."""

    rows: int = 0
    written: int = 0
    problems: int = 0
    decisions: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class ScoreOptions:
    """How to score: evidence or not, which decisions to keep (None keeps all), and table cells guarded or raw."""

    feed: FeedOptions = field(default_factory=FeedOptions)
    explain: bool = False
    only: frozenset[Decision] | None = None
    raw: bool = False


def score_file(
    judge: Judge,
    source: Path,
    target: Path,
    options: ScoreOptions,
    progress: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    """Judge the posts of a feed into `target` (.csv, .tsv or .jsonl); rows that cannot be judged go to `target.errors.csv`.

    Both files appear only when they are complete; a run that ends early leaves nothing behind. Raises InputError for
    an output that must not be written, FeedError when the input or output as a whole cannot be used.
    """
    check_places(source, target)
    summary = Summary()
    feed, stream = open_feed(source, options.feed)
    with stream:
        if taken := _taken(feed.columns):
            raise FeedError(
                f"{source} has a column {taken!r}; names in {PREFIX} are for what scoring adds, so it looks scored. "
                "Remove or rename it, or score the original"
            )
        with Part(target) as out, Problems(problems_of(target)) as problems:
            writer = open_writer(target, out, feed, raw=options.raw)
            for window in _windows(_unscored(feed.rows)):
                _score_window(judge, window, options, writer, problems, summary)
                progress(summary)
            problems.finish()
            out.finish()
    return summary


def _taken(names: Sequence[str]) -> str | None:
    return next((name for name in names if name.startswith(PREFIX)), None)


def _unscored(rows: Iterator[FeedRow | RowProblem]) -> Iterator[FeedRow | RowProblem]:
    """Refuse later rows of JSON lines that have a field which scoring adds."""
    for row in rows:
        taken = _taken(tuple(row.fields)) if isinstance(row, FeedRow) else None
        yield (
            row
            if taken is None
            else RowProblem(row.number, f"field {taken!r} looks like one that scoring added; remove or rename it")
        )


def _windows(rows: Iterator[FeedRow | RowProblem]) -> Iterator[list[FeedRow | RowProblem]]:
    while window := list(islice(rows, _WINDOW)):
        yield window


def _score_window(
    judge: Judge,
    window: Sequence[FeedRow | RowProblem],
    options: ScoreOptions,
    writer: Writer,
    problems: Problems,
    summary: Summary,
) -> None:
    texts = list(dict.fromkeys(row.text for row in window if isinstance(row, FeedRow)))
    judged = dict(zip(texts, judge.classify([Post(text) for text in texts], explain=options.explain), strict=True))
    for row in window:
        summary.rows += 1
        if isinstance(row, RowProblem):
            summary.problems += 1
            problems.write(row)
            continue
        judgement = judged[row.text]
        summary.decisions[judgement.decision.value] += 1
        if options.only is None or judgement.decision in options.only:
            writer.write(row, judgement)
            summary.written += 1
