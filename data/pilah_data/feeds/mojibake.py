"""Undoes what the exports of Facebook and Instagram do to text: each byte of UTF-8 is written as a character of its own.

Described in https://github.com/sorashi/fix-facebook-json-archive-encoding and in the documentation of `deface`.
"""

from __future__ import annotations

import re

# The sequences of bytes that are UTF-8 (RFC 3629, chapter 4), as the characters of those bytes.
_LETTER = re.compile(
    "[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|"
    "\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
# Facebook cuts long texts after a number of bytes, and with them the last letter.
_CUT = re.compile("(?:[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2})\\Z")


def repaired(text: str) -> str:
    """Return the text that was meant; a text that was not harmed stays as it is; a letter that was cut becomes U+FFFD."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        whole, times = _LETTER.subn(lambda found: found[0].encode("latin-1").decode("utf-8"), text)
        return _CUT.sub("\ufffd", whole) if times else text
