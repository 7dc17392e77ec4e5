"""Posts and judgements in the store: masked on the way in, and only in states that need them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from pilah_api.access import NotFoundError
from pilah_api.keyring import Keyring
from pilah_api.store.columns import new_id
from pilah_api.store.work_tables import JudgementRow, PostRow
from pilah_data.privacy import mask
from pilah_data.taxonomy import Decision, Direction, Label
from pilah_model.judgement import FormScore, Judgement, ModelInfo


class PostState(StrEnum):
    """Why a post is kept; one that passed has no state here, for it is not kept."""

    BUTUH_KONTEKS = "butuh_konteks"
    TINJAU = "tinjau"
    KASUS = "kasus"


@dataclass(frozen=True, slots=True)
class StoredPost:
    """A post as it is stored: masked text, and what was said about where and when it appeared."""

    id: str
    state: PostState
    text: str
    context: str | None
    facts: Mapping[str, object]
    brought_by: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class StoredJudgement:
    """What a model said about a stored post, with the thresholds then in force."""

    label: Label
    decision: Decision
    confidence: float
    forms: tuple[FormScore, ...]
    direction: Direction | None
    thresholds: Mapping[str, float]
    model: ModelInfo


class Posts:
    """Posts within one unit of work."""

    def __init__(self, session: Session, keyring: Keyring, now: dt.datetime, touched: set[str]):
        """Take the session, the keys, the moment, and the set for ids of posts whose course changes in this unit."""
        self._session, self._keyring, self._now, self._touched = session, keyring, now, touched

    def add_judged(
        self,
        text: str,
        judgement: Judgement,
        brought_by: str,
        *,
        context: str | None = None,
        facts: Mapping[str, object] | None = None,
        batch_id: str | None = None,
        link: str | None = None,
    ) -> StoredPost | None:
        """Store a post with its judgement; one that passed is not stored, and None is returned.

        Text, context and facts are masked here, so that no caller can forget it; the link is encrypted. Evidence is not kept: its
        offsets count the original.
        """
        if judgement.decision is Decision.LOLOS:
            return None
        row = PostRow(
            id=new_id(self._now),
            state=PostState(judgement.decision.value),
            text=mask(text),
            context=mask(context) if context else None,
            facts={name: _masked(value) for name, value in (facts or {}).items()},
            batch_id=batch_id,
            case_id=None,
            brought_by=brought_by,
            created_at=self._now,
            link_sealed=self._keyring.encrypt(link) if link else None,
        )
        self._touched.add(row.id)
        self._session.add(row)
        self._session.flush()
        self._session.add(_judgement_row(row.id, judgement, self._now))
        self._session.flush()
        return stored_post(row)

    def get(self, post_id: str) -> StoredPost:
        """Return a post. Raises NotFoundError."""
        row = self._session.get(PostRow, post_id)
        if row is None:
            raise NotFoundError(f"there is no post with the id {post_id[:40]!r}; it may have been deleted on time")
        return stored_post(row)

    def link(self, post_id: str) -> str | None:
        """Return where a post stood, if it was told; for a case, never for a review."""
        sealed = self._session.scalar(select(PostRow.link_sealed).where(PostRow.id == post_id))
        return self._keyring.decrypt(sealed) if sealed else None

    def judgement(self, post_id: str) -> StoredJudgement:
        """Return what the model said when the post came in. Raises NotFoundError."""
        row = self._session.scalars(
            select(JudgementRow).where(JudgementRow.post_id == post_id, came_with_its_post())
        ).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no judgement of the post {post_id[:40]!r}; it may have been deleted on time")
        return StoredJudgement(
            label=Label(row.label),
            decision=Decision(row.decision),
            confidence=row.confidence,
            forms=tuple(FormScore(str(form["code"]), float(form["probability"])) for form in row.forms),
            direction=Direction(row.direction) if row.direction else None,
            thresholds=dict(row.thresholds),
            model=ModelInfo(row.model_name, row.model_version, row.model_sha256, row.taxonomy, row.engine),
        )


def came_with_its_post() -> ColumnElement[bool]:
    """Return the condition that a judgement is the one that sent its post to people: what they are shown, and counted by."""
    # Ids sort by time.
    earlier = aliased(JudgementRow)
    return ~exists().where(earlier.post_id == JudgementRow.post_id, earlier.id < JudgementRow.id)


def _masked(value: object) -> object:
    """Return a fact with every text in it masked; an export may hold names and numbers anywhere."""
    match value:
        case str():
            return mask(value)
        case Mapping():
            return {str(name): _masked(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_masked(inner) for inner in value]
        case _:
            return value


def _judgement_row(post_id: str, judgement: Judgement, now: dt.datetime) -> JudgementRow:
    return JudgementRow(
        id=new_id(now),
        post_id=post_id,
        label=judgement.label.value,
        decision=judgement.decision.value,
        confidence=judgement.confidence,
        probabilities={label.value: value for label, value in judgement.probabilities.items()},
        partisan=judgement.probabilities[Label.PARTISAN],
        forms=[asdict(form) for form in judgement.forms],
        direction=judgement.direction.value if judgement.direction else None,
        evidence=None,
        thresholds=dict(judgement.thresholds),
        model_name=judgement.model.name,
        model_version=judgement.model.version,
        model_sha256=judgement.model.sha256,
        taxonomy=judgement.model.taxonomy,
        engine=judgement.model.engine,
        created_at=now,
    )


def stored_post(row: PostRow) -> StoredPost:
    """Return a row as what comes out of the store."""
    return StoredPost(
        row.id, PostState(row.state), row.text, row.context, dict(row.facts), row.brought_by, row.created_at
    )
