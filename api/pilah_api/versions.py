"""Versions of Pilah and of the libraries that it runs on."""

from __future__ import annotations

from importlib import metadata


def pilah_version() -> str:
    """Return the version of the installed package."""
    return library_version("pilah") or "of a checkout that is not installed"


def library_version(name: str) -> str | None:
    """Return the version of an installed library, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
