"""A small client of Pilah: judge texts, have a feed judged, walk through long lists. Needs Python 3.11 and nothing else.

    PILAH_KEY=pilah_… python client.py http://127.0.0.1:8000 classify "Apel pagi berjalan lancar"
    PILAH_KEY=pilah_… python client.py http://127.0.0.1:8000 feed posts.csv judged.csv

Take it into your own program as it is, or as a model of what to look after: keys in a header, errors by their type,
one retry key for all attempts at one request, waiting as long as the server asks.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

AT_ONCE = 256
"""Most posts that the server takes in one request."""
ATTEMPTS = 6
LONGEST_WAIT_SECONDS = 60.0
COME_AGAIN = (429, 503)
"""Too many requests, or a server that is starting, busy or without its database: what was sent may be sent again."""


class ProblemError(Exception):
    """The server refuses; `type` is stable, `errors` points at each wrong field (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]):
        """Keep what the server said."""
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")
        self.status, self.type = status, str(problem.get("type", "about:blank"))
        self.errors: list[dict[str, str]] = list(problem.get("errors", ()))


class Client:
    """Speaks to one server with one key; raises ProblemError for refusals and OSError where nobody answers."""

    def __init__(self, server: str, key: str | None = None, timeout: float = 60.0):
        """Take the server's address and a key made by `pilah key create`; a server on this machine judges without one."""
        self.server, self.key, self.timeout = server.rstrip("/"), key, timeout

    def classify(self, posts: Sequence[str | Mapping[str, str]], *, explain: bool = False) -> list[dict[str, Any]]:
        """Return a judgement for each post, in order; a post is a text, or a mapping with text, id and context."""
        results: list[dict[str, Any]] = []
        for start in range(0, len(posts), AT_ONCE):
            some = [{"text": post} if isinstance(post, str) else dict(post) for post in posts[start : start + AT_ONCE]]
            answer = self._json("POST", "/v1/classify", {"posts": some, "explain": explain})
            results += answer["results"]
        return results

    def send_feed(self, path: Path, **options: str) -> str:
        """Upload a feed and return the id of its batch; options are text_column, id_column and the like."""
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in options.items()
        ]
        name = path.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")  # as browsers do
        head = f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        body = b"".join((*parts, head, path.read_bytes(), f"\r\n--{boundary}--\r\n".encode()))
        kind = f"multipart/form-data; boundary={boundary}"
        # One key for all attempts: a repetition gets the first batch again instead of making a second one.
        with self._ask(
            "POST", "/v1/batches", body, {"content-type": kind, "idempotency-key": secrets.token_hex(16)}
        ) as answer:
            return str(json.load(answer)["id"])

    def wait(self, batch_id: str, *, every: float = 2.0) -> dict[str, Any]:
        """Wait until a batch is done, failed or cancelled, and return it."""
        while True:
            batch: dict[str, Any] = self._json("GET", f"/v1/batches/{batch_id}")
            if batch["state"] not in ("waiting", "running"):
                return batch
            time.sleep(every)

    def save_results(self, batch_id: str, target: Path, form: str = "csv") -> None:
        """Write the results of a finished batch to a file; form is csv, tsv, jsonl, xlsx or parquet."""
        partial = target.with_name(target.name + ".part")
        with self._ask("GET", f"/v1/batches/{batch_id}/results?format={form}") as answer, partial.open("wb") as file:
            while chunk := answer.read(1 << 16):
                file.write(chunk)
        partial.replace(target)

    def items(self, path: str, limit: int = 100) -> Iterator[dict[str, Any]]:
        """Yield all items of a long list, page by page, such as /v1/batches or /v1/audit."""
        cursor = ""
        while True:
            page = self._json("GET", f"{path}?limit={limit}{cursor}")
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = "&cursor=" + urllib.parse.quote(page["next"])

    def _json(self, method: str, path: str, body: object = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        with self._ask(method, path, content, {"content-type": "application/json"} if content else {}) as answer:
            return json.load(answer)

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """Send a request, again if the server asks to come again; return its answer."""
        sent = {**(headers or {}), "accept": "application/json"}
        if self.key:
            sent["authorization"] = f"Bearer {self.key}"
        for attempt in range(1, ATTEMPTS + 1):
            request = urllib.request.Request(self.server + path, body, sent, method=method)
            try:
                answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=self.timeout)
            except urllib.error.HTTPError as error:
                if error.code not in COME_AGAIN or attempt == ATTEMPTS:
                    raise ProblemError(error.code, _problem(error)) from None
                time.sleep(_wait(error.headers.get("retry-after"), attempt))
            else:
                return answer
        raise AssertionError


def _problem(answer: IO[bytes]) -> dict[str, Any]:
    try:
        problem: dict[str, Any] = json.load(answer)
    except ValueError:
        # A proxy in between may answer in its own words.
        return {"title": "not an answer of Pilah"}
    return problem


def _wait(asked: str | None, attempt: int) -> float:
    seconds = float(asked) if asked and asked.isdecimal() else 0.5 * 2**attempt
    return min(seconds, LONGEST_WAIT_SECONDS)


def main(arguments: Sequence[str]) -> int:
    """Judge texts, or a feed; returns the exit code."""
    if len(arguments) < 3 or arguments[1] not in ("classify", "feed"):
        print(__doc__, file=sys.stderr)
        return 2
    client = Client(arguments[0], os.environ.get("PILAH_KEY"))
    try:
        if arguments[1] == "classify":
            for text, judgement in zip(arguments[2:], client.classify(arguments[2:]), strict=True):
                print(judgement["decision"], judgement["label"], f"{judgement['confidence']:.2f}", text, sep="\t")
            return 0
        batch = client.wait(client.send_feed(Path(arguments[2])))
        if batch["state"] != "done":
            print(f"the batch is {batch['state']}: {batch['error']}", file=sys.stderr)
            return 1
        client.save_results(batch["id"], Path(arguments[3]))
        print(f"{batch['rows_done']} rows judged, {batch['rows_failed']} could not be; see {arguments[3]}")
    except ProblemError as problem:
        print(f"{problem} ({problem.type})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
