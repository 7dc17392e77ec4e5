"""A worker process: reads lists of texts from its standard input and writes judgements to its standard output.

It ends when its input does. So it ends with the process that started it, even if that one is killed.
Run as `python -m pilah_model.batch.worker MODEL ENGINE THREADS`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, cast

from pilah_data.errors import PilahError
from pilah_model.batch.hands import Classifies, InProcess


def serve(load: Callable[[], Classifies], asked: BinaryIO, answers: BinaryIO) -> None:
    """Load a judge, say which model it is, and answer until the input ends.

    A question is a JSON object {"texts", "explain"} in a line, and "contexts" where there are any; an answer is a line
    {"lines": n} and n lines, or a line {"error": what is wrong}. Ends quietly when nobody listens any more.
    """
    with contextlib.suppress(BrokenPipeError):
        _serve(load, asked, answers)
        return
    # What is left in the buffer cannot be sent; closing says so once more.
    with contextlib.suppress(OSError):
        answers.close()


def _serve(load: Callable[[], Classifies], asked: BinaryIO, answers: BinaryIO) -> None:

    def say(answer: dict[str, object], lines: list[str]) -> None:
        answers.write("".join(f"{line}\n" for line in (json.dumps(answer), *lines)).encode("ascii"))
        answers.flush()

    try:
        judge = load()
        hand = InProcess(judge)
        say({"model": asdict(judge.info)}, [])
        for line in asked:
            question = json.loads(line)
            lines = hand.judge(question["texts"], explain=question["explain"], contexts=question.get("contexts"))
            say({"lines": len(lines)}, lines)
    except PilahError as error:
        say({"error": str(error)}, [])
    except Exception as error:  # noqa: BLE001 - whatever it is, the process that started this one must say it
        say({"error": f"a worker stopped at an unforeseen error ({type(error).__name__}: {error})"}, [])


def main() -> None:
    """Serve the model that the arguments name."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    folder, engine, threads = sys.argv[1:]

    def load() -> Classifies:
        from pilah_model.classifier import Classifier, Engine  # noqa: PLC0415 - heavy, and its errors are answers

        return Classifier.load(Path(folder), engine=cast("Engine", engine), threads=int(threads))

    serve(load, sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
