"""Checks an employee's own draft before it is posted; nothing of it is stored, counted or recorded."""

from __future__ import annotations

from dataclasses import dataclass

from pilah_api.limits import Limits
from pilah_api.services.classification import Judged, judge_posts
from pilah_api.services.turnings import find_turnings
from pilah_data.advice import FormAdvice, SubtypeAdvice, advice
from pilah_data.blank import is_blank
from pilah_data.taxonomy import FORMS, SUBTYPES, Decision, Form, Subtype
from pilah_model.judge import Judge
from pilah_model.judgement import Post
from pilah_model.turning import Turning


@dataclass(frozen=True, slots=True)
class Checked:
    """What is said of a draft: the judgement, what would change it, the advice on its forms, and the look-alikes it may be.

    `answers_partisan` is true if the post that it answers reads as partisan by itself: a short assent then takes sides, too.
    """

    judged: Judged
    turning: Turning | None
    forms: tuple[tuple[Form, FormAdvice], ...]
    near: tuple[tuple[Subtype, SubtypeAdvice], ...]
    answers_partisan: bool

    @property
    def decision(self) -> Decision:
        """Return what an officer would be proposed for this text."""
        return self.judged.judgement.decision


def check_draft(judge: Judge, draft: str, context: str, limits: Limits) -> Checked:
    """Judge a draft, and by itself the post that it answers. Raises InvalidPostsError."""
    answered = None if is_blank(context) else context
    (judged,) = judge_posts(judge, [Post(draft, context=answered)], limits, explain=True)
    (turning,) = find_turnings(judge, [judged])
    forms = tuple((FORMS[score.code], advice().forms[score.code]) for score in judged.judgement.forms)
    codes = dict.fromkeys(code for _, form in forms for code in form.near)
    near = tuple((SUBTYPES[code], advice().subtypes[code]) for code in codes)
    return Checked(judged, turning, forms, near, answered is not None and _is_partisan(judge, answered))


def _is_partisan(judge: Judge, text: str) -> bool:
    (judgement,) = judge.classify([Post(text)])
    return judgement.decision is Decision.TINJAU
