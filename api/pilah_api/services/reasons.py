"""Reasons that a reviewer may choose from, and the policy references that go with them; both are data."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pilah_data.taxonomy import FORMS, Label, Stage

FILE = Path(__file__).with_name("review_reasons.toml")

REFERENCES: tuple[str, ...] = (
    "SKB 2022 Lampiran II A",
    "SKB 2022 Lampiran II B",
    "PP 94/2021 ps. 5 n",
    "PP 42/2004 ps. 11 c",
    "UU 20/2023 ps. 9(2), 24(1) d",
    "UU 7/2017 ps. 280(3), 282-283",
    "UU 10/2016 ps. 71",
)
"""Rules on which a decision may rest beside those of its forms; possibly relevant references, not a ruling."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A wording for a reason: what is stored of it, the label it belongs to, and the reference it proposes."""

    code: str
    label: Label
    text: str
    text_en: str
    reference: str


@functools.cache
def reasons() -> dict[str, Reason]:
    """Return all wordings by code, in the order of the file beside this module."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["reason"]
    return {
        row["code"]: Reason(row["code"], Label(row["label"]), row["text"], row["text_en"], row.get("reference", ""))
        for row in rows
    }


def proposed_reference(template: str | None, forms: Iterable[str]) -> str:
    """Return the reference that goes with a choice: the rules of the forms, else those of the wording."""
    bases = "; ".join(dict.fromkeys(f"{code}: {FORMS[code].basis[Stage.SESUDAH_PENETAPAN]}" for code in forms))
    if bases:
        return bases
    return reasons()[template].reference if template in reasons() else ""
