"""The rules of a review: who may do which round, and what a decision must hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from pilah_api.access import ConflictError, Person, Role
from pilah_api.services.reasons import proposed_reference, reasons
from pilah_api.store.reviews import Content
from pilah_data.errors import InputError
from pilah_data.privacy import mask
from pilah_data.taxonomy import FORMS, Label

LEASE = dt.timedelta(minutes=15)
"""How long a post is held without a sign of work, and how long a decision may be taken back."""
LONGEST_REASON = 2000
WATCHERS = frozenset({Role.PENYELIA, Role.AUDITOR})
_ROUNDS = {Role.PETUGAS: (1,), Role.PENELAAH: (3, 2, 1), Role.PENYELIA: (3,)}
_WITH_FORMS = (Label.PARTISAN, Label.PERLU_KONTEKS)


class Relation(StrEnum):
    """Why somebody must not review a post: their bond with its author or with whom it speaks of."""

    KELUARGA = "keluarga"
    PERSELISIHAN = "perselisihan"
    ATASAN_BAWAHAN = "atasan_bawahan"


class Refusal(StrEnum):
    """Why a review cannot go on as asked."""

    NOT_OPEN = "not_open"
    HELD = "held"
    HOLDS_ANOTHER = "holds_another"
    LOST = "lost"
    DECIDED = "decided"
    TOO_LATE = "too_late"


class Fault(StrEnum):
    """What a decision lacks."""

    LABEL = "label"
    FORMS = "forms"
    NO_FORMS = "no_forms"
    REASON = "reason"
    TOO_LONG = "too_long"


class ReviewRefusedError(ConflictError):
    """A review cannot go on as asked; `why` says it for pages, `post_id` where to go instead, if anywhere."""

    def __init__(self, why: Refusal, post_id: str | None = None):
        """Say why, and which post stands in the way."""
        self.why, self.post_id = why, post_id
        super().__init__(_REFUSALS[why])


class InvalidDecisionError(InputError):
    """A decision lacks something; `faults` says what."""

    def __init__(self, faults: Sequence[Fault]):
        """Join the sentences of all faults."""
        self.faults = tuple(faults)
        super().__init__("; ".join(_FAULTS[fault] for fault in faults))


_REFUSALS = {
    Refusal.NOT_OPEN: "this post is not open to you; take the next one",
    Refusal.HELD: "another reviewer has this post; take the next one",
    Refusal.HOLDS_ANOTHER: "you hold another post; decide on it or release it first",
    Refusal.LOST: "your time with this post was over and another reviewer took it; your text was kept as a draft",
    Refusal.DECIDED: "you have decided on this post already; take that back first",
    Refusal.TOO_LATE: "the decision can no longer be taken back: its time is over, or the next review has begun",
}
_FAULTS = {
    Fault.LABEL: f"label: choose one of {', '.join(Label)}",
    Fault.FORMS: f"forms: a partisan post has one or more of {', '.join(FORMS)}",
    Fault.NO_FORMS: "forms: only partisan posts and those that need context have forms; remove them",
    Fault.REASON: "reason: choose a wording that goes with the label, or write one",
    Fault.TOO_LONG: f"reason: at most {LONGEST_REASON} characters",
}


def rounds_of(person: Person) -> tuple[int, ...]:
    """Return the rounds that a person may review in, the latest first."""
    return tuple(sorted({number for role in person.roles for number in _ROUNDS.get(role, ())}, reverse=True))


def checked(content: Content) -> Content:
    """Return a decision as it is stored: whole, its reason in full and masked, with a reference.

    Raises InvalidDecisionError, naming everything that is missing.
    """
    template = reasons().get(content.template or "")
    if template is not None and template.label is not content.label:
        template = None
    words = content.reason.strip()
    faults = list(_faults(content, words, has_template=template is not None))
    if faults:
        raise InvalidDecisionError(faults)
    full = "\n".join(part for part in (template.text if template else "", words) if part)
    code = template.code if template else None
    reference = (content.reference or "").strip() or proposed_reference(code, content.forms) or None
    return replace(content, template=code, reason=mask(full), reference=reference)


def as_draft(content: Content) -> Content:
    """Return a stored decision as it was filled in: without the wording that its template brought."""
    template = reasons().get(content.template or "")
    words = content.reason.removeprefix(template.text).strip() if template else content.reason
    return replace(content, reason=words)


def parse_content(label: str, forms: Iterable[str], template: str, reason: str, reference: str) -> Content:
    """Read what a form or request holds; what is unknown counts as not given."""
    return Content(
        label=Label(label) if label in tuple(Label) else None,
        forms=tuple(code for code in FORMS if code in set(forms)),
        template=template if template in reasons() else None,
        reason=reason.replace("\r\n", "\n")[: LONGEST_REASON + 1],
        reference=reference.strip()[:500] or None,
    )


def _faults(content: Content, words: str, *, has_template: bool) -> Iterable[Fault]:
    if content.label is None:
        yield Fault.LABEL
    if content.label is Label.PARTISAN and not content.forms:
        yield Fault.FORMS
    if content.forms and content.label not in (None, *_WITH_FORMS):
        yield Fault.NO_FORMS
    if not words and not has_template:
        yield Fault.REASON
    if len(words) > LONGEST_REASON:
        yield Fault.TOO_LONG
