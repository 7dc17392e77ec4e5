"""The one rule of which texts are blank; every door obeys it."""

from __future__ import annotations

import re

_PLAIN_SIGN = re.compile(r"[0-9A-Za-z]")


def is_blank(text: str) -> bool:
    """Return whether nothing readable is left of a text: white space, control and zero-width characters only."""
    # Any ASCII letter or digit survives every text rule; only odd texts need the rules themselves.
    if _PLAIN_SIGN.search(text) is not None:
        return False
    from pilah_data.normalise import normalise_text  # noqa: PLC0415 - `pilah --help` loads the feeds, and must stay quick

    return not normalise_text(text)
