"""Comments and own videos of a TikTok account export (JSON): `user_data.json` or `user_data_tiktok.json`.

The shape is described by the readers of ALEAPP/iLEAPP (tikTokJsonExport) and of data donations such as
https://github.com/d3i-infra/port: lists below `Comment.Comments` and below `Post.Posts` (earlier `Video.Videos`), keys
in capitals or small letters by version. Private messages and what was watched are not read.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

from pilah_data.feeds.json_posts import Made, elements, feed_of, numbered, open_json
from pilah_data.feeds.json_text import DEEPEST, JsonText
from pilah_data.feeds.rows import Feed, Notes
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

COLUMNS = ("kind", "created_at", "text", "url")
_LISTS = {"CommentsList": "comment", "VideoList": "post"}
# What was watched, liked or saved also lies in lists of videos.
_ABOVE = frozenset({"Comments", "Posts", "Videos"})
_SIGNS = re.compile(
    r'"(?:CommentsList|Video Browsing History|Watch History|Favorite Videos|Likes and Favorites|Profile And Settings|'
    r'Tiktok Live|TikTok Live|TikTok Shopping|Tiktok Shopping|Ads and data)"\s*:'
)


def _claims(sample: Sample) -> bool:
    return sample.text.startswith("{") and _SIGNS.search(sample.text) is not None


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    notes = Notes()
    made = _lists(open_json(source, options, stack), notes, "")
    return feed_of(COLUMNS, numbered(made), notes, source, options)


def _lists(text: JsonText, notes: Notes, above: str, depth: int = 0) -> Iterator[Made]:
    for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
        sign = text.peek()
        if sign == "{" and depth < DEEPEST:
            yield from _lists(text, notes, key, depth + 1)
        elif sign == "[" and key in _LISTS and above in _ABOVE:
            yield from elements(text, notes, lambda entry, kind=_LISTS[key]: _fields(entry, kind))  # type: ignore[misc]


def _fields(entry: dict[str, object], kind: str) -> Mapping[str, object] | None:
    plain = {key.lower(): value for key, value in entry.items()}
    text = plain.get("comment" if kind == "comment" else "title")
    if not isinstance(text, str) or not text:
        return None
    url = plain.get("url") if kind == "comment" else plain.get("link")
    return {"kind": kind, "created_at": plain.get("date"), "text": text, "url": url or None}


READER = Reader("tiktok", _claims, _read)
