"""The main use case: check raw posts, have them judged, and hand back what every door shows."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pilah_api.limits import Limits
from pilah_data.blank import is_blank
from pilah_data.errors import InputError
from pilah_model.judge import Judge
from pilah_model.judgement import Evidence, Judgement, Post


class FaultKind(StrEnum):
    """What can be wrong with raw posts."""

    NO_POSTS = "no_posts"
    TOO_MANY_POSTS = "too_many_posts"
    BLANK = "blank"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: its kind, which post (0-based) and field, the size found and the limit."""

    kind: FaultKind
    index: int | None = None
    field: str = "text"
    size: int = 0
    limit: int = 0

    @property
    def sentence(self) -> str:
        """Say in English what is wrong and what to do, without any of the text."""
        return _SENTENCES[self.kind].format(field=self.field, size=self.size, limit=self.limit)


_SENTENCES = {
    FaultKind.NO_POSTS: "there are no posts; send at least one",
    FaultKind.TOO_MANY_POSTS: "there are {size} posts, at most {limit} are judged at once; send them in several requests",
    FaultKind.BLANK: "the {field} is blank or holds only invisible characters; send the post's words or leave the post out",
    FaultKind.TOO_LONG: "the {field} has {size:,} characters, at most {limit:,} are judged; split it or send the part in question",
}


class InvalidPostsError(InputError):
    """Posts that cannot be judged as they are; `faults` says which and why."""

    def __init__(self, faults: Sequence[Fault]):
        """Join the sentences of all faults into one message."""
        self.faults = tuple(faults)
        super().__init__("; ".join(_with_place(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Judged:
    """A post's original text and what the model says about it; evidence offsets count characters of `text`."""

    text: str
    judgement: Judgement


def judge_posts(judge: Judge, posts: Sequence[Post], limits: Limits, *, explain: bool) -> list[Judged]:
    """Judge raw posts in their order. Raises InvalidPostsError, naming every fault, before anything is judged."""
    cleaned = check_posts(posts, limits)
    return complete(posts, judge.classify(cleaned, explain=explain))


def check_posts(posts: Sequence[Post], limits: Limits) -> list[Post]:
    """Return raw posts as the model takes them. Raises InvalidPostsError, naming every fault."""
    if faults := find_faults(posts, limits):
        raise InvalidPostsError(faults)
    return [_without_blank_context(post) for post in posts]


def complete(posts: Sequence[Post], judgements: Sequence[Judgement]) -> list[Judged]:
    """Put raw posts and their judgements together, in their order, fit to be encoded."""
    return [
        Judged(well_formed(post.text), _encodable(judgement)) for post, judgement in zip(posts, judgements, strict=True)
    ]


def find_faults(posts: Sequence[Post], limits: Limits) -> list[Fault]:
    """Return everything that keeps these posts from being judged."""
    if not posts:
        return [Fault(FaultKind.NO_POSTS)]
    if len(posts) > limits.posts:
        return [Fault(FaultKind.TOO_MANY_POSTS, size=len(posts), limit=limits.posts)]
    return [fault for index, post in enumerate(posts) for fault in _post_faults(index, post, limits)]


def well_formed(text: str) -> str:
    """Replace lone surrogates (legal in JSON, not encodable) one to one, so that offsets stay true."""
    return _SURROGATE.sub("\ufffd", text)


class Band(StrEnum):
    """How sure a model is, in words an officer can use."""

    LOW = "rendah"
    MEDIUM = "sedang"
    HIGH = "tinggi"


def confidence_band(confidence: float) -> Band:
    """Translate a calibrated probability into a band."""
    if confidence < 0.6:
        return Band.LOW
    return Band.MEDIUM if confidence < 0.85 else Band.HIGH


_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _post_faults(index: int, post: Post, limits: Limits) -> list[Fault]:
    faults = []
    for field, text in (("text", post.text), ("context", post.context or "")):
        if len(text) > limits.characters:
            faults.append(Fault(FaultKind.TOO_LONG, index, field, len(text), limits.characters))
        elif field == "text" and is_blank(text):
            faults.append(Fault(FaultKind.BLANK, index, field))
    return faults


def _with_place(fault: Fault) -> str:
    return fault.sentence if fault.index is None else f"post {fault.index + 1}: {fault.sentence}"


def _without_blank_context(post: Post) -> Post:
    if post.context is None or not is_blank(post.context):
        return post
    return dataclasses.replace(post, context=None)


def _encodable(judgement: Judgement) -> Judgement:
    if not judgement.evidence or not any(_SURROGATE.search(e.text) for e in judgement.evidence):
        return judgement
    evidence = tuple(Evidence(e.start, e.end, well_formed(e.text), e.weight) for e in judgement.evidence)
    return dataclasses.replace(judgement, evidence=evidence)
