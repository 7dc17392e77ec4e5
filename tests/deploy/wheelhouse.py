"""A folder of wheels without a network: light libraries as they are installed here, heavy ones as empty shells of the same version."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

LIGHT = ("typer", "rich", "python-calamine", "pydantic")
"""What `pilah version` runs on; these and what they need are the real ones."""


def fill(folder: Path, *, extras: tuple[str, ...]) -> list[str]:
    """Write a wheel for each library that serving needs; return their names."""
    real = {one.metadata["Name"] for name in LIGHT for one in (metadata.distribution(name), *needed(name, ()))}
    found = {one.metadata["Name"]: one for one in needed("pilah", extras)}
    for name, one in found.items():
        (_repack if name in real else _shell)(one, folder)
    return sorted(found)


def needed(name: str, extras: tuple[str, ...]) -> Iterator[metadata.Distribution]:
    """Yield what a library needs, directly and not, as it is installed here."""
    seen: set[str] = set()
    waiting = [(name, extras)]
    while waiting:
        current, wanted = waiting.pop()
        for text in metadata.distribution(current).requires or ():
            requirement = Requirement(text)
            marker = requirement.marker
            if marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *wanted)):
                continue
            one = metadata.distribution(requirement.name)
            key = one.metadata["Name"]
            if key not in seen:
                seen.add(key)
                yield one
                waiting.append((requirement.name, tuple(requirement.extras)))


def _name(one: metadata.Distribution, tag: str) -> str:
    return f"{one.metadata['Name'].lower().replace('-', '_').replace('.', '_')}-{one.version}-{tag}.whl"


def _repack(one: metadata.Distribution, folder: Path) -> None:
    with zipfile.ZipFile(folder / _name(one, "py3-none-any"), "w") as wheel:
        for file in one.files or ():
            path = Path(str(file.locate()))
            if ".." not in file.parts and "__pycache__" not in file.parts and path.is_file():
                wheel.write(path, str(file))


def _shell(one: metadata.Distribution, folder: Path) -> None:
    info = f"{one.metadata['Name'].lower().replace('-', '_').replace('.', '_')}-{one.version}.dist-info"
    extras = "".join(f"Provides-Extra: {extra}\n" for extra in one.metadata.get_all("Provides-Extra") or ())
    requires = "".join(f"Requires-Dist: {text}\n" for text in one.requires or ())
    head = f"Metadata-Version: 2.1\nName: {one.metadata['Name']}\nVersion: {one.version}\n{extras}{requires}"
    files = {
        "METADATA": head,
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(folder / _name(one, "py3-none-any"), "w") as wheel:
        for name, content in files.items():
            wheel.writestr(f"{info}/{name}", content)
        record = "".join(f"{info}/{name},,\n" for name in (*files, "RECORD"))
        wheel.writestr(f"{info}/RECORD", record)
