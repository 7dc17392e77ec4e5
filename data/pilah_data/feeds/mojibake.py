"""Undoes what the exports of Facebook and Instagram do to text: each byte of UTF-8 is written as a character of its own.

Described in https://github.com/sorashi/fix-facebook-json-archive-encoding and in the documentation of `deface`.
"""

from __future__ import annotations


def repaired(text: str) -> str:
    """Return the text that was meant; a text that was not harmed stays as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
