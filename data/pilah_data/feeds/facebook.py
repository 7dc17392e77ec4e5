"""Posts and comments of a Facebook account or page export in JSON.

The files are `your_posts_1.json`, `profile_posts_1.json`, `comments.json`, `group_posts_and_comments.json` and
`your_comments_in_groups.json`. Their shapes are described in https://github.com/NorseKode/Waultar-App
(documents/parser/content_examples.md) and by the schema of https://github.com/apparebit/deface. Names of people, in
titles and as authors, are not kept; private messages are not read.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

from pilah_data.feeds.json_posts import Made, elements, feed_of, moment, numbered, open_json, text_at
from pilah_data.feeds.json_text import DEEPEST, JsonText
from pilah_data.feeds.mojibake import repaired
from pilah_data.feeds.rows import Feed, NoPostsError, Notes
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source, sample_of

COLUMNS = ("kind", "created_at", "text")
_LISTS = ("comments_v2", "comments", "group_posts_v2", "group_posts", "group_comments_v2", "group_comments", "posts")
_WRAPPED = re.compile(r'\{\s*"(?:comments|group_posts|group_comments|posts)(?:_v2)?"\s*:\s*[\[{]')
_ENTRY = re.compile(r'"timestamp"\s*:\s*\d{9,10}\b')
_CONTENT = re.compile(
    r'"(?:data|attachments)"\s*:\s*\[\s*(?:\{\s*"(?:post|comment|data|update_timestamp|media|backdated_timestamp)"|\])'
)
_MESSAGES = re.compile(r'\{\s*"participants"\s*:\s*\[')


def _claims(sample: Sample) -> bool:
    text = sample.text
    if _MESSAGES.match(text) and '"sender_name"' in text:
        return True
    if not (text.startswith("[") or _WRAPPED.match(text)) or '"string_map_data"' in text:
        return False
    return _ENTRY.search(text) is not None and _CONTENT.search(text) is not None


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    notes = Notes()
    text = open_json(source, options, stack)
    if _MESSAGES.match(sample_of(source).text):
        raise NoPostsError(f"{source.name} holds private messages; they are not read from an account's export")
    return feed_of(COLUMNS, numbered(_lists(text, notes)), notes, source, options)


def _lists(text: JsonText, notes: Notes, depth: int = 0) -> Iterator[Made]:
    if text.peek() == "[":
        yield from elements(text, notes, _fields)
        return
    for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
        if key in _LISTS and text.peek() in ("[", "{") and depth < DEEPEST:
            yield from _lists(text, notes, depth + 1)


def _fields(entry: dict[str, object]) -> Mapping[str, object] | None:
    data = entry.get("data")
    parts = [part for part in data if isinstance(part, dict)] if isinstance(data, list) else []
    kind = "comment" if any("comment" in part for part in parts) else "post"
    said = [text for part in parts if (text := text_at(part, "comment", "comment") or text_at(part, "post"))]
    text = "\n".join(said) or _captions(entry)
    return {"kind": kind, "created_at": moment(entry.get("timestamp")), "text": repaired(text)} if text else None


def _captions(entry: dict[str, object]) -> str:
    """Return what is written under the pictures of a post that has no text of its own."""
    attachments = entry.get("attachments")
    media = [
        text_at(item, "media", "description")
        for attachment in (attachments if isinstance(attachments, list) else [])
        if isinstance(attachment, dict) and isinstance(attachment.get("data"), list)
        for item in attachment["data"]
    ]
    return "\n".join(dict.fromkeys(text for text in media if text))


READER = Reader("facebook", _claims, _read)
