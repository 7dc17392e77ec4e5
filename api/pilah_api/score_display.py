"""Shows on standard error how far `pilah score` is, and what it did: a moving bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pilah_data.taxonomy import DECISIONS, Decision

if TYPE_CHECKING:
    from pilah_model.batch import Summary

_SILENCE = 5.0
"""Seconds after which a run without a terminal says how far it is."""


class Display:
    """The state of one run; a context around it."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self.rows = 0
        self._console = Console(stderr=True)
        self._began = self._said = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.fields[rows]:>9,} posts"),
            BarColumn(),
            TextColumn("{task.fields[rate]} posts/s"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[eta]}"),
            TextColumn("{task.fields[decisions]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, rows=0, rate="-", eta="", decisions="")

    def __enter__(self) -> None:
        """Begin to count the time."""
        self._began = self._said = time.monotonic()
        self._bar.start()

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        self._bar.stop()

    def advance(self, summary: Summary) -> None:
        """Show the state of a run."""
        self.rows = summary.rows
        now = time.monotonic()
        # What an earlier run has judged says nothing about the speed of this one.
        rate = (summary.rows - summary.resumed) / max(now - self._began, 1e-9)
        counts = "  ".join(f"{name} {n:,}" for name, n in sorted(summary.decisions.items()))
        left = _left(summary, rate)
        self._bar.update(
            self._task,
            completed=summary.fraction or 0.0,
            total=None if summary.fraction is None else 1.0,
            rows=summary.rows,
            rate=f"{rate:,.0f}",
            eta=left,
            decisions=counts,
        )
        # Without a terminal a long run must not be silent either.
        if not self._console.is_terminal and now - self._said >= _SILENCE:
            parts = (f"{summary.rows:,} posts", f"{rate:,.0f} posts/s", left, counts)
            self._console.print(", ".join(part for part in parts if part), highlight=False, soft_wrap=True)
            self._said = now

    def report(self, summary: Summary, output: Path) -> None:
        """Show what a finished run did."""
        seconds = time.monotonic() - self._began
        lines = [("posts read", f"{summary.rows:,}")]
        if summary.resumed:
            lines.append(("of them judged before", f"{summary.resumed:,}"))
        for decision in Decision:
            title = DECISIONS[decision].title_en
            lines.append((f"{decision.value} ({title})", f"{summary.decisions[decision.value]:,}"))
        lines.append(("written", f"{summary.written:,} to {output}"))
        if summary.problems:
            lines.append(("rows with problems", f"{summary.problems:,} in {output}.errors.csv"))
        rate = (summary.rows - summary.resumed) / max(seconds, 1e-9)
        lines.append(("time", f"{seconds:.1f} s, {rate:,.0f} posts/s"))
        width = max(len(name) for name, _ in lines)
        # Names of files go out as they are: neither taken for markup nor wrapped.
        for name, value in lines:
            self._console.out(f"{name:<{width}}  {value}", highlight=False)
        for note in summary.notes:
            self._console.out(f"note: {note}", highlight=False)


def _left(summary: Summary, rate: float) -> str:
    if not summary.fraction or not rate:
        return ""
    seconds = round(summary.rows * (1 / summary.fraction - 1) / rate)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d} left"
