"""What a setting of a configuration may be, in words and as a test."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeGuard

from pilah_data.errors import InputError

Range = tuple[str, Callable[[object], bool]]
"""What a setting must be, in words and as a test."""


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a finite number, which true and false are not."""
    # `true` is an int to Python, and a comparison with infinity is the one that neither nan nor a giant int upsets.
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def must_hold(settings: object, ranges: Mapping[str, Range], called: str) -> None:
    """Raise InputError naming the first setting that is out of its range; `called` is what stands before its name."""
    for name, (what, holds) in ranges.items():
        value = getattr(settings, name)
        if not holds(value):
            raise InputError(f"{called}{name} = {value!r} must be {what}")


def whole(least: int, most: int | None = None) -> Range:
    """Return the range of whole numbers from `least`, up to `most` where there is one."""
    words = f"a whole number from {least}" + ("" if most is None else f" to {most}")
    return words, lambda v: isinstance(v, int) and is_number(v) and v >= least and (most is None or v <= most)


def number(what: str, holds: Callable[[float], bool]) -> Range:
    """Return the range of the finite numbers for which a test holds."""
    return what, lambda v: is_number(v) and holds(v)


RATE = number("a number above 0", lambda v: v > 0)
FROM_0 = number("a number from 0", lambda v: v >= 0)
SHARE = number("a number from 0 to 1", lambda v: 0 <= v <= 1)
PART = number("a number from 0 and below 1", lambda v: 0 <= v < 1)
FLAG: Range = ("true or false", lambda v: isinstance(v, bool))
