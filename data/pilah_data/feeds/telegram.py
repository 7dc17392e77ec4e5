"""Messages of a Telegram Desktop export in JSON: `result.json` of one chat, or of a whole account.

Telegram describes it in https://core.telegram.org/import-export and in the source of Telegram Desktop
(export/output/export_output_json.cpp): a text is a string, or a list of strings and of objects with a text. Names of
senders are not kept. Of a whole account only groups and channels are read, not conversations of two.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from pilah_data.feeds.json_posts import Made, feed_of, numbered, open_json, wrong
from pilah_data.feeds.json_text import JsonText
from pilah_data.feeds.rows import Feed, Notes
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

COLUMNS = ("id", "created_at", "text")
_PRIVATE = frozenset({"personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes"})
_CHAT = re.compile(
    r'"type"\s*:\s*"(?:personal_chat|bot_chat|saved_messages|(?:private|public)_(?:group|supergroup|channel))"'
)
_MESSAGE = re.compile(r'"text_entities"\s*:|"date_unixtime"\s*:')
_ACCOUNT = re.compile(r'\{\s*"about"\s*:[^{]*"(?:personal_information|chats|contacts)"\s*:\s*\{')


def _claims(sample: Sample) -> bool:
    text = sample.text
    if not text.startswith("{"):
        return False
    one = _CHAT.search(text) is not None and '"messages"' in text
    return one or _ACCOUNT.match(text) is not None or (_MESSAGE.search(text) is not None and '"messages"' in text)


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    notes = Notes()
    made = numbered(_chats(open_json(source, options, stack), notes))
    return feed_of(COLUMNS, made, notes, source, options)


def _chats(text: JsonText, notes: Notes) -> Iterator[Made]:
    """Yield the messages of a chat, or those of the groups and channels of an account."""
    for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
        if key == "messages" and text.peek() == "[":
            yield from _messages(text, notes, "")
        elif key in ("chats", "left_chats") and text.peek() == "{":
            for inner in text.keys():  # noqa: SIM118
                if inner == "list" and text.peek() == "[":
                    for _ in text.items():
                        yield from _chat(text, notes)


def _chat(text: JsonText, notes: Notes) -> Iterator[Made]:
    """Yield the messages of one chat of an account; its type and id stand in front of its messages."""
    kind = identity = ""
    for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
        if key == "type":
            kind = str(text.value())
        elif key == "id":
            identity = f"{text.value()}-"
        elif key == "messages" and text.peek() == "[":
            if kind in _PRIVATE:
                notes.count("conversations of two")
                continue
            yield from _messages(text, notes, identity)


def _messages(text: JsonText, notes: Notes, prefix: str) -> Iterator[Made]:
    for number in text.items():
        message = text.value()
        if not isinstance(message, dict):
            yield number, wrong(message)
        elif message.get("type") == "service":
            notes.count("service messages")
            yield number, None
        else:
            identity = message.get("id")
            said = _plain(message.get("text"))
            yield (
                number,
                {
                    "id": f"{prefix}{identity}" if prefix else identity,
                    "created_at": message.get("date"),
                    "text": said,
                },
            )


def _plain(text: object) -> str:
    """Return the text of a message, which is a string or a list of strings and of objects with a text."""
    if isinstance(text, str):
        return text
    if not isinstance(text, list):
        return ""
    parts = (part.get("text") if isinstance(part, dict) else part for part in text)
    return "".join(part for part in parts if isinstance(part, str))


READER = Reader("telegram", _claims, _read)
