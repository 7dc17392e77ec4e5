"""Reads JSON of any size piece by piece: walks into objects and lists, and builds one value at a time."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Final, TextIO

from pilah_data.feeds.rows import FeedError, undecoded

_CHUNK = 1 << 18
_LARGEST = 1 << 26
"""Characters of one value that is built whole; a post is far smaller."""
_SPACE = re.compile(r"[ \t\r\n]*")
DEEPEST = 100
"""Levels of objects in each other that are walked into."""
# Of a value that is built whole: half of what Python can write again, wherever that is done.
_LEVELS = 500
TOO_DEEP = f"lists and objects lie in each other more than {_LEVELS} levels deep"
# A fault this near to the end of what was read may be a value that goes on.
_EDGE = 64


def _finite(written: str) -> float | None:
    number = float(written)
    return number if math.isfinite(number) else None


DECODER: Final = json.JSONDecoder(parse_float=_finite, parse_constant=lambda _: None)
"""Takes NaN, infinities and numbers beyond a float, which strict JSON (RFC 8259) cannot hold, for null."""


def is_too_deep(value: object, written: str) -> bool:
    """Return whether a value, read from what was `written`, nests deeper than it may."""
    if written.count("[") + written.count("{") <= _LEVELS:
        return False
    level = [value]
    for _ in range(_LEVELS):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


class Undecoded:
    """Stands for a value that holds bytes which are no text in the encoding of its file."""


UNDECODED: Final = Undecoded()


class JsonText:
    """A cursor in a stream of JSON.

    In front of a value, one of `value`, `keys`, `items` and `skip` moves behind it; what a loop over keys or items
    leaves alone is skipped. Every method raises FeedError where the JSON is damaged, naming the file and the line.
    """

    def __init__(self, stream: TextIO, file: str):
        """Begin in front of the first value; `file` is what messages call the stream."""
        self._stream, self._file = stream, file
        self._buffer, self._at, self._lines, self._ended = "", 0, 1, False
        self._decode = DECODER.raw_decode
        self._untouched = False

    def peek(self) -> str:
        """Return the next character that is no white space, or nothing at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if self._ended:
                return ""
            self._fill(_CHUNK)

    def drop(self, pattern: re.Pattern[str]) -> bool:
        """Pass over what is no JSON in front of it, such as an assignment; return whether it was there."""
        self.peek()
        match = pattern.match(self._buffer, self._at)
        self._at = match.end() if match else self._at
        return match is not None

    def value(self) -> object:
        """Build the value at the cursor; one with bytes that are no text is `UNDECODED`."""
        self._untouched = False
        self.peek()
        size = _CHUNK
        while True:
            try:
                value, end = self._decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._ended or not self._may_go_on(error):
                    raise self._damaged(error.msg, error.pos) from error
            except RecursionError as error:
                raise self._damaged(TOO_DEEP, self._at) from error
            except ValueError as error:
                raise self._damaged(str(error), self._at) from error
            else:
                # A number that ends where the buffer does, or before a fraction or exponent cut off there, goes on.
                if self._ended or (end < len(self._buffer) and self._buffer[end] not in ".eE"):
                    written = self._buffer[self._at : end]
                    if is_too_deep(value, written):
                        raise self._damaged(TOO_DEEP, self._at)
                    faulty = not written.isascii() and undecoded(written)
                    self._at = end
                    return UNDECODED if faulty else value
            if len(self._buffer) - self._at > _LARGEST:
                raise self._damaged("a value of more than 64 million characters, or a quote never closed", self._at)
            self._fill(size)
            size *= 2

    def keys(self) -> Iterator[str]:
        """Walk the keys of the object at the cursor, which is in front of the key's value after each."""
        for _ in self._walk("{", "}"):
            key = self.value()
            if not isinstance(key, str) or self.peek() != ":":
                raise self._damaged("a key without its colon", self._at)
            self._at += 1
            self._untouched = True
            yield key
            if self._untouched:
                self.skip()

    def items(self) -> Iterator[int]:
        """Walk the values of the list at the cursor, which is in front of each; yields their numbers from 1."""
        for number in self._walk("[", "]"):
            self._untouched = True
            yield number
            if self._untouched:
                self.skip()

    def skip(self, depth: int = 0) -> None:
        """Move behind the value at the cursor, whatever its size, without keeping it."""
        first = self.peek()
        if first in ("{", "[") and self._hop():
            return
        if first == "{" and depth < DEEPEST:
            for _ in self.keys():
                self.skip(depth + 1)
        elif first == "[" and depth < DEEPEST:
            for _ in self.items():
                self.value()
        else:
            self.value()

    def finish(self) -> None:
        """Require that nothing but white space and a semicolon follows, so that a cut file is noticed."""
        if self.peek() not in ("", ";"):
            raise self._damaged("something after the end of the data", self._at)

    def _hop(self) -> bool:
        """Pass over a value that lies in the buffer as a whole, which is quicker than walking it; return whether it did."""
        try:
            _, end = self._decode(self._buffer, self._at)
        except (ValueError, RecursionError):
            return False
        self._at, self._untouched = end, False
        return True

    def _walk(self, first: str, last: str) -> Iterator[int]:
        self._untouched = False
        if self.peek() != first:
            raise self._damaged(f"no {first!r} where one must be", self._at)
        self._at += 1
        number = 0
        while True:
            sign = self.peek()
            if sign == last and not number:
                break
            number += 1
            yield number
            sign = self.peek()
            if sign == last:
                break
            if sign != ",":
                raise self._damaged("no comma between two values" if sign else "its end is missing", self._at)
            self._at += 1
        self._at += 1
        self._untouched = False

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos > len(self._buffer) - _EDGE

    def _fill(self, size: int) -> None:
        self._lines += self._buffer.count("\n", 0, self._at)
        more = self._stream.read(size)
        self._ended = not more
        self._buffer, self._at = self._buffer[self._at :] + more, 0

    def _damaged(self, what: str, at: int) -> FeedError:
        line = self._lines + self._buffer.count("\n", 0, at)
        return FeedError(f"{self._file}, line {line}: damaged JSON ({what}); export or download it again")
