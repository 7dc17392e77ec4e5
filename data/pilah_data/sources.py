"""Reads `data/sources.toml`: where the public texts come from, on which terms, and what they may be used for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pilah_data.tables import Table, open_toml

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Terms(StrEnum):
    """What the words of a source's licence or README allow."""

    PERMISSIVE = "permissive"
    NON_COMMERCIAL = "non-commercial"
    NO_REDISTRIBUTION = "no-redistribution"
    NONE_STATED = "none stated"


class Use(StrEnum):
    """What texts of a source are used for."""

    LABELS = "labels"
    PRETRAINING = "pretraining"


@dataclass(frozen=True, slots=True)
class Source:
    """A public repository that texts were collected from; `sha256` covers the ids of its posts, as `ids_digest` computes it."""

    repository: str
    commit: str | None
    files: tuple[str, ...]
    platform: str
    years: str
    posts: int
    labelled: int
    lines: int
    use: tuple[Use, ...]
    licence: str
    terms: Terms
    sha256: str | None
    note: str | None

    @property
    def may_train(self) -> bool:
        """Whether its terms let it train the shipped artefact; silence is not a prohibition."""
        return self.terms not in {Terms.NON_COMMERCIAL, Terms.NO_REDISTRIBUTION}


def ids_digest(ids: Iterable[str]) -> str:
    """Return the SHA-256 (hex) of the ids, sorted and joined by newlines, by which a re-collected copy is checked."""
    return hashlib.sha256("\n".join(sorted(ids)).encode("utf-8")).hexdigest()


def read_sources(path: Path) -> tuple[Source, ...]:
    """Read all sources of a file, in its order; raises DataError naming table and field."""
    top = open_toml(path)
    sources: list[Source] = []
    seen: set[str] = set()
    for table in top.tables("source"):
        source = _source(table)
        if source.repository in seen:
            raise table.bad("repository", f"{source.repository} is described twice")
        seen.add(source.repository)
        sources.append(source)
    top.close()
    return tuple(sources)


def barred(sources: Iterable[Source]) -> frozenset[str]:
    """Return the repositories whose terms keep them out of what trains the shipped artefact."""
    return frozenset(source.repository for source in sources if not source.may_train)


def _source(table: Table) -> Source:
    repository = _matching(table, "repository", _REPOSITORY, "owner/name")
    table.name = f"{table.name} ({repository})"
    source = Source(
        repository=repository,
        commit=_matching(table, "commit", _COMMIT, "40 hex digits") if table.has("commit") else None,
        files=table.texts("files"),
        platform=table.text("platform"),
        years=table.text("years"),
        posts=table.number("posts"),
        labelled=table.number("labelled"),
        lines=table.number("lines"),
        use=tuple(Use(_one_of(table, "use", use, Use)) for use in table.texts("use")),
        licence=table.text("licence"),
        terms=Terms(_one_of(table, "terms", table.text("terms"), Terms)),
        sha256=_matching(table, "sha256", _SHA256, "64 hex digits") if table.has("sha256") else None,
        note=table.text("note") if table.has("note") else None,
    )
    table.close()
    if source.labelled > source.posts:
        raise table.bad("labelled", f"{source.labelled} labelled of {source.posts} posts")
    if (source.posts > 0) != (source.sha256 is not None):
        raise table.bad("sha256", "given for a source with posts, and only for one")
    if source.lines and Use.PRETRAINING not in source.use:
        raise table.bad("use", "its lines lie in the pretraining corpora")
    if source.labelled and Use.LABELS not in source.use:
        raise table.bad("use", "some of its posts are labelled")
    return source


def _one_of(table: Table, field: str, value: str, kind: type[StrEnum]) -> str:
    if value not in set(kind):
        raise table.bad(field, f"{value!r} is not one of {', '.join(kind)}")
    return value


def _matching(table: Table, field: str, pattern: re.Pattern[str], expected: str) -> str:
    value = table.text(field)
    if not pattern.fullmatch(value):
        raise table.bad(field, f"{value!r} is not {expected}")
    return value
