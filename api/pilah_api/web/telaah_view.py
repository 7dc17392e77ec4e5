"""What the page of one post in review shows, in words of one language; what somebody may see is decided by `services.review_sight`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pilah_api.services.classification import confidence_band
from pilah_api.services.deadlines import Deadlines
from pilah_api.services.reasons import REFERENCES, reasons
from pilah_api.services.review_rules import Relation, as_draft
from pilah_api.services.review_sight import Sight, agrees
from pilah_api.store.posts import StoredJudgement, StoredPost
from pilah_api.store.reviews import Content, Review
from pilah_api.web.moments import clock, day
from pilah_api.web.review_words import label_words, left_words, outcome_words, short
from pilah_api.web.texts import Texts
from pilah_data.taxonomy import DECISIONS, DIRECTIONS, FORMS, LABELS, REFERENCE_NOTE, Label
from pilah_model.intervals import Rate


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose in the form, with its key."""

    value: str
    name: str
    meaning: str
    key: str
    group: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A decision or a judgement in words."""

    title: str
    rows: tuple[tuple[str, str], ...]


def label_choices(content: Content, texts: Texts) -> list[Choice]:
    """Return the four labels, in the order of their keys."""
    return [
        Choice(
            info.label.value,
            texts.of(info.title, info.title_en),
            texts.of(info.definition, info.definition_en),
            str(number),
            chosen=content.label is info.label,
        )
        for number, info in enumerate(LABELS.values(), start=1)
    ]


def form_choices(content: Content, texts: Texts) -> list[Choice]:
    """Return the forms of partisanship, each with the key that follows F."""
    keys = "1234567890-"
    return [
        Choice(
            form.code,
            f"{form.code} {texts.of(form.name.replace('_', ' '), form.title_en)}",
            form.definition,
            keys[number],
            chosen=form.code in content.forms,
        )
        for number, form in enumerate(FORMS.values())
    ]


def reason_choices(content: Content, texts: Texts) -> list[Choice]:
    """Return the wordings of reasons, each with its label as the group and a letter as the key."""
    made: list[Choice] = []
    for reason in reasons().values():
        before = sum(choice.group == reason.label.value for choice in made)
        made.append(
            Choice(
                reason.code,
                texts.of(reason.text, reason.text_en),
                reason.reference,
                "abcdefgh"[before],
                reason.label.value,
                chosen=content.template == reason.code,
            )
        )
    return made


def reference_choices(content: Content) -> list[str]:
    """Return the policy references to choose from, the present one among them."""
    own = [content.reference] if content.reference and content.reference not in REFERENCES else []
    return [*own, *REFERENCES]


def said_by_person(content: Content, title: str, texts: Texts) -> Said:
    """Return a decision in words."""
    rows = [(texts("review.label"), label_words(content.label, texts))]
    if content.forms:
        rows.append((texts("review.forms"), ", ".join(_form(code, texts) for code in content.forms)))
    rows.append((texts("review.reason"), content.reason))
    if content.reference:
        rows.append((texts("review.reference"), f"{content.reference} ({REFERENCE_NOTE})"))
    return Said(title, tuple(rows))


def said_by_model(judgement: StoredJudgement, texts: Texts) -> Said:
    """Return the model's judgement in words."""
    decision = DECISIONS[judgement.decision]
    band = confidence_band(judgement.confidence).value
    rows = [
        (texts("result.decision"), texts.of(decision.title, decision.title_en)),
        (
            texts("review.label"),
            f"{label_words(judgement.label, texts)} · {texts('result.confidence').lower()} {texts(f'band.{band}')}",
        ),
    ]
    if judgement.forms:
        rows.append((texts("review.forms"), ", ".join(_form(form.code, texts) for form in judgement.forms)))
    if judgement.direction:
        words = DIRECTIONS[judgement.direction]
        rows.append((texts("result.direction"), texts.of(words.title, words.title_en)))
    rows.append((texts("app.model"), f"{judgement.model.name} {judgement.model.version}"))
    return Said(texts("review.model"), tuple(rows))


def agreement_words(judgement: StoredJudgement, label: Label | None, texts: Texts) -> str:
    """Say whether a person and the model agree."""
    same = agrees(judgement, label) if label else None
    return texts({True: "review.agree", False: "review.differ", None: "review.model_abstained"}[same])


def precision_words(rate: Rate, texts: Texts) -> str:
    """Say how often people bore out what the model marked for review."""
    if not rate.checks:
        return texts("review.precision_none")
    low, high = (texts.percent(end) for end in rate.interval)
    n, m = texts.whole(rate.checks), texts.whole(rate.passed)
    return texts("review.precision", n=n, m=m, low=low, high=high)


def others_said(sight: Sight, texts: Texts) -> list[Said]:
    """Return the other decisions on a post, without names."""
    own = sight.review.id if sight.review else None
    return [
        said_by_person(one.content, texts(f"queue.round.{one.round}"), texts)
        for one in sight.decisions
        if one.id != own
    ]


def draft_of(review: Review | None) -> Content:
    """Return what a form begins with."""
    return as_draft(review.content) if review else Content()


def values(sight: Sight, texts: Texts, deadlines: Deadlines, draft: Content) -> dict[str, Any]:
    """Return what the template shows; what may not be seen is not among it. `draft` fills the form."""
    entry, review, judgement = sight.entry, sight.review, sight.judgement
    until = review.lease_until if review else None
    label = review.content.label if review else None
    return {
        "mode": sight.mode.value,
        "post": sight.post,
        "post_id": entry.id,
        "name": short(entry.id),
        "known": day(entry.known_on, texts),
        "left": left_words(entry.known_on, deadlines, texts),
        "facts": _facts(sight.post, texts),
        "may_take": sight.may_take,
        "outcome": outcome_words(entry, texts),
        "review_id": review.id if review else "",
        "until": clock(until, texts) if until else "",
        "labels": label_choices(draft, texts),
        "forms": form_choices(draft, texts),
        "reasons": reason_choices(draft, texts),
        "references": reference_choices(draft),
        "draft": draft,
        "relations": [relation.value for relation in Relation],
        "own": said_by_person(review.content, texts("review.own"), texts) if review and judgement else None,
        "model_said": said_by_model(judgement, texts) if judgement else None,
        "agreement": agreement_words(judgement, label, texts) if judgement and label else "",
        "precision": precision_words(sight.precision, texts) if sight.precision else "",
        "others": others_said(sight, texts),
        "may_undo": sight.may_undo,
        "alike": [(alike.id, short(alike.id), alike.text) for alike in sight.alike],
    }


def _facts(post: StoredPost | None, texts: Texts) -> list[tuple[str, str]]:
    known = (("waktu", "facts.waktu"), ("platform", "facts.platform"))
    return [(texts(key), str(post.facts[name])) for name, key in known if post and post.facts.get(name)]


def _form(code: str, texts: Texts) -> str:
    form = FORMS[code]
    return f"{code} {texts.of(form.name.replace('_', ' '), form.title_en)}"
