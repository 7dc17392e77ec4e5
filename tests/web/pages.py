"""Every page there is, out of the table of permissions, with real things in the place of names in braces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pilah_api.permissions import RULES

NO_PAGES = frozenset(
    {
        "/livez",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/static/{path:path}",
        "/berkas/{batch_id}/masalah",
        "/kelola/data/gambar/{name}",
        "/masuk/oidc",
        "/masuk/oidc/kembali",
    }
)
"""Addresses outside of the programs' interface that answer GET with something else than a page: probes, files, ways on."""
PAGES = tuple(
    rule.path
    for rule in RULES
    if rule.method == "GET" and not rule.path.startswith("/v1/") and rule.path not in NO_PAGES
)
"""The template of every page's address."""


def addresses(things: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the addresses to ask for, by the template of a page: a template with braces stands for those that `things` names.

    `things` may add addresses with a query to a page without braces. Raises KeyError for a page of which it knows no address.
    """
    return {page: tuple(things[page]) if "{" in page else (page, *things.get(page, ())) for page in PAGES}
