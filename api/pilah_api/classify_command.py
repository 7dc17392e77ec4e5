"""`pilah classify`: judge texts given as arguments, or one post a line on standard input."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from pilah_api.settings import Settings
from pilah_data.errors import InputError
from pilah_data.feeds import ENDINGS, FeedError

if TYPE_CHECKING:
    from pilah_api.services.classification import InvalidPostsError, Judged
    from pilah_model.judge import Judge

_CHUNK = 64
"""Posts judged at once from standard input: enough to keep the model busy, few enough to see the first results soon."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text and where it came from, in words for an error; `id` is the line it stood on, if it came from a stream."""

    text: str
    place: str
    id: str | None = None


def classify(
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT", help="Posts; one per line on standard input if none is given.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per post.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add the words that carry the judgement (slower).")
    ] = False,
    engine: Annotated[str | None, typer.Option("--engine", help="auto, fp32 or int8; PILAH_ENGINE or auto.")] = None,
    model: Annotated[
        Path | None, typer.Option("--model", help="Folder of the model; the shipped one unless given.")
    ] = None,
) -> None:
    """Judge posts. A judgement is a proposal; a person decides."""
    # Imported here, so that `pilah --help` answers without the model's libraries.
    from pilah_api.command_output import printer  # noqa: PLC0415
    from pilah_api.services.loading import load_judge  # noqa: PLC0415

    settings = Settings.from_environment(os.environ).override(engine=engine, model=model)
    sources = _from_arguments(texts) if texts else _from_stream(sys.stdin.buffer, settings.max_body_bytes)
    first = next(sources, None)
    if first is None:
        raise InputError(
            "there is no text on standard input; give posts as arguments, or one per line on standard input"
        )
    judge = load_judge(settings)
    show = printer(as_json=as_json, explain=explain)
    for judged in _judged(judge, itertools.chain([first], sources), settings, explain=explain):
        show(judged)


def _from_arguments(texts: Iterable[str]) -> Iterator[Source]:
    for number, text in enumerate(texts, start=1):
        if _names_a_feed(text):
            raise InputError(f"text {number} is the name of a file; judge its posts with: pilah score {text} -o OUTPUT")
        yield Source(text, f"text {number}")


def _names_a_feed(text: str) -> bool:
    """Return whether a text is the name of a feed at hand: its name judged as a post would look like an answer about its posts."""
    return len(text) < _LONGEST_NAME and "\n" not in text and text.lower().endswith(ENDINGS) and Path(text).is_file()


_LONGEST_NAME = 1000


def _from_stream(stream: BinaryIO, longest: int) -> Iterator[Source]:
    """Yield the lines that are not empty. Raises FeedError, naming the line, for what is not UTF-8."""
    if stream.isatty():
        typer.echo("Type one post per line; end with Ctrl+D (Ctrl+Z on Windows).", err=True)
    for number in itertools.count(1):
        raw = stream.readline(longest)
        if not raw:
            return
        if len(raw) == longest and not raw.endswith(b"\n"):
            raise FeedError(f"standard input, line {number}: longer than {longest:,} bytes; is this one post a line?")
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError as error:
            raise FeedError(
                f"standard input, line {number}: byte {error.start + 1} is not UTF-8; convert the input to UTF-8 first"
            ) from None
        if line:
            yield Source(line, f"standard input, line {number}", str(number))


def _judged(judge: Judge, sources: Iterator[Source], settings: Settings, *, explain: bool) -> Iterator[list[Judged]]:
    from pilah_api.services.classification import InvalidPostsError, judge_posts  # noqa: PLC0415
    from pilah_model.judgement import Post  # noqa: PLC0415

    while chunk := list(itertools.islice(sources, _CHUNK)):
        posts = [Post(source.text, source.id) for source in chunk]
        try:
            yield judge_posts(judge, posts, settings.limits, explain=explain)
        except InvalidPostsError as error:
            raise _located(error, chunk) from None


def _located(error: InvalidPostsError, chunk: list[Source]) -> InputError:
    fault = error.faults[0]
    place = chunk[fault.index or 0].place
    # Exit code 3 for a stream, as for any other feed; 2 for an argument, which is wrong use.
    return (FeedError if chunk[0].id else InputError)(f"{place}: {fault.sentence}")
