"""Tells by its English sentence why a feed or a row was refused, or how a feed was read: a code, and the values in it.

Readers, jobs and the command line keep their English sentences, and so does what is stored. Pages say the same in the words
of `wording.berkas_alasan` and `wording.berkas_baris`, by these codes. A sentence that no template fits is shown as it stands,
marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pilah_api.web.reason_templates import TEMPLATES
from pilah_api.web.texts import Texts

_WHOLE = frozenset({"row", "count", "most", "first", "last", "part", "seconds", "at", "width", "rows"})
# What strangers name must not cost much time here.
_LONGEST, _DEEPEST = 4000, 3


@dataclass(frozen=True, slots=True)
class Worded:
    """A sentence as a page shows it; `foreign` where it is English whatever the language of the page."""

    text: str
    foreign: bool = False


def worded(sentence: str, texts: Texts) -> Worded:
    """Return a sentence of a reader or a job in the words of the page, or as it stands where it is not known."""
    return Worded(text) if (text := _known(sentence, texts)) is not None else Worded(sentence, foreign=True)


def _known(sentence: str, texts: Texts) -> str | None:
    # A place in an archive may stand before what was noted of it.
    places = sentence.split(": ", _DEEPEST)
    for depth in range(len(places)):
        if (found := _found(": ".join(places[depth:]))) is not None:
            code, values = found
            return ": ".join((*places[:depth], texts(f"reason.{code}", **_shown(values, texts))))
    return None


def _found(sentence: str) -> tuple[str, dict[str, str]] | None:
    if len(sentence) > _LONGEST:
        return None
    for pattern, code in _patterns():
        if (fits := pattern.fullmatch(sentence)) is not None:
            return code, fits.groupdict()
    return None


def _shown(values: Mapping[str, str], texts: Texts) -> dict[str, str]:
    shown = {name: texts.whole(int(said.replace(",", ""))) if name in _WHOLE else said for name, said in values.items()}
    if "reason" in shown:
        shown["reason"] = worded(shown["reason"], texts).text
    return shown


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(one), code) for code, several in TEMPLATES.items() for one in several)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    made = [re.escape(part) for part in parts]
    made[1::2] = (rf"(?P<{name}>[\d,]+)" if name in _WHOLE else rf"(?P<{name}>.+?)" for name in parts[1::2])
    # Servers name options without their dashes.
    said = re.sub(r"\\-\\-(\w+(?:\\-\w+)*)", lambda found: "(?:--)?" + found[1].replace(r"\-", "[-_]"), "".join(made))
    return re.compile(said.replace(r"\-\-(?P", "(?:--)?(?P"), re.DOTALL)
