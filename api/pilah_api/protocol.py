"""HTTP/1.1 as uvicorn speaks it, with a bound on a request's head, and problems for what is no HTTP at all."""

from __future__ import annotations

import json
import uuid

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from pilah_api.problem_types import PROBLEM_TYPES
from pilah_api.problems import MEDIA_TYPE, Problem

MOST_HEAD = 64 * 1024
"""Bytes of a request line and headers; the parser by itself would take any number of them into memory."""


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose request has an endless head, or is not HTTP, with a problem that says so."""

    _head = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Take what came, unless the head grows too large."""
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        # Looked at afterwards: what came may have ended the head, and then most of it was body.
        if self._in_head and self._head > MOST_HEAD and not self.transport.is_closing():
            self._refuse("head-too-large")

    def on_headers_complete(self) -> None:
        """Note that the head has ended."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's own words are not ours
        """Answer what is no HTTP."""
        self._refuse("bad-request")

    def _refuse(self, slug: str) -> None:
        kind = PROBLEM_TYPES[slug]
        request_id = uuid.uuid4().hex
        body = json.dumps(Problem(kind, kind.meaning).as_json(request_id)).encode("ascii")
        head = [
            STATUS_LINE[kind.status],
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nx-request-id: {request_id}\r\n".encode(
                "ascii"
            ),
            b"cache-control: no-store\r\nconnection: close\r\n\r\n",
        ]
        self.transport.write(b"".join([*head, body]))
        self.transport.close()
