"""Posts and judgements in the store: masked on the way in, and only in states that need them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from pilah_api.access import NotFoundError
from pilah_api.store.columns import new_id
from pilah_api.store.work_tables import JudgementRow, PostRow
from pilah_data.privacy import mask
from pilah_data.taxonomy import Decision
from pilah_model.judgement import Judgement


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


class Posts:
    """Posts within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def add_judged(
        self,
        text: str,
        judgement: Judgement,
        brought_by: str,
        *,
        context: str | None = None,
        facts: Mapping[str, object] | None = None,
        batch_id: str | None = None,
    ) -> StoredPost | None:
        """Store a post with its judgement; one that passed is not stored, and None is returned.

        Text, context and facts are masked here, so that no caller can forget it. Evidence is not kept: its offsets count the original.
        """
        if judgement.decision is Decision.LOLOS:
            return None
        masked = mask(text)
        row = PostRow(
            id=new_id(self._now),
            state=PostState(judgement.decision.value),
            text=masked,
            context=mask(context) if context else None,
            fingerprint=fingerprint(masked),
            facts={name: _masked(value) for name, value in (facts or {}).items()},
            batch_id=batch_id,
            case_id=None,
            brought_by=brought_by,
            created_at=self._now,
        )
        self._session.add(row)
        self._session.flush()
        self._session.add(_judgement_row(row.id, judgement, self._now))
        self._session.flush()
        return _stored(row)

    def get(self, post_id: str) -> StoredPost:
        """Return a post. Raises NotFoundError."""
        row = self._session.get(PostRow, post_id)
        if row is None:
            raise NotFoundError(f"there is no post with the id {post_id[:40]!r}; it may have been deleted on time")
        return _stored(row)

    def page(self, state: PostState, after: str | None, limit: int) -> list[StoredPost]:
        """Return at most `limit` posts of a state, oldest first, after the given id."""
        query = select(PostRow).where(PostRow.state == state).order_by(PostRow.id).limit(limit)
        if after is not None:
            query = query.where(PostRow.id > after)
        return [_stored(row) for row in self._session.scalars(query)]


def fingerprint(masked: str) -> str:
    """Return the same text for posts that differ in spaces and capitals only."""
    return hashlib.sha256(" ".join(masked.casefold().split()).encode("utf-8", "replace")).hexdigest()


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


def _stored(row: PostRow) -> StoredPost:
    return StoredPost(
        row.id, PostState(row.state), row.text, row.context, dict(row.facts), row.brought_by, row.created_at
    )
