"""The tables of column names under which exports keep the text and the id of a post, and how a column is found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pilah_data.errors import InputError

_SURE = (
    "text",
    "teks",
    "full_text",
    "content",
    "isi",
    "konten",
    "rawcontent",
    "textdisplay",
    "text_original",
    "original_text",
    "text_asli",
    "teks_asli",
    "tweet_text",
    "post_text",
    "comment_text",
    "message_text",
    "caption_text",
    "live_chat_text",
    "post_message",
    "comment_message",
    "post_content",
    "mention_text",
    "mention_content",
    "hit_sentence",
    "teks_komentar",
    "teks_chat_langsung",
    "teks_postingan",
    "teks_unggahan",
    "teks_konten",
    "teks_tweet",
    "teks_cuitan",
    "teks_pesan",
    "isi_teks",
    "isi_pesan",
    "isi_komentar",
    "isi_postingan",
    "isi_unggahan",
    "isi_konten",
    "isi_tweet",
    "isi_cuitan",
)
# They name a kind of post, and may as well stand over its number or its address.
_LIKELY = (
    "tweet",
    "cuitan",
    "caption",
    "takarir",
    "comment",
    "komentar",
    "message",
    "pesan",
    "post",
    "postingan",
    "unggahan",
    "body",
    "ulasan",
)
# Many tables have them beside the text: a state, a remark, the begin of the text, what a link leads to.
_LOOSE = ("description", "deskripsi", "snippet", "content_snippet", "status", "review", "keterangan")
TEXT_COLUMNS = (*_SURE, *_LIKELY, *_LOOSE)
"""Names under which exports keep the text, in order of preference; compared without case, spaces and underscores.

What rivals hold is weighed in `choosing`; where there are no rows to weigh, the order decides.
"""
SURE, LIKELY, LOOSE = range(3)
"""How far a name by itself tells that a column holds the text of a post."""
ID_COLUMNS = (
    "id",
    "id_str",
    "tweet_id",
    # Before that of the post, which all its comments have in common.
    "comment_id",
    "id_komentar",
    "live_chat_id",
    "id_chat_langsung",
    "post_id",
    "url",
    "link",
    "message_id",
    "mention_id",
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
    return next(iter(named_like(candidates, columns)), None)


def named_like(names: Iterable[str], columns: Iterable[str]) -> list[str]:
    """Return the columns that are called like one of the names, in the order of those; of columns that are spelled alike the first."""
    plain: dict[str, str] = {}
    for column in columns:
        plain.setdefault(_plain(column), column)
    return [plain[name] for name in dict.fromkeys(map(_plain, names)) if name in plain]


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
    return text_rank(wanted, columns) is not None


def text_names(columns: Iterable[str]) -> list[str]:
    """Return the columns that are called like a text, the preferred first."""
    return named_like(TEXT_COLUMNS, columns)


def sureness(column: str) -> int:
    """Return how far the name of a column tells that it holds the text: SURE, LIKELY or LOOSE."""
    return _SURENESS[_plain(column)]


def text_rank(wanted: str | None, columns: Sequence[str]) -> int | None:
    """Return how sure the surest name of a text is among the columns, the wanted one above all; None where there is none."""
    if wanted is not None:
        return SURE if wanted in columns else None
    return min((_SURENESS[plain] for column in columns if (plain := _plain(column)) in _SURENESS), default=None)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("_", "")


_SURENESS = {_plain(name): sureness for sureness, names in enumerate((_SURE, _LIKELY, _LOOSE)) for name in names}
