"""Verifying and exporting the audit; both are acts, and recorded as such."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from pilah_api.chain import Finding
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found, and where the chain ended then, as `number:hash`."""

    records: int
    anchor: str
    findings: list[Finding]


def verify(store: Store, anchor: str | None, origin: Origin) -> Verified:
    """Check the whole chain, and that it holds an anchor noted down earlier; record that it was checked."""
    with store.reading() as unit:
        findings = unit.audit.verify(anchor)
        head = unit.audit.head() if not findings else None
        records = head.seq if head else sum(1 for _ in unit.audit.walk())
    # A broken chain is not written to: what was found must stay as it was found.
    if not findings:
        with store.writing(origin) as unit:
            unit.audit.append("audit.verified", "audit", {"records": records})
    return Verified(records, head.anchor if head else "", findings)


def export(store: Store, write: Callable[[str], object], origin: Origin) -> int:
    """Write all records as JSON lines, oldest first, and return how many; the export itself is recorded first."""
    with store.writing(origin) as unit:
        unit.audit.append("audit.exported", "audit")
    count = 0
    with store.reading() as unit:
        for record in unit.audit.walk():
            write(json.dumps(record.as_json(), ensure_ascii=False, sort_keys=True) + "\n")
            count += 1
    return count
