"""Menus: which pages stand in the main one, in which order, and who sees them there and in the menu of a part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pilah_api import permissions
from pilah_api.access import Caller


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu: its address, the key of its name, and the other addresses at which it is the present one."""

    path: str
    text: str
    also: tuple[str, ...] = ()

    def is_current(self, path: str) -> bool:
        """Return whether an address is this page, or lies below it."""
        return path in (self.path, *self.also) or (path.startswith(f"{self.path.rstrip('/')}/") and self.path != "/")


# In the order of an officer's work: bring posts in, review, decide, look back; then advice and upkeep.
ENTRIES: tuple[Entry, ...] = (
    Entry("/", "paste.menu", ("/tempel",)),
    Entry("/berkas", "files.menu"),
    Entry("/antrean", "queue.menu"),
    Entry("/kasus", "kasus.menu"),
    Entry("/ringkasan", "summary.menu"),
    Entry("/cek", "check.menu"),
    Entry("/kelola", "manage.menu"),
    Entry("/docs", "app.api"),
)


def open_to(entries: Iterable[Entry], caller: Caller, *, local: bool) -> list[Entry]:
    """Return the pages that a caller may open, as the table of permissions says; `local` as in `Rule.allows`."""
    rules = ((entry, permissions.find_rule("GET", entry.path)) for entry in entries)
    return [entry for entry, rule in rules if rule is not None and rule.allows(caller, local=local)]
