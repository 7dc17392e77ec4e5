"""The labelled posts that a model is made of and measured on, whatever their origin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pilah_data.corpora import read_corpora, to_example
from pilah_data.loading import load_public, of_split
from pilah_data.names import Names, read_names
from pilah_data.records import AuthoredPost, Example, text_id

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def years_of(post: Example) -> list[int]:
    """Return the years that a public post's source names, in the order written; none where it names none."""
    return [int(year) for year in _YEAR.findall(post.extra.get("year", ""))]


@dataclass(frozen=True)
class Material:
    """All labelled posts: public ones joined with their texts (none without the public posts at hand) and authored ones."""

    public: Sequence[Example]
    authored: Sequence[AuthoredPost]
    names: Names | None = None

    @classmethod
    def read(cls, data: Path, shared: Path | None) -> Material:
        """Read `data/corpora`, `data/names.toml` and, where `shared` holds the public texts, `data/annotations`."""
        public = load_public(shared, data / "annotations") if shared is not None else []
        return cls(public, read_corpora(data / "corpora"), read_names(data / "names.toml"))

    def with_feedback(self, examples: Sequence[Example]) -> Material:
        """Add reviewed posts to the public training posts; one whose text is here already stays out, so that no measure is touched."""
        known = {example.id for example in self.public} | {text_id(post.text) for post in self.authored}
        return replace(self, public=[*self.public, *(example for example in examples if example.id not in known)])

    def split(self, name: str) -> tuple[list[Example], list[Example]]:
        """Return (public, authored) examples of one split."""
        return of_split(self.public, name), of_split(map(to_example, self.authored), name)
