"""Judge processes around a stand-in, for tests: some words make them die, fail or take their time."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pilah_model.judge_process import serve
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn

SIZE = 2
BRIEF = "brief"
"""Has a process end as soon as it has said which model it holds."""


class Panic(BaseException):
    """What a library raises that must not be caught by mistake."""


def commands(size: int = SIZE, *arguments: str) -> list[list[str]]:
    """Return the commands of so many processes."""
    return [[sys.executable, "-P", "-c", "from tests.api.judge_processes import main; main()", *arguments]] * size


def before(posts: Sequence[Post]) -> None:
    """Do what the words of posts say."""
    texts = " ".join(post.text for post in posts)
    if "racun" in texts:
        os._exit(9)
    if "lambat" in texts:
        time.sleep(1)
    if "panik" in texts:
        raise Panic(texts)
    if "rusak" in texts:
        message = f"cannot digest {texts}"
        raise ValueError(message)


def main() -> None:
    """Serve a stand-in; one argument is a file that must exist for the process to start, or BRIEF."""
    arguments = sys.argv[1:]
    if arguments and arguments != [BRIEF] and not Path(arguments[0]).exists():
        sys.exit(3)
    asked = os.open(os.devnull, os.O_RDONLY) if arguments == [BRIEF] else 0
    serve(lambda: StandIn(before=before), asked, sys.stdout.buffer)
