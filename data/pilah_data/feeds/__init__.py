"""Readers of exported feeds: from a file to rows, streamed; a new source is one new file."""

from pilah_data.feeds.opening import FORMATS, FeedOptions, open_feed
from pilah_data.feeds.rows import Feed, FeedError, FeedRow, RowProblem

__all__ = ["FORMATS", "Feed", "FeedError", "FeedOptions", "FeedRow", "RowProblem", "open_feed"]
