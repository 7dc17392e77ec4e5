"""A judge process of a server: reads posts from its standard input and writes judgements to its standard output.

It ends when its input does, and so with the process that started it, even if that one is killed. Another format than that of the
batch engine's worker: here thresholds may change from question to question, and a post that cannot be judged ends nothing.
Run as `python -m pilah_model.judge_process MODEL ENGINE THREADS [CORE]`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

from pilah_data.errors import PilahError
from pilah_data.traces import places
from pilah_model.decision import DecisionPolicy
from pilah_model.judge import Judge
from pilah_model.judgement import Post
from pilah_model.judgement_rows import as_row

_MOST_READ = 1 << 20


def serve(load: Callable[[], Judge], asked: int, answers: BinaryIO) -> None:
    """Load a judge, say which one it is, and answer line by line until the input, a descriptor, ends or nobody listens any more.

    First comes {"model", "policy", "card", "warnings"}, or {"error": what is wrong} and the end. A question is an object
    {"texts", "explain", "policy": [lolos_below, tinjau_from, form_from]}, with "contexts" where there are any; its answer
    {"judged": [[row of `judgement_rows`, tokens], ...], "seconds": how long that took}, or {"failed": kind of error, "where":
    places} without the error's words, which may quote a post. Questions that wait are judged together where they are alike.
    """
    with contextlib.suppress(ConnectionError):
        try:
            judge = load()
        except PilahError as error:
            _say(answers, [{"error": str(error)}])
            return
        greeting = {"model": asdict(judge.info), "policy": judge.policy.as_json(), "card": judge.card}
        _say(answers, [{**greeting, "warnings": list(judge.warnings)}])
        for lines in _arrivals(asked):
            questions = [json.loads(line) for line in lines]
            for _, alike in itertools.groupby(questions, key=lambda one: (one["explain"], one["policy"])):
                _say(answers, _answer(judge, list(alike)))
        return
    # What is left in the buffer cannot be sent; closing says so once more.
    with contextlib.suppress(OSError):
        answers.close()


def _arrivals(asked: int) -> Iterator[list[bytes]]:
    """Yield the lines that have come, at least one, until the input ends."""
    rest = b""
    while part := os.read(asked, _MOST_READ):
        *lines, rest = (rest + part).split(b"\n")
        if lines:
            yield lines


def _answer(judge: Judge, questions: Sequence[dict[str, Any]]) -> list[dict[str, object]]:
    """Answer questions with the same thresholds, in their order; if they fail together, each by itself."""
    began = time.monotonic()
    try:
        policy = DecisionPolicy(*questions[0]["policy"])
        posts = [post for question in questions for post in _posts(question)]
        found = iter(judge.with_policy(policy).classify(posts, explain=questions[0]["explain"]))
    except BaseException as error:  # noqa: BLE001 - whoever asked decides, also of a panic in a library, which is no Exception
        if len(questions) > 1:
            return [answer for question in questions for answer in _answer(judge, [question])]
        return [{"failed": type(error).__qualname__, "where": places(error.__traceback__)}]
    each = (time.monotonic() - began) / len(posts)
    return [
        {
            "judged": [[as_row(judgement), judgement.tokens] for judgement in itertools.islice(found, size)],
            "seconds": each * size,
        }
        for size in (len(question["texts"]) for question in questions)
    ]


def _posts(question: dict[str, Any]) -> list[Post]:
    texts: list[str] = question["texts"]
    contexts = question.get("contexts") or [None] * len(texts)
    return [Post(text, context=context) for text, context in zip(texts, contexts, strict=True)]


def _say(answers: BinaryIO, said: Sequence[dict[str, object]]) -> None:
    # JSON escapes keep lone surrogates, which UTF-8 cannot hold.
    answers.write("".join(f"{json.dumps(one)}\n" for one in said).encode("ascii"))
    answers.flush()


def _tell_failure(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    """Say of what this process ends, as a line of the server's log: type and places, never the words, which may quote a post."""
    entry = {
        "event": "a judge process failed",
        "level": "error",
        "error": kind.__qualname__,
        "where": places(error.__traceback__),
    }
    sys.stderr.write(f"{json.dumps(entry)}\n")


def _stay_on(core: int) -> None:
    """Keep to one of the cores that this process may use: moved between them it finds neither model nor posts in their caches."""
    if hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})


def main() -> None:
    """Serve the model that the arguments name."""
    sys.excepthook = _tell_failure
    # A service manager tells all processes of a service to stop; the server still needs this one for what is under way.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    # One process a core: a tokenizer that shares its work out would only get in the way of the others.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    folder, engine, threads, *core = sys.argv[1:]
    if core:
        _stay_on(int(core[0]))

    def load() -> Judge:
        from pilah_model.classifier import Classifier, Engine  # noqa: PLC0415 - heavy, and its errors are answers

        return Classifier.load(Path(folder), engine=cast("Engine", engine), threads=int(threads))

    serve(load, 0, answers)


if __name__ == "__main__":
    main()
