"""The plots of the data card, by file name."""

from __future__ import annotations

from pilah_data import svg
from pilah_data.card_tables import CardData, by_label, form_counts, platform_groups
from pilah_data.corpora import to_example
from pilah_data.measured import LENGTHS, lengths
from pilah_data.records import Register
from pilah_data.taxonomy import FORMS, PREDICTED_FORMS, Label

TARGET = 0.7
"""The agreement that was aimed at."""

_LABELS = tuple(label.value for label in Label)


def draw(card: CardData) -> dict[str, str]:
    """Return all plots as SVG text."""
    return {
        "labels_by_platform.svg": _labels(card),
        "lengths_public.svg": _lengths("Words per public post in use, by label", card.measured.lengths),
        "lengths_authored.svg": _lengths("Words per authored post, by label", lengths([*map(to_example, card.posts)])),
        "forms.svg": _forms(card),
        "registers.svg": _registers(card),
        "agreement.svg": _agreement(card),
    }


def _labels(card: CardData) -> str:
    rows = [svg.Row(name, values) for name, values in platform_groups(card).items()]
    authored = by_label(("authored", post.label) for post in card.posts).get("authored", (0,) * len(_LABELS))
    return svg.shares("Labels by source", _LABELS, [*rows, svg.Row("authored posts", authored)])


def _lengths(title: str, found: dict[str, list[int]]) -> str:
    begins = (1, *(end + 1 for end in LENGTHS))
    names = [f"{a}-{b}" for a, b in zip(begins, LENGTHS, strict=False)] + [f"{begins[-1]} or more"]
    rows = [
        svg.Row(f"{name} words", tuple(found[label][place] for label in _LABELS)) for place, name in enumerate(names)
    ]
    return svg.shares(title, _LABELS, rows)


def _forms(card: CardData) -> str:
    public, authored = form_counts(card)
    rows = [svg.Row(f"{code} {FORMS[code].name}", (public[code], authored[code])) for code in PREDICTED_FORMS]
    return svg.bars("Forms of partisanship", ("public readings", "authored posts"), rows)


def _registers(card: CardData) -> str:
    found = by_label((post.register, post.label) for post in card.posts)
    rows = [svg.Row(register.value, found.get(register, (0,) * len(_LABELS))) for register in Register]
    return svg.shares("Authored posts by register", _LABELS, rows)


def _agreement(card: CardData) -> str:
    rows = [
        svg.Interval(
            f"{estimate.name.removeprefix('alpha, ')} ({agreement.posts})", estimate.value, estimate.low, estimate.high
        )
        for agreement in card.agreements
        for estimate in agreement.estimates
        if estimate.name.startswith("alpha") and estimate.telling
    ]
    return svg.intervals("Krippendorff's alpha, 95 % intervals (posts in brackets)", rows, TARGET)
