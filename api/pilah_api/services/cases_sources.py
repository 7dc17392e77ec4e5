"""Which stored posts are ready to become a case; the one place to change when another way of getting ready is added."""

from __future__ import annotations

from collections.abc import Mapping

from pilah_api.services.cases_values import Value
from pilah_api.store.posts import PostState, StoredPost
from pilah_api.store.units import Unit

MOST = 50
"""Most posts offered at once, the oldest first."""


def posts_ready(unit: Unit, after: str | None = None) -> list[StoredPost]:
    """Return posts from which a case may be opened: those that wait for review."""
    return unit.posts.page(PostState.TINJAU, after, MOST)


def values_from(post: StoredPost) -> Mapping[str, Value]:
    """Return what a post brings into a case; its text is masked, so an officer completes it from the source."""
    return {"text": post.text, "parent": post.context or ""}
