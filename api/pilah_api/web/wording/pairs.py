"""The shape in which a page gives its strings."""

from __future__ import annotations

from collections.abc import Mapping

Pairs = Mapping[str, tuple[str, str]]
"""Indonesian and English by key; the part before the first dot names the page or the thing."""
