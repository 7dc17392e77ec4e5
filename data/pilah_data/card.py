"""Renders DATA_CARD.md, its plots, and CODEBOOK.md from committed files alone; never a public text.

The questions are those of Gebru et al., "Datasheets for datasets" (2021); what only a person can answer stands in `card_sections.toml`.
"""

from __future__ import annotations

from pathlib import Path

from pilah_data import card_tables as tables
from pilah_data import codebook
from pilah_data.agreement import LEAST_SUPPORT
from pilah_data.agreement import measure as measure_agreement
from pilah_data.card_tables import CardData
from pilah_data.corpora import read_corpora
from pilah_data.corrections import read_corrections
from pilah_data.loading import load_excluded, load_readings
from pilah_data.markdown import paragraph
from pilah_data.measured import read_measured
from pilah_data.plots import TARGET, draw
from pilah_data.rereading import read_rereading
from pilah_data.sources import read_sources
from pilah_data.tables import open_toml
from pilah_data.taxonomy import TAXONOMY_VERSION

SECTIONS = "card_sections.toml"
_HUMAN = (
    "motivation",
    "composition",
    "collection",
    "labelling",
    "uses",
    "limits",
    "privacy",
    "licence",
    "maintenance",
)


def read_card_data(data: Path) -> CardData:
    """Read everything that the card counts; raises DataError or InputError as the readers of the files do."""
    annotations = data / "annotations"
    readings, posts = load_readings(annotations), read_corpora(data / "corpora")
    return CardData(
        readings,
        len(load_excluded(annotations, readings)),
        posts,
        read_sources(data / "sources.toml"),
        measure_agreement(annotations),
        read_corrections(annotations, readings),
        read_rereading(annotations, {post.id for post in posts}),
        read_measured(data),
        data,
    )


def render_all(data: Path) -> dict[str, str]:
    """Return every rendered file of a data folder: its path in that folder, and its text."""
    card = read_card_data(data)
    plots = {f"plots/{name}": text for name, text in draw(card).items()}
    return {"DATA_CARD.md": render(card), "CODEBOOK.md": codebook.render(data), **plots}


def write_all(data: Path) -> list[Path]:
    """Write every rendered file and return the paths."""
    written = []
    for name, text in render_all(data).items():
        path = data / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def render(card: CardData) -> str:
    """Return the data card as Markdown."""
    written = _sections(card.data / SECTIONS)
    parts = [
        "# Data card: Pilah",
        f"{len(card.readings):,} labelled public posts (labels by text hash, never the text) and {len(card.posts):,} posts "
        "written for this project, in Indonesian, labelled as partisan or lawful speech of civil servants; "
        f"taxonomy {TAXONOMY_VERSION}, see [CODEBOOK.md](CODEBOOK.md). "
        "Rendered by `pilah data card` from the files in `data/`; edit those, not this file.",
        _section("Motivation", written["motivation"]),
        _section(
            "Composition", written["composition"], tables.counts(card), _plot("labels_by_platform", "Labels by source")
        ),
        _section("Public readings", tables.rounds(card), _plot("lengths_public", "Length of public posts"), level=3),
        _section(
            "Authored posts",
            tables.authored(card),
            _plot("registers", "Registers"),
            _plot("lengths_authored", "Length"),
            level=3,
        ),
        _section(
            "Forms and lawful sub-types", tables.forms(card), _plot("forms", "Forms"), tables.subtypes(card), level=3
        ),
        _section("Names", _NAMES, tables.names(card), level=3),
        _section("Collection", written["collection"], tables.terms(card)),
        _section("Labelling", written["labelling"]),
        _section("Agreement", _AGREEMENT, tables.agreement(card), _plot("agreement", "Krippendorff's alpha"), level=3),
        _section("Audit", tables.audit(card), level=3),
        _section("Splits and leaks", _SPLITS, tables.leaks(card), level=3),
        *(
            _section(name.capitalize(), written[name])
            for name in ("uses", "limits", "privacy", "licence", "maintenance")
        ),
    ]
    return "\n\n".join(parts) + "\n"


_NAMES = (
    "How often names of contestants, parties, numbers, tags and teams are supported, attacked and named neutrally over "
    "the whole authored corpus. The gap is by how much the commonest role exceeds the rarest."
)
_AGREEMENT = (
    "Krippendorff's alpha for nominal values and Cohen's kappa, with 95 % bootstrap intervals over posts; in brackets how "
    f"many judgements are not the commonest value (below {LEAST_SUPPORT}: too few to say anything). Aimed at: {TARGET} for "
    "labels. First judgements count as they were made, before any correction."
)
_SPLITS = (
    "Public test posts come from sources of their own; elections and platforms are in training, too (the debates of 2024 on "
    "YouTube, for example): what an unseen election costs is measured apart (docs/training.md). Validation is drawn from the "
    "training sources; counterfactual groups stay whole. Near-duplicates share at least 0.8 (Jaccard) of their word triples after "
    "normalisation, found by MinHash."
)


def _sections(path: Path) -> dict[str, str]:
    top = open_toml(path)
    written = {name: paragraph(top.text(name)) for name in _HUMAN}
    top.close()
    return written


def _section(title: str, *parts: str, level: int = 2) -> str:
    return "\n\n".join([f"{'#' * level} {title}", *parts])


def _plot(name: str, title: str) -> str:
    return f"![{title}](plots/{name}.svg)"
