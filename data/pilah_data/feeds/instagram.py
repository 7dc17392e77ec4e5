"""Posts, reels, stories and comments of an Instagram account export in JSON.

The files are `posts_1.json`, `reels.json`, `stories.json`, `post_comments_1.json` and `reels_comments.json`. Their shapes
are those that the readers of data donations describe, such as https://github.com/d3i-infra/port and
https://github.com/eyra/port. Owners of media and names are not kept.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

from pilah_data.feeds.json_posts import Made, elements, feed_of, moment, open_json, text_at
from pilah_data.feeds.json_text import JsonText
from pilah_data.feeds.mojibake import repaired
from pilah_data.feeds.rows import Feed, Notes
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

COLUMNS = ("kind", "created_at", "text")
_KINDS = {
    "ig_reels_media": "reel",
    "ig_stories": "story",
    "ig_archived_post_media": "post",
    "ig_other_media": "post",
    "ig_igtv_media": "post",
    "comments_reels_comments": "comment",
    "comments_media_comments": "comment",
    "comments_story_comments": "comment",
}
_WRAPPED = re.compile(rf'\{{\s*"(?:{"|".join(_KINDS)})"\s*:\s*\[')
_COMMENT = re.compile(r'"string_map_data"\s*:\s*\{\s*"(?:Comment|Komentar)"')
_TIME = ("Time", "Waktu")


def _claims(sample: Sample) -> bool:
    text = sample.text
    if _WRAPPED.match(text):
        return True
    return text.startswith("[") and (
        _COMMENT.search(text) is not None or ('"creation_timestamp"' in text and '"media"' in text)
    )


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    notes = Notes()
    return feed_of(COLUMNS, _lists(open_json(source, options, stack), notes), notes, source, options)


def _lists(text: JsonText, notes: Notes) -> Iterator[Made]:
    if text.peek() == "[":
        yield from elements(text, notes, lambda entry: _fields(entry, "post"))
        return
    number = 0
    for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
        if key in _KINDS and text.peek() == "[":
            for _, fields in elements(text, notes, lambda entry, kind=_KINDS[key]: _fields(entry, kind)):  # type: ignore[misc]
                number += 1
                yield number, fields


def _fields(entry: dict[str, object], kind: str) -> Mapping[str, object] | None:
    data = entry.get("string_map_data")
    if isinstance(data, dict):
        text = text_at(data, "Comment", "value") or text_at(data, "Komentar", "value")
        time = next((data[key].get("timestamp") for key in _TIME if isinstance(data.get(key), dict)), None)
        kind = "comment"
    else:
        media = entry.get("media")
        first = media[0] if isinstance(media, list) and media and isinstance(media[0], dict) else {}
        text = text_at(entry, "title") or text_at(first, "title")
        time = entry.get("creation_timestamp", first.get("creation_timestamp"))
    return {"kind": kind, "created_at": moment(time), "text": repaired(text)} if text else None


READER = Reader("instagram", _claims, _read)
