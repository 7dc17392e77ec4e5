"""The reason that an act asks for: given by whoever does it, kept in the audit, short and without names."""

from __future__ import annotations

from pilah_data.errors import InputError

LONGEST_REASON = 200


def checked_reason(reason: str, act: str) -> str:
    """Return a reason in one line. Raises InputError, naming the act, without one or for one that is too long."""
    cleaned = " ".join(reason.split())
    if not 0 < len(cleaned) <= LONGEST_REASON or not cleaned.isprintable():
        raise InputError(f"give the reason of {act}, in 1 to {LONGEST_REASON} characters and without names")
    return cleaned
