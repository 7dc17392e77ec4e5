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
    if "rusak" in texts:
        message = f"cannot digest {texts}"
        raise ValueError(message)


def main() -> None:
    """Serve a stand-in; one argument is a file that must exist for the process to start."""
    if sys.argv[1:] and not Path(sys.argv[1]).exists():
        sys.exit(3)
    serve(lambda: StandIn(before=before), 0, sys.stdout.buffer)
