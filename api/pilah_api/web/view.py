"""What the page shows of a judgement, in words of one language; no rule is decided here."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from pilah_api.problems import problem_from
from pilah_api.services.classification import Fault, FaultKind, InvalidPostsError, Judged, confidence_band
from pilah_api.services.pasting import Piece, pieces
from pilah_api.services.tickets import BusyError
from pilah_api.web.texts import Texts
from pilah_api.web.wording import TEXTS
from pilah_data.taxonomy import DECISIONS, DIRECTIONS, FORMS, LABELS, PREDICTED, Decision
from pilah_model.judgement import FormScore, Judgement
from pilah_model.turning import Turning

LONG = 1500
"""Characters from which a post gets a frame of its own to scroll in."""


@dataclass(frozen=True, slots=True)
class Row:
    """A name, what it means, and a figure as text."""

    name: str
    meaning: str
    figure: str


@dataclass(frozen=True, slots=True)
class Card:
    """One judged post on the page."""

    number: int
    pieces: tuple[Piece, ...]
    decision: str
    decision_title: str
    decision_words: str
    label_title: str
    label_words: str
    band: str
    confidence: str
    turning: str | None
    direction: Row | None
    forms: tuple[Row, ...]
    references: tuple[Row, ...]
    evidence: tuple[Row, ...]
    probabilities: tuple[Row, ...]
    thresholds: tuple[Row, ...]
    tokens: str
    truncated: bool
    long: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many posts got a decision, and which (counted from 1)."""

    decision: str
    title: str
    number: int
    posts: tuple[int, ...]


def cards(judged: Sequence[Judged], texts: Texts, turnings: Sequence[Turning | None] | None = None) -> list[Card]:
    """Return the cards of judged posts, in their order, with what would change each proposal if it was searched."""
    found = turnings or [None] * len(judged)
    return [
        _card(number, item, turning, texts)
        for number, (item, turning) in enumerate(zip(judged, found, strict=True), start=1)
    ]


def counts(judged: Sequence[Judged], texts: Texts) -> list[Count]:
    """Return how many posts got each decision that occurs, the most urgent first."""
    order = (Decision.TINJAU, Decision.BUTUH_KONTEKS, Decision.LOLOS)
    found = {d: tuple(n for n, item in enumerate(judged, start=1) if item.judgement.decision is d) for d in order}
    return [Count(d.value, _decision_title(d, texts), len(numbers), numbers) for d, numbers in found.items() if numbers]


def busy_sentence(error: BusyError, texts: Texts) -> str:
    """Return what to tell of a model that has too much to do; the page keeps what was typed, so that it can be sent again."""
    kind = problem_from(error).kind
    return texts.of(kind.meaning_id, kind.meaning)


def fault_sentences(faults: Sequence[Fault], texts: Texts) -> list[str]:
    """Return what is wrong with a paste, in the page's language."""
    sentences = []
    for fault in faults:
        where = "" if fault.index is None else texts("error.where", n=texts.whole(fault.index + 1))
        where += texts("fault.context") if fault.field == "context" else ""
        what = texts(f"fault.{fault.kind.value}", size=texts.whole(fault.size), limit=texts.whole(fault.limit))
        sentences.append(where + what)
    return sentences


def without_place(error: InvalidPostsError) -> list[Fault]:
    """Return what is wrong with a single text, which needs no number; a blank one is told as none at all."""
    faults = [dataclasses.replace(fault, index=None) for fault in error.faults]
    return [Fault(FaultKind.NO_POSTS) if fault.kind is FaultKind.BLANK else fault for fault in faults]


def quoted_words(turning: Turning, text: str, texts: Texts) -> str:
    """Return the words that would change a proposal, each quoted, as a list in the page's language."""
    quoted = [f"\u201c{' '.join(text[start:end].split())}\u201d" for start, end in turning.spans]
    if len(quoted) < 2:
        return "".join(quoted)
    return texts("result.and", first=", ".join(quoted[:-1]), last=quoted[-1])


def turning_sentence(turning: Turning | None, text: str, texts: Texts) -> str | None:
    """Say which words a proposal hangs on; None where it was not searched."""
    if turning is None:
        return None
    if not turning.complete:
        return texts("result.turn.unfinished")
    if turning.decision is None:
        return texts("result.turn.none")
    words, title = quoted_words(turning, text, texts), _decision_title(turning.decision, texts)
    if turning.words == 1:
        return texts("result.turn.one", words=words, decision=title)
    return texts("result.turn.many", words=words, decision=title)


def _decision_title(decision: Decision, texts: Texts) -> str:
    return texts.of(DECISIONS[decision].title, DECISIONS[decision].title_en)


def _card(number: int, judged: Judged, turning: Turning | None, texts: Texts) -> Card:
    judgement = judged.judgement
    label, decision = LABELS[judgement.label], DECISIONS[judgement.decision]
    return Card(
        number=number,
        pieces=tuple(pieces(judged)),
        decision=judgement.decision.value,
        decision_title=_decision_title(judgement.decision, texts),
        decision_words=texts.of(decision.explanation, decision.explanation_en),
        label_title=texts.of(label.title, label.title_en),
        label_words=texts.of(label.definition, label.definition_en),
        band=confidence_band(judgement.confidence).value,
        confidence=texts.percent(judgement.confidence),
        turning=turning_sentence(turning, judged.text, texts),
        direction=_direction(judgement, texts),
        forms=tuple(_form(form, texts) for form in judgement.forms),
        references=_references(judgement),
        evidence=tuple(Row(e.text, "", texts.decimal(e.weight)) for e in judgement.evidence or ()),
        probabilities=tuple(
            Row(texts.of(LABELS[p].title, LABELS[p].title_en), "", texts.percent(judgement.probabilities[p]))
            for p in PREDICTED
        ),
        thresholds=_thresholds(judgement, texts),
        tokens=texts.whole(judgement.tokens),
        truncated=judgement.truncated,
        long=len(judged.text) > LONG,
    )


def _direction(judgement: Judgement, texts: Texts) -> Row | None:
    if judgement.direction is None:
        return None
    words = DIRECTIONS[judgement.direction]
    return Row(texts.of(words.title, words.title_en), texts.of(words.explanation, words.explanation_en), "")


def _form(score: FormScore, texts: Texts) -> Row:
    form = FORMS[score.code]
    name = texts.of(form.name.replace("_", " "), form.title_en)
    # The taxonomy defines forms in Indonesian only, as the rules do.
    return Row(f"{form.code} {name}", form.definition, texts.percent(score.probability))


def _references(judgement: Judgement) -> tuple[Row, ...]:
    references = judgement.as_json()["references"]
    if not isinstance(references, list):
        return ()
    return tuple(Row(str(item["form"]), "", str(item["basis"])) for item in references)


def _thresholds(judgement: Judgement, texts: Texts) -> tuple[Row, ...]:
    return tuple(
        Row(texts(key) if (key := f"result.threshold.{name}") in TEXTS else name, "", texts.decimal(value, 3))
        for name, value in judgement.thresholds.items()
    )
