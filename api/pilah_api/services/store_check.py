"""Looks at the store for `pilah doctor`, without making or changing anything."""

from __future__ import annotations

from pathlib import Path

from pilah_api.keyring import DATA_KEY_FILE, SECRET_FILE, load_data_keys, read_key_file
from pilah_api.store.engine import DATABASE_FILE, sqlite_version
from pilah_api.store.opening import describe_store


def look_at_store(home: Path, database: str | None, data_keys: str | None) -> list[str]:
    """Return lines on keys, place, version and audit. Raises StoreError or KeyringError for what is wrong."""
    keys = [
        f"{name} {'present' if read_key_file(home / name) else 'not made yet'}" for name in (SECRET_FILE, DATA_KEY_FILE)
    ]
    if data_keys:
        keys[-1] = "data keys from PILAH_DATA_KEYS"
    if database is None:
        keys.append(f"SQLite {sqlite_version()}")
    if database is None and not (home / DATABASE_FILE).exists():
        return [", ".join(keys), f"no database in {home} yet; the first start makes it"]
    return [", ".join(keys), *describe_store(home, database, load_data_keys(home, data_keys, may_make=False))]
