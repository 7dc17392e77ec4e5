"""A writer that is killed at any moment loses nothing that it acknowledged, and leaves a whole audit, on both databases."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.stores import Place

KILLS = int(os.environ.get("PILAH_TEST_KILLS", "3"))
WRITER = """
import sys
from pathlib import Path
from pilah_api.access import Role
from pilah_api.store.audit import Origin
from pilah_api.store.opening import open_store

store = open_store(Path(sys.argv[1]), sys.argv[2] or None, None)
number = 0
while True:
    number += 1
    login = f"r{sys.argv[3]}-{number}"
    with store.writing(Origin("console")) as unit:
        person = unit.people.add(login, "Uji", frozenset({Role.PETUGAS}))
        unit.audit.append("person.added", f"person:{person.id}")
    print(login, person.id, flush=True)
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_acknowledged_survives_a_kill(place: Place, root: Path, seed: int) -> None:
    place.open().close()
    path = os.pathsep.join(str(root / part) for part in ("data", "model", "api"))
    moments = random.Random(seed)
    acknowledged: dict[str, str] = {}
    for attempt in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(place.home), place.url or "", str(attempt)],
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        with process.stdout as lines:
            for _ in range(moments.randrange(3, 25)):
                login, person_id = lines.readline().split()
                acknowledged[login] = person_id
            process.kill()
            # What was written to the pipe before the end counts as acknowledged too.
            acknowledged |= dict(line.split() for line in lines if line.endswith("\n"))
        process.wait()
    store = place.open()
    with store.reading() as unit:
        kept = {person.login: person.id for person in unit.people.page(None, 10_000)}
        recorded = {record.object for record in unit.audit.walk() if record.action == "person.added"}
        assert unit.audit.verify() == []
    store.close()
    assert acknowledged.items() <= kept.items()
    assert recorded == {f"person:{person_id}" for person_id in kept.values()}, (
        "change and record stand or fall together"
    )
