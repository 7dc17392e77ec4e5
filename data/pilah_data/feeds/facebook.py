"""Posts and comments of a Facebook account or page export in JSON.

The files are `your_posts_1.json`, `profile_posts_1.json`, `comments.json`, `group_posts_and_comments.json`,
`your_comments_in_groups.json`, `your_reels.json`, `your_uncategorized_photos.json`, `your_videos.json` and `album/0.json`.
Their shapes are described in https://github.com/NorseKode/Waultar-App (documents/parser/content_examples.md), by the schema
of https://github.com/apparebit/deface and, for albums, by https://github.com/roryhr/code (donut_reviews/utils.py). Names of
people, in titles and as authors, are not kept; what others wrote below a picture is not read, nor are private messages, of
which those encrypted end to end have keys of their own (https://github.com/adurivault/FBMessage, pull request 5).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from functools import partial

from pilah_data.feeds.json_posts import Made, elements, feed_of, moment, numbered, open_json, text_at
from pilah_data.feeds.json_text import DEEPEST, JsonText
from pilah_data.feeds.mojibake import repaired
from pilah_data.feeds.rows import Feed, NoPostsError, Notes
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source, sample_of

COLUMNS = ("kind", "created_at", "text")
_LISTS = (
    "comments_v2",
    "comments",
    "group_posts_v2",
    "group_posts",
    "group_comments_v2",
    "group_comments",
    "posts_v2",
    "posts",
    "lasso_videos_v2",
)
_MEDIA = {"other_photos_v2": "photo", "videos_v2": "video"}
_WRAPPED = re.compile(r'\{\s*"(?:comments|group_posts|group_comments|posts)(?:_v2)?"\s*:\s*[\[{]')
# Nearly every other list of an account is called like this: friends, reactions, notifications.
_META = re.compile(r'\{\s*"([a-z_]+_v2)"\s*:\s*[\[{]')
_ALBUM = re.compile(r'"photos"\s*:\s*\[\s*\{\s*"uri"\s*:')
_ENTRY = re.compile(r'"timestamp"\s*:\s*\d{9,10}\b')
_MOMENT = re.compile(r'"(?:\w+_)?timestamp"\s*:\s*\d{9,10}\b')
_CONTENT = re.compile(
    r'"(?:data|attachments)"\s*:\s*\[\s*(?:\{\s*"(?:post|comment|data|update_timestamp|media|backdated_timestamp)"|\])'
)
_PEOPLE = re.compile(r'"participants"\s*:\s*\[|"(?:threadName|thread_path)"\s*:')
_SENDER = re.compile(r'"(?:sender_name|senderName|threadName)"\s*:')


def _claims(sample: Sample) -> bool:
    text = sample.text
    if _is_conversation(text):
        return True
    if '"string_map_data"' in text:
        return False
    if _META.match(text) or _is_album(text):
        return _MOMENT.search(text) is not None
    if not (text.startswith("[") or _WRAPPED.match(text)):
        return False
    return _ENTRY.search(text) is not None and _CONTENT.search(text) is not None


def _is_conversation(text: str) -> bool:
    return text.startswith("{") and _PEOPLE.search(text) is not None and _SENDER.search(text) is not None


def _is_album(text: str) -> bool:
    return text.startswith("{") and _ALBUM.search(text) is not None


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    notes = Notes()
    text = open_json(source, options, stack)
    head = sample_of(source).text
    if _is_conversation(head):
        raise NoPostsError(f"{source.name} holds private messages; they are not read from an account's export")
    if (found := _META.match(head)) and found[1] not in (*_LISTS, *_MEDIA):
        raise NoPostsError(
            f"{source.name} holds {found[1]!r}, not posts; choose the files of posts and of comments, or name its format with --format"
        )
    made = _album(text, notes) if _is_album(head) else _lists(text, notes)
    return feed_of(COLUMNS, numbered(made), notes, source, options)


def _lists(text: JsonText, notes: Notes, depth: int = 0) -> Iterator[Made]:
    if text.peek() == "[":
        yield from elements(text, notes, _fields)
        return
    for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
        if key in _LISTS and text.peek() in ("[", "{") and depth < DEEPEST:
            yield from _lists(text, notes, depth + 1)
        elif key in _MEDIA and text.peek() == "[":
            yield from elements(text, notes, partial(_medium, kind=_MEDIA[key]))


def _album(text: JsonText, notes: Notes) -> Iterator[Made]:
    """Yield what its owner wrote under an album and its pictures; the comments are those of others, too."""
    for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
        if key == "photos" and text.peek() == "[":
            yield from elements(text, notes, partial(_medium, kind="photo"))
        elif key == "description" and text.peek() == '"' and (fields := _medium({key: text.value()}, "album")):
            yield 0, fields


def _fields(entry: dict[str, object]) -> Mapping[str, object] | None:
    data = entry.get("data")
    parts = [part for part in data if isinstance(part, dict)] if isinstance(data, list) else []
    kind = "comment" if any("comment" in part for part in parts) else "post"
    said = [text for part in parts if (text := text_at(part, "comment", "comment") or text_at(part, "post"))]
    text = "\n".join(said) or _captions(entry)
    return {"kind": kind, "created_at": moment(entry.get("timestamp")), "text": repaired(text)} if text else None


def _medium(entry: dict[str, object], kind: str) -> Mapping[str, object] | None:
    """Return what is written under a picture or a video, which may have a title, too; that of a picture names its album."""
    said = (text_at(entry, "title") if kind == "video" else "", text_at(entry, "description"))
    text = "\n".join(dict.fromkeys(part for part in said if part))
    time = moment(entry.get("creation_timestamp"))
    return {"kind": kind, "created_at": time, "text": repaired(text)} if text else None


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
