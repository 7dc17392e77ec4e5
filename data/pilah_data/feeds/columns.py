"""The tables of column names under which exports keep the text and the id of a post, and how a column is found."""

from __future__ import annotations

from collections.abc import Sequence

from pilah_data.errors import InputError

TEXT_COLUMNS = (
    "text",
    "teks",
    "full_text",
    "tweet",
    "content",
    "isi",
    "caption",
    "comment",
    "komentar",
    "comment_text",
    "message",
    "pesan",
    "post",
    "postingan",
    "body",
    "description",
    "status",
    "rawcontent",
    "textdisplay",
    "snippet",
    # Further names of tools and of Indonesian tables: Takeout, Meltwater, Talkwalker, Apify, hand-made sheets.
    "live_chat_text",
    "hit_sentence",
    "post_text",
    "tweet_text",
    "post_message",
    "post_content",
    "mention_text",
    "mention_content",
    "content_snippet",
    "text_original",
    "isi_teks",
    "isi_pesan",
    "isi_komentar",
    "isi_postingan",
    "isi_unggahan",
    "isi_konten",
    "konten",
    "unggahan",
    "cuitan",
    "takarir",
    "keterangan",
    "deskripsi",
    "ulasan",
    "review",
)
"""Names under which exports keep the text, in order of preference; compared without case, spaces and underscores."""
ID_COLUMNS = (
    "id",
    "id_str",
    "tweet_id",
    "post_id",
    "comment_id",
    "url",
    "link",
    "message_id",
    "mention_id",
    "live_chat_id",
    "resource_id",
    "permalink",
    "post_url",
)
"""Names under which exports keep what identifies a post, in order of preference; compared in the same way."""

_SHOWN, _MOST = 40, 20


class FeedError(InputError):
    """A feed cannot be read as a whole: missing, unreadable, unknown encoding, or without the named column."""


class ChoiceError(FeedError):
    """An option has a value that cannot be meant: a column, format, encoding or sheet that there is not."""


class ColumnError(ChoiceError):
    """A column that was named, or one that looks like text, is not there; the message and `columns` name those that are."""

    def __init__(self, message: str, columns: Sequence[str] = ()):
        """Keep the columns beside the sentence."""
        super().__init__(message)
        self.columns = tuple(columns)


class NoPostsError(FeedError):
    """A file is understood and holds no posts to judge: a list of followers, private messages, settings."""


def find_column(
    wanted: str | None, candidates: Sequence[str], columns: Sequence[str], file: str, option: str
) -> str | None:
    """Return the wanted column, or the first candidate among the columns, or None.

    Raises ColumnError when a wanted column is missing, naming those there are.
    """
    if wanted is not None:
        if wanted in columns:
            return wanted
        raise ColumnError(
            f"{file}: there is no column {wanted!r}; its columns are {listed(columns)} (option {option})", columns
        )
    plain = {_plain(column): column for column in reversed(columns)}
    return next((plain[_plain(name)] for name in candidates if _plain(name) in plain), None)


def text_column(wanted: str | None, columns: Sequence[str], file: str, *, table: bool = False) -> str:
    """Return the column that holds the text; raises ColumnError naming the columns when it cannot be told.

    Those of a `table` stand in its first line, and the message asks whether they do.
    """
    found = find_column(wanted, TEXT_COLUMNS, columns, file, "--text-column")
    if found is None:
        raise ColumnError(
            f"{file}: no column looks like the text of a post; its columns are {listed(columns)}. Name one with "
            f"--text-column{'; does the first line hold the names?' if table else ''}",
            columns,
        )
    return found


def cut(name: str) -> str:
    """Return the name of a column as a message shows it: without a header it is a post, which is not to be quoted."""
    return name if len(name) <= _SHOWN else name[: _SHOWN - 1] + "…"


def listed(columns: Sequence[str]) -> str:
    """Return the names of columns as a message lists them."""
    more = f" and {len(columns) - _MOST} more" if len(columns) > _MOST else ""
    return (", ".join(cut(column) for column in columns[:_MOST]) or "none") + more


def has_text_column(wanted: str | None, columns: Sequence[str]) -> bool:
    """Return whether `text_column` would find one."""
    return wanted in columns if wanted is not None else bool({_plain(column) for column in columns} & _PLAIN_TEXT)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("_", "")


_PLAIN_TEXT = frozenset(_plain(name) for name in TEXT_COLUMNS)
