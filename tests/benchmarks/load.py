"""A load generator for the service, in a process of its own: reads a plan as JSON on standard input, prints figures as JSON.

It speaks plain HTTP/1.1 over kept-alive connections with as little work per request as Python allows, so that it takes little of
the processor from the server that it measures. `closed` keeps every connection busy; `open` sends at random times (Poisson) whatever
the server does, and counts a request's time from when it was due, so that a slow server cannot hide behind a waiting client.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True)
class Plan:
    """What to send: where to, for how long, at which rate (None keeps all connections busy), and the file of bodies."""

    port: int
    seconds: float
    connections: int
    bodies: str
    path: str = "/v1/classify"
    rate: float | None = None
    drop: bool = False
    """Whether a request that finds no free connection is given up instead of waiting for one."""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Tally:
    """What came of the requests; times in seconds, since due and since sent, of those that were answered 200."""

    statuses: Counter[int] = field(default_factory=Counter)
    errors: int = 0
    not_sent: int = 0
    due: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request under way."""

    def __init__(self, load: Load):
        self.load = load
        self.buffer = bytearray()
        self.due = self.sent = 0.0
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join those that are free."""
        self.transport = cast(asyncio.Transport, transport)
        self.load.free(self)

    def send(self, request: bytes, due: float) -> None:
        """Send a request that was due at a time of the loop's clock."""
        self.busy, self.due, self.sent = True, due, time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Collect an answer; once it is whole, count it and be free again."""
        self.buffer += data
        end = self.buffer.find(_HEAD_END)
        if end < 0:
            return
        head = bytes(self.buffer[:end]).lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < end + len(_HEAD_END) + length:
            return
        del self.buffer[:]
        now = time.perf_counter()
        self.busy = False
        self.load.answered(int(head[9:12]), now - self.due, now - self.sent)
        if b"connection: close" in head:
            self.transport.close()
        else:
            self.load.free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a request that got no answer, and connect anew."""
        if self.busy:
            self.load.tally.errors += 1
        self.load.lost(self)


class Load:
    """Sends what the plan says and counts what comes back."""

    def __init__(self, plan: Plan):
        self.plan = plan
        lines = Path(plan.bodies).read_bytes().splitlines()
        more = "".join(f"{name}: {value}\r\n" for name, value in plan.headers.items())
        head = f"POST {plan.path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nContent-Type: application/json\r\n{more}"
        self.requests = [head.encode() + b"Content-Length: %d\r\n\r\n" % len(line) + line for line in lines]
        self.at = 0
        self.tally = Tally()
        self.idle: deque[Connection] = deque()
        self.waiting: deque[float] = deque()
        self.connections: set[Connection] = set()
        self.dials: set[asyncio.Task[None]] = set()
        self.stopped = False

    def request(self) -> bytes:
        """Return the next request, all bodies in turn."""
        self.at = (self.at + 1) % len(self.requests)
        return self.requests[self.at]

    def free(self, connection: Connection) -> None:
        """Use a free connection, or keep it."""
        if self.stopped:
            return
        if self.plan.rate is None:
            connection.send(self.request(), time.perf_counter())
        elif self.waiting:
            connection.send(self.request(), self.waiting.popleft())
        else:
            self.idle.append(connection)

    def lost(self, connection: Connection) -> None:
        """Replace a connection."""
        with contextlib.suppress(ValueError):
            self.idle.remove(connection)
        self.connections.discard(connection)
        if not self.stopped:
            self._dial()

    def answered(self, status: int, due: float, sent: float) -> None:
        """Count an answer."""
        if self.stopped:
            return
        self.tally.statuses[status] += 1
        if status == 200:
            self.tally.due.append(due)
            self.tally.sent.append(sent)

    async def run(self) -> Tally:
        """Send for as long as the plan says; what is under way at the end is left out."""
        for _ in range(self.plan.connections):
            self._dial()
        if self.plan.rate is None:
            await asyncio.sleep(self.plan.seconds)
        else:
            await self._pace(self.plan.rate)
        self.stopped = True
        for connection in self.connections:
            connection.transport.abort()
        return self.tally

    async def _pace(self, rate: float) -> None:
        rng = random.Random(1)
        began = time.perf_counter()
        due = began
        while (now := time.perf_counter()) < began + self.plan.seconds:
            while due <= now:
                self._arrive(due)
                due += rng.expovariate(rate)
            await asyncio.sleep(min(0.002, due - now))

    def _arrive(self, due: float) -> None:
        if self.idle:
            self.idle.popleft().send(self.request(), due)
        elif self.plan.drop:
            self.tally.not_sent += 1
        else:
            self.waiting.append(due)

    def _dial(self) -> None:
        task = asyncio.get_running_loop().create_task(self._connect())
        self.dials.add(task)
        task.add_done_callback(self.dials.discard)

    async def _connect(self) -> None:
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self), "127.0.0.1", self.plan.port
            )
        except OSError:
            self.tally.errors += 1
            await asyncio.sleep(0.1)
            if not self.stopped:
                self._dial()
            return
        self.connections.add(connection)


def quantile(values: list[float], share: float) -> float | None:
    """Return a quantile of sorted values in milliseconds, or None without values."""
    return round(values[min(len(values) - 1, int(share * len(values)))] * 1000, 2) if values else None


def figures(plan: Plan, tally: Tally, seconds: float, processor: float) -> dict[str, object]:
    """Return what is reported of a run."""
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}
    due, sent = sorted(tally.due), sorted(tally.sent)
    return {
        "seconds": round(seconds, 2),
        "offered_per_s": plan.rate,
        "connections": plan.connections,
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "errors": tally.errors,
        "not_sent": tally.not_sent,
        "answered_per_s": round(sum(tally.statuses.values()) / seconds, 1),
        "accepted_per_s": round(len(due) / seconds, 1),
        "accepted_ms": {name: quantile(due, share) for name, share in shares.items()},
        "accepted_ms_since_sent": {name: quantile(sent, share) for name, share in shares.items()},
        "generator_processor_share": round(processor / seconds, 3),
    }


async def main() -> None:
    """Run the plan on standard input and print the figures."""
    plan = Plan(**json.load(sys.stdin))
    load = Load(plan)
    began, used = time.perf_counter(), time.process_time()
    tally = await load.run()
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    sys.stdout.write(json.dumps(figures(plan, tally, seconds, processor)) + "\n")


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        uvloop.run(main())
