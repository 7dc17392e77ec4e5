"""Readers of exported feeds: from a file to rows, streamed; a new source is one new file."""

from pilah_data.feeds.archives import ENDINGS
from pilah_data.feeds.opening import FORMATS, INPUT_FORMATS, FeedOptions, open_feed
from pilah_data.feeds.rows import Dialect, Feed, FeedError, FeedRow, NoPostsError, Notes, RowProblem

__all__ = [
    "ENDINGS",
    "FORMATS",
    "INPUT_FORMATS",
    "Dialect",
    "Feed",
    "FeedError",
    "FeedOptions",
    "FeedRow",
    "NoPostsError",
    "Notes",
    "RowProblem",
    "open_feed",
]
