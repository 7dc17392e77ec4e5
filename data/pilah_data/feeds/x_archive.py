"""Posts of an X (Twitter) account archive: `data/tweets.js`, its further parts, and long posts in `data/note-tweet.js`.

Each file is JSON behind `window.YTD.<kind>.part<n> = `, as the README of the archive says; the shapes are described in
https://github.com/TheExGenesis/community-archive (docs/archive_data.md). Other kinds of file, private messages above
all, are not read.
"""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Iterator, Mapping

from pilah_data.feeds.json_posts import Made, elements, feed_of, open_json, text_at
from pilah_data.feeds.json_text import JsonText
from pilah_data.feeds.rows import Feed, FeedError, NoPostsError, Notes
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source, sample_of

_PREFIX = re.compile(r"(?:window\.)?YTD\.(\w+)\.part\d+\s*=\s*")
_POSTS = frozenset({"tweet", "tweets", "note_tweet", "community_tweet"})
COLUMNS = ("id", "kind", "created_at", "text", "lang")


def _claims(sample: Sample) -> bool:
    return _PREFIX.match(sample.text) is not None


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    text = open_json(source, options, stack)
    found = _PREFIX.match(sample_of(source).text)
    if found is None or not text.drop(_PREFIX):
        raise FeedError(f"{source.name} is no file of an X archive; it must begin with window.YTD.tweets.part0 =")
    if found[1] not in _POSTS:
        raise NoPostsError(f"{source.name} holds {found[1]!r}, not posts; choose data/tweets.js of the archive")
    notes = Notes()
    return feed_of(COLUMNS, _posts(text, notes), notes, source, options)


def _posts(text: JsonText, notes: Notes) -> Iterator[Made]:
    yield from elements(text, notes, _fields)
    text.finish()


def _fields(entry: dict[str, object]) -> Mapping[str, object] | None:
    note = entry.get("noteTweet")
    if isinstance(note, dict):
        said = next(
            (text for key in ("core", "noteTweetResults", "noteTweetContents") if (text := text_at(note, key, "text"))),
            "",
        )
        made = {"id": note.get("noteTweetId"), "kind": "note", "created_at": note.get("createdAt"), "text": said}
        return made | {"lang": None}
    tweet = entry.get("tweet", entry)
    if not isinstance(tweet, dict):
        return None
    return {
        "id": tweet.get("id_str") or tweet.get("id"),
        "kind": "post",
        "created_at": tweet.get("created_at"),
        # The archive escapes &, < and > as HTML does; a reader of the post saw the signs.
        "text": html.unescape(text_at(tweet, "full_text") or text_at(tweet, "text")),
        "lang": tweet.get("lang"),
    }


READER = Reader("x", _claims, _read)
