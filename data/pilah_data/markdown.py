"""Small pieces of Markdown that the rendered documents share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]], right_from: int | None = None) -> str:
    """Return a table; columns from `right_from` on are aligned to the right, whole numbers get thousands separators."""
    marks = ["--:" if right_from is not None and column >= right_from else "---" for column in range(len(head))]
    lines = [head, marks, *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def paragraph(text: str) -> str:
    """Return a text that was wrapped by hand with its lines joined; empty lines go on parting paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _cell(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value).replace("|", "\\|").replace("\n", " ")
