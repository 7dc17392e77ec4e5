"""The counted parts of the data card, each a piece of Markdown made from committed files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pilah_data.agreement import Agreement, figure
from pilah_data.corrections import Correction, Origin
from pilah_data.coverage import balance, coverage, without_lawful_twin
from pilah_data.markdown import table
from pilah_data.measured import Measured
from pilah_data.records import SPLITS, AuthoredPost, Context, Language, NameRole, Reading, Register, Relation
from pilah_data.rereading import Reread
from pilah_data.sources import Source, Terms
from pilah_data.taxonomy import FORMS, PREDICTED_FORMS, SUBTYPES, Label

_LEAST_GROUP = 250
_LABEL_NAMES = tuple(label.value for label in Label)


@dataclass(frozen=True, slots=True)
class CardData:
    """Everything that the card is rendered from."""

    readings: Sequence[Reading]
    excluded: int
    posts: Sequence[AuthoredPost]
    sources: Sequence[Source]
    agreements: Sequence[Agreement]
    corrections: Sequence[Correction]
    reread: Sequence[Reread]
    measured: Measured
    data: Path


def by_label(items: Iterable[tuple[Hashable, Label]]) -> dict[Hashable, tuple[int, ...]]:
    """Return, for each key, the counts of the four labels in their order."""
    counts: dict[Hashable, Counter[Label]] = defaultdict(Counter)
    for key, label in items:
        counts[key][label] += 1
    return {key: tuple(found[label] for label in Label) for key, found in counts.items()}


def platform_groups(card: CardData) -> dict[str, tuple[int, ...]]:
    """Return label counts by platform of the public readings, the largest first; small ones are put together."""
    platform = {source.repository: source.platform.replace("Twitter/X", "Twitter") for source in card.sources}
    counts = by_label(
        (platform[reading.source].replace("Twitter", "X/Twitter"), reading.label) for reading in card.readings
    )
    large = sorted(((str(k), v) for k, v in counts.items() if sum(v) >= _LEAST_GROUP), key=lambda kv: -sum(kv[1]))
    small = [v for v in counts.values() if sum(v) < _LEAST_GROUP]
    return dict(large) | ({"other": tuple(map(sum, zip(*small, strict=True)))} if small else {})


def counts(card: CardData) -> str:
    """Render what there is: readings and authored posts by split and label."""
    public = by_label((reading.split, reading.label) for reading in card.readings)
    authored = by_label((post.split, post.label) for post in card.posts)
    rows = [
        *((f"public, {split}", *_summed(public.get(split, (0,) * 4))) for split in SPLITS),
        ("**public readings**", *_summed(_total(public.values()))),
        *((f"authored, {split}", *_summed(authored.get(split, (0,) * 4))) for split in SPLITS),
        ("**authored posts**", *_summed(_total(authored.values()))),
    ]
    used = sum(sum(labels.values()) for labels in card.measured.used.values())
    return (
        table(("part, split", *_LABEL_NAMES, "all"), rows, 1)
        + f"\n\nOf the public readings {used:,} have a text that may be learnt from or measured on; {card.excluded} are left out as "
        "near-duplicates (`annotations/excluded.tsv`), the others are known in a cleaned form alone."
    )


def rounds(card: CardData) -> str:
    """Render the public readings by round and by platform."""
    by_round = by_label((reading.round, reading.label) for reading in card.readings)
    rows = [(name, *_summed(values)) for name, values in sorted(by_round.items(), key=lambda kv: str(kv[0]))]
    platforms = [(name, *_summed(values)) for name, values in platform_groups(card).items()]
    head = (*_LABEL_NAMES, "all")
    return table(("round", *head), rows, 1) + "\n\n" + table(("platform", *head), platforms, 1)


def forms(card: CardData) -> str:
    """Render how often each form occurs."""
    public, authored = form_counts(card)
    rows = [(f"{code} `{FORMS[code].name}`", public[code], authored[code]) for code in PREDICTED_FORMS]
    return table(("form", "public", "authored"), rows, 1)


def form_counts(card: CardData) -> tuple[Counter[str], Counter[str]]:
    """Return how often each form occurs in public readings and in authored posts."""
    public = Counter(form for reading in card.readings for form in reading.forms)
    return public, Counter(form for post in card.posts for form in post.forms)


def subtypes(card: CardData) -> str:
    """Render how often each lawful sub-type occurs."""
    public = Counter(reading.subtype for reading in card.readings)
    authored = Counter(post.subtype for post in card.posts)
    rows = [(f"{code} {subtype.title_en}", public[code], authored[code]) for code, subtype in SUBTYPES.items()]
    return table(("lawful sub-type", "public", "authored"), rows, 1)


def authored(card: CardData) -> str:
    """Render the coverage table of the authored posts, and their registers, languages, contexts and relations."""
    cells = [(cell.name, cell.count, cell.least, "yes" if cell.met else "**no**") for cell in coverage(card.posts)]
    lone = len(without_lawful_twin(card.posts))
    relations = Counter(post.relation.value for post in card.posts if post.relation)
    named = ", ".join(f"{r.value} {relations[r.value]:,}" for r in Relation)
    return "\n\n".join(
        [
            table(("asked for", "there are", "at least", "met"), cells, 1),
            f"Groups with a partisan post but no lawful twin: {lone}. Posts by their relation to the first of their group: {named}.",
            *(_breakdown(title, kind, card.posts, of) for title, kind, of in _BREAKDOWNS),
        ]
    )


_BREAKDOWNS: tuple[tuple[str, type[StrEnum], Callable[[AuthoredPost], StrEnum]], ...] = (
    ("register", Register, lambda post: post.register),
    ("language", Language, lambda post: post.language),
    ("context", Context, lambda post: post.context),
)


def _breakdown(
    title: str, kind: type[StrEnum], posts: Iterable[AuthoredPost], of: Callable[[AuthoredPost], StrEnum]
) -> str:
    found = by_label((of(post), post.label) for post in posts)
    return table((title, *_LABEL_NAMES, "all"), ((k.value, *_summed(found.get(k, (0,) * 4))) for k in kind), 1)


def names(card: CardData) -> str:
    """Render how evenly names are supported, attacked and named neutrally."""
    rows = [
        (
            b.name,
            *(b.roles[role] for role in NameRole),
            f"{b.gap:.1%}",
            f"{b.tolerance:.0%}",
            "yes" if b.met else "**no**",
        )
        for b in balance(card.posts)
    ]
    return table(("type of name", *(role.value for role in NameRole), "largest gap", "allowed", "met"), rows, 1)


def agreement(card: CardData) -> str:
    """Render alpha and kappa of every file of repeated readings, side by side."""
    estimates = [{e.name: e for e in a.estimates} for a in card.agreements]
    named = dict.fromkeys(name for found in estimates for name in found)
    rows = [
        (name, *(f"{figure(f[name])} ({f[name].support})" if name in f else "" for f in estimates)) for name in named
    ]
    head = [f"`{a.name}`: {a.posts} posts, {a.judgements} judgements" for a in card.agreements]
    return table(("coefficient", *head), rows)


def audit(card: CardData) -> str:
    """Render what was corrected, and what the re-reading of authored posts found."""
    lines = [
        f"Corrections on record: {len(card.corrections)} ("
        + ", ".join(f"{origin.value} {sum(c.origin is origin for c in card.corrections)}" for origin in Origin)
        + ")."
    ]
    moves = Counter((c.before[0], c.after[0]) for c in card.corrections)
    if moves:
        moved = sorted(moves.items(), key=lambda kv: (-kv[1], kv[0]))
        lines.append(table(("from", "to", "readings"), ((a.value, b.value, n) for (a, b), n in moved), 2))
    if card.reread:
        other = sum(post.given is not post.label for post in card.reread)
        odd = sum(not post.natural for post in card.reread)
        lines.append(
            f"Independent re-reading of {len(card.reread)} authored posts drawn at random: "
            f"{other} with another label, {odd} that sound unnatural."
        )
    return "\n\n".join(lines)


def leaks(card: CardData) -> str:
    """Render what was found across splits."""
    m = card.measured
    kinds = ("public", "authored", "authored and public")
    rows: Iterator[tuple[str, int]] = iter(
        [
            ("sources of test posts with posts in another split", m.shared_sources),
            ("counterfactual groups in several splits", m.split_groups),
            *((f"same or nearly same texts across splits, {kind}", m.repeats.get(kind, 0)) for kind in kinds),
            ("**leaks**", m.leaks),
        ]
    )
    return table(("across train, validation and test", "found"), rows, 1)


def terms(card: CardData) -> str:
    """Render the terms of the public sources."""
    rows = []
    for kind in Terms:
        chosen = [source for source in card.sources if source.terms is kind]
        labelled = Counter(reading.source for reading in card.readings)
        rows.append(
            (
                kind.value,
                len(chosen),
                sum(source.posts for source in chosen),
                sum(labelled[source.repository] for source in chosen),
                sum(source.lines for source in chosen),
            )
        )
    return table(("terms", "sources", "posts in the pool", "labelled", "lines in the pretraining corpora"), rows, 1)


def _summed(values: Sequence[int]) -> tuple[int, ...]:
    return (*values, sum(values))


def _total(rows: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*rows, strict=True)))
