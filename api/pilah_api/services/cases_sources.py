"""Which stored posts are ready to become a case; the one place to change when another way of getting ready is added."""

from __future__ import annotations

from pilah_api.access import ConflictError, NotFoundError
from pilah_api.services.cases_values import Value, is_link
from pilah_api.store.posts import StoredPost
from pilah_api.store.queue import Entry
from pilah_api.store.units import Unit
from pilah_data.taxonomy import Label

MOST = 50
"""Most posts offered at once, those known longest first."""


def posts_ready(unit: Unit) -> list[StoredPost]:
    """Return posts from which a case may be opened: those that reviewers found partisan."""
    return unit.case_posts.ready(MOST)


def values_from(unit: Unit, post_id: str) -> dict[str, Value]:
    """Return what a post brings into a case; its text is masked, so an officer completes it from the source.

    Raises NotFoundError, and ConflictError for a post that is still in review or was not found partisan.
    """
    post, entry = unit.posts.get(post_id), _entry(unit, post_id)
    if entry is not None and entry.outcome != Label.PARTISAN:
        raise ConflictError(
            "the post is in review, or was not found partisan; only what two reviewers found becomes a case"
        )
    values: dict[str, Value] = {"text": post.text, "parent": post.context or ""}
    link = unit.posts.link(post_id)
    if link and is_link(link):
        values["url"] = link
    if entry is not None:
        values |= {"known_on": entry.known_on.isoformat(), "forms": entry.forms}
    return {name: value for name, value in values.items() if value}


def _entry(unit: Unit, post_id: str) -> Entry | None:
    try:
        return unit.queue.get(post_id)
    except NotFoundError:
        return None
