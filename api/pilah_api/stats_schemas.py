"""What the answer about counts looks like."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from pilah_api.schemas import Probability, Strict

_HIDDEN = "null is hidden: a count from 1 to 4, or one that would give such a count away."


class TableOut(Strict):
    """Counts by two things. The row or column `*` holds groups put together because each is small."""

    rows: list[str]
    columns: list[str]
    cells: list[list[int | None]] = Field(description=f"One list per row; {_HIDDEN}")
    row_totals: list[int]
    column_totals: list[int]


class FormCountOut(Strict):
    """How many posts the model saw a form in, and how many people confirmed."""

    code: str
    seen: int | None = Field(description=f"By the model; {_HIDDEN}")
    confirmed: int | None = Field(description=f"By people, of posts they called partisan; {_HIDDEN}")


class FigureOut(Strict):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class AgreementOut(Strict):
    """How far the first two reviewers of a post agree."""

    pairs: int = Field(description="Posts that two people have read.")
    agreed: int | None = Field(description=f"Of these, how many got one label from both; {_HIDDEN}")
    kappa: FigureOut | None = Field(description="Cohen's kappa over all labels; null while too few readings differ.")
    kappa_partisan: FigureOut | None = Field(description="The same over partisan or not.")


class PrecisionOut(Strict):
    """Of the posts that a model marked `tinjau` and two people read, how many both called partisan."""

    model: str = Field(description="Name and version; `*` holds models put together because each has few.")
    checked: int
    confirmed: int | None = Field(description=_HIDDEN)
    low: Probability = Field(
        description="95 % Wilson interval; where the count is hidden, it covers all that it may be."
    )
    high: Probability


class StatsResponse(Strict):
    """Counts of posts, reviews and cases; no group of fewer than `least`, and nothing about a person."""

    as_of: dt.datetime
    least: int
    posts_by_week: TableOut | None = Field(
        description="Weeks (first/last day, Monday to Sunday in WIB) by the model's decision."
    )
    posts_by_outcome: TableOut | None = Field(
        description="The model's decision by the label that people gave; `open` is undecided."
    )
    forms: list[FormCountOut]
    cases_by_unit: TableOut | None = Field(description="Units by stage of the election.")
    cases_by_state: dict[str, int]
    agreement: AgreementOut | None
    precision: list[PrecisionOut]
