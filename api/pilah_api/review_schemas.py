"""The shapes of `/v1/reviews`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from pilah_api.schemas import Strict
from pilah_api.services.deadlines import Deadlines
from pilah_api.services.review_rules import LONGEST_REASON
from pilah_api.services.review_sight import Sight, agrees
from pilah_api.store.posts import StoredJudgement
from pilah_api.store.queue import Entry
from pilah_api.store.reviews import Content, Review


class ReviewStateOut(Strict):
    """Where a post stands in the queue; nothing of its text, and nothing that tells what the model or a reviewer thinks."""

    id: str
    state: str = Field(description="`open` or `closed`.")
    round: int | None = Field(description="The review that is due; for supervisors and auditors only.")
    outcome: str | None
    basis: str | None
    known_on: dt.date
    due_on: dt.date = Field(description="The seventh working day after it became known.")
    days_left: int = Field(description="Working days after today until then: 0 on the last day, -1 once it is over.")
    entered_at: dt.datetime
    closed_at: dt.datetime | None
    kept: bool = Field(description="Whether the text is still there.")


class ReviewPage(Strict):
    """A page of posts in the queue, those known longest first."""

    items: list[ReviewStateOut]
    next: str | None


class SaidOut(Strict):
    """A decision of a reviewer."""

    review: str
    label: str | None
    forms: list[str]
    template: str | None
    reason: str
    reference: str | None
    decided_at: dt.datetime | None


class ModelSaidOut(Strict):
    """What the model said when the post came in."""

    label: str
    decision: str
    confidence: float
    forms: list[str]
    direction: str | None
    model: str
    thresholds: dict[str, float]
    agrees: bool | None = Field(description="Whether it bears out one's own decision; null where the model abstained.")
    precision: list[float | None] | None = Field(
        description="Of the posts it marked for review: found partisan, review over, and the 95 % interval."
    )


class ReviewOut(Strict):
    """A post as far as the caller may see it; the model's judgement is there only after one's own decision."""

    state: ReviewStateOut
    mode: str = Field(description="`held`, `decided`, `watched`, `shut`, `gone`, or `state` for a program.")
    review: str | None = Field(description="One's own review, to be named in a decision.")
    lease_until: dt.datetime | None
    text: str | None = Field(description="Masked.")
    context: str | None
    own: SaidOut | None
    model: ModelSaidOut | None
    others: list[SaidOut]


class DecisionRequest(Strict):
    """A decision on a post that one holds."""

    review: str = Field(max_length=64, description="The `review` that taking the post gave.")
    label: str = Field(max_length=40, examples=["politik_netral"])
    forms: list[str] = Field(default_factory=list, max_length=20)
    template: str | None = Field(default=None, max_length=60, description="The code of a reason's wording.")
    reason: str = Field(default="", max_length=LONGEST_REASON)
    reference: str | None = Field(default=None, max_length=500)


def state_out(entry: Entry, deadlines: Deadlines, *, with_round: bool) -> dict[str, Any]:
    """Return where a post stands as JSON values."""
    return ReviewStateOut(
        id=entry.id,
        state="closed" if entry.round is None else "open",
        round=entry.round if with_round else None,
        outcome=entry.outcome,
        basis=entry.basis,
        known_on=entry.known_on,
        due_on=deadlines.due_on(entry.known_on),
        days_left=deadlines.days_left(entry.known_on),
        entered_at=entry.entered_at,
        closed_at=entry.closed_at,
        kept=entry.kept,
    ).model_dump(mode="json")


def sight_out(sight: Sight, deadlines: Deadlines, *, with_round: bool) -> dict[str, Any]:
    """Return what somebody may see of a post as JSON values."""
    review, post = sight.review, sight.post
    own = _said(review) if review and sight.judgement else None
    return {
        "state": state_out(sight.entry, deadlines, with_round=with_round),
        "mode": sight.mode.value,
        "review": review.id if review else None,
        "lease_until": review.lease_until.isoformat() if review and review.lease_until else None,
        "text": post.text if post else None,
        "context": post.context if post else None,
        "own": own,
        "model": _model_said(sight, sight.judgement) if sight.judgement else None,
        "others": [_said(one) for one in sight.decisions if review is None or one.id != review.id],
    }


def bare_out(entry: Entry, deadlines: Deadlines) -> dict[str, Any]:
    """Return what a program may know of a post as JSON values."""
    empty = dict.fromkeys(("review", "lease_until", "text", "context", "own", "model"))
    return {"state": state_out(entry, deadlines, with_round=False), "mode": "state", **empty, "others": []}


def content_of(body: DecisionRequest) -> tuple[str, list[str], str, str, str]:
    """Return what a decision says, as `parse_content` takes it."""
    return body.label, body.forms, body.template or "", body.reason, body.reference or ""


def _said(review: Review) -> dict[str, Any]:
    content: Content = review.content
    return SaidOut(
        review=review.id,
        label=content.label.value if content.label else None,
        forms=list(content.forms),
        template=content.template,
        reason=content.reason,
        reference=content.reference,
        decided_at=review.decided_at,
    ).model_dump(mode="json")


def _model_said(sight: Sight, judgement: StoredJudgement) -> dict[str, Any]:
    label = sight.review.content.label if sight.review else None
    return ModelSaidOut(
        label=judgement.label.value,
        decision=judgement.decision.value,
        confidence=round(judgement.confidence, 4),
        forms=[form.code for form in judgement.forms],
        direction=judgement.direction.value if judgement.direction else None,
        model=f"{judgement.model.name} {judgement.model.version}",
        thresholds=dict(judgement.thresholds),
        agrees=agrees(judgement, label) if label else None,
        precision=sight.precision.as_json() if sight.precision else None,
    ).model_dump(mode="json")
